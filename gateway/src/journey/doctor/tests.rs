use super::rules;
use super::settings::milliseconds;
use super::*;
use crate::classify::{Classify, Kind};
use medveil_collections_config::error_chain;
use medveil_fabric_wire::{ChannelSettings, OrgSettings, Rule};
use std::collections::BTreeSet;

const CORE: &str = "
peer:
  tls: {enabled: true}
  handlers: {authFilters: [{name: DefaultAuth}, {name: ExpirationCheck}, {name: TimeWindowCheck}]}
  authentication: {timewindow: 15m}
  gateway: {enabled: true, endorsementTimeout: 30s}
  limits: {concurrency: {gatewayService: 500, endorserService: 2500}}
  maxRecvMsgSize: 104857600
  maxSendMsgSize: 104857600
  gossip:
    externalEndpoint: peer0.example:7051
    pvtData: {reconciliationEnabled: true, reconcileSleepInterval: 1m, transientstoreMaxBlockRetention: 20000, pullRetryThreshold: 5s}
chaincode:
  externalBuilders: [{name: ccaas_builder, path: /opt/ccaas}]
  executetimeout: 30s
ledger:
  pvtdataStore: {purgeInterval: 100, purgedKeyAuditLogging: true}
  history: {enableHistoryDatabase: false}
";

const ORDERER: &str = "
General: {TLS: {Enabled: true}, Authentication: {TimeWindow: 15m}, MaxRecvMsgSize: 104857600}
ChannelParticipation: {Enabled: true}
Admin: {TLS: {Enabled: true}}
";

fn settings(text: &str, prefix: &'static str, env: &str) -> Settings {
    Settings::read("file.yaml", text, prefix, env).unwrap()
}

fn bad(findings: &[Finding]) -> Vec<(Level, String)> {
    findings
        .iter()
        .filter(|f| f.level != Level::Good)
        .map(|f| (f.level, f.at.clone()))
        .collect()
}

#[test]
fn what_is_as_it_should_be_is_good() {
    assert_eq!(bad(&rules::core(&settings(CORE, "CORE", ""))), []);
    assert_eq!(bad(&rules::orderer(&settings(ORDERER, "ORDERER", ""))), []);
}

/// Each rule of a file: what is changed, and the one key that is then named.
#[test]
fn each_change_of_a_peer_is_found_and_nothing_else() {
    use Level::{Problem, Warning};
    for (from, to, level, key) in [
        (
            "tls: {enabled: true}",
            "tls: {enabled: false}",
            Problem,
            "peer.tls.enabled",
        ),
        (
            ", {name: TimeWindowCheck}",
            "",
            Warning,
            "peer.handlers.authFilters",
        ),
        (
            ", {name: ExpirationCheck}",
            "",
            Problem,
            "peer.handlers.authFilters",
        ),
        (
            "timewindow: 15m",
            "timewindow: 15ms",
            Warning,
            "peer.authentication.timewindow",
        ),
        (
            "gateway: {enabled: true",
            "gateway: {enabled: false",
            Problem,
            "peer.gateway.enabled",
        ),
        (
            "endorsementTimeout: 30s",
            "endorsementTimeout: 3s",
            Warning,
            "peer.gateway.endorsementTimeout",
        ),
        (
            "gatewayService: 500",
            "gatewayService: 5",
            Warning,
            "peer.limits.concurrency.gatewayService",
        ),
        (
            "endorserService: 2500",
            "endorserService: x",
            Warning,
            "peer.limits.concurrency.endorserService",
        ),
        (
            "maxRecvMsgSize: 104857600",
            "maxRecvMsgSize: 4194304",
            Problem,
            "peer.maxRecvMsgSize",
        ),
        (
            "maxSendMsgSize: 104857600",
            "maxSendMsgSize: 4194304",
            Problem,
            "peer.maxSendMsgSize",
        ),
        (
            "externalEndpoint: peer0.example:7051",
            "externalEndpoint:",
            Problem,
            "peer.gossip.externalEndpoint",
        ),
        (
            "reconciliationEnabled: true",
            "reconciliationEnabled: false",
            Problem,
            "peer.gossip.pvtData.reconciliationEnabled",
        ),
        (
            "reconcileSleepInterval: 1m",
            "reconcileSleepInterval: never",
            Warning,
            "peer.gossip.pvtData.reconcileSleepInterval",
        ),
        (
            "BlockRetention: 20000",
            "BlockRetention: 10",
            Problem,
            "peer.gossip.pvtData.transientstoreMaxBlockRetention",
        ),
        (
            "pullRetryThreshold: 5s",
            "pullRetryThreshold: 60s",
            Warning,
            "peer.gossip.pvtData.pullRetryThreshold",
        ),
        (
            "[{name: ccaas_builder, path: /opt/ccaas}]",
            "[]",
            Problem,
            "chaincode.externalBuilders",
        ),
        (
            "executetimeout: 30s",
            "executetimeout: 500ms",
            Problem,
            "chaincode.executetimeout",
        ),
        (
            "purgeInterval: 100",
            "purgeInterval: 0",
            Warning,
            "ledger.pvtdataStore.purgeInterval",
        ),
        (
            "purgedKeyAuditLogging: true",
            "purgedKeyAuditLogging: false",
            Warning,
            "ledger.pvtdataStore.purgedKeyAuditLogging",
        ),
    ] {
        assert!(CORE.contains(from), "{from}");
        let found = bad(&rules::core(&settings(
            &CORE.replacen(from, to, 1),
            "CORE",
            "",
        )));
        assert_eq!(found, [(level, format!("file.yaml: {key}"))], "{from}");
    }
    for (from, key) in [
        ("General: {TLS: {Enabled: true}", "General.TLS.Enabled"),
        (
            "ChannelParticipation: {Enabled: true",
            "ChannelParticipation.Enabled",
        ),
        ("Admin: {TLS: {Enabled: true", "Admin.TLS.Enabled"),
    ] {
        let text = ORDERER.replacen(from, &from.replace("true", "false"), 1);
        assert_eq!(
            bad(&rules::orderer(&settings(&text, "ORDERER", ""))),
            [(Level::Problem, format!("file.yaml: {key}"))]
        );
    }
}

