//! Mending private values: each from where it still is, where its hash is the one on the chain.

use super::RepairError;
use super::journal::Journal;
use crate::layout::{Layout, OpenError};
use crate::ledger::Inner;
use crate::open::store_error;
use crate::peer::Peer;
use crate::stores::{Wanted, rescue};
use medveil_collections_config::{CollectionName, MspId};
use medveil_embedded_wire::Hash;
use std::path::PathBuf;

/// Fills what organisations' private stores lack. Gives what nobody has.
pub(super) fn mend(
    inner: &Inner,
    layout: &Layout,
    from: Option<&Layout>,
    journal: &mut Journal<'_>,
) -> Result<Vec<(MspId, String, Hash)>, RepairError> {
    let mut lost = Vec::new();
    for (msp_id, peer) in &inner.peers {
        let mut wanted = wanted(inner, peer)?;
        let all = wanted.len();
        if all == 0 {
            continue;
        }
        for (other, source) in &inner.peers {
            if other != msp_id {
                let found = source.private().find(&mut wanted);
                // Another's store was read a moment ago; what it does not give now, others may.
                fill(peer, found.unwrap_or_default())?;
            }
        }
        for path in sources(layout, from) {
            fill(peer, rescue(&path, &mut wanted))?;
        }
        if all > wanted.len() {
            let what = format!("{} of {all} private values found", all - wanted.len());
            journal.note(msp_id.as_str(), &what)?;
        }
        if !wanted.is_empty() {
            let what = format!("{} private values are lost", wanted.len());
            journal.note(msp_id.as_str(), &what)?;
        }
        lost.extend(
            wanted
                .into_keys()
                .map(|(name, key)| (msp_id.clone(), name, key)),
        );
    }
    Ok(lost)
}

fn fill(peer: &Peer, found: Vec<(String, String, Vec<u8>)>) -> Result<(), OpenError> {
    let filled = peer.private().fill(&found);
    filled.map_err(store_error(peer.msp_id()))
}

/// What an organisation must hold and does not.
fn wanted(inner: &Inner, peer: &Peer) -> Result<Wanted, OpenError> {
    let refused = store_error(peer.msp_id());
    let mut wanted = Wanted::new();
    let hashes = peer.state().snapshot().and_then(|s| s.private_hashes());
    for (collection, key, value) in hashes.map_err(&refused)? {
        let name = collection.parse::<CollectionName>().ok();
        let is_member =
            name.is_some_and(|name| inner.rules.collections.is_member(&name, peer.msp_id()));
        if is_member {
            wanted.insert((collection, key), value);
        }
    }
    let held: Result<(), _> = peer.private().strike_held(&mut wanted);
    held.map_err(&refused)?;
    Ok(wanted)
}

/// Private stores of the copy, and those that this repair or an earlier one put aside.
fn sources(layout: &Layout, from: Option<&Layout>) -> Vec<PathBuf> {
    let repairs = std::fs::read_dir(layout.damaged());
    let mut folders: Vec<PathBuf> = repairs
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    folders.sort();
    folders.reverse();
    folders.extend(from.map(|from| from.root().to_owned()));
    let orgs = |folder: PathBuf| std::fs::read_dir(folder.join("orgs"));
    let orgs = folders.into_iter().flat_map(orgs).flatten().flatten();
    orgs.map(|org| org.path().join("private.redb"))
        .filter(|path| path.is_file())
        .collect()
}
