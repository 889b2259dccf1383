//! Starting what does not run of a network that was made before.

use crate::Progress;
use crate::contract::{ContractSlot, start_contract};
use crate::error::NetError;
use crate::install::Binaries;
use crate::lock::NetworkLock;
use crate::nodes::{start_nodes, wait_until_ready};
use crate::replace::promote_if_committed;
use crate::shutdown::stop_unrecorded;
use crate::state::NetState;

/// Starts what does not run of a network that was made before: orderers, peers, and the contract
/// where it was deployed.
///
/// **Errors**: no network there; programs of another Fabric release; something is not ready in
/// time. Whatever can run does then.
pub fn start(
    lock: &NetworkLock,
    binaries: &Binaries,
    progress: Progress<'_>,
) -> Result<NetState, NetError> {
    let layout = lock.layout();
    let mut state = NetState::read(layout)?;
    state.check_release(binaries)?;
    stop_unrecorded(layout, &state)?;
    progress("starting what does not run");
    let nodes =
        start_nodes(layout, &mut state, binaries).and_then(|()| wait_until_ready(layout, &state));
    // A contract that does not come up is no reason to be without the network, nor the other way
    // round.
    let promoted = if nodes.is_ok() {
        promote_if_committed(layout, &mut state, binaries)
    } else {
        Ok(())
    };
    let contracts = start_contract(layout, &mut state, ContractSlot::Deployed);
    nodes.and(promoted).and(contracts)?;
    Ok(state)
}
