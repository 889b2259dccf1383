//! Datasets, their pages, and claims about them.

use crate::call::transient::StoredChunk;
use crate::model::DatasetEntry;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, LineageId, QueryHash};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

/// One version with its schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetVersion {
    pub dataset: DatasetEntry,
    /// Canonical schema JSON.
    pub schema: String,
}

/// A page of a version's chunk roots, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkRoots {
    pub roots: Vec<Felt>,
    /// Where the next page starts; empty after the last one.
    pub bookmark: String,
}

/// What members of the sharing group store of a version, chunk by chunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPages {
    /// SHA-256 of a chunk's entry; none where nothing is stored.
    pub digests: Vec<Option<Digest>>,
    /// Where the next page starts; empty after the last one.
    pub bookmark: String,
}

/// The encrypted pages of one chunk.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pages {
    pub chunk: u32,
    /// In JSON the hex of its borsh bytes.
    #[serde(serialize_with = "write_chunk", deserialize_with = "read_chunk")]
    pub pages: StoredChunk,
}

fn write_chunk<S: Serializer>(chunk: &StoredChunk, serializer: S) -> Result<S::Ok, S::Error> {
    let bytes = borsh::to_vec(chunk).map_err(ser::Error::custom)?;
    crate::serde_hex::serialize(bytes, serializer)
}

fn read_chunk<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StoredChunk, D::Error> {
    let bytes: Vec<u8> = crate::serde_hex::deserialize(deserializer)?;
    borsh::from_slice(&bytes).map_err(de::Error::custom)
}

/// Reply to `RegisterDataset`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetRegistered {
    pub lineage: LineageId,
    pub dataset: DatasetRoot,
}

/// Reply to `StorePages`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PagesStored {
    pub dataset: DatasetRoot,
    /// How many chunks were stored.
    pub chunks: u32,
}

/// Reply to `PublishClaim`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimPublished {
    pub claim: Felt,
    pub dataset: DatasetRoot,
    pub query_hash: QueryHash,
}
