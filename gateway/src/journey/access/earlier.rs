//! What a person asked before, in the same words.

use super::AccessError;
use super::inputs::RequestInputs;
use super::stored::StoredRequest;
use crate::session::{Session, SessionError};
use medveil_circuits::ids::RequestId;
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::request::GetRequest;
use medveil_contract::model::RequestEntry;

/// A request of before that serves again.
pub(super) enum EarlierRequest {
    /// The ledger has it.
    Recorded(Box<StoredRequest>, Box<RequestEntry>),
    /// The ledger takes it still.
    Current(Box<StoredRequest>),
}

/// What this person made under the same nullifier for the same terms and can be used again.
///
/// **Errors**: the vault does not open, a stored request is not of its form, or the ledger cannot
/// be read.
pub(super) async fn find(
    session: &Session,
    inputs: &RequestInputs<'_>,
) -> Result<Option<EarlierRequest>, AccessError> {
    let mut current = None;
    for stored in StoredRequest::all(session, inputs.person)? {
        if stored.call.terms.nullifier != inputs.nullifier || stored.terms != inputs.terms {
            continue;
        }
        let request = stored.call.terms.request;
        if let Some(entry) = find_recorded(session, &inputs.person.org, request).await? {
            let earlier = EarlierRequest::Recorded(Box::new(stored), Box::new(entry));
            return Ok(Some(earlier));
        }
        if is_current(&stored, inputs) {
            current = Some(EarlierRequest::Current(Box::new(stored)));
        }
    }
    Ok(current)
}

/// Whether the ledger still takes it: it speaks of the current day, registry, version, policy and
/// circuit.
fn is_current(stored: &StoredRequest, inputs: &RequestInputs<'_>) -> bool {
    let terms = &stored.call.terms;
    let context = &inputs.context;
    terms.extension == inputs.extension
        && terms.day == context.day.current
        && terms.issuer_root == context.registry.root
        && terms.dataset == inputs.dataset
        && stored.policy == context.policy.active.root
        && stored.key == inputs.key
}

/// The request on the ledger, where it is there.
pub(super) async fn find_recorded(
    session: &Session,
    org: &MspId,
    request: RequestId,
) -> Result<Option<RequestEntry>, SessionError> {
    match session.ask(org, GetRequest { request }).await {
        Ok(status) => Ok(Some(status.request)),
        Err(e) if e.code() == Some(Code::NotFound) => Ok(None),
        Err(e) => Err(e),
    }
}
