//! Opening a database file, and the form of its entries.

use medveil_embedded_wire::Version;
use std::path::{Path, PathBuf};

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database {}", path.display())]
    Database {
        path: PathBuf,
        source: Box<redb::Error>,
    },
    /// An entry cannot be read.
    #[error("entry {0}: damaged")]
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

pub(super) fn open(path: &Path, must_exist: bool) -> Result<redb::Database, StoreError> {
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

const VERSION: usize = 12;

pub(super) fn pack(version: Version, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(VERSION + bytes.len());
    out.extend(version.block.to_be_bytes());
    out.extend(version.tx.to_be_bytes());
    out.extend_from_slice(bytes);
    out
}

pub(super) fn unpack(bytes: &[u8]) -> Option<(Version, &[u8])> {
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
