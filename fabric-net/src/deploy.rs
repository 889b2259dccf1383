//! Deploying the contract: one package for all, a process for each organisation, a definition that
//! all approve.
//!
//! The contract that the channel knows and the one that is to replace it are kept apart until the
//! channel knows the second: until then the first serves, whatever fails. What the channel knows is
//! asked of a peer and not of what was written down.

use crate::Say;
use crate::contract::{Which, connect, discard_programs, keep, services, start, stop};
use crate::end::sweep;
use crate::error::{At, NetError};
use crate::install::Binaries;
use crate::layout::Layout;
use crate::lifecycle::{Definition, Lifecycle};
use crate::package::{Package, package};
use crate::process::{Running, run};
use crate::state::{Contract, NetState};
use collections_config::{CollectionsConfig, MspId};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is to be deployed.
pub struct Deployment<'a> {
    /// The contract's program.
    pub program: PathBuf,
    /// Name that the chaincode gets on the channel.
    pub chaincode: &'a str,
    /// Canonical consortium file: each process accepts this one and no other.
    pub consortium: &'a [u8],
    /// Collections.
    pub collections: &'a CollectionsConfig,
    /// Whether keys of a single-party set-up are taken: for evaluation only.
    pub allow_insecure_dev_keys: bool,
}

/// What was deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// Package id.
    pub package_id: String,
    /// Sequence of the definition.
    pub sequence: u64,
    /// Whether the channel knew this definition before.
    pub was_there: bool,
}

/// As the crate's own `deploy`, for who holds the network.
pub(crate) fn deploy(
    layout: &Layout,
    binaries: &Binaries,
    deployment: &Deployment<'_>,
    say: Say<'_>,
) -> Result<Deployed, NetError> {
    let mut state = NetState::read(layout)?;
    state.check_release(binaries)?;
    if state
        .orgs
        .iter()
        .any(|o| !o.peer.is_some_and(Running::is_alive))
    {
        return Err(NetError::Missing(
            "the network is not up: run `medveil net up`".to_owned(),
        ));
    }
    sweep(layout, &state)?;
    settle(layout, &mut state, binaries)?;
    let label = label(&deployment.program)?;
    let package = package(&label)?;
    let next = next(layout, &state, binaries, deployment, &label, &package)?;
    let known = state
        .contract
        .as_ref()
        .filter(|c| c.sequence == next.sequence);
    let deployed = Deployed {
        package_id: package.id,
        sequence: next.sequence,
        was_there: known.is_some(),
    };
    if known.is_some_and(|c| {
        *c == Contract {
            services: c.services.clone(),
            ..next.clone()
        }
    }) {
        start(layout, &mut state, Which::Deployed)?;
        return Ok(deployed);
    }
    let put = |path: PathBuf, bytes: &[u8]| std::fs::write(&path, bytes).at(&path);
    put(layout.package(), &package.bytes)?;
    if let Some(mut left) = state.pending.take() {
        stop(&mut left);
        state.write(layout)?;
    }
    put(
        layout.next_collections(),
        deployment.collections.to_json().as_bytes(),
    )?;
    state.pending = Some(next);
    state.write(layout)?;
    replace(layout, &mut state, binaries, say)?;
    Ok(deployed)
}

/// What is to run: by the definition that the channel knows where that one says the same, by the
/// one after it otherwise.
fn next(
    layout: &Layout,
    state: &NetState,
    binaries: &Binaries,
    deployment: &Deployment<'_>,
    label: &str,
    package: &Package,
) -> Result<Contract, NetError> {
    let deployed = state
        .contract
        .as_ref()
        .filter(|c| c.chaincode == deployment.chaincode);
    let has_same_collections = check(layout, deployed, deployment)?;
    let committed = Lifecycle {
        layout,
        state,
        binaries,
    }
    .sequence(first(&state.msp_ids()?)?, deployment.chaincode)?;
    let stays = has_same_collections
        && deployed.is_some_and(|c| c.sequence == committed && c.package_id == package.id);
    Ok(Contract {
        program: keep(layout, label, &deployment.program)?,
        chaincode: deployment.chaincode.to_owned(),
        package_id: package.id.clone(),
        sequence: if stays { committed } else { committed + 1 },
        consortium: hex::encode(Sha256::digest(deployment.consortium)),
        allow_insecure_dev_keys: deployment.allow_insecure_dev_keys,
        services: services(layout, state)?,
    })
}

/// Puts the pending contract in the place of the one that is deployed; where that fails, the
/// deployed one serves on and the new one is stopped.
fn replace(
    layout: &Layout,
    state: &mut NetState,
    binaries: &Binaries,
    say: Say<'_>,
) -> Result<(), NetError> {
    let Err(failed) = attempt(layout, state, binaries, say) else {
        return promote(layout, state);
    };
    // What was asked for may have been done although the answer did not arrive: the channel is
    // asked.
    if settle(layout, state, binaries).is_ok() && state.pending.is_none() {
        return Ok(());
    }
    if let Some(pending) = &mut state.pending {
        say("stopping the new contract: what was deployed before goes on");
        stop(pending);
    }
    state.write(layout)?;
    if let Some(contract) = &state.contract {
        connect(layout, state, contract)?;
    }
    Err(failed)
}

