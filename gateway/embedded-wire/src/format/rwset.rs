//! What a transaction reads and writes. Private values never occur here, only their hashes.

use super::codec::Hash;
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_collections_config::CollectionName;

/// Longest key of the public state or of a collection.
///
/// **Units**: bytes.
pub const MAX_KEY: usize = 512;

/// When a value was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct Version {
    pub block: u64,
    /// Place in the block.
    pub tx: u32,
}

/// A key that was read, and the version that was seen; none when there was no value.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Read {
    pub key: String,
    pub version: Option<Version>,
}

/// A public value to be written.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Write {
    pub key: String,
    pub value: Vec<u8>,
}

/// A private key that was read, by its hash.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct HashedRead {
    /// SHA-256 of the key.
    pub key: Hash,
    pub version: Option<Version>,
}

/// A private value to be written, by its hashes.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct HashedWrite {
    /// SHA-256 of the key.
    pub key: Hash,
    /// SHA-256 of the value.
    pub value: Hash,
}

/// What a transaction did in one private data collection.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct CollectionSet {
    pub collection: CollectionName,
    /// Reads, sorted by key hash.
    pub reads: Vec<HashedRead>,
    /// Writes, sorted by key hash.
    pub writes: Vec<HashedWrite>,
}

/// What a transaction read and wants to write.
#[derive(Clone, Debug, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ReadWriteSet {
    /// Public reads, sorted by key.
    pub reads: Vec<Read>,
    /// Public writes, sorted by key.
    pub writes: Vec<Write>,
    /// Private reads and writes, sorted by collection.
    pub collections: Vec<CollectionSet>,
}

impl ReadWriteSet {
    /// Whether every list is strictly sorted, every key of a legal length and no collection set
    /// empty: one form per meaning.
    pub fn is_well_formed(&self) -> bool {
        let legal = |key: &str| !key.is_empty() && key.len() <= MAX_KEY;
        is_sorted(self.reads.iter().map(|r| &r.key))
            && is_sorted(self.writes.iter().map(|w| &w.key))
            && is_sorted(self.collections.iter().map(|c| &c.collection))
            && self.reads.iter().all(|r| legal(&r.key))
            && self.writes.iter().all(|w| legal(&w.key))
            && self.collections.iter().all(|c| {
                is_sorted(c.reads.iter().map(|r| &r.key))
                    && is_sorted(c.writes.iter().map(|w| &w.key))
                    && !(c.reads.is_empty() && c.writes.is_empty())
            })
    }

    /// Whether nothing is written, publicly or privately.
    pub fn writes_nothing(&self) -> bool {
        self.writes.is_empty() && self.collections.iter().all(|c| c.writes.is_empty())
    }

    /// The collections that are written to.
    pub fn written_collections(&self) -> impl Iterator<Item = &CollectionName> {
        self.collections
            .iter()
            .filter(|c| !c.writes.is_empty())
            .map(|c| &c.collection)
    }
}

fn is_sorted<T: Ord>(mut items: impl Iterator<Item = T>) -> bool {
    let Some(mut last) = items.next() else {
        return true;
    };
    items.all(|item| {
        let grows = last < item;
        last = item;
        grows
    })
}

/// A private value on its way to a member's store.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct PrivateWrite {
    pub collection: CollectionName,
    pub key: String,
    /// Value: sealed for whoever may read it.
    pub value: Vec<u8>,
}
