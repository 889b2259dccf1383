//! What the contract answers: one type for each call and query, used by the contract to write the
//! JSON and by clients to read it.
//!
//! Entries of the ledger stand in replies as they are stored, so their types come from `model`.
//! Keys of an object stand in alphabetical order, nothing is left out, and what is not there is
//! `null`.

mod access;
mod circuits;
mod datasets;
mod grants;
mod members;
mod registry;

pub use access::{AccessContext, AdmissibleDays, CircuitInUse, Policy, PolicyPut, PolicyText};
pub use circuits::{CircuitActivated, CircuitApproved, CircuitProposed, ListedCircuit};
pub use datasets::{
    ChunkRoots, ClaimPublished, DatasetRegistered, DatasetVersion, Pages, PagesStored, StoredPages,
};
pub use grants::{
    AccessAffirmed, AccessDecided, AccessRequested, DeliveryConfirmed, GrantClosed, KeyHandedOver,
    RequestStatus, SealedBody, StoredHandover, WrappedKeys,
};
pub use members::{Bootstrapped, ConsortiumFile, CurrentDay, KeyPublished, Metadata, Ticked};
pub use registry::{IssuerRegistered, IssuerRetired, Registry, Revocations, RevocationsUpdated};

use crate::error::{Code, ContractError, Refuse};
use serde::{Deserialize, Serialize};

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    pub entries: Vec<T>,
    /// Where the next page starts; empty after the last one.
    pub bookmark: String,
}

/// The bytes of a reply.
pub(crate) fn to_json(reply: &impl Serialize) -> Result<Vec<u8>, ContractError> {
    // By way of a value, whose keys are sorted.
    let value = serde_json::to_value(reply).refuse(Code::Internal, "answer")?;
    serde_json::to_vec(&value).refuse(Code::Internal, "answer")
}
