//! Opening the folder of an embedded ledger, and catching up. All of it is read before anything is
//! written: damage is found, and everything stays as it is until the operator decides.

mod examine;

pub(super) use examine::{Examined, check_peer, head_of, private_height};

use super::chain::ChainError;
use super::layout::{Layout, LockedHome, OpenError};
use super::ledger::{EmbeddedLedger, Inner, Options};
use super::order::OrderError;
use super::ordering::Ordering;
use super::peer::Peer;
use super::stores::{Losses, PrivateStore, StateStore, StoreError};
use medveil_collections_config::MspId;
use medveil_custody::read_secret_file;
use medveil_msp::{Certificate, Identity, MspError, SecretKey};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

impl EmbeddedLedger {
    /// Opens a ledger: reads every file of it, checks that the chain is the one every organisation
    /// signed, cuts off a last block that was never whole, and lets each organisation catch up.
    ///
    /// **Errors**: no ledger, in use; damaged, or not the chain that was signed, and nothing was
    /// written.
    pub fn open(root: &Path, options: Options) -> Result<Self, OpenError> {
        let layout = Layout::new(root);
        if !layout.exists() && !layout.lost_chain() {
            return Err(OpenError::Presence {
                path: root.to_owned(),
                expected: "an existing ledger",
            });
        }
        let lock = LockedHome::take(&layout)?;
        let open = || {
            let examined = Examined::of_all(&layout, options.clock.now_ms())?;
            let inner = assemble(&layout, examined, lock, options)?;
            inner.catch_up(Losses::Refused)?;
            Ok(EmbeddedLedger(Arc::new(inner)))
        };
        open().map_err(OpenError::with_advice)
    }
}

/// Opens what was examined, and cuts off a last block that was never whole.
pub(super) fn assemble(
    layout: &Layout,
    examined: Examined,
    lock: LockedHome,
    options: Options,
) -> Result<Inner, OpenError> {
    let Examined {
        mut chain,
        genesis,
        anchor,
        rules,
        peers: identities,
    } = examined;
    let mut peers = BTreeMap::new();
    for (msp_id, identity) in identities {
        let chaincode = (options.chaincode)(&genesis, &msp_id)
            .map_err(|e| OpenError::Contract(msp_id.clone(), e))?;
        let (state, private) = open_stores(layout, &msp_id)?;
        let peer = Peer::new(identity, chaincode, rules.clone(), state, private);
        peers.insert(msp_id, peer);
    }
    chain.cut_torn_tail()?;
    Ok(Inner {
        genesis,
        anchor,
        rules,
        peers,
        clock: options.clock,
        rng: Mutex::new(options.rng),
        faults: options.faults,
        ordering: Ordering::new(chain),
        _lock: lock,
    })
}

impl Inner {
    /// Applies what an organisation has not applied yet, and forgets what was staged for blocks
    /// that never came.
    pub(super) fn catch_up(&self, losses: Losses) -> Result<(), OpenError> {
        let mut state = self.ordering.lock();
        let mut first = state.chain.height();
        for (msp_id, peer) in &self.peers {
            let public = peer.state().snapshot().and_then(|s| s.height());
            let public = public.map_err(store_error(msp_id))?;
            let private = peer.private().height().map_err(store_error(msp_id))?;
            first = first.min(public).min(private);
        }
        let mut previous = match first.checked_sub(1) {
            Some(before) => state.chain.block(before)?.header.hash(),
            None => self.anchor,
        };
        for number in first..state.chain.height() {
            let block = state.chain.block(number)?;
            if block.header.previous != previous {
                return Err(ChainError::Order(number).into());
            }
            previous = block.header.hash();
            self.apply(&block, losses).map_err(|e| match e {
                OrderError::Apply { msp_id, source } => OpenError::CatchUp {
                    msp_id,
                    number,
                    source,
                },
                OrderError::TooLarge(_)
                | OrderError::PrivateValues
                | OrderError::Stopped
                | OrderError::Chain(_)
                | OrderError::Stage { .. }
                | OrderError::Diverged(_)
                | OrderError::Interrupted(_) => OpenError::Diverged(number),
            })?;
        }
        for (msp_id, peer) in &self.peers {
            peer.private()
                .forget_staged()
                .map_err(store_error(msp_id))?;
        }
        Ok(())
    }
}

/// The identity of an organisation's peer, as its folder has it.
pub(super) fn load_peer(layout: &Layout, msp_id: &MspId) -> Result<Identity, OpenError> {
    let path = layout.peer_certificate(msp_id);
    let pem = layout.text(&path)?;
    identity(msp_id, &pem, &peer_key(layout, msp_id)?)
        .map_err(|source| OpenError::peer(msp_id, source))
}

/// The bytes of a peer's key, as its organisation's folder has them.
pub(super) fn peer_key(layout: &Layout, msp_id: &MspId) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let path = layout.peer_key(msp_id);
    let text = match read_secret_file(&path, 128) {
        Err(e) if e.is_not_found() => return Err(OpenError::Gone(path)),
        read => read?,
    };
    let bytes = hex::decode(text.trim_ascii());
    let bytes = bytes.map_err(|_| OpenError::peer(msp_id, MspError::Key))?;
    Ok(Zeroizing::new(bytes))
}

/// A peer's certificate with its key.
pub(super) fn identity(msp_id: &MspId, pem: &str, key: &[u8]) -> Result<Identity, MspError> {
    let certificate = Certificate::from_pem(pem)?;
    Identity::new(msp_id.clone(), &certificate, SecretKey::from_bytes(key)?)
}

pub(super) fn store_error(msp_id: &MspId) -> impl Fn(StoreError) -> OpenError + '_ {
    move |source| OpenError::Store {
        msp_id: msp_id.clone(),
        source,
    }
}

fn open_stores(layout: &Layout, msp_id: &MspId) -> Result<(StateStore, PrivateStore), OpenError> {
    let state = StateStore::open(&layout.state(msp_id)).map_err(store_error(msp_id))?;
    let private = PrivateStore::open(&layout.private(msp_id)).map_err(store_error(msp_id))?;
    Ok((state, private))
}
