//! Ends processes of a network: those written down and those that carry its mark, so that nothing
//! goes on running because a command was killed before it wrote, or because the file is damaged.

use crate::error::NetError;
use crate::layout::Layout;
use crate::process::{Running, find_marked};
use crate::state::NetState;
use std::time::Duration;

/// How long a process may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(15);

/// Stops processes, all at once; gives those that are still there.
pub(crate) fn stop_all(processes: impl IntoIterator<Item = Running>) -> Vec<Running> {
    std::thread::scope(|scope| {
        let asked: Vec<_> = processes
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
pub(crate) fn stop_network(layout: &Layout, state: Option<&NetState>) -> Result<(), NetError> {
    let mut left = Vec::new();
    if let Some(state) = state {
        left.extend(stop_all(state.orgs.iter().filter_map(|o| o.peer)));
        let services = state.contracts().flat_map(|c| &c.services);
        left.extend(stop_all(services.filter_map(|s| s.process)));
        left.extend(stop_all(state.orderers.iter().filter_map(|o| o.orderer)));
    }
    let unknown: Vec<Running> = find_marked(&layout.real())
        .into_iter()
        .filter(|r| !left.contains(r))
        .collect();
    left.extend(stop_all(unknown));
    check_stopped(&left)
}

/// Stops what was started for this network and is not written down: a command was killed meanwhile.
///
/// **Errors**: one does not end.
pub(crate) fn stop_unrecorded(layout: &Layout, state: &NetState) -> Result<(), NetError> {
    let known: Vec<Running> = state
        .processes()
        .into_iter()
        .filter_map(|(_, running, _)| running)
        .collect();
    let unknown = find_marked(&layout.real())
        .into_iter()
        .filter(|r| !known.contains(r));
    check_stopped(&stop_all(unknown.collect::<Vec<_>>()))
}

fn check_stopped(left: &[Running]) -> Result<(), NetError> {
    if left.is_empty() {
        return Ok(());
    }
    let pids: Vec<String> = left
        .iter()
        .map(|r| format!("{} ({})", r.pid, r.name()))
        .collect();
    let processes = pids.join(", ");
    Err(NetError::NotStopped { processes })
}
