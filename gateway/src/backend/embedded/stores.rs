//! What one organisation keeps: the public state with the hashes of private values, and its own
//! private values.
//!
//! Two redb files in the organisation's folder. `state` holds what every organisation holds alike;
//! `private` holds the values of collections that this one is a member of, and values staged for a
//! block that is about to be ordered. Each records how many blocks it has applied, and catches up
//! by itself. Readers see one committed state; nothing of a block half applied.

mod memory;
mod private;
mod state;

pub use memory::Memory;
pub use private::{Expected, PrivateSnapshot, PrivateStore};
pub use state::{StateDump, StateSnapshot, StateStore, TxRecord};

use super::format::{Hash, Version};
use collections_config::CollectionName;
use std::path::{Path, PathBuf};

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused.
    #[error("store {}: {source}", path.display())]
    Database {
        /// Which file.
        path: PathBuf,
        /// What it said.
        source: Box<redb::Error>,
    },
    /// An entry cannot be read.
    #[error("store: {0}: damaged entry")]
    Damaged(String),
}

impl StoreError {
    pub(super) fn at<E: Into<redb::Error>>(path: &Path) -> impl Fn(E) -> StoreError + '_ {
        move |e| StoreError::Database {
            path: path.to_owned(),
            source: Box::new(e.into()),
        }
    }
}

/// Memory that one open database may use for caching.
///
/// **Units**: bytes.
const CACHE: usize = 32 << 20;

fn open(path: &Path, must_exist: bool) -> Result<redb::Database, StoreError> {
    let mut builder = redb::Builder::new();
    builder.set_cache_size(CACHE);
    let db = if must_exist {
        builder.open(path)
    } else {
        builder.create(path)
    }
    .map_err(StoreError::at(path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
        mode.map_err(|e| StoreError::at(path)(redb::StorageError::Io(e)))?;
    }
    Ok(db)
}

/// A value and when it was written.
pub type Versioned<T> = Option<(Version, T)>;

/// What executing or validating a transaction reads.
pub trait StateReader: Send {
    /// A public value.
    fn public(&self, key: &str) -> Result<Versioned<Vec<u8>>, StoreError>;
    /// The hash of a private value, by the hash of its key.
    fn hashed(
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

const VERSION: usize = 12;

fn pack(version: Version, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(VERSION + bytes.len());
    out.extend(version.block.to_be_bytes());
    out.extend(version.tx.to_be_bytes());
    out.extend_from_slice(bytes);
    out
}

fn unpack(bytes: &[u8]) -> Option<(Version, &[u8])> {
    let (block, rest) = bytes.split_first_chunk::<8>()?;
    let (tx, rest) = rest.split_first_chunk::<4>()?;
    Some((
        Version {
            block: u64::from_be_bytes(*block),
            tx: u32::from_be_bytes(*tx),
        },
        rest,
    ))
}
