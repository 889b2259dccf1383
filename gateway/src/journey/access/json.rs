//! The JSON of requests, for its documentation. The ledger's own types are what is written; that
//! these have the same fields is checked by the compiler.

// Only the schema is used; the rest holds the fields to those of the ledger's types.
#![allow(dead_code)]

use medveil_circuits::babyjubjub::PublicPoint;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{
    DatasetRoot, Day, IssuerRoot, LineageId, Nullifier, PolicyRoot, RequestId, SegmentId,
};
use medveil_collections_config::MspId;
use medveil_contract::call::reply;
use medveil_contract::model::{self, Decision, RequestState};
use schemars::JsonSchema;
use serde::Deserialize;

/// A request with its votes and deliveries so far.
#[derive(Deserialize, JsonSchema)]
#[serde(remote = "reply::RequestStatus")]
pub(super) struct RequestStatus {
    #[schemars(with = "RequestEntry")]
    request: model::RequestEntry,
    #[schemars(with = "Vec<Vote>")]
    votes: Vec<model::Vote>,
    /// Confirmed deliveries, by segment.
    #[schemars(with = "Vec<Delivery>")]
    deliveries: Vec<model::Delivery>,
}

/// A request, as everybody on the ledger sees it.
#[derive(Deserialize, JsonSchema)]
#[serde(remote = "model::RequestEntry")]
pub(super) struct RequestEntry {
    /// Raised by every transition.
    version: u64,
    /// `submitted`, `approved`, `rejected` or `closed`.
    #[schemars(with = "String")]
    state: RequestState,
    #[schemars(with = "String")]
    request: RequestId,
    #[schemars(with = "String")]
    nullifier: Nullifier,
    #[schemars(with = "String")]
    lineage: LineageId,
    /// The version asked for.
    #[schemars(with = "String")]
    dataset: DatasetRoot,
    #[schemars(with = "String")]
    holder: MspId,
    /// The organisation that asks.
    #[schemars(with = "String")]
    submitter: MspId,
    /// Hash of study and salt.
    #[schemars(with = "String")]
    hidden_study: Felt,
    /// Empty is absent.
    purpose: String,
    /// Number of the disease; 0 is absent.
    disease: u32,
    /// Empty is absent.
    region: String,
    /// Key that receives the slot keys.
    #[schemars(with = "Point")]
    recipient: PublicPoint,
    /// Key slots asked for, as a bitmap.
    columns: u16,
    /// SHA-256 of the sealed letter.
    #[schemars(with = "String")]
    letter: Digest,
    /// Day that the proof speaks of, in days since 1970-01-01.
    #[schemars(with = "u32")]
    day: Day,
    /// Registry root that the proof speaks of.
    #[schemars(with = "String")]
    issuer_root: IssuerRoot,
    /// Policy that the proof satisfies.
    #[schemars(with = "String")]
    policy: PolicyRoot,
    /// Key that the proof was verified with.
    #[schemars(with = "String")]
    circuit: Digest,
    /// Organisations that vote.
    #[schemars(with = "Vec<String>")]
    committee: Vec<MspId>,
    /// Approvals that it takes.
    quorum: u32,
    /// The submitting transaction.
    tx_id: String,
    /// The transaction of the last transition.
    last_tx_id: String,
}

/// A point of the curve, in hex.
#[derive(JsonSchema)]
struct Point {
    x: String,
    y: String,
}

/// One organisation's vote.
#[derive(Deserialize, JsonSchema)]
#[serde(remote = "model::Vote")]
struct Vote {
    #[schemars(with = "String")]
    msp_id: MspId,
    /// `approve` or `reject`.
    #[schemars(with = "String")]
    decision: Decision,
    /// The voting transaction.
    tx_id: String,
}

/// That the right keys of one segment were delivered.
#[derive(Deserialize, JsonSchema)]
#[serde(remote = "model::Delivery")]
struct Delivery {
    #[schemars(with = "String")]
    segment: SegmentId,
    /// Digest of the package.
    #[schemars(with = "String")]
    digest: Felt,
    /// Key that the proof was verified with.
    #[schemars(with = "String")]
    circuit: Digest,
    /// The confirming transaction.
    tx_id: String,
}
