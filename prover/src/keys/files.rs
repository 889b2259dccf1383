//! Files of the store: read within a bound, and put in the place of others as a whole.

use super::KeyStoreError;
use medveil_circuits::field::Digest;
use std::fs::{DirBuilder, File, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::NamedTempFile;

/// Longest verifying key or entry: a key of a thousand inputs has 70 KiB.
///
/// **Units**: bytes.
const LONGEST: u64 = 1 << 20;

/// Reads a small file of the store.
pub(super) fn read(
    path: &Path,
    kind: &'static str,
    digest: Digest,
) -> Result<Vec<u8>, KeyStoreError> {
    let mut bytes = Vec::new();
    let file = File::open(path);
    let read = file.and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes));
    read.map_err(|source| match source.kind() {
        ErrorKind::NotFound => KeyStoreError::Missing { kind, digest },
        _ => KeyStoreError::Io {
            path: path.to_owned(),
            source,
        },
    })?;
    match bytes.len() as u64 > LONGEST {
        true => Err(KeyStoreError::Damaged {
            path: path.to_owned(),
            expected: "a file of the store, of at most 1 MiB",
        }),
        false => Ok(bytes),
    }
}

/// Makes a folder and those above it, unless it is there.
pub(super) fn make_folder(builder: &mut DirBuilder, dir: &Path) -> Result<(), KeyStoreError> {
    let made = builder.recursive(true).create(dir);
    made.map_err(|source| KeyStoreError::Io {
        path: dir.to_owned(),
        source: match source.kind() {
            // Something else stands there.
            ErrorKind::AlreadyExists => ErrorKind::NotADirectory.into(),
            _ => source,
        },
    })
}

/// Modes of files: a proving key is never written again.
pub(super) const OWN: u32 = 0o600;
pub(super) const READ_ONLY: u32 = 0o400;

/// Puts a file in the place of what is there, and gives it.
pub(super) fn write_atomically(
    path: &Path,
    bytes: &[u8],
    mode: u32,
) -> Result<File, KeyStoreError> {
    let io = |source| KeyStoreError::Io {
        path: path.to_owned(),
        source,
    };
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    let mut file = builder.prefix(".medveil-").tempfile_in(dir).map_err(io)?;
    // Whoever sweeps a home leaves what is locked.
    file.as_file().try_lock().map_err(|e| io(e.into()))?;
    file.write_all(bytes).map_err(io)?;
    let mode = Permissions::from_mode(mode);
    file.as_file().set_permissions(mode).map_err(io)?;
    file.as_file().sync_all().map_err(io)?;
    file.persist(path).map_err(|e| io(e.error))
}

/// A copy that has no name yet: it is gone when it is dropped.
pub(super) struct Copy(NamedTempFile);

impl Copy {
    pub fn as_file(&self) -> &File {
        self.0.as_file()
    }

    /// Gives it its name.
    pub fn keep(self, path: &Path, mode: u32) -> std::io::Result<File> {
        let mode = Permissions::from_mode(mode);
        self.0.as_file().set_permissions(mode)?;
        self.0.as_file().sync_all()?;
        self.0.persist(path).map_err(|e| e.error)
    }
}

/// Copies a file of at most so many bytes into a folder.
pub(super) fn copy_atomically(dir: &Path, file: File, limit: u64) -> std::io::Result<Copy> {
    let mut builder = tempfile::Builder::new();
    let mut copy = builder.prefix(".medveil-").tempfile_in(dir)?;
    copy.as_file().try_lock()?;
    let copied = std::io::copy(&mut file.take(limit + 1), copy.as_file_mut())?;
    match copied > limit {
        true => Err(ErrorKind::FileTooLarge.into()),
        false => Ok(Copy(copy)),
    }
}
