//! The state of a channel as its valid transactions leave it: every chaincode's keys, public ones
//! and hashes of private ones, with versions.
//!
//! Source: Fabric's multi-version concurrency control
//! (`core/ledger/kvledger/txmgmt/validation/validator.go`). A read is stale where another version
//! stands, and where an earlier transaction of the same block wrote the key, whatever version the
//! read names.

use medveil_collections_config::{CollectionName, CollectionsConfig};
use medveil_embedded::{StateReader, StoreError, Versioned};
use medveil_embedded_wire::{Hash, Version};
use medveil_fabric_wire::{Part, ReadVersion};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What stands at a key; a deletion stays, so that reads of the same block see it.
#[derive(Clone)]
struct Entry {
    at: ReadVersion,
    value: Option<Vec<u8>>,
}

/// Whether what a transaction read was current at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    Current,
    Stale,
    /// Peers forget keys of a collection with a lifetime by a rule that is not followed here.
    Untellable,
}

/// A channel's state.
#[derive(Clone, Default)]
pub(super) struct State {
    /// By chaincode and collection; the empty collection is the public state.
    spaces: BTreeMap<(String, String), BTreeMap<Vec<u8>, Entry>>,
    /// Ids of ordered transactions: of earlier blocks all, of this block those that passed
    /// everything but the comparison of versions.
    ids: BTreeSet<String>,
}

impl State {
    fn entry(&self, namespace: &str, collection: &str, key: &[u8]) -> Option<&Entry> {
        self.spaces
            .get(&(namespace.to_owned(), collection.to_owned()))?
            .get(key)
    }

    pub(super) fn value(&self, namespace: &str, key: &str) -> Option<Vec<u8>> {
        self.entry(namespace, "", key.as_bytes())?.value.clone()
    }

    /// Whether reads in this block are current.
    pub(super) fn reads(
        &self,
        parts: &[Part],
        block: u64,
        collections: &CollectionsConfig,
    ) -> Reads {
        let mut verdict = Reads::Current;
        for part in parts {
            let lives = |name: CollectionName| {
                collections
                    .get(&name)
                    .is_some_and(|c| c.block_to_live() > 0)
            };
            let forgets = part.collection.parse().is_ok_and(lives);
            for (key, version) in &part.reads {
                let entry = self.entry(&part.namespace, &part.collection, key);
                let written_here = entry.is_some_and(|e| e.at.0 == block);
                let stands = entry.filter(|e| e.value.is_some()).map(|e| e.at);
                match (written_here || stands != *version, forgets && !written_here) {
                    (true, false) => return Reads::Stale,
                    (true, true) => verdict = Reads::Untellable,
                    (false, _) => {}
                }
            }
        }
        verdict
    }

    /// Applies what a valid transaction wrote.
    pub(super) fn apply(&mut self, at: ReadVersion, parts: &[Part]) {
        for part in parts.iter().filter(|p| p.is_written()) {
            let space = self
                .spaces
                .entry((part.namespace.clone(), part.collection.clone()))
                .or_default();
            for (key, value) in &part.writes {
                space.insert(
                    key.clone(),
                    Entry {
                        at,
                        value: value.clone(),
                    },
                );
            }
            // Metadata raises the version of a key that is there.
            for key in &part.metadata {
                if let Some(entry) = space.get_mut(key).filter(|e| e.value.is_some()) {
                    entry.at = at;
                }
            }
        }
    }

    /// Whether a transaction id was used before.
    pub(super) fn is_used(&self, tx_id: &str) -> bool {
        self.ids.contains(tx_id)
    }

    /// Notes that a transaction id was used.
    pub(super) fn uses(&mut self, tx_id: &str) {
        self.ids.insert(tx_id.to_owned());
    }
}

/// The contract's part of a state, as the contract reads it.
pub(super) struct View {
    pub(super) state: Arc<State>,
    pub(super) chaincode: String,
}

impl View {
    fn find(&self, collection: &str, key: &[u8]) -> Versioned<Vec<u8>> {
        let entry = self.state.entry(&self.chaincode, collection, key)?;
        Some((version(entry.at), entry.value.clone()?))
    }
}

/// A version in the other ledger's form. A block holds fewer transactions than 2^32.
pub(super) fn version((block, tx): ReadVersion) -> Version {
    Version {
        block,
        tx: u32::try_from(tx).unwrap_or(u32::MAX),
    }
}

impl StateReader for View {
    fn public(&self, key: &str) -> Result<Versioned<Vec<u8>>, StoreError> {
        Ok(self.find("", key.as_bytes()))
    }
    fn private_hash(
        &self,
        collection: &CollectionName,
        key: &Hash,
    ) -> Result<Versioned<Hash>, StoreError> {
        let found = self.find(&collection.to_string(), key);
        Ok(found.and_then(|(version, hash)| Some((version, Hash::try_from(hash).ok()?))))
    }
    /// Private values are not on the chain.
    fn private(&self, _: &CollectionName, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(None)
    }
    /// Calls that are ordered do not scan.
    fn range(&self, _: &str, _: &str, _: usize) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        Ok(Vec::new())
    }
    fn has_tx(&self, tx_id: &str) -> Result<bool, StoreError> {
        Ok(self.state.is_used(tx_id))
    }
}
