//! One command at a time works on a network: whoever changes it holds a lock file beside its
//! folder.

use crate::error::{At, Missing, NetError};
use crate::layout::Layout;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Shows that no other command works on a network. Dropping it releases the network; the system
/// does so when the process ends.
#[derive(Debug)]
pub struct NetworkLock {
    layout: Layout,
    path: PathBuf,
    file: File,
}

impl NetworkLock {
    /// Locks a network, which need not be there yet.
    ///
    /// **Errors**: another command works on it; the file system refused.
    pub fn take(layout: &Layout) -> Result<Self, NetError> {
        let path = layout.lock();
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).at(parent)?;
        }
        loop {
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(&path)
                .at(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => {
                    let folder = layout.root().to_owned();
                    return Err(NetError::Busy { folder });
                }
                Err(TryLockError::Error(e)) => return Err(e).at(&path),
            }
            // Whoever removes a network removes this file too, maybe after it was opened here: then
            // it locks nobody out.
            if is_same(&file, &path) {
                return Ok(NetworkLock {
                    layout: layout.clone(),
                    path,
                    file,
                });
            }
        }
    }

    /// Locks a network that is there, or left something there.
    ///
    /// **Errors**: as [`NetworkLock::take`]; there is not even a folder to look in.
    pub fn take_existing(layout: &Layout) -> Result<Self, NetError> {
        match layout.lock().parent() {
            Some(parent) if parent.is_dir() => NetworkLock::take(layout),
            _ => Err(Missing::network(layout.root()).into()),
        }
    }

    /// Where the locked network lies.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl Drop for NetworkLock {
    fn drop(&mut self) {
        if !self.layout.root().exists() {
            let _ = std::fs::remove_file(&self.path);
        }
        // A process that is being started holds a copy of the open file for a moment, and with it the
        // lock, if only the file were closed.
        let _ = self.file.unlock();
    }
}

fn is_same(file: &File, path: &Path) -> bool {
    let id = |m: std::io::Result<std::fs::Metadata>| m.ok().map(|m| (m.dev(), m.ino()));
    let held = id(file.metadata());
    held.is_some() && held == id(std::fs::metadata(path))
}
