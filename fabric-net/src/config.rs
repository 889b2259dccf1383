//! Configuration files: certificates to be made, the channel, and what Fabric's samples are changed
//! in.
//!
//! Only what differs from Fabric's sample is written here; ports and paths go into the environment
//! of each process.

use crate::error::InputError;
use crate::layout::{Layout, ORDERER_DOMAIN, domain};
use crate::state::NetState;
use crate::topology::Topology;
use medveil_collections_config::MspId;
use serde_json::{Value, json};
use std::fmt::Write;

/// Fabric's sample values but for the batch interval; each must be given, and one timeout may not
/// pass the next.
const SMART_BFT: &str = "      SmartBFT:
        RequestBatchMaxCount: 100
        RequestBatchMaxInterval: 50ms
        RequestForwardTimeout: 2s
        RequestComplainTimeout: 20s
        RequestAutoRemoveTimeout: 3m0s
        ViewChangeResendInterval: 5s
        ViewChangeTimeout: 20s
        LeaderHeartbeatTimeout: 1m0s
        CollectTimeout: 1s
        RequestBatchMaxBytes: 10485760
        IncomingMessageBufferSize: 200
        RequestPoolSize: 100000
        LeaderHeartbeatCount: 10
      ConsenterMapping:
";
const SANS: &str = "        SANS: [localhost, 127.0.0.1]\n";

/// For cryptogen: an organisation has a peer, a host for its contract, an administrator and a user;
/// roles come from organisational units.
pub(crate) fn crypto_config(topology: &Topology) -> String {
    let mut text = format!(
        "OrdererOrgs:\n  - Name: Orderer\n    Domain: {ORDERER_DOMAIN}\n    EnableNodeOUs: true\n    Specs:\n"
    );
    for i in 0..topology.orderers {
        let _ = write!(text, "      - Hostname: orderer{i}\n{SANS}");
    }
    text.push_str("PeerOrgs:\n");
    for org in &topology.orgs {
        let _ = write!(
            text,
            "  - Name: {}\n    Domain: {}\n    EnableNodeOUs: true\n    Specs:\n",
            org.as_str(),
            domain(org)
        );
        for host in ["peer0", "chaincode"] {
            let _ = write!(text, "      - Hostname: {host}\n{SANS}");
        }
        // The organisation's client, and identities for its people.
        text.push_str("    Users:\n      Count: 3\n");
    }
    text
}

fn policy(name: &str, kind: &str, rule: &str) -> String {
    format!("      {name}: {{Type: {kind}, Rule: \"{rule}\"}}\n")
}

fn organisation(layout: &Layout, msp: &MspId, port: u16) -> String {
    let (id, dir) = (msp.as_str(), layout.msp(msp));
    let mut text = format!(
        "  - &{id}\n    Name: {id}\n    ID: {id}\n    MSPDir: {}\n    Policies:\n",
        dir.display()
    );
    text.push_str(&policy(
        "Readers",
        "Signature",
        &format!("OR('{id}.admin', '{id}.peer', '{id}.client')"),
    ));
    text.push_str(&policy(
        "Writers",
        "Signature",
        &format!("OR('{id}.admin', '{id}.client')"),
    ));
    text.push_str(&policy("Admins", "Signature", &format!("OR('{id}.admin')")));
    // Without it a client's certificate could sign in its peer's place.
    text.push_str(&policy(
        "Endorsement",
        "Signature",
        &format!("OR('{id}.peer')"),
    ));
    let _ = write!(
        text,
        "    AnchorPeers:\n      - {{Host: 127.0.0.1, Port: {port}}}\n"
    );
    text
}

fn implicit(name: &str, rule: &str) -> String {
    policy(name, "ImplicitMeta", rule)
}

/// For configtxgen: the channel with its organisations, ordering service and policies.
pub(crate) fn configtx(
    layout: &Layout,
    topology: &Topology,
    state: &NetState,
    is_2_5: bool,
) -> String {
    let mut text = "Organizations:\n".to_owned();
    text.push_str(&orderer_organisation(layout, state));
    for (org, at) in topology.orgs.iter().zip(&state.orgs) {
        text.push_str(&organisation(layout, org, at.peer_port));
    }
    text.push_str("Profiles:\n  Medveil:\n    Policies:\n");
    for (name, rule) in CHANNEL_RULES {
        text.push_str(&implicit(name, rule));
    }
    let channel = if is_2_5 { "V2_0" } else { "V3_0" };
    let _ = writeln!(text, "    Capabilities: {{{channel}: true}}");
    text.push_str(&ordering(layout, state));
    text.push_str(&application(topology));
    text
}

/// Who may read, write and administer; the same at every level of the channel.
const CHANNEL_RULES: [(&str, &str); 3] = [
    ("Readers", "ANY Readers"),
    ("Writers", "ANY Writers"),
    ("Admins", "MAJORITY Admins"),
];

