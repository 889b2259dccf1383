//! Deploying the contract: one package for all, a process for each organisation, a definition that all approve.

use crate::Say;
use crate::error::{At, NetError};
use crate::install::Binaries;
use crate::layout::Layout;
use crate::lifecycle::{Definition, Lifecycle};
use crate::package::package;
use crate::process::{Running, run};
use crate::ready::{listens, page, until};
use crate::state::{Contract, NetState, OrgState};
use collections_config::{CollectionsConfig, MspId};
use sha2::{Digest, Sha256};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

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
    /// Whether it was there before and nothing had to be done.
    pub was_there: bool,
}

/// Deploys the contract to every organisation, or upgrades it to the next sequence.
///
/// **Errors**: the network is not up; the collections cannot replace those that are deployed; a program fails.
///
/// **Cost**: some seconds.
pub fn deploy(layout: &Layout, binaries: &Binaries, deployment: &Deployment<'_>, say: Say<'_>) -> Result<Deployed, NetError> {
    let mut state = NetState::read(layout)?;
    if state.orgs.iter().any(|o| !o.peer.is_some_and(Running::is_alive)) {
        return Err(NetError::Missing("the network is not up: run `medveil net up`".to_owned()));
    }
    let package = package(&label(&deployment.program)?)?;
    let unchanged = is_unchanged(layout, state.contract.as_ref(), deployment)?;
    if let Some(contract) = state.contract.clone().filter(|c| unchanged && c.package_id == package.id) {
        start_contracts(layout, &mut state)?;
        return Ok(Deployed { package_id: contract.package_id, sequence: contract.sequence, was_there: true });
    }
    let msps = state.msp_ids()?;
    let write = |path: PathBuf, bytes: &[u8]| std::fs::write(&path, bytes).at(&path);
    write(layout.package(), &package.bytes)?;
    write(layout.collections(), deployment.collections.to_json().as_bytes())?;
    connections(layout, &state, &msps)?;
    let sequence = Lifecycle { layout, state: &state, binaries }.sequence(&msps[0], deployment.chaincode)? + 1;
    stop_contracts(&mut state);
    state.contract = Some(Contract {
        program: deployment.program.clone(),
        package_id: package.id.clone(),
        sequence,
        consortium: hex::encode(Sha256::digest(deployment.consortium)),
        allow_insecure_dev_keys: deployment.allow_insecure_dev_keys,
    });
    say(&format!("starting a contract process for each of {} organisations", msps.len()));
    start_contracts(layout, &mut state)?;
    let collections = layout.collections();
    let definition = Definition { name: deployment.chaincode, package_id: &package.id, sequence, collections: &collections };
    define(&Lifecycle { layout, state: &state, binaries }, &msps, &definition, say)?;
    Ok(Deployed { package_id: package.id, sequence, was_there: false })
}

/// Installs and approves everywhere, commits, and waits until every peer knows it.
fn define(lifecycle: &Lifecycle<'_>, msps: &[MspId], definition: &Definition<'_>, say: Say<'_>) -> Result<(), NetError> {
    say("installing and approving the contract for every organisation");
    std::thread::scope(|scope| {
        let asked: Vec<_> = msps
            .iter()
            .map(|msp| scope.spawn(|| lifecycle.install(msp, definition.package_id).and_then(|()| lifecycle.approve(msp, definition))))
            .collect();
        let stopped = |_| NetError::Input("installing stopped unexpectedly".to_owned());
        asked.into_iter().try_for_each(|a| a.join().map_err(stopped)?)
    })?;
    say(&format!("committing definition {}", definition.sequence));
    lifecycle.commit(msps, definition)
}

/// Reads the package label from the program: it names the build, and a process of another build refuses to serve.
fn label(program: &Path) -> Result<String, NetError> {
    if !program.is_file() {
        let message = format!("{}: no contract program there; build it with `cargo build --release`", program.display());
        return Err(NetError::Missing(message));
    }
    let printed = run(Command::new(program).arg("label"))?;
    let label = printed.trim();
    let plain = !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain { Ok(label.to_owned()) } else { Err(NetError::Input(format!("{}: expected a package label, got {label}", program.display()))) }
}

