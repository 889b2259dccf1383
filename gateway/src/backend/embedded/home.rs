//! The folder of an embedded ledger: making it, locking it, opening it and catching up.

use super::chain::{Chain, ChainError};
use super::format::{Hash, sha256};
use super::genesis::{Genesis, GenesisError};
use super::order::Ordering;
use super::peer::{ApplyError, Peer};
use super::stores::{PrivateStore, StateStore, StoreError};
use super::validate::Rules;
use super::{EmbeddedLedger, Inner, Options};
use crate::custody::{CustodyError, create_secret_file, read_secret_file, secret_dir, write_file};
use crate::msp::{Certificate, Identity, MspError, SecretKey};
use collections_config::{MspId, Role};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

/// Why a ledger could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("ledger {}: in use by another process: wait until it has ended", .0.display())]
    InUse(PathBuf),
    /// There is none, or there is one already.
    #[error("ledger {}: expected {expected}", path.display())]
    Presence {
        /// Which folder.
        path: PathBuf,
        /// `an existing ledger` or `an empty place`.
        expected: &'static str,
    },
    /// The file system refused.
    #[error("ledger {}: {source}", path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key file could not be written or read.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// The chain file.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The genesis.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// A peer's certificate or key.
    #[error("{msp_id}: peer: {source}")]
    Peer {
        /// Organisation.
        msp_id: MspId,
        /// Why.
        source: MspError,
    },
    /// A store.
    #[error("{msp_id}: {source}")]
    Store {
        /// Organisation.
        msp_id: MspId,
        /// Why.
        source: StoreError,
    },
    /// The chain is not the one that an organisation signed.
    #[error(
        "{msp_id} signed block {number} as its head, and the chain {what}: cut, rewritten or restored from an old copy; run an audit"
    )]
    Head {
        /// Organisation.
        msp_id: MspId,
        /// Block number.
        number: u64,
        /// What the chain does instead.
        what: &'static str,
    },
    /// A block could not be applied while catching up.
    #[error("{msp_id}: block {number}: {source}")]
    CatchUp {
        /// Organisation.
        msp_id: MspId,
        /// Block number.
        number: u64,
        /// Why.
        source: ApplyError,
    },
    /// Organisations came to different verdicts.
    #[error("block {0}: organisations disagree on what is valid: run an audit")]
    Diverged(u64),
    /// The contract does not accept its configuration.
    #[error("{0}: contract: {1}")]
    Contract(MspId, String),
}

/// Names inside the folder.
pub struct Layout(PathBuf);

