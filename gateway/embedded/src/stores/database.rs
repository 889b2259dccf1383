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
    /// What the system said, where a database failed for that.
    pub fn system(&self) -> Option<&std::io::Error> {
        match self {
            StoreError::Database { source, .. } => match source.as_ref() {
                redb::Error::Io(error) => Some(error),
                _ => None,
            },
            StoreError::Damaged(_) => None,
        }
    }

    /// Whether another process has the database open.
    pub fn is_in_use(&self) -> bool {
        matches!(self, StoreError::Database { source, .. } if matches!(**source, redb::Error::DatabaseAlreadyOpen))
    }

    /// Whether what is stored is not as it was written.
    pub fn is_damage(&self) -> bool {
        use redb::Error as E;
        match self {
            StoreError::Damaged(_) => true,
            StoreError::Database { source, .. } => matches!(
                **source,
                E::Corrupted(_)
                    | E::UpgradeRequired(_)
                    | E::TableDoesNotExist(_)
                    | E::TableTypeMismatch { .. }
                    | E::TypeDefinitionChanged { .. }
            ),
        }
    }

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
    if !must_exist && !path.exists() {
        make(&builder, path)?;
    }
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

/// Makes a file that has its name only when it is a database: what a process that died left under the
/// other name is made anew.
fn make(builder: &redb::Builder, path: &Path) -> Result<(), StoreError> {
    let io = |e: std::io::Error| StoreError::at(path)(redb::StorageError::Io(e));
    let new = path.with_extension("new");
    if new.exists() {
        std::fs::remove_file(&new).map_err(io)?;
    }
    drop(builder.create(&new).map_err(StoreError::at(path))?);
    std::fs::rename(&new, path).map_err(io)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let synced = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(io)
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
