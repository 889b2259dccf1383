//! Every key of the ledger, one function each. No key derives from a patient.
//!
//! A key is words joined by `/`; parts are MSP ids, hex and zero-padded decimal numbers, so that
//! byte order is the natural order.

use crate::model::RequestIndex;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{
    DatasetRoot, IssuerRoot, KeyCommitment, LineageId, Nullifier, RequestId, SegmentId,
};
use medveil_collections_config::MspId;
use std::fmt;

/// Longest key.
///
/// **Units**: bytes.
pub const MAX_KEY: usize = 512;

/// A key of the public state or of a private collection.
///
/// **Shape**: 1 to 512 printable ASCII characters without spaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateKey(String);

/// Why a text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("state key: expected 1 to 512 printable ascii characters")]
pub struct StateKeyError;

impl StateKey {
    /// Reads a key back, as a store or a write set holds it.
    ///
    /// **Errors**: empty, too long, or other characters.
    pub fn parse(text: &str) -> Result<Self, StateKeyError> {
        let plain =
            !text.is_empty() && text.len() <= MAX_KEY && text.bytes().all(|b| b.is_ascii_graphic());
        if plain {
            Ok(StateKey(text.to_owned()))
        } else {
            Err(StateKeyError)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $ty:ty),*) => $format:literal;)*) => {
        impl StateKey {
            $($(#[$doc])* pub fn $name($($arg: $ty),*) -> Self { StateKey(format!($format)) })*
        }
    };
}

keys! {
    /// The Bootstrap bytes.
    consortium() => "consortium";
    /// The current day.
    day_current() => "day/current";
    /// One organisation's vote for a later day.
    tick_vote(msp: &MspId) => "tick/vote/{msp}";
    /// A verifying key and its standing.
    circuit(key: Digest) => "circuit/key/{key}";
    /// Prefix of all verifying keys.
    circuits() => "circuit/key/";
    /// One organisation's approval of a key.
    circuit_approval(key: Digest, msp: &MspId) => "circuit/approval/{key}/{msp}";
    /// Which key a circuit uses; `circuit` is name and version.
    circuit_active(circuit: &str) => "circuit/active/{circuit}";
    /// The registry's root, and which past roots are void.
    registry_head() => "registry/head";
    /// Leaves of the issuer tree.
    registry_leaves(batch: u16) => "registry/leaves/{batch:02}";
    /// A root that was the head.
    registry_past(root: IssuerRoot) => "registry/past/{root}";
    /// What one organisation did to the registry.
    registry_budget(msp: &MspId) => "registry/budget/{msp}";
    /// One issuer, by its place in the tree.
    issuer(slot: u16) => "registry/issuer/{slot:04}";
    /// Prefix of all issuers.
    issuers() => "registry/issuer/";
    /// That an issuer key was registered.
    issuer_known(digest: Digest) => "registry/known/{digest}";
    /// One organisation's vote to retire an issuer.
    issuer_retirement(key: Digest, msp: &MspId) => "registry/retire/{key}/{msp}";
    /// A batch of one issuer's revoked indices; a place may have had issuers before.
    revoked(slot: u16, generation: u32, batch: u32) => "registry/revoked/{slot:04}/{generation:06}/{batch:06}";
    /// The policies of a lineage.
    policy(lineage: LineageId) => "policy/lineage/{lineage}";
    /// One policy document.
    policy_document(lineage: LineageId, document: Digest) => "policy/document/{lineage}/{document}";
    /// That somebody asked for access to a lineage.
    policy_asked(lineage: LineageId) => "policy/asked/{lineage}";
    /// An organisation's key for sealed requests.
    published_key(msp: &MspId) => "key/{msp}";
    /// Prefix of all published keys.
    published_keys() => "key/";
    /// A lineage and its versions.
    lineage(lineage: LineageId) => "dataset/lineage/{lineage}";
    /// Prefix of all lineages.
    lineages() => "dataset/lineage/";
    /// The newest lineage of a holder under a name; `name` is its SHA-256.
    dataset_name(holder: &MspId, name: Digest) => "dataset/name/{holder}/{name}";
    /// One version of a dataset.
    dataset(root: DatasetRoot) => "dataset/version/{root}";
    /// The schema of one version.
    dataset_schema(root: DatasetRoot) => "dataset/schema/{root}";
    /// A batch of chunk roots.
    chunk_roots(root: DatasetRoot, batch: u32) => "dataset/chunks/{root}/{batch:06}";
    /// That a segment id was used.
    segment_known(segment: SegmentId) => "dataset/segment/{segment}";
    /// That a key commitment was used.
    key_commitment_known(commitment: KeyCommitment) => "dataset/keys/{commitment}";
    /// The state of a request, under its nullifier.
    nullifier(nullifier: Nullifier) => "request/state/{nullifier}";
    /// The state of an extension of a request.
    extension(nullifier: Nullifier, extension: u32) => "request/state/{nullifier}/{extension:04}";
    /// Prefix of all requests.
    requests() => "request/state/";
    /// Which nullifier a request id belongs to.
    request_index(request: RequestId) => "request/id/{request}";
    /// One organisation's vote on a request.
    request_vote(request: RequestId, msp: &MspId) => "request/vote/{request}/{msp}";
    /// That the keys of one segment were delivered.
    delivery(grant: RequestId, segment: SegmentId) => "delivery/{grant}/{segment}";
    /// How many claims a holder published in a period.
    claim_budget(holder: &MspId, period: u32) => "budget/claims/{holder}/{period:06}";
    claim(id: Felt) => "claim/{id}";
    /// Prefix of all claims.
    claims() => "claim/";
    /// Private: the constant that makes the holder's peer endorse.
    marker() => "marker";
    /// Private, collection of all members: the sealed body of a request.
    sealed_request(request: RequestId) => "request/{request}";
    /// Private, recipient's implicit collection: wrapped slot keys.
    handover(grant: RequestId, segment: SegmentId, digest: Felt) => "handover/{grant}/{segment}/{digest}";
    /// Private: the encrypted pages of one chunk.
    pages(root: DatasetRoot, chunk: u32) => "pages/{root}/{chunk:06}";
}

impl StateKey {
    /// The state of a request or an extension.
    pub fn request_state(index: &RequestIndex) -> Self {
        match index.extension {
            0 => StateKey::nullifier(index.nullifier),
            n => StateKey::extension(index.nullifier, n),
        }
    }
}

#[cfg(test)]
mod tests;
