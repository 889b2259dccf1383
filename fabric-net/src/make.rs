//! Making a new network: certificates, configuration, processes, and a channel that all join.

use crate::Progress;
use crate::commands::{osnadmin_join, peer_join, program};
use crate::config::{auth_filters, configtx, core_yaml, crypto_config};
use crate::error::{At, InputError, NetError};
use crate::install::Binaries;
use crate::layout::Layout;
use crate::lock::NetworkLock;
use crate::nodes::{start_nodes, wait_until_ready};
use crate::parallel::for_each;
use crate::process::run;
use crate::shutdown::stop_network;
use crate::state::NetState;
use crate::stop::{is_empty, is_left_over, remove_folder};
use crate::topology::Topology;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const BUILDER: [(&str, &str); 3] = [
    ("detect", include_str!("../builder/bin/detect")),
    ("build", include_str!("../builder/bin/build")),
    ("release", include_str!("../builder/bin/release")),
];

/// Makes a network in a folder that holds none, or what is left of one.
///
/// **Errors**: the folder holds something else; a program fails; something is not ready in time.
pub(crate) fn make(
    lock: &NetworkLock,
    topology: &Topology,
    binaries: &Binaries,
    progress: Progress<'_>,
) -> Result<NetState, NetError> {
    let layout = lock.layout();
    clear(layout)?;
    std::fs::create_dir_all(layout.root()).at(layout.root())?;
    std::fs::set_permissions(layout.root(), Permissions::from_mode(0o700)).at(layout.root())?;
    // First of all: from here on the folder is recognisably a network's.
    let mut state = NetState::new(topology, &binaries.version, layout.root())?;
    state.write(layout)?;
    for dir in [layout.config(), layout.logs(), layout.builder().join("bin")] {
        std::fs::create_dir_all(&dir).at(&dir)?;
    }
    progress("making certificates and the channel's first block");
    write_configuration(layout, topology, &state, binaries)?;
    write_builder(layout)?;
    make_certificates(layout, binaries)?;
    make_genesis(layout, topology, &state, binaries)?;
    let (orderers, peers) = (state.orderers.len(), state.orgs.len());
    progress(&format!("starting {orderers} orderers and {peers} peers"));
    start_nodes(layout, &mut state, binaries)?;
    progress(&format!("joining channel {}", state.channel));
    join(layout, &state, binaries)?;
    wait_until_ready(layout, &state)?;
    state.is_joined = true;
    state.write(layout)?;
    Ok(state)
}

/// Removes what is left of a network in the folder.
///
/// **Errors**: the folder holds something else.
fn clear(layout: &Layout) -> Result<(), NetError> {
    if is_empty(layout.root())? {
        // Something may still run of a network whose folder somebody removed.
        stop_network(layout, None)
    } else if is_left_over(layout)? {
        remove_folder(layout)
    } else {
        Err(InputError::NotEmpty(layout.root().to_owned()).into())
    }
}

fn write_configuration(
    layout: &Layout,
    topology: &Topology,
    state: &NetState,
    binaries: &Binaries,
) -> Result<(), NetError> {
    let filters = auth_filters(binaries.is_2_5(), state.is_time_checked);
    let core = core_yaml(&binaries.sample("core.yaml")?, layout, &filters)?;
    write_config(layout, "crypto-config.yaml", &crypto_config(topology))?;
    write_config(layout, "core.yaml", &core)?;
    write_config(layout, "orderer.yaml", &binaries.sample("orderer.yaml")?)
}

fn write_config(layout: &Layout, name: &str, text: &str) -> Result<(), NetError> {
    let path = layout.config().join(name);
    std::fs::write(&path, text).at(&path)
}

/// Our external builder, which peers run in Docker's place.
fn write_builder(layout: &Layout) -> Result<(), NetError> {
    let write = |path: &Path, text: &str| {
        std::fs::write(path, text)?;
        std::fs::set_permissions(path, Permissions::from_mode(0o755))
    };
    for (name, text) in BUILDER {
        let path = layout.builder().join("bin").join(name);
        write(&path, text).at(&path)?;
    }
    Ok(())
}

fn make_certificates(layout: &Layout, binaries: &Binaries) -> Result<(), NetError> {
    let mut cryptogen = program(binaries, "cryptogen", layout);
    let config = layout.config().join("crypto-config.yaml");
    cryptogen
        .arg("generate")
        .arg(format!("--config={}", config.display()))
        .arg(format!("--output={}", layout.crypto().display()));
    run(&mut cryptogen).map(drop)
}

/// The channel's first block, over the certificates that are there by now.
fn make_genesis(
    layout: &Layout,
    topology: &Topology,
    state: &NetState,
    binaries: &Binaries,
) -> Result<(), NetError> {
    let channel = configtx(layout, topology, state, binaries.is_2_5());
    write_config(layout, "configtx.yaml", &channel)?;
    let mut configtxgen = program(binaries, "configtxgen", layout);
    configtxgen
        .args(["-profile", "Medveil", "-channelID", &state.channel])
        .arg("-configPath")
        .arg(layout.config())
        .arg("-outputBlock")
        .arg(layout.genesis());
    run(&mut configtxgen).map(drop)
}

/// Orderers and peers join the channel; peers all at once, because each waits for the others.
fn join(layout: &Layout, state: &NetState, binaries: &Binaries) -> Result<(), NetError> {
    for i in 0..state.orderers.len() {
        // It ends well even where the orderer refused.
        let printed = run(&mut osnadmin_join(layout, state, i, binaries))?;
        if !printed.trim_start().starts_with("Status: 201") {
            return Err(NetError::Program {
                program: "osnadmin channel join".to_owned(),
                printed: printed.trim().to_owned(),
            });
        }
    }
    for_each(&state.msp_ids()?, |msp| {
        run(&mut peer_join(layout, state, msp, binaries)).map(drop)
    })
}
