//! The pending contract takes the place of the deployed one.
//!
//! Both are kept apart until the channel knows the pending one: until then the deployed one serves,
//! whatever fails. What the channel knows is asked of a peer and not of what was written down.

use crate::Progress;
use crate::contract::{
    ContractSlot, connect_peers, discard_programs, start_contract, stop_contract,
};
use crate::error::{At, InputError, NetError};
use crate::install::Binaries;
use crate::layout::Layout;
use crate::lifecycle::{Definition, Lifecycle};
use crate::parallel::for_each;
use crate::state::{Contract, NetState};
use medveil_collections_config::MspId;

/// Puts the pending contract in the place of the one that is deployed; where that fails, the
/// deployed one serves on and the new one is stopped.
pub(crate) fn replace(
    layout: &Layout,
    state: &mut NetState,
    binaries: &Binaries,
    progress: Progress<'_>,
) -> Result<(), NetError> {
    let Err(failed) = start_and_define(layout, state, binaries, progress) else {
        return promote(layout, state);
    };
    // What was asked for may have been done although the answer did not arrive: the channel is
    // asked.
    if promote_if_committed(layout, state, binaries).is_ok() && state.pending.is_none() {
        return Ok(());
    }
    if let Some(pending) = &mut state.pending {
        progress("stopping the new contract: what was deployed before goes on");
        stop_contract(pending);
    }
    state.write(layout)?;
    if let Some(contract) = &state.contract {
        connect_peers(layout, state, contract)?;
    }
    Err(failed)
}

/// Starts the pending contract beside the deployed one and has its definition committed, unless the
/// channel knows it.
fn start_and_define(
    layout: &Layout,
    state: &mut NetState,
    binaries: &Binaries,
    progress: Progress<'_>,
) -> Result<(), NetError> {
    let n = state.orgs.len();
    progress(&format!(
        "starting a contract process for each of {n} organisations"
    ));
    start_contract(layout, state, ContractSlot::Pending)?;
    let Some(pending) = &state.pending else {
        return Ok(());
    };
    // A package that peers run now goes on to the process that they know until the new definition
    // is committed.
    let runs_now = |c: &Contract| c.package_id == pending.package_id;
    if !state.contract.as_ref().is_some_and(runs_now) {
        connect_peers(layout, state, pending)?;
    }
    if is_known(state, pending) {
        return Ok(());
    }
    let definition = Definition {
        name: &pending.chaincode,
        package_id: &pending.package_id,
        sequence: pending.sequence,
        collections: &layout.next_collections(),
    };
    let lifecycle = Lifecycle {
        layout,
        state,
        binaries,
    };
    define(&lifecycle, &definition, progress)
}

/// Whether the channel knew a contract's definition before the contract was to run: only its
/// processes are replaced.
fn is_known(state: &NetState, pending: &Contract) -> bool {
    state
        .contract
        .as_ref()
        .is_some_and(|c| c.sequence >= pending.sequence)
}

/// Installs and approves everywhere, and commits; whatever an earlier attempt did is not done
/// again.
fn define(
    lifecycle: &Lifecycle<'_>,
    definition: &Definition<'_>,
    progress: Progress<'_>,
) -> Result<(), NetError> {
    progress("installing and approving the contract for every organisation");
    let msps = lifecycle.state.msp_ids()?;
    let package = lifecycle.layout.package();
    for_each(&msps, |msp| {
        lifecycle
            .install(msp, definition.package_id, &package)
            .and_then(|()| lifecycle.approve(msp, definition))
    })?;
    for_each(&msps, |msp| lifecycle.wait_for_all(msp, definition))?;
    progress(&format!("committing definition {}", definition.sequence));
    lifecycle.commit(&msps, definition)
}

/// Where the pending definition is the one that the channel knows, its contract takes the place of
/// the deployed one. A command that committed it may have been killed before it wrote that down.
///
/// **Errors**: the first organisation's peer does not tell.
pub(crate) fn promote_if_committed(
    layout: &Layout,
    state: &mut NetState,
    binaries: &Binaries,
) -> Result<(), NetError> {
    let Some(pending) = state.pending.as_ref().filter(|p| !is_known(state, p)) else {
        return Ok(());
    };
    let msps = state.msp_ids()?;
    let first = first(&msps)?;
    let lifecycle = Lifecycle {
        layout,
        state,
        binaries,
    };
    let (name, sequence) = (&pending.chaincode, pending.sequence);
    let is_committed = lifecycle.sequence(first, name)? == sequence
        && lifecycle.has_approved_committed(first, name)?
        && lifecycle.approved_package(first, name, sequence)?.as_ref() == Some(&pending.package_id);
    if is_committed {
        promote(layout, state)?;
    }
    Ok(())
}

/// The pending contract takes the place of the deployed one. Each step may be done again after an
/// interruption.
fn promote(layout: &Layout, state: &mut NetState) -> Result<(), NetError> {
    let Some(pending) = state.pending.clone() else {
        return Ok(());
    };
    connect_peers(layout, state, &pending)?;
    let (from, to) = (layout.next_collections(), layout.collections());
    match std::fs::rename(&from, &to) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && to.is_file() => {}
        moved => moved.at(&from)?,
    }
    state.pending = None;
    let before = state.contract.replace(pending);
    state.write(layout)?;
    // Peers that were connected to it connect to the new one, with the next call.
    if let Some(mut before) = before {
        stop_contract(&mut before);
    }
    discard_programs(layout, state);
    Ok(())
}

/// The organisation whose peer is asked what the channel knows.
pub(crate) fn first(msps: &[MspId]) -> Result<&MspId, InputError> {
    msps.first().ok_or(InputError::NoOrganisation)
}
