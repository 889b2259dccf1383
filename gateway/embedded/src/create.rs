//! Making the folder of an embedded ledger.

use super::chain::Chain;
use super::layout::{Layout, LockedHome, OpenError};
use super::ledger::EmbeddedLedger;
use medveil_collections_config::MspId;
use medveil_custody::{create_secret_file, secret_dir, write_file};
use medveil_embedded_wire::{Genesis, GenesisError, Rules};
use medveil_msp::{Certificate, Identity};
use std::path::Path;
use zeroize::Zeroizing;

impl EmbeddedLedger {
    /// What a ledger begins with; none where there is no ledger. Nothing is opened for writing.
    ///
    /// **Errors**: the beginning of the chain's file is damaged, or the file is gone.
    pub fn genesis_at(root: &Path) -> Result<Option<Genesis>, OpenError> {
        let layout = Layout::new(root);
        let read = || match layout.exists() {
            false if layout.lost_chain() => Err(OpenError::Gone(layout.chain())),
            false => Ok(None),
            true => Ok(Some(Genesis::from_bytes(&Chain::genesis_of(
                &layout.chain(),
            )?)?)),
        };
        read().map_err(OpenError::with_advice)
    }

    /// Makes a ledger for these organisations: one folder for each, its peer's key in it, and a
    /// chain that holds only the genesis.
    ///
    /// **Errors**: there is one already; the peers are not one for each organisation of the
    /// genesis; the file system refused.
    pub fn create(root: &Path, genesis: &Genesis, peers: &[Identity]) -> Result<(), OpenError> {
        let layout = Layout::new(root);
        secret_dir(root)?;
        let _lock = LockedHome::take(&layout)?;
        if layout.exists() || layout.lost_chain() {
            return Err(OpenError::Occupied(root.to_owned()));
        }
        let rules = genesis.rules()?;
        let mut ids: Vec<&MspId> = peers.iter().map(Identity::msp_id).collect();
        ids.sort();
        if !ids.into_iter().eq(rules.msps.ids()) {
            return Err(GenesisError::Members.into());
        }
        for peer in peers {
            create_org(&layout, &rules, peer)?;
        }
        // The commit point of founding: without a chain there is no ledger.
        Ok(Chain::create(&layout.chain(), &genesis.to_bytes())?)
    }
}

/// Makes one organisation's folder with its authority and its peer's certificate and key.
fn create_org(layout: &Layout, rules: &Rules, peer: &Identity) -> Result<(), OpenError> {
    let id = peer.msp_id();
    let refused = |source| OpenError::peer(id, source);
    let folder = layout.org(id);
    if folder.exists() {
        // Left by a process that died before the chain was there.
        std::fs::remove_dir_all(&folder).map_err(|source| OpenError::Io {
            path: folder.clone(),
            source,
        })?;
    }
    secret_dir(&folder)?;
    let certificate = Certificate::from_der(&peer.creator().certificate).map_err(refused)?;
    write_file(
        &layout.peer_certificate(id),
        certificate.to_pem().as_bytes(),
    )?;
    let msp = rules.msps.iter().find(|m| m.msp_id() == id);
    let root = msp.map(|m| m.root().to_pem()).unwrap_or_default();
    write_file(&layout.authority(id), root.as_bytes())?;
    let key = peer.export_key().map_err(refused)?;
    let key = Zeroizing::new(hex::encode(key.as_slice()));
    Ok(create_secret_file(&layout.peer_key(id), key.as_bytes())?)
}
