//! A contract's processes: one for each organisation, from a copy of the program that stays as it
//! was deployed.
//!
//! Two contracts may run side by side, the one that the channel knows and the one that is to
//! replace it. Each has ports of its own; which one a peer calls is what its connection file says
//! at the time that the peer connects.

use crate::error::{At, NetError};
use crate::layout::Layout;
use crate::ports;
use crate::process::{Running, mark};
use crate::ready::{listens, page, until};
use crate::shutdown::stop_all;
use crate::state::{Contract, NetState, Service};
use medveil_collections_config::MspId;
use sha2::{Digest, Sha256};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One of the two contracts that a network may have.
#[derive(Clone, Copy)]
pub(crate) enum ContractSlot {
    /// The one that the channel knows.
    Deployed,
    /// The one that is to replace it.
    Pending,
}

impl ContractSlot {
    fn of(self, state: &mut NetState) -> &mut Option<Contract> {
        match self {
            ContractSlot::Deployed => &mut state.contract,
            ContractSlot::Pending => &mut state.pending,
        }
    }

    fn collections(self, layout: &Layout) -> PathBuf {
        match self {
            ContractSlot::Deployed => layout.collections(),
            ContractSlot::Pending => layout.next_collections(),
        }
    }
}

/// Copies a contract's program into the network's folder; gives the copy. Another build of the same
/// label is another copy.
///
/// **Errors**: the file system refused.
pub(crate) fn copy_program(
    layout: &Layout,
    label: &str,
    program: &Path,
) -> Result<PathBuf, NetError> {
    let digest = hex::encode(&Sha256::digest(std::fs::read(program).at(program)?)[..8]);
    let dir = layout.contracts().join(label).join(digest);
    let copy = dir.join(program.file_name().unwrap_or_default());
    if copy.is_file() {
        return Ok(copy);
    }
    std::fs::create_dir_all(&dir).at(&dir)?;
    // Under its own name it is whole.
    let partial = dir.join("partial");
    std::fs::copy(program, &partial).at(&partial)?;
    std::fs::rename(&partial, &copy).at(&copy)?;
    Ok(copy)
}

/// Removes the copies that no contract runs from.
pub(crate) fn discard_programs(layout: &Layout, state: &NetState) {
    let within = |dir: &Path| {
        std::fs::read_dir(dir)
            .into_iter()
            .flatten()
            .flatten()
            .map(|e| e.path())
            .collect::<Vec<_>>()
    };
    for dir in within(&layout.contracts())
        .iter()
        .flat_map(|label| within(label))
    {
        if !state.contracts().any(|c| c.program.starts_with(&dir)) {
            // What is in the way of nothing may as well stay.
            let _ = std::fs::remove_dir_all(&dir);
        }
    }
}

/// Services with ports of their own, none of which runs yet: one for each organisation.
///
/// **Errors**: the system has no ports.
pub(crate) fn new_services(layout: &Layout, state: &NetState) -> Result<Vec<Service>, NetError> {
    let found = ports::free(state.orgs.len() * 2, layout.root(), &state.ports())?;
    Ok(found
        .chunks(2)
        .map(|pair| Service {
            port: pair[0],
            operations_port: pair[1],
            process: None,
        })
        .collect())
}

