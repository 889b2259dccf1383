//! How each of Fabric's programs is started: arguments and environment.

use crate::error::{InputError, NetError};
use crate::install::Binaries;
use crate::layout::Layout;
use crate::process::{Running, mark, unmark};
use crate::state::NetState;
use medveil_collections_config::MspId;
use std::process::Command;

fn local(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

/// A program of Fabric with nothing of the caller's own Fabric settings.
pub(crate) fn program(binaries: &Binaries, name: &str, layout: &Layout) -> Command {
    let mut command = Command::new(binaries.program(name));
    for (key, _) in std::env::vars_os() {
        let text = key.to_string_lossy();
        if text.starts_with("CORE_") || text.starts_with("ORDERER_") || text.starts_with("FABRIC_")
        {
            command.env_remove(&key);
        }
    }
    command
        .env("FABRIC_CFG_PATH", layout.config())
        .current_dir(layout.root());
    mark(&mut command, &layout.real());
    command
}

/// What is the same for every orderer.
const ORDERER: [(&str, &str); 10] = [
    ("ORDERER_GENERAL_LISTENADDRESS", "127.0.0.1"),
    ("ORDERER_GENERAL_LOCALMSPID", "OrdererMSP"),
    ("ORDERER_GENERAL_BOOTSTRAPMETHOD", "none"),
    ("ORDERER_GENERAL_TLS_ENABLED", "true"),
    ("ORDERER_GENERAL_KEEPALIVE_SERVERMININTERVAL", "5s"),
    ("ORDERER_ADMIN_TLS_ENABLED", "true"),
    ("ORDERER_ADMIN_TLS_CLIENTAUTHREQUIRED", "true"),
    ("ORDERER_CHANNELPARTICIPATION_ENABLED", "true"),
    ("ORDERER_METRICS_PROVIDER", "prometheus"),
    ("FABRIC_LOGGING_SPEC", "info"),
];

/// Variables that name an orderer's certificate and key, by their beginnings.
const ORDERER_TLS: [(&str, &str, &str); 3] = [
    ("ORDERER_GENERAL_TLS", "CERTIFICATE", "PRIVATEKEY"),
    (
        "ORDERER_GENERAL_CLUSTER",
        "CLIENTCERTIFICATE",
        "CLIENTPRIVATEKEY",
    ),
    ("ORDERER_ADMIN_TLS", "CERTIFICATE", "PRIVATEKEY"),
];

/// The process of an orderer.
pub(crate) fn orderer_command(
    layout: &Layout,
    state: &NetState,
    index: usize,
    binaries: &Binaries,
) -> Command {
    let mut command = program(binaries, "orderer", layout);
    let (me, home) = (&state.orderers[index], layout.orderer(index));
    let tls = home.join("tls");
    let (cert, key) = (tls.join("server.crt"), tls.join("server.key"));
    let ca = format!("[{}]", tls.join("ca.crt").display());
    let data = layout.data(&format!("orderer{index}"));
    command
        .envs(ORDERER)
        .env("ORDERER_GENERAL_LISTENPORT", me.own_port().to_string())
        .env("ORDERER_ADMIN_LISTENADDRESS", local(me.admin_port))
        .env(
            "ORDERER_OPERATIONS_LISTENADDRESS",
            local(me.operations_port),
        )
        .env("ORDERER_GENERAL_LOCALMSPDIR", home.join("msp"));
    for (prefix, certificate, private) in ORDERER_TLS {
        command
            .env(format!("{prefix}_{certificate}"), &cert)
            .env(format!("{prefix}_{private}"), &key)
            .env(format!("{prefix}_ROOTCAS"), &ca);
    }
    command
        .env("ORDERER_ADMIN_TLS_CLIENTROOTCAS", &ca)
        .env("ORDERER_FILELEDGER_LOCATION", data.join("ledger"))
        .env("ORDERER_CONSENSUS_WALDIR", data.join("wal"))
        .env("ORDERER_CONSENSUS_SNAPDIR", data.join("snap"));
    command
}

/// Who and where a peer is: the same for the peer and for a client of it.
fn peer_environment(command: &mut Command, layout: &Layout, msp: &MspId, port: u16) {
    command
        .env("CORE_PEER_LOCALMSPID", msp.as_str())
        .env("CORE_PEER_ADDRESS", local(port))
        .env("CORE_PEER_TLS_ENABLED", "true")
        .env("CORE_PEER_TLS_ROOTCERT_FILE", layout.tls_authority(msp));
}

/// What is the same for every peer.
const PEER: [(&str, &str); 12] = [
    ("CORE_PEER_NETWORKID", "medveil"),
    // Chaincode runs as a service; this listener is for chaincode that the peer starts, and
    // nobody needs to find it.
    ("CORE_PEER_CHAINCODELISTENADDRESS", "127.0.0.1:0"),
    ("CORE_PEER_GOSSIP_RECONNECTINTERVAL", "2s"),
    ("CORE_PEER_GOSSIP_MEMBERSHIPTRACKERINTERVAL", "1s"),
    ("CORE_PEER_KEEPALIVE_MININTERVAL", "5s"),
    // 48 MiB: a peer sends arguments to the contract twice in one message, whose own limit is
    // 100 MiB; a larger one would end the stream.
    ("CORE_PEER_MAXRECVMSGSIZE", "50331648"),
    // A claim over thousands of chunks verifies for longer than Fabric's half a minute.
    ("CORE_CHAINCODE_EXECUTETIMEOUT", "300s"),
    ("CORE_PEER_GATEWAY_ENDORSEMENTTIMEOUT", "300s"),
    // A member that did not endorse a purge cannot get it from anybody, and commits nothing
    // while it tries: a minute, as Fabric ships.
    ("CORE_PEER_GOSSIP_PVTDATA_PULLRETRYTHRESHOLD", "5s"),
    ("CORE_PEER_GOSSIP_PVTDATA_RECONCILESLEEPINTERVAL", "5s"),
    ("CORE_METRICS_PROVIDER", "prometheus"),
    ("FABRIC_LOGGING_SPEC", "info"),
];

/// The process of an organisation's peer.
pub(crate) fn peer_command(
    layout: &Layout,
    state: &NetState,
    msp: &MspId,
    index: usize,
    binaries: &Binaries,
) -> Command {
    let mut command = program(binaries, "peer", layout);
    let (me, home) = (&state.orgs[index], layout.host(msp, "peer0"));
    let (address, data) = (local(me.peer_port), layout.data(&format!("peer-{msp}")));
    command.args(["node", "start"]);
    peer_environment(&mut command, layout, msp, me.peer_port);
    command
        .envs(PEER)
        .env("CORE_PEER_ID", format!("peer-{msp}"));
    for key in [
        "CORE_PEER_GOSSIP_BOOTSTRAP",
        "CORE_PEER_GOSSIP_ENDPOINT",
        "CORE_PEER_GOSSIP_EXTERNALENDPOINT",
    ] {
        command.env(key, &address);
    }
    command
        .env("CORE_PEER_LISTENADDRESS", local(me.own_port()))
        .env("CORE_OPERATIONS_LISTENADDRESS", local(me.operations_port))
        .env("CORE_PEER_MSPCONFIGPATH", home.join("msp"))
        .env("CORE_PEER_TLS_CERT_FILE", home.join("tls/server.crt"))
        .env("CORE_PEER_TLS_KEY_FILE", home.join("tls/server.key"))
        .env("CORE_PEER_FILESYSTEMPATH", &data)
        .env("CORE_LEDGER_SNAPSHOTS_ROOTDIR", data.join("snapshots"))
        .env("MEDVEIL_CHAINCODE_CONNECTION", layout.connection(msp));
    command
}

/// The `peer` program as an organisation's administrator.
pub(crate) fn admin(
    layout: &Layout,
    state: &NetState,
    msp: &MspId,
    binaries: &Binaries,
) -> Command {
    let mut command = program(binaries, "peer", layout);
    peer_environment(&mut command, layout, msp, peer_port(state, msp));
    command
        .env(
            "CORE_PEER_MSPCONFIGPATH",
            layout.user(msp, "Admin").join("msp"),
        )
        .env("FABRIC_LOGGING_SPEC", "error");
    command
}

/// Where an organisation's peer listens; 0 where there is no such organisation.
fn peer_port(state: &NetState, msp: &MspId) -> u16 {
    state
        .orgs
        .iter()
        .find(|o| o.msp_id == msp.as_str())
        .map_or(0, |o| o.peer_port)
}

/// Adds the ordering service that a transaction goes to: an orderer that runs, where one does.
pub(crate) fn to_orderer(command: &mut Command, layout: &Layout, state: &NetState) {
    let running = state
        .orderers
        .iter()
        .find(|o| o.orderer.is_some_and(Running::is_alive));
    let port = running.or(state.orderers.first()).map_or(0, |o| o.port);
    command
        .args(["-o", &local(port), "--tls", "--cafile"])
        .arg(layout.orderer_tls_authority());
}

/// Adds the peers that endorse a transaction of the `peer` program.
pub(crate) fn at_peers(command: &mut Command, layout: &Layout, state: &NetState, msps: &[MspId]) {
    for msp in msps {
        command
            .args(["--peerAddresses", &local(peer_port(state, msp))])
            .arg("--tlsRootCertFiles")
            .arg(layout.tls_authority(msp));
    }
}

/// An orderer joins the channel.
pub(crate) fn osnadmin_join(
    layout: &Layout,
    state: &NetState,
    index: usize,
    binaries: &Binaries,
) -> Command {
    let mut command = program(binaries, "osnadmin", layout);
    let tls = layout.orderer_admin().join("tls");
    command
        .args(["channel", "join", "--channelID", &state.channel])
        .args(["-o", &local(state.orderers[index].admin_port)])
        .arg("--config-block")
        .arg(layout.genesis())
        .arg("--ca-file")
        .arg(layout.orderer_tls_authority())
        .arg("--client-cert")
        .arg(tls.join("client.crt"))
        .arg("--client-key")
        .arg(tls.join("client.key"));
    command
}

/// A peer joins the channel.
pub(crate) fn peer_join(
    layout: &Layout,
    state: &NetState,
    msp: &MspId,
    binaries: &Binaries,
) -> Command {
    let mut command = admin(layout, state, msp, binaries);
    command
        .args(["channel", "join", "-b"])
        .arg(layout.genesis());
    command
}

/// What Fabric's own `peer` program needs in its environment to work as an organisation's
/// administrator.
///
/// **Errors**: the organisation is not of this network.
pub fn environment(
    layout: &Layout,
    state: &NetState,
    msp: &MspId,
    binaries: &Binaries,
) -> Result<Vec<(String, String)>, NetError> {
    if !state.orgs.iter().any(|o| o.msp_id == msp.as_str()) {
        let orgs: Vec<&str> = state.orgs.iter().map(|o| o.msp_id.as_str()).collect();
        let (known, got) = (orgs.join(", "), msp.clone());
        return Err(InputError::UnknownOrganisation { known, got }.into());
    }
    let mut command = admin(layout, state, msp, binaries);
    // What a person starts is not of the network's own processes.
    unmark(&mut command);
    // For its `-o` and `--cafile`.
    let orderer = state.orderers.first().map_or(0, |o| o.port);
    command
        .env("ORDERER_ADDRESS", local(orderer))
        .env("ORDERER_CA", layout.orderer_tls_authority());
    Ok(variables(&command))
}

/// What a command adds to its environment.
pub(crate) fn variables(command: &Command) -> Vec<(String, String)> {
    let text = |s: &std::ffi::OsStr| s.to_string_lossy().into_owned();
    command
        .get_envs()
        .filter_map(|(key, value)| Some((text(key), text(value?))))
        .collect()
}