#[test]
fn the_environment_stands_above_the_file_and_keys_have_any_case() {
    let env =
        "# a comment\nexport CORE_PEER_TLS_ENABLED=\"false\"\nCORE_PEER_GATEWAY_ENABLED=true\n";
    assert_eq!(
        bad(&rules::core(&settings(CORE, "CORE", env))),
        [(Level::Problem, "file.yaml: peer.tls.enabled".to_owned())]
    );
    assert_eq!(
        bad(&rules::core(&settings(
            &CORE.replace("peer:", "Peer:").replace("tls:", "TLS:"),
            "CORE",
            ""
        ))),
        []
    );
}

#[test]
fn hostile_files_are_refused() {
    for text in [
        "",
        "- a\n",
        "a: &x [*x, *x]",
        "a: [",
        "\u{0}",
        &"a: 1\n".repeat(1 << 19),
    ] {
        assert!(
            Settings::read("file.yaml", text, "CORE", "").is_err(),
            "{:?}",
            &text[..text.len().min(20)]
        );
    }
    assert!(Settings::read("file.yaml", CORE, "CORE", "no variable").is_err());
    let deep = format!("a: {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Settings::read("file.yaml", &deep, "CORE", "").is_err());
    for text in ["", "5", "s", "1x", "-1s", "1.2.3s"] {
        assert_eq!(milliseconds(text), None, "{text}");
    }
    assert_eq!(milliseconds("1h2m3s4ms"), Some(3_723_004.0));
}

fn channel() -> ChannelSettings {
    let set = |names: &[&str]| {
        names
            .iter()
            .map(ToString::to_string)
            .collect::<BTreeSet<_>>()
    };
    let majority = Some(Rule::Implicit("MAJORITY", "Endorsement".to_owned()));
    ChannelSettings {
        capabilities: [set(&["V3_0"]), set(&["V2_0"]), set(&["V2_5"])],
        consensus: "etcdraft".to_owned(),
        consenters: 3,
        absolute_max_bytes: 10 << 20,
        endorsement: majority.clone(),
        lifecycle_endorsement: majority,
        orgs: vec![OrgSettings {
            msp_id: "Org".to_owned(),
            node_ous: true,
            endorsement: Some(Rule::AnyOf(BTreeSet::from([("Org".to_owned(), "peer")]))),
            anchor_peers: 1,
        }],
    }
}

#[test]
fn each_change_of_a_channel_is_found_and_nothing_else() {
    use Level::{Problem, Warning};
    assert_eq!(bad(&channel::check("block", &channel())), []);
    let member = Some(Rule::AnyOf(BTreeSet::from([
        ("Org".to_owned(), "peer"),
        ("Org".to_owned(), "client"),
    ])));
    type Change = Box<dyn Fn(&mut ChannelSettings)>;
    let cases: Vec<(Change, Level, &str)> = vec![
        (
            Box::new(|c| c.capabilities[0].clear()),
            Problem,
            "Channel/Capabilities",
        ),
        (
            Box::new(|c| c.capabilities[2] = BTreeSet::from(["V2_0".to_owned()])),
            Problem,
            "Application/Capabilities",
        ),
        (
            Box::new(|c| c.consenters = 1),
            Warning,
            "Orderer/ConsensusType",
        ),
        (
            Box::new(|c| c.consenters = 4),
            Warning,
            "Orderer/ConsensusType",
        ),
        (
            Box::new(|c| c.consensus = "solo".to_owned()),
            Problem,
            "Orderer/ConsensusType",
        ),
        (
            Box::new(|c| c.absolute_max_bytes = 2 << 20),
            Problem,
            "Orderer/BatchSize",
        ),
        (
            Box::new(|c| c.endorsement = Some(Rule::Implicit("ANY", "Endorsement".to_owned()))),
            Problem,
            "Application/Endorsement",
        ),
        (
            Box::new(|c| c.lifecycle_endorsement = None),
            Problem,
            "Application/LifecycleEndorsement",
        ),
        (
            Box::new(|c| c.orgs[0].node_ous = false),
            Problem,
            "Org/NodeOUs",
        ),
        (
            Box::new(move |c| c.orgs[0].endorsement = member.clone()),
            Problem,
            "Org/Endorsement",
        ),
        (
            Box::new(|c| c.orgs[0].anchor_peers = 0),
            Problem,
            "Org/AnchorPeers",
        ),
    ];
    for (change, level, key) in cases {
        let mut changed = channel();
        change(&mut changed);
        assert_eq!(
            bad(&channel::check("block", &changed)),
            [(level, format!("block: {key}"))]
        );
    }
}

#[test]
fn without_files_and_without_a_network_there_is_nothing_to_look_at() {
    let folder = tempfile::tempdir().unwrap();
    let layout = Layout::new(folder.path());
    let error = doctor(&layout, &ConfigFiles::default()).unwrap_err();
    let said = error_chain(&error);
    assert!(said.contains("--core"), "{said}");
    assert_eq!(said.matches("holds no network").count(), 1, "{said}");
    assert_eq!(error.kind(), Kind::NotFound);
    let missing = ConfigFiles {
        channel: Some(folder.path().join("missing.block")),
        ..ConfigFiles::default()
    };
    assert_eq!(
        doctor(&layout, &missing).unwrap_err().kind(),
        Kind::NotFound
    );
}
