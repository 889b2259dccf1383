//! How a network is: its processes, and which orderer leads.

use crate::error::NetError;
use crate::layout::Layout;
use crate::process::{Running, find_marked};
use crate::ready::metric;
use crate::state::NetState;

/// How one process is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessStatus {
    pub name: String,
    /// Its process id, while it runs.
    pub pid: Option<i32>,
    /// Where it listens; 0 where that is not known.
    pub port: u16,
}

/// How each process is; where the network's own file is damaged, those that are found without it.
///
/// **Errors**: no network there.
pub fn status(layout: &Layout) -> Result<Vec<ProcessStatus>, NetError> {
    let state = match NetState::read(layout) {
        Ok(state) => state,
        Err(missing @ NetError::Missing(_)) => return Err(missing),
        Err(_) => {
            let found = |r: Running| ProcessStatus {
                name: r.name(),
                pid: Some(r.pid),
                port: 0,
            };
            return Ok(find_marked(&layout.real()).into_iter().map(found).collect());
        }
    };
    let status = |(name, running, port): (String, Option<Running>, u16)| ProcessStatus {
        name,
        pid: running.filter(|r| r.is_alive()).map(|r| r.pid),
        port,
    };
    Ok(state.processes().into_iter().map(status).collect())
}

/// The orderer that leads now, where one does.
pub fn leader(state: &NetState) -> Option<usize> {
    state.orderers.iter().position(|orderer| {
        let of = |name: &str| metric(orderer.operations_port, name, &state.channel);
        of("consensus_etcdraft_is_leader")
            .or_else(|| of("consensus_BFT_is_leader"))
            .is_some_and(|n| n > 0.0)
    })
}