fn orderer_organisation(layout: &Layout, state: &NetState) -> String {
    let id = "OrdererMSP";
    let mut text = format!(
        "  - &Orderer\n    Name: Orderer\n    ID: {id}\n    MSPDir: {}\n    Policies:\n",
        layout.orderer_msp().display()
    );
    for (name, role) in [
        ("Readers", "member"),
        ("Writers", "member"),
        ("Admins", "admin"),
    ] {
        text.push_str(&policy(name, "Signature", &format!("OR('{id}.{role}')")));
    }
    text.push_str("    OrdererEndpoints:\n");
    for orderer in &state.orderers {
        let _ = writeln!(text, "      - 127.0.0.1:{}", orderer.port);
    }
    text
}

fn ordering(layout: &Layout, state: &NetState) -> String {
    let is_bft = state.orderers.len() == 4;
    let kind = if is_bft { "BFT" } else { "etcdraft" };
    let mut text = format!(
        "    Orderer:\n      OrdererType: {kind}\n      BatchTimeout: 100ms\n      BatchSize: {{MaxMessageCount: 500, AbsoluteMaxBytes: 10 MB, PreferredMaxBytes: 2 MB}}\n      MaxChannels: 0\n      Organizations: [*Orderer]\n      Capabilities: {{V2_0: true}}\n      Policies:\n"
    );
    for (name, rule) in CHANNEL_RULES
        .into_iter()
        .chain([("BlockValidation", "ANY Writers")])
    {
        let _ = write!(text, "  {}", implicit(name, rule));
    }
    text.push_str(if is_bft {
        SMART_BFT
    } else {
        "      EtcdRaft:\n        Consenters:\n"
    });
    for i in 0..state.orderers.len() {
        text.push_str(&consenter(layout, state, i, is_bft));
    }
    text
}

/// One orderer's line in the list of those that order together.
fn consenter(layout: &Layout, state: &NetState, i: usize, is_bft: bool) -> String {
    let home = layout.orderer(i);
    let both = format!(
        "Host: 127.0.0.1, Port: {}, ClientTLSCert: \"{1}\", ServerTLSCert: \"{1}\"",
        state.orderers[i].port,
        home.join("tls/server.crt").display()
    );
    if is_bft {
        let identity = home.join(format!(
            "msp/signcerts/orderer{i}.{ORDERER_DOMAIN}-cert.pem"
        ));
        format!(
            "        - {{ID: {}, MSPID: OrdererMSP, Identity: \"{}\", {both}}}\n",
            i + 1,
            identity.display()
        )
    } else {
        format!("          - {{{both}}}\n")
    }
}

fn application(topology: &Topology) -> String {
    let orgs: Vec<String> = topology
        .orgs
        .iter()
        .map(|o| format!("*{}", o.as_str()))
        .collect();
    let mut text = format!(
        "    Application:\n      Organizations: [{}]\n      Capabilities: {{V2_5: true}}\n      Policies:\n",
        orgs.join(", ")
    );
    let endorsement = [
        ("LifecycleEndorsement", "MAJORITY Endorsement"),
        ("Endorsement", "MAJORITY Endorsement"),
    ];
    for (name, rule) in CHANNEL_RULES.into_iter().chain(endorsement) {
        let _ = write!(text, "  {}", implicit(name, rule));
    }
    text
}

/// Fabric's sample of core.yaml with our builder, without Docker, and with the filters of proposals
/// named. Written as JSON, which is YAML whose quoted strings leave nothing to guess.
///
/// **Errors**: the sample is not one that this code knows.
pub(crate) fn core_yaml(
    sample: &str,
    layout: &Layout,
    filters: &[&str],
) -> Result<String, InputError> {
    let mut core: Value = serde_saphyr::from_str(sample).map_err(InputError::Sample)?;
    let builder = json!([{"name": "medveil", "path": layout.builder(), "propagateEnvironment": ["MEDVEIL_CHAINCODE_CONNECTION"]}]);
    let filters: Vec<Value> = filters.iter().map(|name| json!({"name": name})).collect();
    // With an empty endpoint the peer never looks for Docker.
    for (place, value) in [
        ("/vm/endpoint", json!("")),
        ("/chaincode/externalBuilders", builder),
        ("/peer/handlers/authFilters", json!(filters)),
    ] {
        let slot = core.pointer_mut(place);
        *slot.ok_or(InputError::SampleWithout(place))? = value;
    }
    Ok(format!("{core:#}"))
}

/// What a peer checks of every proposal: who may ask, whose certificate has ended, whose clock is
/// off. Fabric 2.5 has no check of clocks; there, and wherever peers are set up without it, the
/// contract's own process is what refuses.
pub(crate) fn auth_filters(is_2_5: bool, is_time_checked: bool) -> Vec<&'static str> {
    let mut filters = vec!["DefaultAuth", "ExpirationCheck"];
    if is_time_checked && !is_2_5 {
        filters.push("TimeWindowCheck");
    }
    filters
}