/// Starts a contract's processes that do not run, where there is one, and waits until they serve.
///
/// **Errors**: a port is taken by another program; a process ends or does not get ready in time.
pub(crate) fn start_contract(
    layout: &Layout,
    state: &mut NetState,
    slot: ContractSlot,
) -> Result<(), NetError> {
    let Some(mut contract) = slot.of(state).clone() else {
        return Ok(());
    };
    for (i, msp) in state.msp_ids()?.iter().enumerate() {
        let Some(service) = contract
            .services
            .get(i)
            .filter(|s| !s.process.is_some_and(Running::is_alive))
        else {
            continue;
        };
        let name = format!("chaincode-{msp}");
        ports::check_free(&name, &[service.port, service.operations_port])?;
        let mut command = command(layout, &contract, &slot.collections(layout), msp, service);
        if !state.is_time_checked {
            command.arg("--no-time-check");
        }
        let running = Running::spawn(&mut command, &layout.log(&name))?;
        contract.services[i].process = Some(running);
        *slot.of(state) = Some(contract.clone());
        state.write(layout)?;
    }
    for (service, org) in contract.services.iter().zip(&state.orgs) {
        let name = format!("chaincode-{}", org.msp_id);
        let serves = || {
            listens(service.process, &[service.port])
                && page(service.operations_port, "/healthz").is_some()
        };
        until(&name, service.process, &layout.log(&name), serves)?;
    }
    Ok(())
}

/// Stops a contract's processes.
pub(crate) fn stop_contract(contract: &mut Contract) {
    stop_all(contract.services.iter().filter_map(|s| s.process));
    for service in &mut contract.services {
        // One that does not end is found again by its mark.
        service.process = service.process.filter(|p| p.is_alive());
    }
}

fn command(
    layout: &Layout,
    contract: &Contract,
    collections: &Path,
    msp: &MspId,
    service: &Service,
) -> Command {
    let mut command = Command::new(&contract.program);
    mark(&mut command, &layout.real());
    let tls = layout.host(msp, "chaincode").join("tls");
    let at = |port: u16| format!("127.0.0.1:{port}");
    command
        .args(["--listen", &at(service.port)])
        .args(["--operations", &at(service.operations_port)])
        .args(["--package-id", &contract.package_id])
        .args(["--msp-id", msp.as_str()])
        .args(["--consortium-digest", &contract.consortium])
        .arg("--collections")
        .arg(collections)
        .arg("--tls-cert")
        .arg(tls.join("server.crt"))
        .arg("--tls-key")
        .arg(tls.join("server.key"))
        .arg("--client-ca")
        .arg(layout.tls_authority(msp))
        .arg("--peer-cert")
        .arg(layout.host(msp, "peer0").join("tls").join("server.crt"))
        .current_dir(layout.root());
    if contract.allow_insecure_dev_keys {
        command.arg("--allow-insecure-dev-keys");
    }
    command
}

/// Tells each peer where its own organisation's process of this contract is and how both prove who
/// they are: in the file that it takes over when the package is installed, and in what it took over
/// where it was installed before.
///
/// **Errors**: the file system refused.
pub(crate) fn connect_peers(
    layout: &Layout,
    state: &NetState,
    contract: &Contract,
) -> Result<(), NetError> {
    let read = |path: PathBuf| std::fs::read_to_string(&path).at(&path);
    for (service, msp) in contract.services.iter().zip(&state.msp_ids()?) {
        let tls = layout.host(msp, "peer0").join("tls");
        let connection = serde_json::json!({
            "address": format!("127.0.0.1:{}", service.port),
            "dial_timeout": "10s",
            "tls_required": true,
            "client_auth_required": true,
            "client_key": read(tls.join("server.key"))?,
            "client_cert": read(tls.join("server.crt"))?,
            "root_cert": read(layout.tls_authority(msp))?,
        });
        replace_secret_file(&layout.connection(msp), &connection.to_string())?;
        let built = layout.built_connection(msp, &contract.package_id);
        if built.is_file() {
            replace_secret_file(&built, &connection.to_string())?;
        }
    }
    Ok(())
}

/// Replaces a file as a whole; it holds a key.
fn replace_secret_file(path: &Path, text: &str) -> Result<(), NetError> {
    let partial = path.with_extension("partial");
    std::fs::write(&partial, "").at(&partial)?;
    std::fs::set_permissions(&partial, std::fs::Permissions::from_mode(0o600)).at(&partial)?;
    std::fs::write(&partial, text).at(&partial)?;
    std::fs::rename(&partial, path).at(path)
}
