//! Opening a database file, the door in front of the library that reads it, and the form of entries.
//!
//! A page has a checksum, which the library looks at when it is asked to. So every file is looked at
//! whole before it is opened: over memory, where neither the check nor a repair changes it. A file
//! that a killed process left is one that the library repairs for itself; that is no damage.

use super::overlay::Overlay;
use super::quiet::behind_the_door;
use medveil_custody::is_other_form;
use medveil_embedded_wire::Version;
use redb::{Builder, Database, Error as Redb, StorageError};
use std::path::{Path, PathBuf};

/// Why a store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("database {}", path.display())]
    Database {
        path: PathBuf,
        source: Box<redb::Error>,
    },
    /// The library stopped in the middle, as it does in front of changed pages.
    #[error("database {}: damaged", .0.display())]
    Stopped(PathBuf),
    /// A file without content.
    #[error("database {}: damaged: the file is empty", .0.display())]
    Empty(PathBuf),
    /// An entry cannot be read.
    #[error("entry {0}: damaged")]
    Damaged(String),
}

impl StoreError {
    /// What the system said, where a database failed for that.
    pub fn system(&self) -> Option<&std::io::Error> {
        match self {
            StoreError::Database { source, .. } => match source.as_ref() {
                Redb::Io(error) => Some(error),
                _ => None,
            },
            StoreError::Stopped(_) | StoreError::Empty(_) | StoreError::Damaged(_) => None,
        }
    }

    /// Whether another process has the database open.
    pub fn is_in_use(&self) -> bool {
        matches!(self, StoreError::Database { source, .. } if matches!(**source, Redb::DatabaseAlreadyOpen))
    }

    /// Whether what is stored is not as it was written.
    pub fn is_damage(&self) -> bool {
        match self {
            StoreError::Stopped(_) | StoreError::Empty(_) | StoreError::Damaged(_) => true,
            StoreError::Database { source, .. } => match source.as_ref() {
                Redb::Corrupted(_)
                | Redb::UpgradeRequired(_)
                | Redb::TableDoesNotExist(_)
                | Redb::TableTypeMismatch { .. }
                | Redb::TypeDefinitionChanged { .. } => true,
                Redb::Io(e) => is_other_form(e),
                _ => false,
            },
        }
    }

    pub(super) fn at<E: Into<redb::Error>>(path: &Path) -> impl Fn(E) -> StoreError + '_ {
        move |e| StoreError::Database {
            path: path.to_owned(),
            source: Box::new(e.into()),
        }
    }
}

/// Runs what reads or writes the database at `path`.
///
/// **Errors**: those of the work; it panicked.
pub(super) fn guarded<T>(
    path: &Path,
    work: impl FnOnce() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    behind_the_door(work).unwrap_or_else(|| Err(StoreError::Stopped(path.to_owned())))
}

/// As [`guarded`], for work that fails with the library's errors.
pub(super) fn guarded_raw<T>(
    path: &Path,
    work: impl FnOnce() -> Result<T, redb::Error>,
) -> Result<T, StoreError> {
    guarded(path, || work().map_err(StoreError::at(path)))
}

/// An open database behind the door.
pub(super) struct Base {
    /// Taken when it is dropped.
    db: Option<Database>,
    path: PathBuf,
}

impl Base {
    /// Opens a file; makes it with its tables where there is none.
    ///
    /// **Errors**: the database refused.
    pub(super) fn open(
        path: &Path,
        tables: impl FnOnce(&Database) -> Result<(), Redb>,
    ) -> Result<Self, StoreError> {
        Base::new(path, || open(path, tables))
    }

    /// Checks a file and opens it for reading: what is written stays in memory.
    ///
    /// **Errors**: there is none, or it is damaged.
    pub(super) fn look(path: &Path) -> Result<Self, StoreError> {
        Base::over(path, true)
    }

    /// As [`Base::look`], for a file whose pages may be damaged.
    ///
    /// **Errors**: nothing of it can be read.
    pub(super) fn leftovers(path: &Path) -> Result<Self, StoreError> {
        Base::over(path, false)
    }

    fn over(path: &Path, check: bool) -> Result<Self, StoreError> {
        let io = |e| StoreError::at(path)(StorageError::Io(e));
        if std::fs::metadata(path).map_err(io)?.len() == 0 {
            return Err(StoreError::Empty(path.to_owned()));
        }
        let overlay = Overlay::over(path).map_err(io)?;
        Base::new(path, || {
            let mut builder = builder();
            builder.set_check_integrity_on_open(check);
            let db = builder.create_with_backend(overlay);
            db.map_err(StoreError::at(path))
        })
    }

    fn new(
        path: &Path,
        open: impl FnOnce() -> Result<Database, StoreError>,
    ) -> Result<Self, StoreError> {
        Ok(Base {
            db: Some(guarded(path, open)?),
            path: path.to_owned(),
        })
    }

    /// Runs work on the database.
    ///
    /// **Errors**: those of the work; it panicked.
    pub(super) fn run<T>(
        &self,
        work: impl FnOnce(&Database) -> Result<T, redb::Error>,
    ) -> Result<T, StoreError> {
        let db = self.db.as_ref();
        let db = db.ok_or_else(|| StoreError::Stopped(self.path.clone()))?;
        guarded_raw(&self.path, || work(db))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Base {
    fn drop(&mut self) {
        let db = self.db.take();
        // A database that stopped once may stop again while it is closed.
        let _ = behind_the_door(|| drop(db));
    }
}

/// Memory that one open database may use for caching.
///
/// **Units**: bytes.
const CACHE: usize = 32 << 20;

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE);
    builder
}

fn open(
    path: &Path,
    tables: impl FnOnce(&Database) -> Result<(), Redb>,
) -> Result<Database, StoreError> {
    let builder = builder();
    if !path.exists() {
        make(&builder, path, tables)?;
    }
    builder.open(path).map_err(StoreError::at(path))
}

/// Makes a file that has its name only when it is a database with its tables: what a process that died left under the
/// other name is made anew.
fn make(
    builder: &Builder,
    path: &Path,
    tables: impl FnOnce(&Database) -> Result<(), Redb>,
) -> Result<(), StoreError> {
    let io = |e: std::io::Error| StoreError::at(path)(StorageError::Io(e));
    let new = path.with_extension("new");
    if new.exists() {
        std::fs::remove_file(&new).map_err(io)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // An empty file becomes a database, and keeps its mode.
    options.open(&new).map_err(io)?;
    let db = builder.create(&new).map_err(StoreError::at(path))?;
    tables(&db).map_err(StoreError::at(path))?;
    drop(db);
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
