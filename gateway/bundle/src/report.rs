//! What a bundle that holds proves.

use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::Day;
use medveil_circuits::query::Span;
use medveil_collections_config::MspId;
use medveil_contract::call::ClaimTerms;
use medveil_contract::model::DatasetEntry;
use medveil_msp::{Certificate, Creator, MspError};

/// A transaction that the members endorsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endorsed {
    pub tx_id: String,
    /// Its day, by the client's clock as the endorsers accepted it.
    pub day: Day,
    /// The peers whose endorsements hold, sorted by organisation.
    pub endorsers: Vec<Endorser>,
}

/// A peer that endorsed, by the certificate that it signed with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endorser {
    pub msp_id: MspId,
    /// Its common name: its organisation's own words.
    pub name: String,
    /// SHA-256 of the certificate's DER.
    pub certificate: Digest,
}

impl Endorser {
    /// Reads a certificate that was checked.
    ///
    /// **Errors**: none that a checked certificate can cause.
    pub(super) fn of(peer: &Creator) -> Result<Self, MspError> {
        let certificate = Certificate::from_der(&peer.certificate)?;
        Ok(Endorser {
            msp_id: peer.msp_id.clone(),
            name: certificate.common_name().to_owned(),
            certificate: Digest::of(&peer.certificate),
        })
    }
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
