//! Issuers and revocations.

use crate::model::IssuerEntry;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::IssuerRoot;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registry {
    pub root: IssuerRoot,
    /// Issuers by place, retired ones included.
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

/// Reply to `RetireIssuer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuerRetired {
    /// The issuer's place in the registry.
    pub issuer: u16,
    pub root: IssuerRoot,
    /// Whether its visas count no more; otherwise votes are missing.
    pub retired: bool,
    /// Votes of organisations that did not register it.
    pub votes: u32,
    /// Votes that retire it.
    pub needed: u32,
}