impl Layout {
    /// The ledger at `root`; nothing is read or made.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Layout(root.into())
    }
    /// The folder.
    pub fn root(&self) -> &Path {
        &self.0
    }
    /// The chain file.
    pub fn chain(&self) -> PathBuf {
        self.0.join("chain")
    }
    /// The lock file.
    pub fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }
    /// One organisation's folder.
    pub fn org(&self, msp_id: &MspId) -> PathBuf {
        self.0.join("orgs").join(msp_id.as_str())
    }
    /// One organisation's public state.
    pub fn state(&self, msp_id: &MspId) -> PathBuf {
        self.org(msp_id).join("state.redb")
    }
    /// One organisation's private values.
    pub fn private(&self, msp_id: &MspId) -> PathBuf {
        self.org(msp_id).join("private.redb")
    }
    /// One organisation's authority.
    pub fn authority(&self, msp_id: &MspId) -> PathBuf {
        self.org(msp_id).join("authority.pem")
    }
    fn peer_certificate(&self, msp_id: &MspId) -> PathBuf {
        self.org(msp_id).join("peer.pem")
    }
    fn peer_key(&self, msp_id: &MspId) -> PathBuf {
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

impl EmbeddedLedger {
    /// Makes a ledger for these organisations: one folder for each, its peer's key in it, and a
    /// chain that holds only the genesis.
    ///
    /// **Errors**: there is one already; the peers are not one for each organisation of the
    /// genesis; the file system refused.
    pub fn create(root: &Path, genesis: &Genesis, peers: &[Identity]) -> Result<(), OpenError> {
        let layout = Layout::new(root);
        secret_dir(root)?;
        let _lock = LockedHome::take(&layout)?;
        if layout.exists() {
            return Err(OpenError::Presence {
                path: root.to_owned(),
                expected: "an empty place",
            });
        }
        let rules = genesis.rules()?;
        let mut ids: Vec<&MspId> = peers.iter().map(Identity::msp_id).collect();
        ids.sort();
        if !ids.into_iter().eq(rules.msps.ids()) {
            return Err(GenesisError::Members.into());
        }
        for peer in peers {
            let id = peer.msp_id();
            let folder = layout.org(id);
            if folder.exists() {
                // Left by a process that died before the chain was there.
                std::fs::remove_dir_all(&folder).map_err(|source| OpenError::Io {
                    path: folder.clone(),
                    source,
                })?;
            }
            secret_dir(&folder)?;
            let certificate = Certificate::from_der(&peer.creator().certificate)
                .map_err(|source| refused(id, source))?;
            write_file(
                &layout.peer_certificate(id),
                certificate.to_pem().as_bytes(),
            )?;
            let root = rules
                .msps
                .iter()
                .find(|m| m.msp_id() == id)
                .map(|m| m.root().to_pem())
                .unwrap_or_default();
            write_file(&layout.authority(id), root.as_bytes())?;
            let key = Zeroizing::new(hex::encode(
                peer.export_key()
                    .map_err(|source| refused(id, source))?
                    .as_slice(),
            ));
            create_secret_file(&layout.peer_key(id), key.as_bytes())?;
        }
        // The commit point of founding: without a chain there is no ledger.
        Ok(Chain::create(&layout.chain(), &genesis.to_bytes())?)
    }

    /// Opens a ledger: checks that the chain is the one every organisation signed, cuts off a last
    /// block that was never whole, and lets each organisation catch up.
    ///
    /// **Errors**: no ledger, in use, damaged, or not the chain that was signed.
    pub fn open(root: &Path, options: Options) -> Result<Self, OpenError> {
        let layout = Layout::new(root);
        if !layout.exists() {
            return Err(OpenError::Presence {
                path: root.to_owned(),
                expected: "an existing ledger",
            });
        }
        let lock = LockedHome::take(&layout)?;
        let mut chain = Chain::open(&layout.chain())?;
        let genesis = Genesis::from_bytes(chain.genesis())?;
        let anchor = sha256(chain.genesis());
        let rules = Arc::new(genesis.rules()?);
        let mut peers = BTreeMap::new();
        for msp_id in rules.msps.ids() {
            let chaincode = (options.chaincode)(&genesis, msp_id)
                .map_err(|e| OpenError::Contract(msp_id.clone(), e))?;
            let identity = load_peer(&layout, &rules, msp_id, options.clock.now_ms())?;
            let stored = |source| OpenError::Store {
                msp_id: msp_id.clone(),
                source,
            };
            let state = StateStore::open(&layout.state(msp_id)).map_err(stored)?;
            let private = PrivateStore::open(&layout.private(msp_id)).map_err(stored)?;
            check_head(&mut chain, &anchor, msp_id, &state)?;
            peers.insert(
                msp_id.clone(),
                Peer::new(identity, chaincode, rules.clone(), state, private),
            );
        }
        chain.cut_torn_tail()?;
        let inner = Inner {
            genesis,
            anchor,
            rules,
            peers,
            clock: options.clock,
            rng: Mutex::new(options.rng),
            faults: options.faults,
            ordering: Ordering::new(chain),
            _lock: lock,
        };
        inner.catch_up()?;
        Ok(EmbeddedLedger(Arc::new(inner)))
    }
}

fn refused(msp_id: &MspId, source: MspError) -> OpenError {
    OpenError::Peer {
        msp_id: msp_id.clone(),
        source,
    }
}

fn load_peer(
    layout: &Layout,
    rules: &Rules,
    msp_id: &MspId,
    now_ms: u64,
) -> Result<Identity, OpenError> {
    let path = layout.peer_certificate(msp_id);
    let pem = std::fs::read_to_string(&path).map_err(|source| OpenError::Io { path, source })?;
    let text = read_secret_file(&layout.peer_key(msp_id), 128)?;
    let bytes =
        Zeroizing::new(hex::decode(text.trim_ascii()).map_err(|_| refused(msp_id, MspError::Key))?);
    let load = || -> Result<Identity, MspError> {
        let identity = Identity::new(
            msp_id.clone(),
            &Certificate::from_pem(&pem)?,
            SecretKey::from_bytes(&bytes)?,
        )?;
        let member = rules.msps.check(identity.creator(), now_ms)?;
        if member.role() == Role::Peer {
            Ok(identity)
        } else {
            Err(MspError::Certificate("a peer's"))
        }
    };
    load().map_err(|source| refused(msp_id, source))
}

/// The head that the organisation kept must be a block of this chain.
fn check_head(
    chain: &mut Chain,
    anchor: &Hash,
    msp_id: &MspId,
    state: &StateStore,
) -> Result<(), OpenError> {
    let head = state.snapshot().and_then(|s| s.head());
    let head = head.map_err(|source| OpenError::Store {
        msp_id: msp_id.clone(),
        source,
    })?;
    let Some(head) = head else { return Ok(()) };
    let refuse = |what| {
        Err(OpenError::Head {
            msp_id: msp_id.clone(),
            number: head.number,
            what,
        })
    };
    if head.genesis != *anchor {
        return refuse("has another genesis");
    }
    if head.number >= chain.height() {
        return refuse("is shorter");
    }
    if chain.block(head.number)?.header.hash() != head.hash {
        return refuse("has another block there");
    }
    Ok(())
}
