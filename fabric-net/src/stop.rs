//! Ending a network: its processes, and its folder. A folder is removed only where it is
//! recognisably a network's, or what is left of one.

use crate::error::{At, InputError, Missing, NetError};
use crate::layout::Layout;
use crate::lock::NetworkLock;
use crate::process::find_marked;
use crate::shutdown::stop_network;
use crate::state::NetState;
use std::collections::BTreeSet;
use std::path::Path;

/// Everything that lies in a network's folder.
const NAMES: [&str; 15] = [
    "builder",
    "chaincode.tar.gz",
    "collections.json",
    "collections.next.json",
    "config",
    "consortium.json",
    "contracts",
    "crypto",
    "data",
    "genesis.block",
    "joins",
    "logs",
    "net.json",
    "outbox",
    "sharing-groups.json",
];

/// Stops every process; what is on disk stays, and [`crate::up`] goes on from it.
///
/// **Errors**: no network there; a process does not end, and stays written down.
pub fn stop(lock: &NetworkLock) -> Result<(), NetError> {
    let layout = lock.layout();
    match NetState::read(layout) {
        Ok(mut state) => {
            let stopped = stop_network(layout, Some(&state));
            state.forget_dead();
            state.write(layout).and(stopped)
        }
        Err(missing @ NetError::Missing(_)) if find_marked(&layout.real()).is_empty() => {
            Err(missing)
        }
        // The file is gone or damaged: what runs is found without it.
        Err(_) => stop_network(layout, None),
    }
}

/// Stops everything and removes the network from the disk; also what is left of one whose file is
/// damaged or that was removed half way.
///
/// **Errors**: no network there; a process does not end; the file system refused.
pub fn remove(lock: &NetworkLock) -> Result<(), NetError> {
    let layout = lock.layout();
    let was_there = layout.root().exists()
        || layout.aside().exists()
        || !find_marked(&layout.real()).is_empty();
    if was_there {
        remove_folder(layout)
    } else {
        Err(Missing::network(layout.root()).into())
    }
}

/// Stops everything and removes the folder.
///
/// **Errors**: the folder is not a network's; a process does not end; the file system refused.
pub(crate) fn remove_folder(layout: &Layout) -> Result<(), NetError> {
    let read = NetState::read(layout);
    if layout.root().exists() && read.is_err() && !is_left_over(layout)? {
        return Err(match read {
            Err(missing @ NetError::Missing(_)) => missing,
            _ => InputError::ForeignFiles(layout.root().to_owned()).into(),
        });
    }
    stop_network(layout, read.as_ref().ok())?;
    let aside = layout.aside();
    let discard = || {
        if aside.exists() {
            std::fs::remove_dir_all(&aside).at(&aside)
        } else {
            Ok(())
        }
    };
    discard()?;
    if layout.root().exists() {
        // Under its own name it is there as a whole or not at all, whenever this is interrupted.
        let root = layout.real();
        std::fs::rename(&root, &aside).at(&root)?;
    }
    discard()
}

/// Whether a folder whose file cannot be read holds what is left of a network and nothing else. An
/// empty one does.
///
/// **Errors**: it cannot be read.
pub(crate) fn is_left_over(layout: &Layout) -> Result<bool, NetError> {
    let root = layout.root();
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir(root).at(root)? {
        names.insert(entry.at(root)?.file_name().to_string_lossy().into_owned());
    }
    let is_partial = |name: &str| name.ends_with(".partial") || name.starts_with(".tmp");
    let is_known = |name: &String| NAMES.contains(&name.as_str()) || is_partial(name);
    let has_sign = |name: &str| names.contains(name) || root.join(name).exists();
    let signs = [
        "net.json",
        "net.partial",
        "crypto/ordererOrganizations/orderer.medveil",
        "builder/bin/release",
    ];
    Ok(names.iter().all(is_known) && (names.is_empty() || signs.iter().any(|name| has_sign(name))))
}

/// Whether there is no folder, or nothing in it.
///
/// **Errors**: it cannot be read.
pub(crate) fn is_empty(root: &Path) -> Result<bool, NetError> {
    Ok(!root.exists() || std::fs::read_dir(root).at(root)?.next().is_none())
}
