//! Bringing a network up, taking it down, saying how it is.

use crate::Say;
use crate::commands::{orderer_command, osnadmin_join, peer_command, peer_join, variables};
use crate::config::{auth_filters, configtx, core_yaml, crypto_config};
use crate::error::{At, NetError};
use crate::install::Binaries;
use crate::layout::Layout;
use crate::process::{Running, run};
use crate::ready::{listens, metric, page, until};
use crate::state::NetState;
use crate::topology::Topology;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

/// How long a process may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(10);
const BUILDER: [(&str, &str); 3] = [
    ("detect", include_str!("../builder/bin/detect")),
    ("build", include_str!("../builder/bin/build")),
    ("release", include_str!("../builder/bin/release")),
];

/// How one process is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its name.
    pub name: String,
    /// Its process id, while it runs.
    pub pid: Option<i32>,
    /// Where it listens.
    pub port: u16,
}

/// Brings a network up: makes it where the folder holds none, starts what does not run otherwise.
///
/// **Errors**: the folder holds another network; a program fails; something is not ready in time.
///
/// **Cost**: some seconds.
pub fn up(layout: &Layout, topology: &Topology, binaries: &Binaries, say: Say<'_>) -> Result<NetState, NetError> {
    match NetState::read(layout) {
        Ok(state) if state.is_joined => {
            same(&state, topology)?;
            restart(layout, binaries, say)
        }
        // An earlier run ended half way: what it left runs on nothing that anyone relies on.
        Ok(state) => {
            end(&state);
            clean(layout)?;
            make(layout, topology, binaries, say)
        }
        Err(NetError::Missing(_)) => make(layout, topology, binaries, say),
        Err(other) => Err(other),
    }
}

fn same(state: &NetState, topology: &Topology) -> Result<(), NetError> {
    let orgs: Vec<&str> = topology.orgs.iter().map(|o| o.as_str()).collect();
    let have: Vec<&str> = state.orgs.iter().map(|o| o.msp_id.as_str()).collect();
    if orgs == have && topology.orderers == state.orderers.len() && topology.channel == state.channel {
        return Ok(());
    }
    let message =
        format!("the folder holds a network of {} with {} orderers: run `medveil net clean` first", have.join(", "), state.orderers.len());
    Err(NetError::Input(message))
}

fn make(layout: &Layout, topology: &Topology, binaries: &Binaries, say: Say<'_>) -> Result<NetState, NetError> {
    if layout.root().is_dir() && std::fs::read_dir(layout.root()).at(layout.root())?.next().is_some() {
        return Err(NetError::Input(format!("{} is not empty and holds no network", layout.root().display())));
    }
    for dir in [layout.root().to_owned(), layout.config(), layout.logs(), layout.builder().join("bin")] {
        std::fs::create_dir_all(&dir).at(&dir)?;
    }
    std::fs::set_permissions(layout.root(), std::fs::Permissions::from_mode(0o700)).at(layout.root())?;
    let mut state = NetState::new(topology, &binaries.version)?;
    state.write(layout)?;
    say("making certificates and the channel's first block");
    material(layout, topology, &state, binaries)?;
    say(&format!("starting {} orderers and {} peers", state.orderers.len(), state.orgs.len()));
    start(layout, &mut state, binaries)?;
    say(&format!("joining channel {}", state.channel));
    join(layout, &state, binaries)?;
    ready(layout, &state)?;
    state.is_joined = true;
    state.write(layout)?;
    Ok(state)
}

/// Certificates, configuration, builder and the channel's first block.
fn material(layout: &Layout, topology: &Topology, state: &NetState, binaries: &Binaries) -> Result<(), NetError> {
    let write = |name: &str, text: &str| {
        let path = layout.config().join(name);
        std::fs::write(&path, text).at(&path)
    };
    write("crypto-config.yaml", &crypto_config(topology))?;
    let filters = auth_filters(binaries.is_2_5(), state.is_time_checked);
    write("core.yaml", &core_yaml(&binaries.sample("core.yaml")?, layout, &filters)?)?;
    write("orderer.yaml", &binaries.sample("orderer.yaml")?)?;
    for (name, text) in BUILDER {
        let path = layout.builder().join("bin").join(name);
        std::fs::write(&path, text).at(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).at(&path)?;
    }
    let mut cryptogen = Command::new(binaries.program("cryptogen"));
    cryptogen.arg("generate").arg(format!("--config={}", layout.config().join("crypto-config.yaml").display()));
    run(cryptogen.arg(format!("--output={}", layout.crypto().display())))?;
    write("configtx.yaml", &configtx(layout, topology, state, binaries.is_2_5()))?;
    let mut configtxgen = Command::new(binaries.program("configtxgen"));
    configtxgen.args(["-profile", "Medveil", "-channelID", &state.channel]).arg("-configPath").arg(layout.config());
    run(configtxgen.arg("-outputBlock").arg(layout.genesis())).map(drop)
}

