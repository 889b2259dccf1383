//! Ending a network: its processes, and its folder.
//!
//! Processes are those written down and those that carry the network's mark, so that nothing goes
//! on running because a command was killed before it wrote, or because the file is damaged. A
//! folder is removed only where it is recognisably a network's, or what is left of one.

use crate::error::{At, NetError};
use crate::held::Held;
use crate::layout::Layout;
use crate::process::{Running, marked};
use crate::state::NetState;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// How long a process may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(15);
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

/// Stops processes, all at once; gives those that are still there.
pub(crate) fn stop(all: impl IntoIterator<Item = Running>) -> Vec<Running> {
    std::thread::scope(|scope| {
        let asked: Vec<_> = all
            .into_iter()
            .map(|running| (running, scope.spawn(move || running.stop(PATIENCE))))
            .collect();
        asked
            .into_iter()
            .filter_map(|(running, gone)| (!gone.join().unwrap_or(false)).then_some(running))
            .collect()
    })
}

/// Stops every process: peers, so that nobody calls any more, then contracts, orderers, and
/// whatever else was started for this network.
///
/// **Errors**: one does not end.
pub(crate) fn end(layout: &Layout, state: Option<&NetState>) -> Result<(), NetError> {
    let mut left = Vec::new();
    if let Some(state) = state {
        left.extend(stop(state.orgs.iter().filter_map(|o| o.peer)));
        left.extend(stop(
            state
                .contracts()
                .flat_map(|c| &c.services)
                .filter_map(|s| s.process),
        ));
        left.extend(stop(state.orderers.iter().filter_map(|o| o.orderer)));
    }
    let unknown = marked(&layout.real())
        .into_iter()
        .filter(|r| !left.contains(r))
        .collect::<Vec<_>>();
    left.extend(stop(unknown));
    survived(&left)
}

/// Stops what was started for this network and is not written down: a command was killed meanwhile.
///
/// **Errors**: one does not end.
pub(crate) fn sweep(layout: &Layout, state: &NetState) -> Result<(), NetError> {
    let known: Vec<Running> = state
        .processes()
        .into_iter()
        .filter_map(|(_, running, _)| running)
        .collect();
    survived(&stop(
        marked(&layout.real())
            .into_iter()
            .filter(|r| !known.contains(r))
            .collect::<Vec<_>>(),
    ))
}

fn survived(left: &[Running]) -> Result<(), NetError> {
    if left.is_empty() {
        return Ok(());
    }
    let pids: Vec<String> = left
        .iter()
        .map(|r| format!("{} ({})", r.pid, r.name()))
        .collect();
    Err(NetError::Program {
        program: "stop".to_owned(),
        message: format!("these processes do not end: {}", pids.join(", ")),
    })
}

/// Stops every process; what is on disk stays, and `up` goes on from it.
///
/// **Errors**: no network there; another command works on it; a process does not end, and stays
/// written down.
pub fn down(layout: &Layout) -> Result<(), NetError> {
    let _held = Held::there(layout)?;
    match NetState::read(layout) {
        Ok(mut state) => {
            let ended = end(layout, Some(&state));
            state.forget_dead();
            state.write(layout).and(ended)
        }
        Err(missing @ NetError::Missing(_)) if marked(&layout.real()).is_empty() => Err(missing),
        // The file is gone or damaged: what runs is found without it.
        Err(_) => end(layout, None),
    }
}

/// Stops everything and removes the network from the disk; also what is left of one whose file is
/// damaged or that was removed half way.
///
/// **Errors**: no network there; another command works on it; a process does not end; the file
/// system refused.
pub fn clean(layout: &Layout) -> Result<(), NetError> {
    let _held = Held::there(layout)?;
    let was_there =
        layout.root().exists() || layout.aside().exists() || !marked(&layout.real()).is_empty();
    if was_there {
        remove(layout)
    } else {
        Err(NetState::missing(layout))
    }
}

/// Stops everything and removes the folder, for who holds the network.
///
/// **Errors**: the folder is not a network's; a process does not end; the file system refused.
pub(crate) fn remove(layout: &Layout) -> Result<(), NetError> {
    let read = NetState::read(layout);
    if layout.root().exists() && read.is_err() && !is_left_over(layout)? {
        return Err(match read {
            Err(missing @ NetError::Missing(_)) => missing,
            _ => NetError::Input(format!(
                "{} holds files that are no network's: remove it yourself",
                layout.root().display()
            )),
        });
    }
    end(layout, read.as_ref().ok())?;
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
