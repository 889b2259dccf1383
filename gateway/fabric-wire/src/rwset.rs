//! Reads and writes of a transaction as they stand, whatever they are: what a peer applies when it
//! finds the transaction valid.
//!
//! Source: Fabric's read-write sets and how its peers apply them (`core/ledger/kvledger/txmgmt`): a
//! write of no value is a deletion, a purge deletes. Nothing is judged here; what the contract may
//! do is `prepared`'s question.

use crate::error::FormError;
use crate::proto::{HashedRwSet, KvMetadataWrite, KvRwSet, KvVersion, TxReadWriteSet};
use prost::Message;
use sha2::{Digest, Sha256};

/// Where a value was written: block and place in it.
pub type ReadVersion = (u64, u64);

/// What a transaction did in one chaincode's public state, or in one of its collections.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Part {
    pub namespace: String,
    /// Collection; empty for the public state.
    pub collection: String,
    /// Keys, or their hashes, with the versions seen.
    pub reads: Vec<(Vec<u8>, Option<ReadVersion>)>,
    /// Keys and values, or their hashes; none for a deletion.
    pub writes: Vec<(Vec<u8>, Option<Vec<u8>>)>,
    /// Keys, or their hashes, whose metadata was written.
    pub metadata: Vec<Vec<u8>>,
}

impl Part {
    pub fn is_written(&self) -> bool {
        !self.writes.is_empty() || !self.metadata.is_empty()
    }
}

/// Reads what a chaincode's action did.
///
/// **Errors**: no read-write set.
pub fn parts(results: &[u8]) -> Result<Vec<Part>, FormError> {
    let what = "a read-write set";
    let set = TxReadWriteSet::decode(results).map_err(|_| FormError(what))?;
    let mut parts = Vec::new();
    for space in set.ns_rwset {
        let public = KvRwSet::decode(space.rwset.as_slice()).map_err(|_| FormError(what))?;
        parts.push(public_part(space.namespace.clone(), public));
        for collection in space.collection_hashed_rwset {
            let hashed = HashedRwSet::decode(collection.hashed_rwset.as_slice())
                .map_err(|_| FormError(what))?;
            parts.push(hashed_part(
                space.namespace.clone(),
                collection.collection_name,
                hashed,
            ));
        }
    }
    Ok(parts)
}

fn public_part(namespace: String, set: KvRwSet) -> Part {
    let write = |key: String, deletes: bool, value: Vec<u8>| {
        (
            key.into_bytes(),
            (!deletes && !value.is_empty()).then_some(value),
        )
    };
    Part {
        namespace,
        collection: String::new(),
        reads: set
            .reads
            .into_iter()
            .map(|r| (r.key.into_bytes(), version(r.version)))
            .collect(),
        writes: set
            .writes
            .into_iter()
            .map(|w| write(w.key, w.is_delete, w.value))
            .collect(),
        metadata: keys(set.metadata_writes),
    }
}

fn hashed_part(namespace: String, collection: String, set: HashedRwSet) -> Part {
    let nothing = Sha256::digest([]);
    let deletes = |value: &[u8]| value.is_empty() || value == nothing.as_slice();
    let write = |key, deletes: bool, value| (key, (!deletes).then_some(value));
    Part {
        namespace,
        collection,
        reads: set
            .hashed_reads
            .into_iter()
            .map(|r| (r.key_hash, version(r.version)))
            .collect(),
        writes: set
            .hashed_writes
            .into_iter()
            .map(|w| {
                write(
                    w.key_hash,
                    w.is_delete || w.is_purge || deletes(&w.value_hash),
                    w.value_hash,
                )
            })
            .collect(),
        metadata: keys(set.metadata_writes),
    }
}

fn version(version: Option<KvVersion>) -> Option<ReadVersion> {
    version.map(|v| (v.block_num, v.tx_num))
}

fn keys(writes: Vec<KvMetadataWrite>) -> Vec<Vec<u8>> {
    writes.into_iter().map(|w| w.key).collect()
}