/// Whether consortium and collections are those deployed before.
///
/// **Errors**: another consortium, or collections that cannot replace the deployed ones.
fn is_unchanged(layout: &Layout, contract: Option<&Contract>, deployment: &Deployment<'_>) -> Result<bool, NetError> {
    let (Some(contract), Ok(collections)) = (contract, std::fs::read_to_string(layout.collections())) else {
        return Ok(false);
    };
    if contract.consortium != hex::encode(Sha256::digest(deployment.consortium)) {
        return Err(NetError::Input("another consortium is deployed here: its contract accepts no second one".to_owned()));
    }
    let deployed = CollectionsConfig::from_json(&collections).map_err(|e| NetError::Input(e.to_string()))?;
    deployed.check_upgrade(deployment.collections).map_err(|e| NetError::Input(e.to_string()))?;
    Ok(deployed == *deployment.collections && contract.allow_insecure_dev_keys == deployment.allow_insecure_dev_keys)
}

/// Tells each peer where its own organisation's process is and how both prove who they are.
fn connections(layout: &Layout, state: &NetState, msps: &[MspId]) -> Result<(), NetError> {
    let read = |path: PathBuf| std::fs::read_to_string(&path).at(&path);
    for (org, msp) in state.orgs.iter().zip(msps) {
        let tls = layout.host(msp, "peer0").join("tls");
        let connection = serde_json::json!({
            "address": format!("127.0.0.1:{}", org.chaincode_port),
            "dial_timeout": "10s",
            "tls_required": true,
            "client_auth_required": true,
            "client_key": read(tls.join("server.key"))?,
            "client_cert": read(tls.join("server.crt"))?,
            "root_cert": read(layout.tls_authority(msp))?,
        });
        let path = layout.connection(msp);
        std::fs::write(&path, connection.to_string()).at(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).at(&path)?;
    }
    Ok(())
}

fn stop_contracts(state: &mut NetState) {
    for org in &mut state.orgs {
        if let Some(running) = org.chaincode.take() {
            running.stop(Duration::from_secs(15));
        }
    }
}

/// Starts the deployed contract's processes that do not run.
pub(crate) fn start_contracts(layout: &Layout, state: &mut NetState) -> Result<(), NetError> {
    let Some(contract) = state.contract.clone() else { return Ok(()) };
    for (i, msp) in state.msp_ids()?.iter().enumerate() {
        if !state.orgs[i].chaincode.is_some_and(Running::is_alive) {
            let mut command = contract_command(layout, &contract, msp, &state.orgs[i]);
            if !state.is_time_checked {
                command.arg("--no-time-check");
            }
            state.orgs[i].chaincode = Some(Running::spawn(&mut command, &layout.log(&format!("chaincode-{msp}")))?);
            state.write(layout)?;
        }
    }
    for org in &state.orgs {
        let name = format!("chaincode-{}", org.msp_id);
        until(&name, org.chaincode, &layout.log(&name), || {
            listens(org.chaincode_port) && page(org.chaincode_operations_port, "/healthz").is_some()
        })?;
    }
    Ok(())
}

fn contract_command(layout: &Layout, contract: &Contract, msp: &MspId, org: &OrgState) -> Command {
    let mut command = Command::new(&contract.program);
    let tls = layout.host(msp, "chaincode").join("tls");
    command.args([
        "--listen",
        &format!("127.0.0.1:{}", org.chaincode_port),
        "--package-id",
        &contract.package_id,
        "--msp-id",
        msp.as_str(),
    ]);
    command.args(["--consortium-digest", &contract.consortium]).arg("--collections").arg(layout.collections());
    command.arg("--tls-cert").arg(tls.join("server.crt")).arg("--tls-key").arg(tls.join("server.key"));
    command.arg("--client-ca").arg(layout.tls_authority(msp)).current_dir(layout.root());
    command.args(["--operations", &format!("127.0.0.1:{}", org.chaincode_operations_port)]);
    if contract.allow_insecure_dev_keys {
        command.arg("--allow-insecure-dev-keys");
    }
    command
}
