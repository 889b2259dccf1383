//! The folder of an embedded ledger: its names, its lock, and why it cannot be used.

use super::apply::ApplyError;
use super::chain::ChainError;
use super::stores::StoreError;
use medveil_collections_config::MspId;
use medveil_custody::{CustodyError, is_other_form, read_plain};
use medveil_embedded_wire::GenesisError;
use medveil_ledger::BoxError;
use medveil_msp::MspError;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};

/// Longest certificate.
///
/// **Units**: bytes.
const LONGEST_TEXT: u64 = 1 << 16;

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
        "{msp_id} signed block {number} as its head, and the chain {what}: cut, rewritten or restored from an old copy"
    )]
    Head {
        msp_id: MspId,
        number: u64,
        /// What the chain does instead.
        what: &'static str,
    },
    /// The head is not signed by the organisation's peer.
    #[error("{0}: the head that it keeps is not signed by its peer")]
    Unsigned(MspId),
    /// A file that must be there is not.
    #[error("{}: gone", .0.display())]
    Gone(PathBuf),
    /// The authority that an organisation keeps is another.
    #[error("{0}: authority.pem: not the authority that the genesis names")]
    Authority(MspId),
    /// An old copy of a store.
    #[error("{msp_id}: {store}: {blocks} of {height} blocks: an old copy")]
    Behind {
        msp_id: MspId,
        /// `public state` or `private values`.
        store: &'static str,
        blocks: u64,
        height: u64,
    },
    /// What is kept is not what was written, and nothing was written to it.
    #[error("the ledger is damaged (`medveil ledger repair` mends what it can)")]
    Damage(#[source] Box<OpenError>),
    /// A block could not be applied while catching up.
    #[error("{msp_id}: block {number}")]
    CatchUp {
        msp_id: MspId,
        number: u64,
        source: ApplyError,
    },
    /// Organisations came to different verdicts.
    #[error(
        "block {0}: organisations disagree on what is valid: `medveil ledger audit` says where"
    )]
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

    /// What the system says of a file that this ledger wrote.
    pub(super) fn own_file(path: PathBuf, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::NotFound => OpenError::Gone(path),
            _ => OpenError::Io { path, source },
        }
    }

    /// Damage with what can be done about it.
    pub fn with_advice(self) -> Self {
        match self.is_mendable() {
            true => OpenError::Damage(Box::new(self)),
            false => self,
        }
    }

    /// Whether the system refused, which says nothing of what is stored.
    pub(super) fn is_system(&self) -> bool {
        match self {
            OpenError::Store { source, .. } => !source.is_damage(),
            other => !other.is_mendable(),
        }
    }

    /// Whether a repair may help.
    fn is_mendable(&self) -> bool {
        match self {
            OpenError::Chain(ChainError::Damaged { .. } | ChainError::Order(_))
            | OpenError::Genesis(_)
            | OpenError::Head { .. }
            | OpenError::Unsigned(_)
            | OpenError::Gone(_)
            | OpenError::Authority(_)
            | OpenError::Behind { .. } => true,
            OpenError::Peer { source, .. } => {
                !matches!(source, MspError::Expired(_) | MspError::Revoked(_))
            }
            OpenError::Io { source, .. } => is_other_form(source),
            OpenError::Custody(e) => {
                matches!(e, CustodyError::TooLong { .. } | CustodyError::NotAFile(_))
            }
            OpenError::Store { source, .. } => source.is_damage(),
            OpenError::CatchUp { source, .. } => match source {
                ApplyError::Store(source) => source.is_damage(),
                ApplyError::Lost(_) => true,
                ApplyError::Sign(_) | ApplyError::Stopped(_) => false,
            },
            OpenError::Chain(_)
            | OpenError::InUse(_)
            | OpenError::Presence { .. }
            | OpenError::Occupied(_)
            | OpenError::Diverged(_)
            | OpenError::Contract(..)
            | OpenError::Damage(_) => false,
        }
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
    /// A small text of this ledger, such as a certificate.
    ///
    /// **Errors**: it is gone, too long or no text; the file system refused.
    pub fn text(&self, path: &Path) -> Result<String, OpenError> {
        let bytes = read_plain(path, LONGEST_TEXT);
        let text = bytes.and_then(|bytes| {
            String::from_utf8(bytes).map_err(|e| Error::new(ErrorKind::InvalidData, e))
        });
        text.map_err(|e| OpenError::own_file(path.to_owned(), e))
    }
    /// Whether there is a ledger.
    pub fn exists(&self) -> bool {
        self.chain().is_file()
    }
    /// Whether there was a ledger, and its chain is gone: stores come after the chain.
    pub fn lost_chain(&self) -> bool {
        let orgs = std::fs::read_dir(self.0.join("orgs"));
        let mut orgs = orgs.into_iter().flatten().flatten();
        !self.exists() && orgs.any(|org| org.path().join("state.redb").exists())
    }
    /// What a repair put aside, a folder for each repair.
    pub(super) fn damaged(&self) -> PathBuf {
        self.0.join("damaged")
    }
    /// What repairs did, a line each.
    pub fn repairs(&self) -> PathBuf {
        self.0.join("repairs.log")
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
        let mut options = OpenOptions::new();
        // With both rights a pipe that has the name is opened at once.
        options.create(true).truncate(false).read(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|source| OpenError::Io {
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
