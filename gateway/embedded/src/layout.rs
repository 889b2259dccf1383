//! The folder of an embedded ledger: its names, its lock, and why it cannot be used.

use super::apply::ApplyError;
use super::chain::ChainError;
use super::stores::StoreError;
use medveil_collections_config::MspId;
use medveil_custody::CustodyError;
use medveil_embedded_wire::GenesisError;
use medveil_ledger::BoxError;
use medveil_msp::MspError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// Why a ledger could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("ledger {}: in use by another process: wait until it has ended", .0.display())]
    InUse(PathBuf),
    /// There is none.
    #[error("ledger {}: expected {expected}", path.display())]
    Presence {
        path: PathBuf,
        /// Such as `an existing ledger`.
        expected: &'static str,
    },
    /// There is one already.
    #[error("ledger {}: expected an empty place", .0.display())]
    Occupied(PathBuf),
    #[error("ledger {}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    /// A key file could not be written or read.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// A peer's certificate or key.
    #[error("{msp_id}: peer")]
    Peer { msp_id: MspId, source: MspError },
    #[error("{msp_id}")]
    Store { msp_id: MspId, source: StoreError },
    /// The chain is not the one that an organisation signed.
    #[error(
        "{msp_id} signed block {number} as its head, and the chain {what}: cut, rewritten or restored from an old copy; run an audit"
    )]
    Head {
        msp_id: MspId,
        number: u64,
        /// What the chain does instead.
        what: &'static str,
    },
    /// A block could not be applied while catching up.
    #[error("{msp_id}: block {number}")]
    CatchUp {
        msp_id: MspId,
        number: u64,
        source: ApplyError,
    },
    /// Organisations came to different verdicts.
    #[error("block {0}: organisations disagree on what is valid: run an audit")]
    Diverged(u64),
    /// The contract does not accept its configuration.
    #[error("{0}: contract")]
    Contract(MspId, #[source] BoxError),
}

impl OpenError {
    pub(super) fn peer(msp_id: &MspId, source: MspError) -> Self {
        let msp_id = msp_id.clone();
        OpenError::Peer { msp_id, source }
    }
}

/// Names inside the folder.
pub struct Layout(PathBuf);

impl Layout {
    /// The ledger at `root`; nothing is read or made.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Layout(root.into())
    }
    pub fn root(&self) -> &Path {
        &self.0
    }
    pub fn chain(&self) -> PathBuf {
        self.0.join("chain")
    }
    pub fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }
    pub fn org(&self, msp_id: &MspId) -> PathBuf {
        self.0.join("orgs").join(msp_id.as_str())
    }
    pub fn state(&self, msp_id: &MspId) -> PathBuf {
        self.org(msp_id).join("state.redb")
    }
    pub fn private(&self, msp_id: &MspId) -> PathBuf {
        self.org(msp_id).join("private.redb")
    }
    pub fn authority(&self, msp_id: &MspId) -> PathBuf {
        self.org(msp_id).join("authority.pem")
    }
    pub(super) fn peer_certificate(&self, msp_id: &MspId) -> PathBuf {
        self.org(msp_id).join("peer.pem")
    }
    pub(super) fn peer_key(&self, msp_id: &MspId) -> PathBuf {
        self.org(msp_id).join("peer.key")
    }
    /// Whether there is a ledger.
    pub fn exists(&self) -> bool {
        self.chain().is_file()
    }
}

/// The folder while this process holds it.
pub struct LockedHome(File);

impl LockedHome {
    /// Takes the folder for this process, until dropped.
    ///
    /// **Errors**: another process has it.
    pub fn take(layout: &Layout) -> Result<Self, OpenError> {
        let path = layout.lock();
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = file.map_err(|source| OpenError::Io {
            path: path.clone(),
            source,
        })?;
        match file.try_lock() {
            Ok(()) => Ok(LockedHome(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(layout.root().to_owned())),
            Err(TryLockError::Error(source)) => Err(OpenError::Io { path, source }),
        }
    }
}

impl Drop for LockedHome {
    fn drop(&mut self) {
        // The system frees it with the file at the latest.
        let _ = self.0.unlock();
    }
}
