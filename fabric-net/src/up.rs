//! Bringing a network up: a new one is made, one that is there is started.

use crate::Progress;
use crate::error::{InputError, NetError};
use crate::install::Binaries;
use crate::lock::NetworkLock;
use crate::make::make;
use crate::start::start;
use crate::state::NetState;
use crate::stop::remove_folder;
use crate::topology::Topology;

/// Brings a network up: makes it where the folder holds none, starts what does not run otherwise.
///
/// **Errors**: the folder holds another network; a program fails; something is not ready in time.
///
/// **Cost**: some seconds.
pub fn up(
    lock: &NetworkLock,
    topology: &Topology,
    binaries: &Binaries,
    progress: Progress<'_>,
) -> Result<NetState, NetError> {
    match NetState::read(lock.layout()) {
        Ok(state) if state.is_joined => {
            check_same(&state, topology)?;
            start(lock, binaries, progress)
        }
        // An earlier run ended half way: what it left runs on nothing that anyone relies on.
        Ok(_) => {
            remove_folder(lock.layout())?;
            make(lock, topology, binaries, progress)
        }
        Err(NetError::Missing(_)) => make(lock, topology, binaries, progress),
        Err(other) => Err(other),
    }
}

fn check_same(state: &NetState, topology: &Topology) -> Result<(), InputError> {
    let orgs: Vec<&str> = topology.orgs.iter().map(|o| o.as_str()).collect();
    let have: Vec<&str> = state.orgs.iter().map(|o| o.msp_id.as_str()).collect();
    if orgs == have
        && topology.orderers == state.orderers.len()
        && topology.channel == state.channel
        && topology.is_time_checked == state.is_time_checked
    {
        return Ok(());
    }
    Err(InputError::AnotherNetwork {
        orgs: have.join(", "),
        orderers: state.orderers.len(),
        is_time_checked: state.is_time_checked,
    })
}
