//! Looking at all files of a ledger before anything is written to one of them.

use super::{load_peer, store_error};
use crate::chain::{Chain, ChainError};
use crate::heads::Hashes;
use crate::layout::{Layout, OpenError};
use crate::stores::{PrivateStore, StateStore};
use medveil_collections_config::{MspId, Role};
use medveil_embedded_wire::{Genesis, Hash, Head, Rules};
use medveil_ledger::sha256;
use medveil_msp::{Identity, MspError};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// What the files of a ledger say, once all of them were read.
pub(crate) struct Examined {
    pub(crate) chain: Chain,
    pub(crate) genesis: Genesis,
    pub(crate) anchor: Hash,
    pub(crate) rules: Arc<Rules>,
    pub(crate) peers: BTreeMap<MspId, Identity>,
}

impl Examined {
    /// Reads the chain and every organisation's peer.
    ///
    /// **Errors**: one is damaged or gone.
    pub(crate) fn of_chain(layout: &Layout, now_ms: u64) -> Result<(Self, Vec<Hash>), OpenError> {
        if layout.lost_chain() {
            return Err(OpenError::Gone(layout.chain()));
        }
        let mut chain = Chain::open(&layout.chain())?;
        let genesis = Genesis::from_bytes(chain.genesis())?;
        let anchor = sha256(chain.genesis());
        let rules = Arc::new(genesis.rules()?);
        let blocks = chain.check()?;
        let mut peers = BTreeMap::new();
        for msp_id in rules.msps.ids() {
            check_authority(layout, &rules, msp_id)?;
            let identity = known_peer(layout, &rules, msp_id, now_ms)?;
            peers.insert(msp_id.clone(), identity);
        }
        let examined = Examined {
            chain,
            genesis,
            anchor,
            rules,
            peers,
        };
        Ok((examined, blocks))
    }

    /// Reads everything: also each organisation's stores, which must belong to this chain.
    ///
    /// **Errors**: something is damaged, gone, or an old copy.
    pub(crate) fn of_all(layout: &Layout, now_ms: u64) -> Result<Self, OpenError> {
        let (examined, blocks) = Examined::of_chain(layout, now_ms)?;
        for msp_id in examined.rules.msps.ids() {
            examined.check_stores(layout, msp_id, &blocks)?;
        }
        Ok(examined)
    }

    fn check_stores(
        &self,
        layout: &Layout,
        msp_id: &MspId,
        blocks: &[Hash],
    ) -> Result<(), OpenError> {
        let height = self.chain.height();
        let hashes = Hashes {
            anchor: &self.anchor,
            rules: &self.rules,
            blocks,
        };
        let public = match is_there(&layout.state(msp_id), height)? {
            true => head_of(layout, msp_id)?,
            false => None,
        };
        if let Some(head) = &public {
            let checked = hashes.check(msp_id, head);
            // Where the chain ends in bytes that are no block, the signed block is what they were.
            checked.map_err(|e| self.damaged_end(e))?;
        }
        let public = public.map_or(0, |head| head.number.saturating_add(1));
        let private = match is_there(&layout.private(msp_id), height)? {
            true => private_height(layout, msp_id)?,
            false => 0,
        };
        let behind = |store, blocks| OpenError::Behind {
            msp_id: msp_id.clone(),
            store,
            blocks,
            height,
        };
        // A process that dies leaves one block to be applied, in the private store first.
        if public.saturating_add(1) < height {
            return Err(behind("public state", public));
        }
        match private == public || (private == public.saturating_add(1) && private <= height) {
            true => Ok(()),
            false => Err(behind("private values", private)),
        }
    }

    fn damaged_end(&self, error: OpenError) -> OpenError {
        match error {
            OpenError::Head { what, .. } if what == "is shorter" && self.chain.has_torn_tail() => {
                ChainError::Damaged {
                    part: format!("block {}", self.chain.height()),
                    what: "checksum or length is wrong",
                }
                .into()
            }
            other => other,
        }
    }
}

/// Whether a store is there. Where there are blocks, it must be.
fn is_there(path: &Path, height: u64) -> Result<bool, OpenError> {
    match path.try_exists() {
        Ok(false) if height > 0 => Err(OpenError::Gone(path.to_owned())),
        Ok(found) => Ok(found),
        Err(source) => Err(OpenError::Io {
            path: path.to_owned(),
            source,
        }),
    }
}

/// The head in an organisation's public state, after every page of it was checked.
pub(crate) fn head_of(layout: &Layout, msp_id: &MspId) -> Result<Option<Head>, OpenError> {
    let store = StateStore::look(&layout.state(msp_id)).map_err(store_error(msp_id))?;
    let head = store.snapshot().and_then(|s| s.head());
    head.map_err(store_error(msp_id))
}

/// Blocks that an organisation's private store applied, after every page of it was checked.
pub(crate) fn private_height(layout: &Layout, msp_id: &MspId) -> Result<u64, OpenError> {
    let store = PrivateStore::look(&layout.private(msp_id)).map_err(store_error(msp_id))?;
    // The tables are looked at too.
    let read = store.snapshot().and_then(|_| store.height());
    read.map_err(store_error(msp_id))
}

/// An organisation keeps the authority that the genesis names.
fn check_authority(layout: &Layout, rules: &Rules, msp_id: &MspId) -> Result<(), OpenError> {
    let kept = layout.text(&layout.authority(msp_id))?;
    let known = rules.msps.iter().find(|m| m.msp_id() == msp_id);
    match known.is_some_and(|m| m.root().to_pem() == kept) {
        true => Ok(()),
        false => Err(OpenError::Authority(msp_id.clone())),
    }
}

/// The identity of an organisation's peer, which the channel's rules must know as one.
fn known_peer(
    layout: &Layout,
    rules: &Rules,
    msp_id: &MspId,
    now_ms: u64,
) -> Result<Identity, OpenError> {
    let identity = load_peer(layout, msp_id)?;
    check_peer(&identity, rules, now_ms)?;
    Ok(identity)
}

/// The channel's rules must know an identity as a peer.
pub(crate) fn check_peer(identity: &Identity, rules: &Rules, now_ms: u64) -> Result<(), OpenError> {
    let refused = |source| OpenError::peer(identity.msp_id(), source);
    let member = rules.msps.check(identity.creator(), now_ms);
    match member.map_err(refused)?.role() {
        Role::Peer => Ok(()),
        _ => Err(refused(MspError::Certificate("a peer's"))),
    }
}
