//! Bringing a network up, starting it again, saying how it is.

use crate::Say;
use crate::commands::{
    orderer_command, osnadmin_join, peer_command, peer_join, program, variables,
};
use crate::config::{auth_filters, configtx, core_yaml, crypto_config};
use crate::contract::Which;
use crate::end::{end, is_empty, is_left_over, remove, sweep};
use crate::error::{At, NetError};
use crate::held::Held;
use crate::install::Binaries;
use crate::layout::Layout;
use crate::ports::check_free;
use crate::process::{Running, marked, run};
use crate::ready::{listens, metric, page, until};
use crate::state::NetState;
use crate::topology::Topology;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

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
    /// Where it listens; 0 where that is not known.
    pub port: u16,
}

/// As the crate's own `up`, for who holds the network.
pub(crate) fn up(
    layout: &Layout,
    topology: &Topology,
    binaries: &Binaries,
    say: Say<'_>,
) -> Result<NetState, NetError> {
    match NetState::read(layout) {
        Ok(state) if state.is_joined => {
            same(&state, topology)?;
            start_again(layout, state, binaries, say)
        }
        // An earlier run ended half way: what it left runs on nothing that anyone relies on.
        Ok(_) => {
            remove(layout)?;
            make(layout, topology, binaries, say)
        }
        Err(NetError::Missing(_)) => make(layout, topology, binaries, say),
        Err(other) => Err(other),
    }
}

fn same(state: &NetState, topology: &Topology) -> Result<(), NetError> {
    let orgs: Vec<&str> = topology.orgs.iter().map(|o| o.as_str()).collect();
    let have: Vec<&str> = state.orgs.iter().map(|o| o.msp_id.as_str()).collect();
    let (asked, made) = (topology.is_time_checked, state.is_time_checked);
    if orgs == have
        && topology.orderers == state.orderers.len()
        && topology.channel == state.channel
        && asked == made
    {
        return Ok(());
    }
    let checks = if made {
        "whose clocks are checked"
    } else {
        "whose clocks are not checked"
    };
    let (orgs, orderers) = (have.join(", "), state.orderers.len());
    Err(NetError::Input(format!(
        "the folder holds a network of {orgs} with {orderers} orderers, {checks}: run `medveil net clean` first"
    )))
}

fn make(
    layout: &Layout,
    topology: &Topology,
    binaries: &Binaries,
    say: Say<'_>,
) -> Result<NetState, NetError> {
    if is_empty(layout.root())? {
        // Something may still run of a network whose folder somebody removed.
        end(layout, None)?;
    } else if is_left_over(layout)? {
        remove(layout)?;
    } else {
        return Err(NetError::Input(format!(
            "{} is not empty and holds no network",
            layout.root().display()
        )));
    }
    std::fs::create_dir_all(layout.root()).at(layout.root())?;
    std::fs::set_permissions(layout.root(), std::fs::Permissions::from_mode(0o700))
        .at(layout.root())?;
    // First of all: from here on the folder is recognisably a network's.
    let mut state = NetState::new(topology, &binaries.version, layout.root())?;
    state.write(layout)?;
    for dir in [layout.config(), layout.logs(), layout.builder().join("bin")] {
        std::fs::create_dir_all(&dir).at(&dir)?;
    }
    say("making certificates and the channel's first block");
    material(layout, topology, &state, binaries)?;
    say(&format!(
        "starting {} orderers and {} peers",
        state.orderers.len(),
        state.orgs.len()
    ));
    start(layout, &mut state, binaries)?;
    say(&format!("joining channel {}", state.channel));
    join(layout, &state, binaries)?;
    ready(layout, &state)?;
    state.is_joined = true;
    state.write(layout)?;
    Ok(state)
}

/// Certificates, configuration, builder and the channel's first block.
fn material(
    layout: &Layout,
    topology: &Topology,
    state: &NetState,
    binaries: &Binaries,
) -> Result<(), NetError> {
    let write = |name: &str, text: &str| {
        let path = layout.config().join(name);
        std::fs::write(&path, text).at(&path)
    };
    write("crypto-config.yaml", &crypto_config(topology))?;
    let filters = auth_filters(binaries.is_2_5(), state.is_time_checked);
    write(
        "core.yaml",
        &core_yaml(&binaries.sample("core.yaml")?, layout, &filters)?,
    )?;
    write("orderer.yaml", &binaries.sample("orderer.yaml")?)?;
    for (name, text) in BUILDER {
        let path = layout.builder().join("bin").join(name);
        std::fs::write(&path, text).at(&path)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).at(&path)?;
    }
    let mut cryptogen = program(binaries, "cryptogen", layout);
    cryptogen.arg("generate").arg(format!(
        "--config={}",
        layout.config().join("crypto-config.yaml").display()
    ));
    run(cryptogen.arg(format!("--output={}", layout.crypto().display())))?;
    write(
        "configtx.yaml",
        &configtx(layout, topology, state, binaries.is_2_5()),
    )?;
    let mut configtxgen = program(binaries, "configtxgen", layout);
    configtxgen
        .args(["-profile", "Medveil", "-channelID", &state.channel])
        .arg("-configPath")
        .arg(layout.config());
    run(configtxgen.arg("-outputBlock").arg(layout.genesis())).map(drop)
}

