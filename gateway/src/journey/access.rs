//! Journey two: a researcher proves eligibility and asks, a committee decides, the holder hands over
//! the keys and proves that they are the right ones.
//!
//! In their order: [`request`], [`decide`], [`handover`], [`confirm`], [`close`]; anybody may
//! [`list`] and [`show`].

mod context;
mod decide;
mod delivery;
mod error;
mod inputs;
mod json;
mod list;
mod proof;
mod request;
mod show;
mod stored;
mod tally;
#[cfg(test)]
mod tests;

pub use decide::{AccessDecided, GrantClosed, close, decide};
pub use delivery::{DeliveryConfirmed, KeysHandedOver, confirm, handover};
pub use error::AccessError;
pub use list::{AccessList, list};
pub use request::{AccessOptions, AccessRequested, request};
pub use show::{AccessShown, show};
pub use tally::Tally;

use crate::session::Session;
use medveil_circuits::ids::RequestId;
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::reply::RequestStatus;
use medveil_contract::call::request::GetRequest;

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
