//! What every organisation keeps, read once.

use crate::report::Report;
use medveil_collections_config::{CollectionName, MspId, error_chain};
use medveil_embedded::{Layout, PrivateSnapshot, PrivateStore, StateDump, StateStore, StoreError};
use medveil_embedded_wire::{Hash, Head, Rules};
use medveil_ledger::sha256;
use std::collections::BTreeMap;

/// What one organisation keeps.
pub(super) struct OrgStores {
    pub(super) msp_id: MspId,
    pub(super) height: u64,
    pub(super) head: Option<Head>,
    pub(super) state: StateDump,
    pub(super) private_height: u64,
    private: PrivateSnapshot,
    /// A snapshot can be read as long as its database is open.
    _open: (StateStore, PrivateStore),
    /// Collection and hash of the key, to the key and the hash of the value.
    pub(super) values: BTreeMap<(String, Hash), (String, Hash)>,
}

/// What all organisations keep.
pub(super) struct Stores(pub(super) Vec<OrgStores>);

impl Stores {
    /// Reads every organisation's stores; what cannot be read is a finding.
    pub(super) fn open(layout: &Layout, rules: &Rules, report: &mut Report) -> Self {
        let mut stores = Vec::new();
        for msp_id in rules.msps.ids() {
            match read(layout, msp_id) {
                Ok(found) => stores.push(found),
                Err(e) => report.find(msp_id, "store", error_chain(&e)),
            }
        }
        Stores(stores)
    }

    /// The key and the value behind two hashes, where this organisation keeps them.
    pub(super) fn private_value(
        &self,
        msp_id: &MspId,
        collection: &CollectionName,
        key: &Hash,
        value: &Hash,
    ) -> Option<(String, Vec<u8>)> {
        let kept = self.0.iter().find(|k| k.msp_id == *msp_id)?;
        let (name, hash) = kept.values.get(&(collection.to_string(), *key))?;
        if hash != value {
            return None;
        }
        let bytes = kept.private.value(collection, name).ok()??;
        (sha256(&bytes) == *value).then(|| (name.clone(), bytes))
    }
}

fn read(layout: &Layout, msp_id: &MspId) -> Result<OrgStores, StoreError> {
    let public = StateStore::look(&layout.state(msp_id))?;
    let state = public.snapshot()?;
    let store = PrivateStore::look(&layout.private(msp_id))?;
    let private = store.snapshot()?;
    let entries = private.entries()?.into_iter();
    let values = entries
        .map(|(collection, key, hash)| ((collection, sha256(key.as_bytes())), (key, hash)))
        .collect();
    let head = state.head()?;
    let (height, private_height) = (state.height()?, store.height()?);
    let state = state.dump()?;
    Ok(OrgStores {
        msp_id: msp_id.clone(),
        height,
        head,
        state,
        private_height,
        private,
        _open: (public, store),
        values,
    })
}
