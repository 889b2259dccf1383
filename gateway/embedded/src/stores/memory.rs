//! A state in memory: what the auditor rebuilds from the chain.

use super::database::{StoreError, pack};
use super::reader::{StateReader, Versioned};
use super::state;
use super::updates::TxRecord;
use medveil_collections_config::CollectionName;
use medveil_embedded_wire::format::{Hash, ReadWriteSet, ValidationCode, Version, encode};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A state in memory. Clones share it.
#[derive(Clone, Default)]
pub struct Memory(Arc<RwLock<Parts>>);

#[derive(Default)]
struct Parts {
    public: BTreeMap<String, (Version, Vec<u8>)>,
    hashed: BTreeMap<(CollectionName, Hash), (Version, Hash)>,
    txs: BTreeMap<String, TxRecord>,
    codes: BTreeMap<u64, Vec<ValidationCode>>,
}

impl Memory {
    fn read(&self) -> RwLockReadGuard<'_, Parts> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Parts> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies the writes of one valid transaction.
    pub fn apply(&self, version: Version, set: &ReadWriteSet) {
        let mut parts = self.write();
        for write in &set.writes {
            parts
                .public
                .insert(write.key.clone(), (version, write.value.clone()));
        }
        for collection in &set.collections {
            for write in &collection.writes {
                parts.hashed.insert(
                    (collection.collection.clone(), write.key),
                    (version, write.value),
                );
            }
        }
    }

    /// Records the verdicts of a block and the transaction ids it used.
    pub fn record(&self, block: u64, codes: &[ValidationCode], txs: &BTreeMap<String, TxRecord>) {
        let mut parts = self.write();
        parts.codes.insert(block, codes.to_vec());
        parts
            .txs
            .extend(txs.iter().map(|(id, record)| (id.clone(), *record)));
    }

    /// Every private hash: collection, hash of the key, hash of the value.
    pub fn hashes(&self) -> Vec<(CollectionName, Hash, Hash)> {
        self.read()
            .hashed
            .iter()
            .map(|((collection, key), (_, value))| (collection.clone(), *key, *value))
            .collect()
    }

    /// Every entry, named and packed as a store holds it.
    pub fn dump(&self) -> BTreeMap<String, Vec<u8>> {
        let parts = self.read();
        let public = parts
            .public
            .iter()
            .map(|(key, (version, value))| (state::public_name(key), pack(*version, value)));
        let hashed = parts.hashed.iter().map(|((c, key), (version, hash))| {
            (
                state::hashed_name(&c.to_string(), key),
                pack(*version, hash),
            )
        });
        let txs = parts
            .txs
            .iter()
            .map(|(id, record)| (state::tx_name(id), encode(record)));
        let codes = parts
            .codes
            .iter()
            .map(|(block, codes)| (state::codes_name(*block), encode(codes)));
        public.chain(hashed).chain(txs).chain(codes).collect()
    }
}

impl StateReader for Memory {
    fn public(&self, key: &str) -> Result<Versioned<Vec<u8>>, StoreError> {
        Ok(self.read().public.get(key).cloned())
    }
    fn private_hash(
        &self,
        collection: &CollectionName,
        key: &Hash,
    ) -> Result<Versioned<Hash>, StoreError> {
        Ok(self.read().hashed.get(&(collection.clone(), *key)).copied())
    }
    /// Private values are not on the chain.
    fn private(&self, _: &CollectionName, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }
    fn range(
        &self,
        prefix: &str,
        from: &str,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let start = if from > prefix { from } else { prefix };
        let parts = self.read();
        let found = parts
            .public
            .range(start.to_string()..)
            .take_while(|(key, _)| key.starts_with(prefix));
        Ok(found
            .take(limit)
            .map(|(key, (_, value))| (key.clone(), value.clone()))
            .collect())
    }
    fn has_tx(&self, tx_id: &str) -> Result<bool, StoreError> {
        Ok(self.read().txs.contains_key(tx_id))
    }
}
