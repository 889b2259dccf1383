//! One command at a time works on a network: whoever changes it holds a lock file beside its
//! folder.

use crate::Say;
use crate::deploy::{Deployed, Deployment};
use crate::error::{At, NetError};
use crate::install::Binaries;
use crate::layout::Layout;
use crate::state::NetState;
use crate::topology::Topology;
use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A network that no other command works on; it is let go when this is dropped, or by the system
/// when the process ends.
#[derive(Debug)]
pub struct Held {
    layout: Layout,
    path: PathBuf,
    _file: File,
}

impl Held {
    /// Takes a network, which need not be there yet.
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
                    return Err(NetError::Input(format!(
                        "another medveil net command works on {}: wait for it",
                        layout.root().display()
                    )));
                }
                Err(TryLockError::Error(e)) => return Err(e).at(&path),
            }
            // Whoever removes a network removes this file too, maybe after it was opened here: then
            // it holds nobody off.
            if is_same(&file, &path) {
                return Ok(Held {
                    layout: layout.clone(),
                    path,
                    _file: file,
                });
            }
        }
    }

    /// Takes a network that is there, or left something there.
    ///
    /// **Errors**: as [`Held::take`]; there is not even a folder to look in.
    pub(crate) fn there(layout: &Layout) -> Result<Self, NetError> {
        match layout.lock().parent() {
            Some(parent) if parent.is_dir() => Held::take(layout),
            _ => Err(NetState::missing(layout)),
        }
    }

    /// As [`crate::up`], for who holds the network already.
    ///
    /// **Errors**: as [`crate::up`].
    pub fn up(
        &self,
        topology: &Topology,
        binaries: &Binaries,
        say: Say<'_>,
    ) -> Result<NetState, NetError> {
        crate::up::up(&self.layout, topology, binaries, say)
    }

    /// As [`crate::deploy`], for who holds the network already.
    ///
    /// **Errors**: as [`crate::deploy`].
    pub fn deploy(
        &self,
        binaries: &Binaries,
        deployment: &Deployment<'_>,
        say: Say<'_>,
    ) -> Result<Deployed, NetError> {
        crate::deploy::deploy(&self.layout, binaries, deployment, say)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if !self.layout.root().exists() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn is_same(file: &File, path: &Path) -> bool {
    let id = |m: std::io::Result<std::fs::Metadata>| m.ok().map(|m| (m.dev(), m.ino()));
    let held = id(file.metadata());
    held.is_some() && held == id(std::fs::metadata(path))
}
