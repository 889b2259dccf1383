//! The arguments of each transaction. All of them are public: they stand in the block for
//! everybody.

mod caps;

pub use caps::MAX_WORD;

pub use crate::model::Decision;
pub use medveil_circuits::claim::CountUnit;

use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::babyjubjub::PublicPoint;
use medveil_circuits::eddsa::Signature;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{
    DatasetRoot, Day, IssuerRoot, KeyCommitment, Nullifier, RequestId, SegmentId,
};
use medveil_circuits::indexed::Insertion;
use medveil_circuits::proof::RawProof;
use medveil_collections_config::CollectionName;
use serde::{Deserialize, Serialize};

macro_rules! args {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: $ty:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, BorshSerialize, BorshDeserialize)]
        pub struct $name { $($(#[$field_doc])* pub $field: $ty,)* }
    )*};
}

args! {
    /// The consortium file.
    Bootstrap {
        /// Its canonical bytes.
        consortium: Vec<u8>,
    }

    /// A verifying key for everybody to approve.
    ProposeCircuit {
        /// The key's container.
        verifying_key: Vec<u8>,
        /// SHA-256 of the proving key's file.
        proving_key: Digest,
        /// Digest of the circuit's matrices.
        matrices: Digest,
    }

    /// An approval: the approver recomputed all three.
    ApproveCircuit {
        /// Digest of the verifying key's container.
        key: Digest,
        /// SHA-256 of the proving key's file.
        proving_key: Digest,
        /// Digest of the circuit's matrices.
        matrices: Digest,
    }

    /// Which key to activate.
    ActivateCircuit {
        /// Digest of the verifying key's container.
        key: Digest,
    }

    /// An issuer of the caller's organisation.
    RegisterIssuer {
        /// Visa schema, such as `affiliation`.
        schema: String,
        /// Issuer group, such as `universities`.
        group: String,
        /// Name for people.
        name: String,
        key: PublicPoint,
        /// Leaves the institution of the leaf empty, where the consortium file allows it.
        any_institution: bool,
        /// Proof of possession: a signature under the key over consortium, schema, group, caller
        /// and key.
        possession: Signature,
    }

    /// Newly revoked indices of one issuer.
    UpdateRevocations {
        /// The issuer's place in the registry.
        issuer: u16,
        /// In order; each with the paths of the low leaf and of the empty slot. None where the
        /// latest update is made urgent afterwards.
        insertions: Vec<Insertion>,
        /// Makes every earlier registry root unacceptable at once.
        urgent: bool,
    }

    /// An issuer whose visas count no more.
    RetireIssuer {
        /// Its key: its place may have another issuer later.
        key: PublicPoint,
        /// As in [`UpdateRevocations`]; a majority's retirement is always urgent.
        urgent: bool,
    }

    /// What a lineage id hashes, beside consortium and holder.
    LineageName {
        /// The dataset's name within its holder.
        name: String,
        /// The holder's fresh 128-bit nonce.
        nonce: [u8; 16],
    }

    /// A policy for one of the caller's lineages.
    PutPolicy {
        /// Which lineage of the caller's organisation.
        lineage: LineageName,
        /// Canonical policy JSON; the contract compiles it.
        policy: String,
    }

    /// A key for sealed requests; takes the place of the one before.
    PublishKey {
        /// X25519 public key.
        key: [u8; 32],
    }

    /// The first version of a dataset: one segment with all its chunks.
    RegisterDataset {
        lineage: LineageName,
        /// The sharing group's collection that will hold the pages.
        collection: CollectionName,
        /// Canonical schema JSON.
        schema: String,
        /// Rows per chunk: 16 or 256.
        tier: u16,
        /// Fresh id of this registration attempt.
        segment: SegmentId,
        /// Commitment to the segment's slot keys.
        key_commitment: KeyCommitment,
        /// Root of the reading report: what was read, and what was left out of it.
        reading: Digest,
        /// Rows in total.
        n_rows: u64,
        /// Subjects in total.
        n_subjects: u64,
        /// Every chunk, in order.
        chunks: Vec<ChunkRegistration>,
    }

    ChunkRegistration {
        /// Link to the next chunk.
        link_out: Felt,
        /// Every block, in order.
        blocks: Vec<BlockRegistration>,
    }

    /// One block of a chunk: ten columns with flags and pseudonyms.
    BlockRegistration {
        /// Its root; its leaves where a chunk has several blocks, so that everybody sees that they share flags and pseudonyms.
        block: BlockOpening,
        /// Proof of statement "registration".
        proof: RawProof,
    }

    /// Which pages the transient map brings.
    StorePages {
        dataset: DatasetRoot,
        /// Into the recipient's implicit collection of this grant; otherwise into the dataset's collection.
        grant: Option<RequestId>,
        first_chunk: u32,
        /// How many chunks follow each other.
        n_chunks: u32,
    }

    /// A request with its proof of eligibility.
    RequestAccess {
        /// What is asked for, and what the proof speaks of.
        terms: AccessTerms,
        /// Proof of statement "eligibility", of the policy's tier.
        proof: RawProof,
    }

    /// A request without its proof: what the client knows before it proves.
    AccessTerms {
        /// 0 for a request; for an extension of one, how many it will have had.
        extension: u32,
        /// The version asked for.
        dataset: DatasetRoot,
        /// Request id, as the client derives it.
        request: RequestId,
        /// One use of the secret in this scope.
        nullifier: Nullifier,
        /// H(study, salt).
        hidden_study: Felt,
        /// Purpose in words; empty is absent.
        purpose: String,
        /// Disease code; 0 is absent.
        disease: u32,
        /// Region; empty is absent.
        region: String,
        /// Fresh key that will receive the slot keys.
        recipient: PublicPoint,
        /// Key slots asked for, bit i for slot i; bit 0 always.
        columns: u16,
        /// SHA-256 of the request's body in the clear.
        body: Digest,
        /// Day that the proof speaks of.
        day: Day,
        /// Registry root that the proof speaks of.
        issuer_root: IssuerRoot,
    }

    /// One organisation's vote.
    DecideAccess {
        request: RequestId,
        /// `RequestEntry::asked` of what the organisation saw.
        asked: Digest,
        decision: Decision,
    }

    /// A fresh proof of eligibility for a request that was made or granted already.
    AffirmAccess {
        request: RequestId,
        /// State version that the proof is bound to.
        version: u64,
        /// Day that the proof speaks of.
        day: Day,
        /// Registry root that the proof speaks of.
        issuer_root: IssuerRoot,
        /// Digest of the key that it is proven with.
        circuit: Digest,
        /// Proof of statement "eligibility", of the request's policy.
        proof: RawProof,
    }

    /// Which wrapped keys the transient map brings.
    HandOverKey {
        grant: RequestId,
        /// The segment whose keys they are.
        segment: SegmentId,
        /// Digest of the package.
        digest: Felt,
    }

    /// Proof of the right handover.
    ConfirmDelivery {
        grant: RequestId,
        segment: SegmentId,
        /// Digest of the package in the recipient's implicit collection.
        digest: Felt,
        /// Proof of statement "handover".
        proof: RawProof,
    }

    /// Which grant ends.
    CloseGrant {
        grant: RequestId,
    }

    /// A claim with its proofs.
    PublishClaim {
        /// What is claimed.
        terms: ClaimTerms,
        /// Every chunk of the version, in order.
        chunks: Vec<ClaimChunk>,
        /// Proof of statement "claim-final".
        proof: RawProof,
    }

    /// A claim without its proofs: what the client knows before it proves.
    ClaimTerms {
        /// The version it speaks of.
        dataset: DatasetRoot,
        /// Cohort expression: a subset of SQL `WHERE`.
        query: String,
        /// Whether rows or subjects are counted.
        unit: CountUnit,
        /// At least so many.
        k: u64,
    }

    ClaimChunk {
        /// Every block of the chunk, in order; those of the columns asked about are open.
        blocks: Vec<BlockOpening>,
        /// Link to the next chunk.
        link_out: Felt,
        /// Commitment to the hidden counts.
        lane: LanePoint,
        /// Proof of statement "claim-chunk".
        proof: RawProof,
    }
}

/// A commitment to hidden counts: a point whose equation the judge checks.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
pub struct LanePoint {
    pub x: Felt,
    pub y: Felt,
}

/// A block, closed or open.
// Lists are of one kind or the other, so the smaller variant wastes nothing that counts.
#[allow(clippy::large_enum_variant)]
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum BlockOpening {
    /// Only its root.
    Root(Felt),
    /// Its twelve page leaves: flags, pseudonym, ten columns.
    Leaves([Felt; 12]),
}
