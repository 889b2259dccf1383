//! Temporary files that take their name when they are whole, and what killed processes left of them.
//!
//! A process holds a lock on each temporary file that it writes, which ends with the process: whoever
//! gets the lock may remove the file.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use tempfile::NamedTempFile;

/// What names of temporary files begin with.
pub(super) const PREFIX: &str = ".medveil-";
/// Deepest folder that is swept, below the one that is named.
const MAX_DEPTH: usize = 8;

/// Makes a temporary file, mode 0600, that is this process's until it has another name.
///
/// **Errors**: the file system refused.
pub fn staged_in(folder: &Path) -> io::Result<NamedTempFile> {
    loop {
        let mut builder = tempfile::Builder::new();
        let staged = builder.prefix(PREFIX).tempfile_in(folder)?;
        // Whoever swept in between had the lock, or has it yet.
        if staged.as_file().try_lock().is_ok() && is_named(staged.as_file())? {
            return Ok(staged);
        }
    }
}

/// Whether a file still has a name.
///
/// **Errors**: the file system refused.
pub fn is_named(file: &File) -> io::Result<bool> {
    let metadata = file.metadata()?;
    #[cfg(unix)]
    return Ok(std::os::unix::fs::MetadataExt::nlink(&metadata) > 0);
    #[cfg(not(unix))]
    Ok(metadata.is_file())
}

/// Removes what killed processes left half-written in a folder and in those below it. What cannot be
/// looked at or removed stays: it is in nobody's way.
pub fn sweep(folder: &Path) {
    sweep_at(folder, 0);
}

fn sweep_at(folder: &Path, depth: usize) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        let is_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if kind.is_dir() && depth < MAX_DEPTH {
            sweep_at(&entry.path(), depth + 1);
        } else if kind.is_file() && is_ours {
            let file = OpenOptions::new().write(true).open(entry.path());
            if file.is_ok_and(|file| file.try_lock().is_ok()) {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn what_is_written_stays_and_what_was_left_goes() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        let left = inner.join(".medveil-left");
        fs::write(&left, "half").unwrap();
        fs::write(inner.join("whole"), "whole").unwrap();
        let staged = staged_in(&inner).unwrap();
        sweep(folder.path());
        assert!(!left.exists() && inner.join("whole").exists());
        assert!(staged.path().exists());
        staged.persist(inner.join("named")).unwrap();
        sweep(folder.path());
        assert!(inner.join("named").exists());
    }
}
