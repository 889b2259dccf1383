//! Stored datasets and claims: digests and counts, never proofs.

use super::model;
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::claim::CountUnit;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, Day, KeyCommitment, LineageId, QueryHash, SegmentId};
use medveil_collections_config::{CollectionName, MspId};
use serde::{Deserialize, Serialize};

model! {
    /// A dataset through all its versions.
    LineageEntry {
        lineage: LineageId,
        holder: MspId,
        /// Name within its holder.
        name: String,
        /// The holder's nonce.
        #[serde(with = "crate::serde_hex")]
        nonce: [u8; 16],
        /// Versions, the newest last.
        versions: Vec<DatasetRoot>,
    }

    /// One version of a dataset.
    DatasetEntry {
        root: DatasetRoot,
        lineage: LineageId,
        holder: MspId,
        /// Name within its holder.
        name: String,
        /// The collection that holds its pages.
        collection: CollectionName,
        schema_hash: Felt,
        /// Rows per chunk.
        tier: u16,
        /// Blocks per chunk.
        n_blocks: u16,
        /// Chunks in total.
        n_chunks: u32,
        /// Rows in total: proven.
        n_rows: u64,
        /// Subjects in total: proven, as far as pseudonyms go.
        n_subjects: u64,
        /// Key slots in use, bit i for slot i.
        slots: u16,
        /// Segments in order.
        segments: Vec<SegmentEntry>,
        /// Day of registration.
        day: Day,
        /// Key that the registration proofs were verified with.
        circuit: Digest,
        /// The registering transaction.
        tx_id: String,
    }

    /// One immutable segment.
    SegmentEntry {
        segment: SegmentId,
        root: Felt,
        /// Commitment to its slot keys.
        key_commitment: KeyCommitment,
        /// Root of its reading report.
        reading: Digest,
        n_chunks: u32,
    }

    /// Canonical schema JSON of a version.
    DatasetSchema {
        /// As canonical JSON.
        schema: String,
    }

    /// Chunk roots in order.
    ChunkRootBatch {
        /// At most [`super::CHUNK_BATCH`].
        roots: Vec<Felt>,
    }

    /// What one holder published in one period.
    ClaimsPublished {
        n: u32,
    }

    /// A published claim.
    ClaimEntry {
        /// Its id: the context that its proofs are bound to.
        claim: Felt,
        /// The version it speaks of.
        dataset: DatasetRoot,
        lineage: LineageId,
        holder: MspId,
        /// Cohort expression: a subset of SQL `WHERE`.
        query: String,
        /// Hash of the compiled expression.
        query_hash: QueryHash,
        /// What is counted.
        unit: CountUnit,
        /// At least so many.
        k: u64,
        /// Smallest number of subjects that the final proof shows.
        subject_floor: u64,
        /// Keys that the proofs were verified with: chunks, final.
        circuits: [Digest; 2],
        /// SHA-256 of the arguments.
        arguments: Digest,
        /// Day of publication.
        day: Day,
        /// The publishing transaction.
        tx_id: String,
    }
}
