//! Comparing what every organisation keeps with what the chain says.

use super::replay::Replay;
use super::stores::{OrgStores, Stores};
use medveil_embedded::is_signed_by_peer;
use medveil_embedded_wire::Hash;
use std::collections::BTreeMap;

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
                    "{height} of {blocks} blocks applied: run `medveil ledger repair`, then audit again"
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

fn compare_head(kept: &OrgStores, replay: &mut Replay) {
    let Some(head) = &kept.head else { return };
    let entry = format!("head at block {}", head.number);
    let mut find = |what| replay.report.find(&kept.msp_id, &entry, what);
    if !is_signed_by_peer(head, &kept.msp_id, &replay.rules) {
        find("not signed by the organisation's peer");
    }
    if head.genesis != replay.anchor {
        find("signed for a chain of another genesis");
    }
    let number = usize::try_from(head.number).ok();
    match number.and_then(|n| replay.hashes.get(n)) {
        Some(hash) if *hash == head.hash => {}
        Some(_) => find("the chain has another block there: it was rewritten"),
        None if replay.complete => find("the chain is shorter than this signed head: it was cut"),
        None => {}
    }
}

fn compare_state(kept: &OrgStores, rebuilt: &BTreeMap<String, Vec<u8>>, replay: &mut Replay) {
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

fn compare_private(kept: &OrgStores, replay: &mut Replay) {
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