/// Starts every orderer and peer that does not run; each is written down as soon as it runs.
fn start(layout: &Layout, state: &mut NetState, binaries: &Binaries) -> Result<(), NetError> {
    for i in 0..state.orderers.len() {
        if !state.orderers[i].orderer.is_some_and(Running::is_alive) {
            let mut command = orderer_command(layout, state, i, binaries);
            keep_environment(layout, &format!("orderer{i}"), &command)?;
            state.orderers[i].orderer = Some(Running::spawn(&mut command, &layout.log(&format!("orderer{i}")))?);
            state.write(layout)?;
        }
    }
    for i in 0..state.orgs.len() {
        if !state.orgs[i].peer.is_some_and(Running::is_alive) {
            let msp = state.msp_ids()?[i].clone();
            let mut command = peer_command(layout, state, &msp, i, binaries);
            keep_environment(layout, &format!("peer-{msp}"), &command)?;
            state.orgs[i].peer = Some(Running::spawn(&mut command, &layout.log(&format!("peer-{msp}")))?);
            state.write(layout)?;
        }
    }
    for (i, orderer) in state.orderers.iter().enumerate() {
        let name = format!("orderer{i}");
        until(&name, orderer.orderer, &layout.log(&name), || listens(orderer.admin_port) && listens(orderer.port))?;
    }
    for org in &state.orgs {
        let name = format!("peer-{}", org.msp_id);
        until(&name, org.peer, &layout.log(&name), || page(org.operations_port, "/healthz").is_some() && listens(org.peer_port))?;
    }
    Ok(())
}

/// Writes down what a process is started with, for people and for the doctor.
fn keep_environment(layout: &Layout, name: &str, command: &Command) -> Result<(), NetError> {
    let lines = variables(command).into_iter().map(|(key, value)| format!("{key}={value}\n"));
    let path = layout.environment(name);
    std::fs::write(&path, lines.collect::<String>()).at(&path)
}

/// All join at once: each waits for the others.
fn join(layout: &Layout, state: &NetState, binaries: &Binaries) -> Result<(), NetError> {
    for i in 0..state.orderers.len() {
        // It ends well even where the orderer refused.
        let printed = run(&mut osnadmin_join(layout, state, i, binaries))?;
        if !printed.trim_start().starts_with("Status: 201") {
            return Err(NetError::Program { program: "osnadmin channel join".to_owned(), message: printed.trim().to_owned() });
        }
    }
    let msps = state.msp_ids()?;
    std::thread::scope(|scope| {
        let asked: Vec<_> = msps.iter().map(|msp| scope.spawn(move || run(&mut peer_join(layout, state, msp, binaries)))).collect();
        asked.into_iter().try_for_each(|a| a.join().map_err(|_| NetError::Input("joining a peer stopped".to_owned()))?.map(drop))
    })
}

/// Somebody leads the orderers, and every peer knows every other.
fn ready(layout: &Layout, state: &NetState) -> Result<(), NetError> {
    if let Some(first) = state.orderers.first() {
        until("the ordering service's leader", first.orderer, &layout.log("orderer0"), || leader(state).is_some())?;
    }
    // Private data goes from peer to peer; a peer that knows nobody yet would keep it to itself.
    let others = state.orgs.len() as f64 - 1.0;
    for org in &state.orgs {
        let name = format!("peer-{}", org.msp_id);
        until(&format!("{name}'s view of the other peers"), org.peer, &layout.log(&name), || {
            metric(org.operations_port, "gossip_membership_total_peers_known", &state.channel).is_some_and(|n| n >= others)
        })?;
    }
    Ok(())
}

/// The orderer that leads now, where one does.
pub fn leader(state: &NetState) -> Option<usize> {
    state.orderers.iter().position(|orderer| {
        let of = |name: &str| metric(orderer.operations_port, name, &state.channel);
        of("consensus_etcdraft_is_leader").or_else(|| of("consensus_BFT_is_leader")).is_some_and(|n| n > 0.0)
    })
}

/// Starts what does not run of a network that was made before: orderers, peers, and the contract where it was deployed.
///
/// **Errors**: no network there; something is not ready in time.
pub fn restart(layout: &Layout, binaries: &Binaries, say: Say<'_>) -> Result<NetState, NetError> {
    let mut state = NetState::read(layout)?;
    say("starting what does not run");
    crate::deploy::start_contracts(layout, &mut state)?;
    start(layout, &mut state, binaries)?;
    ready(layout, &state)?;
    Ok(state)
}

/// How each process is.
///
/// **Errors**: no network there.
pub fn status(layout: &Layout) -> Result<Vec<Standing>, NetError> {
    let state = NetState::read(layout)?;
    let standing = |(name, running, port): (String, Option<Running>, u16)| Standing {
        name,
        pid: running.filter(|r| r.is_alive()).map(|r| r.pid),
        port,
    };
    Ok(state.processes().into_iter().map(standing).collect())
}

/// Stops every process, contracts first, all of a kind at once.
fn end(state: &NetState) {
    let stop = |all: Vec<Option<Running>>| {
        std::thread::scope(|scope| {
            for running in all.into_iter().flatten() {
                scope.spawn(move || running.stop(PATIENCE));
            }
        });
    };
    stop(state.orgs.iter().map(|o| o.peer).collect());
    stop(state.orgs.iter().map(|o| o.chaincode).collect());
    stop(state.orderers.iter().map(|o| o.orderer).collect());
}

/// Stops every process; what is on disk stays, and `up` goes on from it.
///
/// **Errors**: no network there.
pub fn down(layout: &Layout) -> Result<(), NetError> {
    let mut state = NetState::read(layout)?;
    end(&state);
    state.orgs.iter_mut().for_each(|o| (o.peer, o.chaincode) = (None, None));
    state.orderers.iter_mut().for_each(|o| o.orderer = None);
    state.write(layout)
}

/// Stops everything and removes the network from the disk.
///
/// **Errors**: no network there; the file system refused.
pub fn clean(layout: &Layout) -> Result<(), NetError> {
    end(&NetState::read(layout)?);
    std::fs::remove_dir_all(layout.root()).at(layout.root())
}
