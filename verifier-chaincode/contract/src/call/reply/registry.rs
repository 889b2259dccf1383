//! Issuers and revocations.

use crate::model::{IssuerEntry, PastRoot};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::IssuerRoot;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registry {
    pub root: IssuerRoot,
    /// Leaf hashes by place.
    pub leaves: Vec<Felt>,
    /// Roots that proofs may still speak of, the newest last.
    pub past_roots: Vec<PastRoot>,
    /// Issuers by place.
    pub issuers: Vec<IssuerEntry>,
}

/// A page of one issuer's revoked indices, in order of insertion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocations {
    /// Root of the issuer's revocation tree.
    pub root: Felt,
    pub values: Vec<u64>,
    /// Where the next page starts; empty after the last one.
    pub bookmark: String,
}

/// Reply to `RegisterIssuer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerRegistered {
    /// The issuer's place in the registry.
    pub issuer: u16,
    pub root: IssuerRoot,
}

/// Reply to `UpdateRevocations`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationsUpdated {
    /// The issuer's place in the registry.
    pub issuer: u16,
    pub root: IssuerRoot,
    /// How many indices the call revoked.
    pub revoked: usize,
    pub urgent: bool,
}
