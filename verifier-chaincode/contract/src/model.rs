//! What the ledger stores: versioned entries in borsh, the same types in JSON for queries.
//!
//! An entry is one version byte and the borsh of its type. A reader of an older build refuses a
//! newer version instead of guessing.

mod dataset;
mod request;

pub use dataset::{
    ChunkRootBatch, ClaimEntry, ClaimsPublished, DatasetEntry, DatasetSchema, LineageEntry,
    SegmentEntry,
};
pub use request::{
    Decision, Delivery, Lease, ProofStanding, ProofTime, RequestEntry, RequestState, Vote,
};

use crate::error::{Code, ContractError};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::babyjubjub::PublicPoint;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{Day, IssuerRoot, LineageId, Nullifier, PolicyRoot, SchemaId};
use medveil_circuits::registry::{self, IssuerLeaf};
use medveil_circuits::visa::{group_hash, msp_hash};
use medveil_collections_config::MspId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Something stored under one key.
pub trait Entry: BorshSerialize + BorshDeserialize {
    /// What it is, for refusals.
    const NAME: &'static str;
    /// Version of its layout.
    const VERSION: u8 = 1;

    /// The stored bytes.
    fn to_entry_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![Self::VERSION];
        // Writing to memory cannot fail.
        let _ = self.serialize(&mut bytes);
        bytes
    }

    /// Reads stored bytes.
    ///
    /// **Errors**: another version, or not this type.
    fn from_entry_bytes(bytes: &[u8]) -> Result<Self, ContractError> {
        let broken = |what: &str| ContractError::new(Code::Internal, Self::NAME, what);
        match bytes.split_first() {
            Some((version, body)) if *version == Self::VERSION => {
                Self::try_from_slice(body).map_err(|_| broken("the stored entry cannot be read"))
            }
            _ => Err(broken("the stored entry is of another version")),
        }
    }
}

macro_rules! entries {
    ($($ty:ty => $name:literal;)*) => { $(impl Entry for $ty { const NAME: &'static str = $name; })* };
}

entries! {
    DayEntry => "day";
    TickVote => "day vote";
    CircuitEntry => "circuit";
    Approval => "approval";
    ActiveCircuit => "active circuit";
    RegistryHead => "registry";
    LeafBatch => "issuer leaves";
    PastRoot => "past registry root";
    RegistryBudget => "registry budget";
    RetireVote => "retirement vote";
    IssuerEntry => "issuer";
    KnownIssuer => "issuer key";
    RevokedBatch => "revocations";
    PolicyEntry => "policy";
    PolicyDocumentEntry => "policy document";
    PublishedKey => "published key";
    LineageEntry => "lineage";
    DatasetEntry => "dataset";
    DatasetSchema => "schema";
    ChunkRootBatch => "chunk roots";
    Known => "used id";
    RequestEntry => "request";
    RequestIndex => "request id";
    NamedDataset => "dataset name";
    Vote => "vote";
    Delivery => "delivery";
    ClaimEntry => "claim";
    ClaimsPublished => "claims of a period";
}

macro_rules! model {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $ty,)* }
    )*};
}
pub(crate) use model;

