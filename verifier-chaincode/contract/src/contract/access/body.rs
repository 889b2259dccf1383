//! The sealed body of a request: what nobody but its readers can judge is left to them; who they
//! are, and that the key is wrapped for all of them, is checked here.

use crate::call::transient::{BODY_BYTES, BODY_TAG, KEY_WRAP, KeyWrap, REQUEST, SealedRequest};
use crate::contract::view::View;
use crate::error::{Code, ContractError, require};
use crate::ledger::Ledger;
use crate::model::PublishedKey;
use crate::state_key::StateKey;
use borsh::BorshDeserialize;
use medveil_collections_config::{CollectionName, MspId};
use std::collections::BTreeSet;

/// The sealed body, for exactly the committee and the holder, by their published keys.
///
/// **Errors**: it is none, or is for others, or a published key is missing or another one.
pub(super) async fn check<L: Ledger>(
    view: &mut View<'_, L>,
    committee: &[MspId],
    holder: &MspId,
) -> Result<SealedRequest, ContractError> {
    view.require_peer_is_member(&CollectionName::requests())?;
    let bytes = view.tx().transient.get(REQUEST).cloned();
    let sealed = SealedRequest::try_from_slice(&bytes.unwrap_or_default())
        .map_err(|_| refuse("expected a sealed body and its wrapped keys"))?;
    check_size(&sealed)?;
    let readers = readers(committee, holder);
    let got: Vec<&MspId> = sealed.keys.iter().map(|k| &k.msp_id).collect();
    let message = format_args!("expected keys for {} organisations, sorted", readers.len());
    let exact = got.iter().eq(readers.iter());
    require(exact, Code::BadInput, "request body", message)?;
    view.expect(readers.into_iter().map(StateKey::published_key));
    for wrap in &sealed.keys {
        check_key(view, wrap).await?;
    }
    Ok(sealed)
}

/// Everybody who opens a request, sorted.
pub(in crate::contract) fn readers<'a>(
    committee: &'a [MspId],
    holder: &'a MspId,
) -> BTreeSet<&'a MspId> {
    committee.iter().chain([holder]).collect()
}

fn refuse(message: &str) -> ContractError {
    ContractError::new(Code::BadInput, "request body", message)
}

fn check_size(sealed: &SealedRequest) -> Result<(), ContractError> {
    let padded = sealed.body.len().checked_sub(BODY_TAG);
    let fits = padded.is_some_and(|n| n.is_power_of_two() && BODY_BYTES.contains(&n));
    let (least, most) = (BODY_BYTES.start(), BODY_BYTES.end());
    let message = format_args!(
        "expected {least} to {most} bytes, a power of two, and a tag of {BODY_TAG}, got {}",
        sealed.body.len()
    );
    require(fits, Code::BadInput, "request body", message)?;
    let wrapped = sealed.keys.iter().all(|key| key.wrapped.len() == KEY_WRAP);
    let message = format_args!("expected wrapped keys of {KEY_WRAP} bytes");
    require(wrapped, Code::BadInput, "request body", message)
}

/// The key is wrapped for what its organisation published last.
async fn check_key<L: Ledger>(view: &mut View<'_, L>, wrap: &KeyWrap) -> Result<(), ContractError> {
    let org = &wrap.msp_id;
    let published: Option<PublishedKey> = view.find(&StateKey::published_key(org)).await?;
    let published = published.ok_or_else(|| {
        let message = format_args!("{org} has published no key");
        ContractError::new(Code::NotFound, "request body", message)
    })?;
    let message = format_args!("{org} has published another key since");
    let is_current = published.key == wrap.to;
    require(is_current, Code::Stale, "request body", message)
}