/// Starts the pending contract beside the deployed one and has its definition committed, unless the
/// channel knows it.
fn attempt(
    layout: &Layout,
    state: &mut NetState,
    binaries: &Binaries,
    say: Say<'_>,
) -> Result<(), NetError> {
    let msps = state.msp_ids()?;
    say(&format!(
        "starting a contract process for each of {} organisations",
        msps.len()
    ));
    start(layout, state, Which::Pending)?;
    let Some(pending) = &state.pending else {
        return Ok(());
    };
    // A package that peers run now goes on to the process that they know until the new definition
    // is committed.
    if state
        .contract
        .as_ref()
        .is_none_or(|c| c.package_id != pending.package_id)
    {
        connect(layout, state, pending)?;
    }
    if is_known(state, pending) {
        return Ok(());
    }
    let collections = layout.next_collections();
    let Contract {
        chaincode: name,
        package_id,
        sequence,
        ..
    } = pending;
    let definition = Definition {
        name,
        package_id,
        sequence: *sequence,
        collections: &collections,
    };
    define(
        &Lifecycle {
            layout,
            state,
            binaries,
        },
        &msps,
        &definition,
        say,
    )
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
    msps: &[MspId],
    definition: &Definition<'_>,
    say: Say<'_>,
) -> Result<(), NetError> {
    say("installing and approving the contract for every organisation");
    let package = lifecycle.layout.package();
    for_each(msps, |msp| {
        lifecycle
            .install(msp, definition.package_id, &package)
            .and_then(|()| lifecycle.approve(msp, definition))
    })?;
    for_each(msps, |msp| lifecycle.wait_for_all(msp, definition))?;
    say(&format!("committing definition {}", definition.sequence));
    lifecycle.commit(msps, definition)
}

/// For all organisations at once.
fn for_each(
    msps: &[MspId],
    step: impl Fn(&MspId) -> Result<(), NetError> + Sync,
) -> Result<(), NetError> {
    let stopped = |_| NetError::Input("a step of the deployment stopped unexpectedly".to_owned());
    std::thread::scope(|scope| {
        let asked: Vec<_> = msps.iter().map(|msp| scope.spawn(|| step(msp))).collect();
        asked
            .into_iter()
            .try_for_each(|a| a.join().map_err(stopped)?)
    })
}

/// Where the pending definition is the one that the channel knows, its contract takes the place of
/// the deployed one. A command that committed it may have been killed before it wrote that down.
///
/// **Errors**: the first organisation's peer does not tell.
pub(crate) fn settle(
    layout: &Layout,
    state: &mut NetState,
    binaries: &Binaries,
) -> Result<(), NetError> {
    let Some(pending) = state.pending.as_ref().filter(|p| !is_known(state, p)) else {
        return Ok(());
    };
    let (msps, lifecycle) = (
        state.msp_ids()?,
        Lifecycle {
            layout,
            state,
            binaries,
        },
    );
    let first = first(&msps)?;
    let is_committed = lifecycle.sequence(first, &pending.chaincode)? == pending.sequence;
    if is_committed
        && lifecycle
            .approved(first, &pending.chaincode, pending.sequence)?
            .as_ref()
            == Some(&pending.package_id)
    {
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
    connect(layout, state, &pending)?;
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
        stop(&mut before);
    }
    discard_programs(layout, state);
    Ok(())
}

fn first(msps: &[MspId]) -> Result<&MspId, NetError> {
    msps.first().ok_or_else(|| {
        NetError::Input("expected a network of at least one organisation".to_owned())
    })
}

/// Reads the package label from the program: it names the build, and a process of another build
/// refuses to serve.
fn label(program: &Path) -> Result<String, NetError> {
    if !program.is_file() {
        let message = format!(
            "{}: no contract program there; build it with `cargo build --release`",
            program.display()
        );
        return Err(NetError::Missing(message));
    }
    let printed = run(Command::new(program).arg("label"))?;
    let label = printed.trim();
    let plain = !label.is_empty()
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain {
        Ok(label.to_owned())
    } else {
        Err(NetError::Input(format!(
            "{}: expected a package label, got {label}",
            program.display()
        )))
    }
}

/// Whether the collections are those deployed before.
///
/// **Errors**: another consortium, or collections that cannot replace the deployed ones.
fn check(
    layout: &Layout,
    deployed: Option<&Contract>,
    deployment: &Deployment<'_>,
) -> Result<bool, NetError> {
    let Some(contract) = deployed else {
        return Ok(false);
    };
    if contract.consortium != hex::encode(Sha256::digest(deployment.consortium)) {
        return Err(NetError::Input(
            "another consortium is deployed here: its contract accepts no second one".to_owned(),
        ));
    }
    let path = layout.collections();
    let collections = std::fs::read_to_string(&path).at(&path)?;
    let deployed =
        CollectionsConfig::from_json(&collections).map_err(|e| NetError::Input(e.to_string()))?;
    deployed
        .check_upgrade(deployment.collections)
        .map_err(|e| NetError::Input(e.to_string()))?;
    Ok(deployed == *deployment.collections)
}
