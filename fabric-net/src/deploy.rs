//! Deploying the contract: one package for all, a process for each organisation, a definition that
//! all approve.

use crate::Progress;
use crate::contract::{ContractSlot, copy_program, new_services, start_contract, stop_contract};
use crate::error::{At, InputError, Missing, NetError};
use crate::install::Binaries;
use crate::layout::Layout;
use crate::lifecycle::Lifecycle;
use crate::lock::NetworkLock;
use crate::package::{Package, package};
use crate::process::{Running, run};
use crate::replace::{first, promote_if_committed, replace};
use crate::shutdown::stop_unrecorded;
use crate::state::{Contract, NetState};
use medveil_collections_config::CollectionsConfig;
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
    pub collections: &'a CollectionsConfig,
    /// Whether keys of a single-party set-up are taken: for evaluation only.
    pub allow_insecure_dev_keys: bool,
}

impl Deployment<'_> {
    fn consortium_digest(&self) -> String {
        hex::encode(Sha256::digest(self.consortium))
    }
}

/// The definition that a deployment ended with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    pub package_id: String,
    /// Sequence of the definition.
    pub sequence: u64,
    /// Whether the channel knew this definition before.
    pub was_there: bool,
}

/// Deploys the contract to every organisation, or upgrades it to the next sequence. The contract
/// that is deployed serves until the next one does.
///
/// **Errors**: the network is not up; the collections cannot replace those that are deployed; a
/// program fails. Then the contract that was deployed serves on, and the next deployment goes on
/// where this one stopped.
///
/// **Cost**: some seconds.
pub fn deploy(
    lock: &NetworkLock,
    binaries: &Binaries,
    deployment: &Deployment<'_>,
    progress: Progress<'_>,
) -> Result<Deployed, NetError> {
    let layout = lock.layout();
    let mut state = running(layout, binaries)?;
    promote_if_committed(layout, &mut state, binaries)?;
    let package = package(&label(&deployment.program)?)?;
    let next = contract(layout, &state, binaries, deployment, &package)?;
    let known = state
        .contract
        .as_ref()
        .filter(|c| c.sequence == next.sequence);
    let deployed = Deployed {
        package_id: package.id,
        sequence: next.sequence,
        was_there: known.is_some(),
    };
    if known.is_some_and(|c| is_same_but_for_services(c, &next)) {
        start_contract(layout, &mut state, ContractSlot::Deployed)?;
        return Ok(deployed);
    }
    let path = layout.package();
    std::fs::write(&path, &package.bytes).at(&path)?;
    set_pending(layout, &mut state, deployment.collections, next)?;
    replace(layout, &mut state, binaries, progress)?;
    Ok(deployed)
}

/// A network whose peers run, and nothing else that is not written down.
///
/// **Errors**: the network is not up, or was made with another release.
fn running(layout: &Layout, binaries: &Binaries) -> Result<NetState, NetError> {
    let state = NetState::read(layout)?;
    state.check_release(binaries)?;
    let is_up = |peer: Option<Running>| peer.is_some_and(Running::is_alive);
    if !state.orgs.iter().all(|o| is_up(o.peer)) {
        return Err(Missing::Peers.into());
    }
    stop_unrecorded(layout, &state)?;
    Ok(state)
}

/// What is to run: by the definition that the channel knows where that one says the same, by the
/// one after it otherwise.
fn contract(
    layout: &Layout,
    state: &NetState,
    binaries: &Binaries,
    deployment: &Deployment<'_>,
    package: &Package,
) -> Result<Contract, NetError> {
    let deployed = state
        .contract
        .as_ref()
        .filter(|c| c.chaincode == deployment.chaincode);
    let has_same_collections = check_upgrade(layout, deployed, deployment)?;
    let lifecycle = Lifecycle {
        layout,
        state,
        binaries,
    };
    let committed = lifecycle.sequence(first(&state.msp_ids()?)?, deployment.chaincode)?;
    let stays = has_same_collections
        && deployed.is_some_and(|c| c.sequence == committed && c.package_id == package.id);
    Ok(Contract {
        program: copy_program(layout, &package.label, &deployment.program)?,
        chaincode: deployment.chaincode.to_owned(),
        package_id: package.id.clone(),
        sequence: if stays { committed } else { committed + 1 },
        consortium: deployment.consortium_digest(),
        allow_insecure_dev_keys: deployment.allow_insecure_dev_keys,
        services: new_services(layout, state)?,
    })
}

fn is_same_but_for_services(deployed: &Contract, next: &Contract) -> bool {
    let services = deployed.services.clone();
    *deployed
        == Contract {
            services,
            ..next.clone()
        }
}

/// Puts a contract into the place of one whose deployment did not come to its end.
fn set_pending(
    layout: &Layout,
    state: &mut NetState,
    collections: &CollectionsConfig,
    next: Contract,
) -> Result<(), NetError> {
    if let Some(mut left) = state.pending.take() {
        stop_contract(&mut left);
        state.write(layout)?;
    }
    let path = layout.next_collections();
    std::fs::write(&path, collections.to_json()).at(&path)?;
    state.pending = Some(next);
    state.write(layout)
}

/// Reads the package label from the program: it names the build, and a process of another build
/// refuses to serve.
fn label(program: &Path) -> Result<String, NetError> {
    if !program.is_file() {
        let program = program.to_owned();
        return Err(Missing::ContractProgram { program }.into());
    }
    let printed = run(Command::new(program).arg("label"))?;
    let label = printed.trim().to_owned();
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if !label.is_empty() && label.bytes().all(inner) {
        Ok(label)
    } else {
        let program = program.to_owned();
        Err(InputError::Label { program, label }.into())
    }
}

/// Whether the collections are those deployed before.
///
/// **Errors**: another consortium, or collections that cannot replace the deployed ones.
fn check_upgrade(
    layout: &Layout,
    deployed: Option<&Contract>,
    deployment: &Deployment<'_>,
) -> Result<bool, NetError> {
    let Some(contract) = deployed else {
        return Ok(false);
    };
    if contract.consortium != deployment.consortium_digest() {
        return Err(InputError::AnotherConsortium.into());
    }
    let path = layout.collections();
    let collections = std::fs::read_to_string(&path).at(&path)?;
    let deployed = CollectionsConfig::from_json(&collections).map_err(InputError::from)?;
    deployed
        .check_upgrade(deployment.collections)
        .map_err(InputError::from)?;
    Ok(deployed == *deployment.collections)
}