model! {
    /// The current day.
    DayEntry {
        day: Day,
        /// When it became current.
        ticked_at_ms: u64,
    }

    /// One organisation's vote for a day.
    TickVote {
        /// The day of its transaction.
        day: Day,
    }

    /// A verifying key.
    CircuitEntry {
        /// Name and version.
        circuit: String,
        /// The container's bytes.
        #[serde(with = "crate::serde_hex")]
        verifying_key: Vec<u8>,
        /// SHA-256 of the proving key's file.
        proving_key: Digest,
        /// Digest of the circuit's matrices.
        matrices: Digest,
        /// Who proposed it.
        proposer: MspId,
        /// Where it stands.
        standing: Standing,
        /// The proposing transaction.
        tx_id: String,
    }

    /// One organisation's approval of a key.
    Approval {
        /// The approving transaction.
        tx_id: String,
    }

    /// Which key a circuit uses.
    ActiveCircuit {
        /// Digest of the key's container.
        key: Digest,
    }

    /// The registry's head: every update conflicts with every held-back proof.
    RegistryHead {
        /// Root of the issuer tree.
        root: IssuerRoot,
        /// Roots over the batches of leaves, up to the last batch in use.
        batches: Vec<Felt>,
        /// Places in use, retired ones included.
        n_places: u16,
        /// Places of retired issuers, which the next registrations take.
        retired: Vec<u16>,
        /// Counts the roots.
        version: u64,
        /// The first root that proofs may speak of: an urgent update voids all before it.
        oldest: u64,
        /// When this root took the place of the one before.
        since_ms: u64,
    }

    /// Leaves of the issuer tree.
    LeafBatch {
        /// At most [`registry::BATCH`], by place.
        leaves: Vec<Felt>,
    }

    /// A root that was the head.
    PastRoot {
        /// Its number.
        version: u64,
        /// When another root took its place.
        superseded_at_ms: u64,
    }

    /// What one organisation did to the registry, over all its issuers.
    RegistryBudget {
        /// Its issuers that are not retired.
        n_issuers: u32,
        /// Times of updates that still count against the rate limit.
        recent_ms: Vec<u64>,
        /// Times of urgent updates that still count against the rate limit.
        recent_urgent_ms: Vec<u64>,
    }

    /// One organisation's vote to retire an issuer.
    RetireVote {
        /// The voting transaction.
        tx_id: String,
    }

    IssuerEntry {
        /// Its place in the tree.
        slot: u16,
        /// How many issuers had the place before.
        generation: u32,
        schema: String,
        /// Hash of the visa schema.
        schema_id: SchemaId,
        group: String,
        /// Name for people.
        name: String,
        key: PublicPoint,
        /// Institution in the leaf; 0 is any.
        institution: Felt,
        /// Organisation that registered it and may revoke for it.
        registrant: MspId,
        /// Root of its revocation tree.
        revocation_root: Felt,
        /// Slots of that tree in use.
        n_leaves: u64,
        /// 1 is active, 0 retired.
        status: u8,
        /// The registering transaction.
        tx_id: String,
    }

    /// Where an issuer's key stands, or stood: it stands once for ever.
    KnownIssuer {
        /// Its place in the tree.
        slot: u16,
        /// How many issuers had the place before.
        generation: u32,
    }

    /// Revoked indices in order of insertion.
    RevokedBatch {
        /// At most [`REVOKED_BATCH`].
        values: Vec<u64>,
    }

    /// The policies of a lineage.
    PolicyEntry {
        /// The dataset's name within its holder.
        name: String,
        holder: MspId,
        /// Length of a nullifier period in days: never changes.
        period_days: u32,
        /// The policy in force.
        active: PolicyVersion,
        /// The policy that takes its place.
        pending: Option<PolicyVersion>,
    }

    /// One policy of a lineage.
    PolicyVersion {
        root: PolicyRoot,
        /// SHA-256 of the document: two of one root may have other committees.
        document: Digest,
        /// Circuit tier: 1 or 4 visas.
        tier: u8,
        /// From which day.
        active_from: Day,
        /// The transaction that put it.
        tx_id: String,
    }

    PolicyDocumentEntry {
        /// As canonical JSON.
        document: String,
    }

    /// An organisation's key for sealed requests.
    PublishedKey {
        msp_id: MspId,
        /// X25519 public key.
        #[serde(with = "crate::serde_hex")]
        key: [u8; 32],
        /// The publishing transaction.
        tx_id: String,
    }

    /// That an id was used.
    Known {
        /// The transaction that used it.
        tx_id: String,
    }

    /// Where a request id stands.
    RequestIndex {
        nullifier: Nullifier,
        /// 0 is the request, n its nth extension.
        extension: u32,
    }

    /// The newest dataset of a holder under a name.
    NamedDataset {
        lineage: LineageId,
    }
}

/// What stands in place of a private value that was purged.
pub const PURGED: [u8; 1] = [0];
/// Indices of one revocation batch.
pub const REVOKED_BATCH: usize = 1024;
/// Chunk roots of one batch.
pub const CHUNK_BATCH: usize = 256;

/// Where a verifying key stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Waits for approvals.
    Proposed,
    /// Proofs are verified with it.
    Active,
    /// Another key took its place; it never comes back.
    Superseded,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Standing::Proposed => "proposed",
            Standing::Active => "active",
            Standing::Superseded => "superseded",
        })
    }
}

impl IssuerEntry {
    /// Its leaf in the issuer tree.
    pub fn leaf(&self) -> IssuerLeaf {
        IssuerLeaf {
            key: self.key,
            schema: self.schema_id,
            group: group_hash(&self.group),
            institution: self.institution,
            registrant: msp_hash(self.registrant.as_str()),
            revocation_root: self.revocation_root,
            status: self.status,
        }
    }
}

impl RegistryHead {
    /// A registry of no issuers.
    pub fn empty() -> Self {
        RegistryHead {
            root: registry::issuer_root(&[]),
            batches: vec![],
            n_places: 0,
            retired: vec![],
            version: 0,
            oldest: 0,
            since_ms: 0,
        }
    }
}

impl PolicyEntry {
    /// The policy in force on a day.
    pub fn in_force(&self, day: Day) -> &PolicyVersion {
        self.pending
            .as_ref()
            .filter(|p| p.active_from <= day)
            .unwrap_or(&self.active)
    }
}