/// Starts every orderer and peer that does not run; each is written down as soon as it runs.
fn start(layout: &Layout, state: &mut NetState, binaries: &Binaries) -> Result<(), NetError> {
    for i in 0..state.orderers.len() {
        let me = &state.orderers[i];
        if !me.orderer.is_some_and(Running::is_alive) {
            let (name, ports) = (
                format!("orderer{i}"),
                [me.port, me.admin_port, me.operations_port],
            );
            let command = orderer_command(layout, state, i, binaries);
            state.orderers[i].orderer = Some(launch(layout, &name, &ports, command)?);
            state.write(layout)?;
        }
    }
    for (i, msp) in state.msp_ids()?.iter().enumerate() {
        let me = &state.orgs[i];
        if !me.peer.is_some_and(Running::is_alive) {
            let (name, ports) = (format!("peer-{msp}"), [me.peer_port, me.operations_port]);
            let command = peer_command(layout, state, msp, i, binaries);
            state.orgs[i].peer = Some(launch(layout, &name, &ports, command)?);
            state.write(layout)?;
        }
    }
    for (i, orderer) in state.orderers.iter().enumerate() {
        let (name, ports) = (
            format!("orderer{i}"),
            [orderer.port, orderer.admin_port, orderer.operations_port],
        );
        until(&name, orderer.orderer, &layout.log(&name), || {
            listens(orderer.orderer, &ports)
        })?;
    }
    for org in &state.orgs {
        let (name, ports) = (
            format!("peer-{}", org.msp_id),
            [org.peer_port, org.operations_port],
        );
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
    keep_environment(layout, name, &command)?;
    Running::spawn(&mut command, &layout.log(name))
}

/// Writes down what a process is started with, for people and for the doctor.
fn keep_environment(layout: &Layout, name: &str, command: &Command) -> Result<(), NetError> {
    let lines = variables(command)
        .into_iter()
        .map(|(key, value)| format!("{key}={value}\n"));
    let path = layout.environment(name);
    std::fs::write(&path, lines.collect::<String>()).at(&path)
}

/// All join at once: each waits for the others.
fn join(layout: &Layout, state: &NetState, binaries: &Binaries) -> Result<(), NetError> {
    for i in 0..state.orderers.len() {
        // It ends well even where the orderer refused.
        let printed = run(&mut osnadmin_join(layout, state, i, binaries))?;
        if !printed.trim_start().starts_with("Status: 201") {
            return Err(NetError::Program {
                program: "osnadmin channel join".to_owned(),
                message: printed.trim().to_owned(),
            });
        }
    }
    let msps = state.msp_ids()?;
    std::thread::scope(|scope| {
        let asked: Vec<_> = msps
            .iter()
            .map(|msp| scope.spawn(move || run(&mut peer_join(layout, state, msp, binaries))))
            .collect();
        asked.into_iter().try_for_each(|a| {
            a.join()
                .map_err(|_| NetError::Input("joining a peer stopped".to_owned()))?
                .map(drop)
        })
    })
}

/// Somebody leads the orderers, and every peer knows every other.
fn ready(layout: &Layout, state: &NetState) -> Result<(), NetError> {
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
        until(
            &format!("{name}'s view of the other peers"),
            org.peer,
            &layout.log(&name),
            || {
                metric(
                    org.operations_port,
                    "gossip_membership_total_peers_known",
                    &state.channel,
                )
                .is_some_and(|n| n >= others)
            },
        )?;
    }
    Ok(())
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

/// Starts what does not run of a network that was made before: orderers, peers, and the contract
/// where it was deployed.
///
/// **Errors**: no network there; another command works on it; programs of another Fabric release;
/// something is not ready in time. Whatever can run does then.
pub fn restart(layout: &Layout, binaries: &Binaries, say: Say<'_>) -> Result<NetState, NetError> {
    let _held = Held::there(layout)?;
    start_again(layout, NetState::read(layout)?, binaries, say)
}

fn start_again(
    layout: &Layout,
    mut state: NetState,
    binaries: &Binaries,
    say: Say<'_>,
) -> Result<NetState, NetError> {
    state.check_release(binaries)?;
    sweep(layout, &state)?;
    say("starting what does not run");
    let network = start(layout, &mut state, binaries).and_then(|()| ready(layout, &state));
    // A contract that does not come up is no reason to be without the network, nor the other way
    // round.
    let settled = if network.is_ok() {
        crate::deploy::settle(layout, &mut state, binaries)
    } else {
        Ok(())
    };
    let contracts = crate::contract::start(layout, &mut state, Which::Deployed);
    network.and(settled).and(contracts)?;
    Ok(state)
}

/// How each process is; where the network's own file is damaged, those that are found without it.
///
/// **Errors**: no network there.
pub fn status(layout: &Layout) -> Result<Vec<Standing>, NetError> {
    let state = match NetState::read(layout) {
        Ok(state) => state,
        Err(missing @ NetError::Missing(_)) => return Err(missing),
        Err(_) => {
            let found = |r: Running| Standing {
                name: r.name(),
                pid: Some(r.pid),
                port: 0,
            };
            return Ok(marked(&layout.real()).into_iter().map(found).collect());
        }
    };
    let standing = |(name, running, port): (String, Option<Running>, u16)| Standing {
        name,
        pid: running.filter(|r| r.is_alive()).map(|r| r.pid),
        port,
    };
    Ok(state.processes().into_iter().map(standing).collect())
}
