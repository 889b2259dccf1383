//! What a bundle that holds proves.

use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::Day;
use medveil_circuits::query::Span;
use medveil_collections_config::MspId;
use medveil_contract::call::ClaimTerms;
use medveil_contract::model::DatasetEntry;
use std::collections::BTreeSet;

/// A transaction that the members endorsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endorsed {
    pub tx_id: String,
    /// Its day, by the client's clock as the endorsers accepted it.
    pub day: Day,
    pub endorsers: BTreeSet<MspId>,
}

/// A key that proofs were verified with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Circuit, as `name/vN`.
    pub circuit: String,
    /// SHA-256 of its container.
    pub digest: Digest,
    /// Whether its trapdoor is public.
    pub insecure: bool,
}

/// What a bundle that holds proves.
#[derive(Clone)]
pub struct Report {
    /// Whether the trust came from elsewhere than the bundle.
    pub anchored: bool,
    pub fingerprint: Digest,
    pub consortium: String,
    pub claim: Felt,
    pub terms: ClaimTerms,
    /// What is known of the version.
    pub dataset: DatasetEntry,
    /// Columns that are TRUE in every row, as the registration proves.
    pub criteria: Vec<String>,
    /// Proven spans of the columns asked about.
    pub spans: Vec<Span>,
    pub registration: Endorsed,
    pub publication: Endorsed,
    /// Proofs that were verified.
    pub proofs: usize,
    /// Keys in use.
    pub keys: Vec<Key>,
    /// The consortium's floor: hits are of so many subjects at least, and a claimed number is so
    /// much at least below that of all.
    pub floor: u32,
}
