//! What a transaction writes, in the form that both ledgers' write sets are compared in.

use medveil_collections_config::CollectionName;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

pub type Hash = [u8; 32];

/// SHA-256 of a private key or value, as write sets name them.
pub fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

/// What a transaction writes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteSet {
    /// Public values by key.
    pub public: BTreeMap<String, Vec<u8>>,
    /// Collection, key hash and value hash of each private value.
    pub private: BTreeSet<(CollectionName, Hash, Hash)>,
}

impl WriteSet {
    pub fn is_empty(&self) -> bool {
        self.public.is_empty() && self.private.is_empty()
    }

    pub fn collections(&self) -> BTreeSet<&CollectionName> {
        self.private.iter().map(|(name, _, _)| name).collect()
    }
}
