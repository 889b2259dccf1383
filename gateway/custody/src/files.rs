//! Files that only their owner can read, written as a whole or not at all.
//!
//! A write goes to a temporary file in the same folder, is synced, and takes its name by a rename;
//! then the folder is synced. A crash leaves the old file or the new one.

use super::error::CustodyError;
use super::given::{is_other_form, open_plain};
use super::modes::{check_folder, mode_of};
use super::staged::staged_in;
use std::fs::{self, DirBuilder, File};
use std::io::{BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// Bytes of a secret: zeroised when dropped.
pub type SecretBytes = zeroize::Zeroizing<Vec<u8>>;

/// Longest secret file.
///
/// **Units**: bytes.
pub const MAX_SECRET_FILE: u64 = 1 << 30;

/// Makes a folder (and its parents) that only its owner can enter, whatever the process's mask says.
///
/// **Errors**: the file system refused; or it exists, and others have any right on it.
pub fn secret_dir(path: &Path) -> Result<(), CustodyError> {
    // The mask takes rights away; what it took from this folder's owner is given back.
    make_folder(path)?;
    check_folder(path)
}

/// Makes a folder after its parents, each of mode 0700 where it is new.
fn make_folder(path: &Path) -> Result<(), CustodyError> {
    if path.exists() {
        return Ok(());
    }
    let above = parent(path);
    make_folder(above)?;
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        // Another process of this home made it in between, and sets its mode.
        Err(e) if e.kind() == ErrorKind::AlreadyExists => return Ok(()),
        made => made.map_err(CustodyError::io("make folder", path))?,
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::Permissions::from_mode(0o700);
        fs::set_permissions(path, mode).map_err(CustodyError::io("set mode of", path))?;
    }
    sync_folder(above)
}

/// Writes or replaces a secret file, mode 0600.
///
/// **Errors**: the name is that of a folder or a device, or the file system refused; what was there
/// is then unchanged.
pub fn write_secret_file(path: &Path, bytes: &[u8]) -> Result<(), CustodyError> {
    // Temporary files are made with mode 0600, and a rename keeps it.
    let path = &place(path)?;
    finish(stage(path, bytes)?, path, true)
}

/// Writes a secret file, mode 0600, that must not exist yet.
///
/// **Errors**: it exists, or the file system refused.
pub fn create_secret_file(path: &Path, bytes: &[u8]) -> Result<(), CustodyError> {
    finish(stage(path, bytes)?, path, false)
}

/// A secret file, mode 0600, that is written in parts. Until it is finished it has another name than
/// the one that readers know; what a crash leaves under that name, the next one replaces.
pub struct SecretParts {
    file: BufWriter<File>,
    path: PathBuf,
}

impl SecretParts {
    /// Begins a file; what it had is gone.
    ///
    /// **Errors**: the name is that of a link, a folder or a device, or the file system refused.
    pub fn begin(path: &Path) -> Result<Self, CustodyError> {
        if let Ok(metadata) = fs::symlink_metadata(path) {
            if !metadata.is_file() {
                return Err(CustodyError::NotAFile(path.to_owned()));
            }
            fs::remove_file(path).map_err(CustodyError::io("remove", path))?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(CustodyError::io("make", path))?;
        Ok(SecretParts {
            file: BufWriter::new(file),
            path: path.to_owned(),
        })
    }

    /// Writes behind what was written.
    ///
    /// **Errors**: the file system refused.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), CustodyError> {
        self.file
            .write_all(bytes)
            .map_err(CustodyError::io("write", &self.path))
    }

    /// Gives the file the name that readers know, in place of what had it.
    ///
    /// **Errors**: the file system refused; what had the name is then unchanged.
    pub fn finish(mut self, name: &Path) -> Result<(), CustodyError> {
        let path = &self.path;
        self.file
            .flush()
            .and_then(|()| self.file.get_ref().sync_all())
            .map_err(CustodyError::io("sync", path))?;
        fs::rename(path, name).map_err(CustodyError::io("name", name))?;
        sync_folder(parent(name))
    }
}

