//! Comparing what every organisation keeps with what the chain says.

use super::replay::Replay;
use crate::backend::embedded::{
    Hash, Head, Layout, PrivateSnapshot, PrivateStore, StateDump, StateStore, StoreError, sha256,
};
use collections_config::{CollectionName, MspId, Role};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What an organisation keeps, read once.
struct Kept {
    msp_id: MspId,
    height: u64,
    head: Option<Head>,
    state: StateDump,
    private_height: u64,
    private: PrivateSnapshot,
    /// A snapshot can be read as long as its database is open.
    _open: (StateStore, PrivateStore),
    /// Collection and hash of the key, to the key and the hash of the value.
    values: BTreeMap<(String, Hash), (String, Hash)>,
}

/// What all organisations keep.
pub(super) struct Stores(Vec<Kept>);

impl Stores {
    /// Reads every organisation's stores; what cannot be read is a finding.
    pub(super) fn open(layout: &Layout, replay: &mut Replay) -> Self {
        let mut kept = Vec::new();
        for msp_id in replay.rules.msps.ids().cloned().collect::<Vec<_>>() {
            // A database whose pages were changed may stop in the middle of a read.
            match catch_unwind(AssertUnwindSafe(|| read(layout, &msp_id))) {
                Ok(Ok(found)) => kept.push(found),
                Ok(Err(e)) => replay.report.find(&msp_id, "store", e),
                Err(_) => replay
                    .report
                    .find(&msp_id, "store", "the database is damaged"),
            }
        }
        Stores(kept)
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
        let found = catch_unwind(AssertUnwindSafe(|| kept.private.value(collection, name)));
        let bytes = found.ok()?.ok()??;
        (sha256(&bytes) == *value).then(|| (name.clone(), bytes))
    }
}

fn read(layout: &Layout, msp_id: &MspId) -> Result<Kept, StoreError> {
    let public = StateStore::open_existing(&layout.state(msp_id))?;
    let state = public.snapshot()?;
    let store = PrivateStore::open_existing(&layout.private(msp_id))?;
    let private = store.snapshot()?;
    let entries = private.entries()?.into_iter();
    let values = entries
        .map(|(collection, key, hash)| ((collection, sha256(key.as_bytes())), (key, hash)))
        .collect();
    let head = state.head()?;
    let (height, private_height) = (state.height()?, store.height()?);
    let state = state.dump()?;
    Ok(Kept {
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

/// Compares every organisation with the rebuilt state.
pub(super) fn compare(stores: &Stores, replay: &mut Replay) {
    let rebuilt = replay.memory.dump();
    for kept in &stores.0 {
        compare_head(kept, replay);
        // What was rebuilt in part says nothing about the rest.
        if !replay.complete {
            continue;
        }
        let blocks = replay.report.blocks;
        for (store, height) in [
            ("public state", kept.height),
            ("private values", kept.private_height),
        ] {
            if height != blocks {
                let what = format!(
                    "{height} of {blocks} blocks applied: open the ledger once, then audit again"
                );
                replay.report.find(&kept.msp_id, store, what);
            }
        }
        if kept.height == blocks {
            compare_state(kept, &rebuilt, replay);
        }
        if kept.private_height == blocks {
            compare_private(kept, replay);
        }
    }
}

fn compare_head(kept: &Kept, replay: &mut Replay) {
    let Some(head) = &kept.head else { return };
    let entry = format!("head at block {}", head.number);
    let signer = replay
        .rules
        .msps
        .iter()
        .find(|m| *m.msp_id() == kept.msp_id)
        .is_some_and(|_| head.signer.msp_id == kept.msp_id);
    // A peer's certificate may have expired since; whether it was a peer of the organisation does
    // not.
    let member =
        certificate_time(head).and_then(|at| replay.rules.msps.check(&head.signer, at).ok());
    let message = Head::message(&head.genesis, head.number, &head.hash);
    let signed = member
        .is_some_and(|m| m.role() == Role::Peer && m.verify(&message, &head.signature).is_ok());
    if !signer || !signed {
        replay.report.find(
            &kept.msp_id,
            &entry,
            "not signed by the organisation's peer",
        );
    }
    if head.genesis != replay.report.anchor {
        replay.report.find(
            &kept.msp_id,
            &entry,
            "signed for a chain of another genesis",
        );
    }
    let known = usize::try_from(head.number)
        .ok()
        .and_then(|n| replay.hashes.get(n));
    match known {
        Some(hash) if *hash == head.hash => {}
        Some(_) => replay.report.find(
            &kept.msp_id,
            &entry,
            "the chain has another block there: it was rewritten",
        ),
        None if replay.complete => replay.report.find(
            &kept.msp_id,
            &entry,
            "the chain is shorter than this signed head: it was cut",
        ),
        None => {}
    }
}

/// A moment at which the signer's certificate is valid by its own words.
fn certificate_time(head: &Head) -> Option<u64> {
    crate::msp::Certificate::from_der(&head.signer.certificate)
        .ok()
        .map(|c| c.first_valid_ms())
}

fn compare_state(kept: &Kept, rebuilt: &BTreeMap<String, Vec<u8>>, replay: &mut Replay) {
    let live: BTreeMap<&str, &Vec<u8>> = kept
        .state
        .entries
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes))
        .collect();
    for (name, bytes) in rebuilt {
        replay.report.compared += 1;
        match live.get(name.as_str()) {
            Some(found) if *found == bytes => {}
            Some(_) => replay
                .report
                .find(&kept.msp_id, name, "differs from what the chain says"),
            None => replay.report.find(&kept.msp_id, name, "is missing"),
        }
    }
    for name in live.keys().filter(|name| !rebuilt.contains_key(**name)) {
        replay
            .report
            .find(&kept.msp_id, name, "is not on the chain");
    }
}

fn compare_private(kept: &Kept, replay: &mut Replay) {
    let mut expected: BTreeMap<(String, Hash), Hash> = BTreeMap::new();
    for (collection, key, value) in replay.memory.hashes() {
        if replay
            .rules
            .collections
            .is_member(&collection, &kept.msp_id)
        {
            expected.insert((collection.to_string(), key), value);
        }
    }
    for ((collection, key), value) in &expected {
        replay.report.compared += 1;
        let entry = || format!("private value {collection} {}", hex::encode(key));
        match kept.values.get(&(collection.clone(), *key)) {
            Some((_, hash)) if hash == value => {}
            Some(_) => {
                replay
                    .report
                    .find(&kept.msp_id, entry(), "differs from the hash on the chain")
            }
            None => replay.report.find(&kept.msp_id, entry(), "is missing"),
        }
    }
    for (collection, key) in kept.values.keys().filter(|k| !expected.contains_key(*k)) {
        let entry = format!("private value {collection} {}", hex::encode(key));
        replay
            .report
            .find(&kept.msp_id, entry, "is not on the chain");
    }
}
