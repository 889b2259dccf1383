//! What executing or validating a transaction reads.

use super::database::StoreError;
use medveil_collections_config::CollectionName;
use medveil_embedded_wire::{Hash, Version};

/// A value and when it was written.
pub type Versioned<T> = Option<(Version, T)>;

/// A committed state, from disk or rebuilt.
pub trait StateReader: Send {
    fn public(&self, key: &str) -> Result<Versioned<Vec<u8>>, StoreError>;
    /// The hash of a private value, by the hash of its key.
    fn private_hash(
        &self,
        collection: &CollectionName,
        key: &Hash,
    ) -> Result<Versioned<Hash>, StoreError>;
    /// A private value, where it is kept.
    fn private(
        &self,
        collection: &CollectionName,
        key: &str,
    ) -> Result<Option<Vec<u8>>, StoreError>;
    /// Up to `limit` public entries from `from` on whose keys start with `prefix`, in order.
    fn range(
        &self,
        prefix: &str,
        from: &str,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, StoreError>;
    /// Whether a transaction of this id was ordered.
    fn has_tx(&self, tx_id: &str) -> Result<bool, StoreError>;
}
