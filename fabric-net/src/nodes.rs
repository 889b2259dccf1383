//! Orderers and peers: started where they do not run, and waited for.

use crate::commands::{orderer_command, peer_command, variables};
use crate::error::{At, NetError};
use crate::install::Binaries;
use crate::layout::Layout;
use crate::ports::check_free;
use crate::process::Running;
use crate::ready::{listens, metric, page, until};
use crate::state::NetState;
use crate::status::leader;
use std::process::Command;

/// Starts every orderer and peer that does not run; each is written down as soon as it runs.
///
/// **Errors**: a port is taken by another program; a process ends or does not get ready in time.
pub(crate) fn start_nodes(
    layout: &Layout,
    state: &mut NetState,
    binaries: &Binaries,
) -> Result<(), NetError> {
    for i in 0..state.orderers.len() {
        let me = &state.orderers[i];
        if !me.orderer.is_some_and(Running::is_alive) {
            let ports = [me.own_port(), me.admin_port, me.operations_port];
            let command = orderer_command(layout, state, i, binaries);
            let running = launch(layout, &format!("orderer{i}"), &ports, command)?;
            state.orderers[i].orderer = Some(running);
            state.write(layout)?;
        }
    }
    for (i, msp) in state.msp_ids()?.iter().enumerate() {
        let me = &state.orgs[i];
        if !me.peer.is_some_and(Running::is_alive) {
            let ports = [me.own_port(), me.operations_port];
            let command = peer_command(layout, state, msp, i, binaries);
            let running = launch(layout, &format!("peer-{msp}"), &ports, command)?;
            state.orgs[i].peer = Some(running);
            state.write(layout)?;
        }
    }
    wait_until_listening(layout, state)
}

fn wait_until_listening(layout: &Layout, state: &NetState) -> Result<(), NetError> {
    for (i, orderer) in state.orderers.iter().enumerate() {
        let name = format!("orderer{i}");
        let ports = [
            orderer.own_port(),
            orderer.admin_port,
            orderer.operations_port,
        ];
        until(&name, orderer.orderer, &layout.log(&name), || {
            listens(orderer.orderer, &ports)
        })?;
    }
    for org in &state.orgs {
        let name = format!("peer-{}", org.msp_id);
        let ports = [org.own_port(), org.operations_port];
        let is_up = || listens(org.peer, &ports) && page(org.operations_port, "/healthz").is_some();
        until(&name, org.peer, &layout.log(&name), is_up)?;
    }
    Ok(())
}

fn launch(
    layout: &Layout,
    name: &str,
    ports: &[u16],
    mut command: Command,
) -> Result<Running, NetError> {
    check_free(name, ports)?;
    record_environment(layout, name, &command)?;
    Running::spawn(&mut command, &layout.log(name))
}

/// Writes down what a process is started with, for people and for the doctor.
fn record_environment(layout: &Layout, name: &str, command: &Command) -> Result<(), NetError> {
    let lines = variables(command)
        .into_iter()
        .map(|(key, value)| format!("{key}={value}\n"));
    let path = layout.environment(name);
    std::fs::write(&path, lines.collect::<String>()).at(&path)
}

/// Waits until somebody leads the orderers and every peer knows every other.
///
/// **Errors**: a process ended; it takes too long.
pub(crate) fn wait_until_ready(layout: &Layout, state: &NetState) -> Result<(), NetError> {
    if let Some(first) = state.orderers.first() {
        until(
            "the ordering service's leader",
            first.orderer,
            &layout.log("orderer0"),
            || leader(state).is_some(),
        )?;
    }
    // Private data goes from peer to peer; a peer that knows nobody yet would keep it to itself.
    let others = state.orgs.len() as f64 - 1.0;
    for org in &state.orgs {
        let name = format!("peer-{}", org.msp_id);
        let known = || {
            metric(
                org.operations_port,
                "gossip_membership_total_peers_known",
                &state.channel,
            )
        };
        until(
            &format!("{name}'s view of the other peers"),
            org.peer,
            &layout.log(&name),
            || known().is_some_and(|n| n >= others),
        )?;
    }
    Ok(())
}
