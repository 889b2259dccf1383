//! Journey two: a researcher proves eligibility and asks, a committee decides, the holder hands over
//! the keys and proves that they are the right ones.
//!
//! In their order: [`check`], [`request`], [`show`], [`decide`], [`handover`], [`confirm`],
//! [`affirm`], [`extend`], [`close`]; anybody may [`list`]. A person who has no use of the
//! institution's vault writes a file ([`ask_request`]), and the institution does [`submit`].

mod affirm;
mod ask;
mod body;
mod check;
mod columns;
mod confirm;
mod context;
mod decide;
mod delivery;
mod earlier;
mod error;
mod inputs;
mod json;
mod list;
mod meaning;
mod period;
mod proof;
mod request;
mod show;
mod stored;
mod submit;
mod tally;
#[cfg(test)]
mod tests;
mod witness;

pub use affirm::{AccessAffirmed, affirm};
pub use ask::{AskError, AskWritten, ask_affirmation, ask_extension, ask_request};
pub use check::{AccessChecked, check};
pub use confirm::{DeliveryConfirmed, confirm, handover_witness};
pub use decide::{AccessDecided, GrantClosed, VoteOptions, close, decide};
pub use delivery::{KeysHandedOver, handover};
pub use error::AccessError;
pub use list::{AccessList, Awaits, ListedRequest, list};
pub use request::{AccessOptions, AccessRequested, ExtensionOptions, extend, request};
pub use show::{AccessShown, OpenedRequest, show};
pub use submit::{AskSubmitted, submit};
pub use tally::Tally;
pub use witness::{extension_witness, request_witness};

use crate::session::Session;
use medveil_circuits::ids::RequestId;
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::reply::RequestStatus;
use medveil_contract::call::request::GetRequest;

/// How often a proof is made where the registry changes under it.
const ATTEMPTS: usize = 3;

/// Proves anew, where the day, the issuers or the policy changed meanwhile.
async fn retry_stale<T, F: Future<Output = Result<T, AccessError>>>(
    session: &Session,
    attempt: impl Fn() -> F,
) -> Result<T, AccessError> {
    for _ in 1..ATTEMPTS {
        match attempt().await {
            Err(AccessError::Stale(_)) => {
                let text = "the day, the issuers, the policy or a key changed meanwhile: once more";
                session.progress.note(text);
            }
            other => return other,
        }
    }
    attempt().await
}

/// A request that somebody named.
///
/// **Errors**: the ledger has none of that id.
async fn read_status(
    session: &Session,
    org: &MspId,
    request: RequestId,
) -> Result<RequestStatus, AccessError> {
    match session.ask(org, GetRequest { request }).await {
        Err(e) if e.code() == Some(Code::NotFound) => Err(AccessError::NoRequest {
            request,
            refusal: Box::new(e),
        }),
        other => Ok(other?),
    }
}
