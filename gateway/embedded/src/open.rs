//! Opening the folder of an embedded ledger, and catching up.

use super::chain::{Chain, ChainError};
use super::layout::{Layout, LockedHome, OpenError};
use super::ledger::{EmbeddedLedger, Inner, Options};
use super::order::OrderError;
use super::ordering::Ordering;
use super::peer::Peer;
use super::stores::{PrivateStore, StateStore, StoreError};
use medveil_collections_config::{MspId, Role};
use medveil_custody::read_secret_file;
use medveil_embedded_wire::{Genesis, Hash, Rules};
use medveil_ledger::sha256;
use medveil_msp::{Certificate, Identity, MspError, SecretKey};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

impl EmbeddedLedger {
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
            let identity = known_peer(&layout, &rules, msp_id, options.clock.now_ms())?;
            let (state, private) = open_stores(&layout, msp_id)?;
            check_head(&mut chain, &anchor, msp_id, &state)?;
            let peer = Peer::new(identity, chaincode, rules.clone(), state, private);
            peers.insert(msp_id.clone(), peer);
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

impl Inner {
    /// Applies what an organisation has not applied yet, and forgets what was staged for blocks
    /// that never came.
    pub(super) fn catch_up(&self) -> Result<(), OpenError> {
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
            self.apply(&block).map_err(|e| match e {
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
    let pem = std::fs::read_to_string(&path).map_err(|source| OpenError::Io { path, source })?;
    let text = read_secret_file(&layout.peer_key(msp_id), 128)?;
    let bytes = Zeroizing::new(
        hex::decode(text.trim_ascii()).map_err(|_| OpenError::peer(msp_id, MspError::Key))?,
    );
    let load = || -> Result<Identity, MspError> {
        let certificate = Certificate::from_pem(&pem)?;
        Identity::new(msp_id.clone(), &certificate, SecretKey::from_bytes(&bytes)?)
    };
    load().map_err(|source| OpenError::peer(msp_id, source))
}

/// The identity of an organisation's peer, which the channel's rules must know as one.
fn known_peer(
    layout: &Layout,
    rules: &Rules,
    msp_id: &MspId,
    now_ms: u64,
) -> Result<Identity, OpenError> {
    let identity = load_peer(layout, msp_id)?;
    let refused = |source| OpenError::peer(msp_id, source);
    let member = rules.msps.check(identity.creator(), now_ms);
    if member.map_err(refused)?.role() == Role::Peer {
        return Ok(identity);
    }
    Err(refused(MspError::Certificate("a peer's")))
}

fn store_error(msp_id: &MspId) -> impl Fn(StoreError) -> OpenError + '_ {
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

/// The head that the organisation kept must be a block of this chain.
fn check_head(
    chain: &mut Chain,
    anchor: &Hash,
    msp_id: &MspId,
    state: &StateStore,
) -> Result<(), OpenError> {
    let head = state.snapshot().and_then(|s| s.head());
    let Some(head) = head.map_err(store_error(msp_id))? else {
        return Ok(());
    };
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
