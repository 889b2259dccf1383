//! Folders and files that are their owner's alone, whoever made them and whatever copied them.

use super::error::CustodyError;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::Path;

/// Deepest folder that is looked at, below the one that is named.
const MAX_DEPTH: usize = 8;

/// The mode of a file or folder.
#[cfg(unix)]
pub(super) fn mode_of(metadata: &Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o7777
}

#[cfg(not(unix))]
pub(super) fn mode_of(_: &Metadata) -> u32 {
    0o600
}

/// A folder must be its owner's alone.
///
/// **Errors**: it is not there, no folder, or others have any right on it.
pub fn check_folder(path: &Path) -> Result<(), CustodyError> {
    let metadata = fs::metadata(path).map_err(CustodyError::io("look at", path))?;
    let (path, mode) = (path.to_owned(), mode_of(&metadata));
    match (metadata.is_dir(), mode & 0o077) {
        (false, _) => Err(CustodyError::NotAFolder(path)),
        (true, 0) => Ok(()),
        (true, _) => Err(CustodyError::FolderMode { path, mode }),
    }
}

/// A folder, those in it, and their files but the public ones must be their owner's alone. A folder
/// that is not there is no error.
///
/// **Errors**: others have any right on one of them; the file system refused.
pub fn check_private(folder: &Path, is_public: &dyn Fn(&Path) -> bool) -> Result<(), CustodyError> {
    check_at(folder, is_public, 0)
}

fn check_at(
    folder: &Path,
    is_public: &dyn Fn(&Path) -> bool,
    depth: usize,
) -> Result<(), CustodyError> {
    match check_folder(folder) {
        Err(e) if e.is_not_found() => return Ok(()),
        checked => checked?,
    }
    let list = CustodyError::io("list", folder);
    for entry in fs::read_dir(folder).map_err(list)? {
        let path = entry.map_err(CustodyError::io("list", folder))?.path();
        let metadata = match fs::metadata(&path) {
            // Another process of this home removed it.
            Err(e) if e.kind() == ErrorKind::NotFound => continue,
            metadata => metadata.map_err(CustodyError::io("look at", &path))?,
        };
        let mode = mode_of(&metadata);
        if metadata.is_dir() {
            if depth < MAX_DEPTH {
                check_at(&path, is_public, depth + 1)?;
            }
        } else if mode & 0o077 != 0 && !is_public(&path) {
            return Err(CustodyError::Mode { path, mode });
        }
    }
    Ok(())
}
