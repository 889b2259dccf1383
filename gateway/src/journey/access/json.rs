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
use medveil_contract::model::{self, Decision, ProofStanding, RequestState};
use schemars::JsonSchema;
use serde::Deserialize;

/// A request with its votes and deliveries so far.
#[derive(Deserialize, JsonSchema)]
#[serde(remote = "reply::RequestStatus")]
pub(super) struct RequestStatus {
    #[schemars(with = "RequestEntry")]
    request: model::RequestEntry,
    /// What a vote names: digest of everything that is asked.
    #[schemars(with = "String")]
    asked: Digest,
    /// The ledger's day, in days since 1970-01-01.
    #[schemars(with = "u32")]
    today: Day,
    /// What the latest proof is worth now: `fresh`, `old` or `void`.
    #[schemars(with = "String")]
    proof: ProofStanding,
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
    /// Scope of the nullifier: dataset and period.
    #[schemars(with = "String")]
    scope: Felt,
    /// 0 is the request; n is its nth extension.
    extension: u32,
    /// Extensions asked for so far.
    n_extensions: u32,
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
    /// SHA-256 of the request's body in the clear.
    #[schemars(with = "String")]
    body: Digest,
    /// Policy that the proofs satisfy.
    #[schemars(with = "String")]
    policy: PolicyRoot,
    /// SHA-256 of that policy's document.
    #[schemars(with = "String")]
    policy_document: Digest,
    /// Key that the request's own proof was verified with.
    #[schemars(with = "String")]
    circuit: Digest,
    /// The latest proof of eligibility.
    #[schemars(with = "ProofTime")]
    proven: model::ProofTime,
    /// None until it is approved.
    #[schemars(with = "Option<Lease>")]
    lease: Option<model::Lease>,
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

/// What a proof of eligibility speaks of, and when it came.
#[derive(Deserialize, JsonSchema)]
#[serde(remote = "model::ProofTime")]
struct ProofTime {
    /// Day that it speaks of, in days since 1970-01-01.
    #[schemars(with = "u32")]
    day: Day,
    /// Registry root that it speaks of.
    #[schemars(with = "String")]
    issuer_root: IssuerRoot,
    /// Number of that root.
    registry_version: u64,
    /// Time of its transaction, in milliseconds since 1970-01-01 UTC.
    at_ms: u64,
}

/// How long a grant runs, in days since 1970-01-01.
#[derive(Deserialize, JsonSchema)]
#[serde(remote = "model::Lease")]
struct Lease {
    #[schemars(with = "u32")]
    from: Day,
    /// First day on which it does not run.
    #[schemars(with = "u32")]
    until: Day,
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