/// Writes or replaces an ordinary file as a whole, mode 0644.
///
/// **Errors**: the name is that of a folder or a device, or the file system refused; what was there
/// is then unchanged.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), CustodyError> {
    let path = &place(path)?;
    let staged = stage(path, bytes)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::Permissions::from_mode(0o644);
        staged
            .as_file()
            .set_permissions(mode)
            .map_err(CustodyError::io("set mode of", path))?;
    }
    finish(staged, path, true)
}

/// Reads a secret file.
///
/// **Errors**: group or others have any right on it, it is no plain file, it is longer than
/// `limit`, or the file system refused.
pub fn read_secret_file(path: &Path, limit: u64) -> Result<SecretBytes, CustodyError> {
    let file = open_plain(path).map_err(|source| match is_other_form(&source) {
        true => CustodyError::NotAFile(path.to_owned()),
        false => CustodyError::io("open", path)(source),
    })?;
    let metadata = file.metadata().map_err(CustodyError::io("look at", path))?;
    let mode = mode_of(&metadata);
    if mode & 0o077 != 0 {
        return Err(CustodyError::Mode {
            path: path.to_owned(),
            mode,
        });
    }
    if metadata.len() > limit {
        return Err(CustodyError::TooLong {
            path: path.to_owned(),
            limit,
        });
    }
    let bytes = read_whole(file, metadata.len()).map_err(CustodyError::io("read", path))?;
    if bytes.len() as u64 > metadata.len() {
        return Err(CustodyError::Format {
            path: path.to_owned(),
            expected: "a file that nobody writes to while it is read",
        });
    }
    Ok(bytes)
}

/// Reads into the one buffer that is overwritten when it is dropped, and one byte more than there
/// should be. `read_to_end` would look for the end through a buffer of its own, which nobody
/// overwrites.
fn read_whole(mut file: File, len: u64) -> std::io::Result<SecretBytes> {
    let mut bytes = SecretBytes::new(vec![0; len as usize + 1]);
    let mut n = 0;
    while let Some(room) = bytes.get_mut(n..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) => break,
            Ok(read) => n += read,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    bytes.truncate(n);
    Ok(bytes)
}

pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Where a file of this name is to be written: behind links, and never in place of a device.
pub(super) fn place(path: &Path) -> Result<PathBuf, CustodyError> {
    if let Err(error) = fs::symlink_metadata(path) {
        return match error.kind() {
            std::io::ErrorKind::NotFound => Ok(path.to_owned()),
            _ => Err(CustodyError::io("look at", path)(error)),
        };
    }
    let real = fs::canonicalize(path).map_err(CustodyError::io("look at", path))?;
    match real.is_file() {
        true => Ok(real),
        false => Err(CustodyError::NotAFile(path.to_owned())),
    }
}

fn stage(path: &Path, bytes: &[u8]) -> Result<NamedTempFile, CustodyError> {
    let folder = parent(path);
    fs::metadata(folder).map_err(CustodyError::io("look at folder", folder))?;
    let mut file =
        staged_in(folder).map_err(CustodyError::io("make a temporary file for", path))?;
    file.write_all(bytes)
        .map_err(CustodyError::io("write", path))?;
    file.as_file()
        .sync_all()
        .map_err(CustodyError::io("sync", path))?;
    Ok(file)
}

fn finish(staged: NamedTempFile, path: &Path, replace: bool) -> Result<(), CustodyError> {
    let done = if replace {
        staged.persist(path)
    } else {
        staged.persist_noclobber(path)
    };
    if let Err(e) = done {
        return Err(match e.error.kind() {
            std::io::ErrorKind::AlreadyExists => CustodyError::Exists(path.to_owned()),
            _ => CustodyError::io("name", path)(e.error),
        });
    }
    sync_folder(parent(path))
}

/// Names in a folder are as durable as what they name.
///
/// **Errors**: the file system refused.
pub fn sync_folder(folder: &Path) -> Result<(), CustodyError> {
    File::open(folder)
        .and_then(|dir| dir.sync_all())
        .map_err(CustodyError::io("sync folder", folder))
}
