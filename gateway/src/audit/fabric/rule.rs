//! Who had to endorse a transaction: by Fabric's policies for what it writes, and by the contract's
//! own rule for what it calls.

use super::chain::Frame;
use crate::backend::fabric::Recorded;
use circuits::ids::{DatasetRoot, RequestId};
use collections_config::MspId;
use std::collections::BTreeSet;
use verifier_chaincode::call::{Call, Parties};
use verifier_chaincode::model::{DatasetEntry, Entry, RequestEntry, RequestIndex};
use verifier_chaincode::state_key::StateKey;

/// Reads the contract's public state.
pub(super) type Read<'a> = &'a dyn Fn(&StateKey) -> Option<Vec<u8>>;

/// Fabric's rule: a majority for public writes and where nothing is written, and what each
/// collection asks for that is written.
///
/// **Errors**: whose endorsements are missing.
pub(super) fn by_writes(frame: &Frame<'_>, recorded: &Recorded) -> Result<(), String> {
    let endorsers: BTreeSet<&MspId> = recorded.endorsers.iter().collect();
    let members = endorsers
        .iter()
        .filter(|m| frame.consortium.is_member(m))
        .count();
    let is_private_only = recorded.writes.public.is_empty() && !recorded.writes.private.is_empty();
    if !is_private_only && members < frame.consortium.majority() as usize {
        return Err(format!(
            "expected endorsements of a majority, got {members}"
        ));
    }
    for collection in recorded.writes.collections() {
        let policy = frame.collections.endorsement_policy(collection);
        if !policy.is_some_and(|p| p.can_be_satisfied_by(&endorsers)) {
            return Err(format!(
                "expected the endorsements that {collection} asks for"
            ));
        }
    }
    Ok(())
}

/// The contract's own rule for a call.
///
/// **Errors**: whose endorsements are missing; or a party of the call that the state does not name.
pub(super) fn by_call(
    frame: &Frame<'_>,
    recorded: &Recorded,
    call: &Call,
    read: Read<'_>,
) -> Result<(), String> {
    let (dataset, request) = parties(call, read);
    let parties = Parties {
        holder: dataset
            .as_ref()
            .map(|d| &d.holder)
            .or(request.as_ref().map(|r| &r.holder)),
        recipient: request.as_ref().map(|r| &r.submitter),
        collection: dataset.as_ref().map(|d| &d.collection),
    };
    let rule = call.endorsement(&parties).map_err(|e| e.to_string())?;
    if rule.is_met_by(
        &recorded.endorsers.iter().collect(),
        frame.consortium,
        frame.collections,
    ) {
        return Ok(());
    }
    let got: Vec<String> = recorded.endorsers.iter().map(ToString::to_string).collect();
    Err(format!(
        "{}: expected endorsements of {rule:?}, got {}",
        call.function_name(),
        got.join(", ")
    ))
}

/// The dataset and the request that a call is about.
fn parties(call: &Call, read: Read<'_>) -> (Option<DatasetEntry>, Option<RequestEntry>) {
    let dataset = |root: DatasetRoot| find::<DatasetEntry>(read, &StateKey::dataset(root));
    let request = |id: RequestId| {
        let index: RequestIndex = find(read, &StateKey::request_index(id))?;
        find::<RequestEntry>(read, &StateKey::nullifier(index.nullifier))
    };
    match call {
        Call::RequestAccess(args) => (dataset(args.terms.dataset), None),
        Call::DecideAccess(args) => (None, request(args.request)),
        Call::HandOverKey(args) => (None, request(args.grant)),
        Call::StorePages(args) => (dataset(args.dataset), args.grant.and_then(request)),
        _ => (None, None),
    }
}

fn find<T: Entry>(read: Read<'_>, key: &StateKey) -> Option<T> {
    T::from_entry_bytes(&read(key)?).ok()
}
