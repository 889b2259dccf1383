//! Policies, and what a researcher's client needs before it proves.

use super::Registry;
use crate::model::{DatasetEntry, LineageEntry, PublishedKey};
use medveil_circuits::field::Digest;
use medveil_circuits::ids::{ConsortiumId, Day, LineageId, PolicyRoot};
use medveil_collections_config::MspId;
use serde::{Deserialize, Serialize};

/// The policies of a lineage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    pub lineage: LineageId,
    /// The dataset's name within its holder.
    pub name: String,
    pub holder: MspId,
    /// Length of a nullifier period in days.
    pub period_days: u32,
    /// The policy in force.
    pub active: PolicyText,
    /// The policy that takes its place on a later day.
    pub pending: Option<PolicyText>,
}

/// One policy with its document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyText {
    pub root: PolicyRoot,
    /// SHA-256 of the document.
    pub digest: Digest,
    /// Circuit tier: 1 or 4 visas.
    pub tier: u8,
    pub active_from: Day,
    /// The transaction that put it.
    pub tx_id: String,
    /// As canonical JSON.
    pub document: String,
}

/// Everything public that a proof of eligibility speaks of, but for revocations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessContext {
    pub consortium: ConsortiumId,
    pub chaincode: String,
    pub lineage: LineageEntry,
    /// The newest version.
    pub dataset: Option<DatasetEntry>,
    pub day: AdmissibleDays,
    pub policy: Policy,
    pub registry: Registry,
    pub circuit: CircuitInUse,
    /// Keys for sealed requests of the committee and the holder, as far as they published one.
    pub keys: Vec<PublishedKey>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdmissibleDays {
    pub current: Day,
    /// Days that a proof may name at the time of the query.
    pub admissible: Vec<Day>,
}

/// The circuit of the policy's tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CircuitInUse {
    /// Name and version.
    pub name: String,
    /// Its active key.
    pub key: Option<Digest>,
}

/// Reply to `PutPolicy`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyPut {
    pub lineage: LineageId,
    pub policy: PolicyRoot,
    pub active_from: Day,
}
