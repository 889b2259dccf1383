//! What a block changes in the public state.

use borsh::{BorshDeserialize, BorshSerialize};
use medveil_collections_config::CollectionName;
use medveil_embedded_wire::{Hash, ReadWriteSet, ValidationCode, Version};
use std::collections::BTreeMap;

/// Where a transaction stands in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TxRecord {
    pub block: u64,
    /// Place in the block.
    pub tx: u32,
    pub code: ValidationCode,
}

/// What a block changes.
#[derive(Default)]
pub struct Updates {
    pub public: BTreeMap<String, (Version, Vec<u8>)>,
    /// Hashes of private values.
    pub hashed: BTreeMap<(CollectionName, Hash), (Version, Hash)>,
    /// Transaction ids that are used from now on.
    pub txs: BTreeMap<String, TxRecord>,
    /// The verdict on each transaction, in order.
    pub codes: Vec<ValidationCode>,
}

impl Updates {
    /// Adds what a valid transaction writes.
    pub(crate) fn write(&mut self, version: Version, set: &ReadWriteSet) {
        for write in &set.writes {
            self.public
                .insert(write.key.clone(), (version, write.value.clone()));
        }
        for collection in &set.collections {
            for write in &collection.writes {
                self.hashed.insert(
                    (collection.collection.clone(), write.key),
                    (version, write.value),
                );
            }
        }
    }
}
