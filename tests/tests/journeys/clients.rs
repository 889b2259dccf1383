//! The contract as Fabric's own clients see it: the official Node client reads and writes, the
//! `peer` program reads.

use crate::world::{Net, binaries, org};
use medveil_gateway::journey::doctor;
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn js() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("js")
}

/// What the official Node client got.
#[derive(Debug, Deserialize)]
struct Seen {
    metadata: Value,
    day: Value,
    key: String,
    status: Status,
    refused: String,
    keys: Value,
}

#[derive(Debug, Deserialize)]
struct Status {
    successful: bool,
}

#[derive(Deserialize)]
struct Metadata {
    contracts: Contracts,
}

#[derive(Deserialize)]
struct Contracts {
    medveil: Contract,
}

#[derive(Deserialize)]
struct Contract {
    transactions: Vec<Function>,
}

#[derive(Deserialize)]
struct Function {
    name: String,
}

fn node(join_file: &Path) -> Seen {
    let output = Command::new("node")
        .arg(js().join("gateway.mjs"))
        .arg(join_file)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs the `peer` program as an organisation.
fn peer(network: &Net, msp: &str, words: &[&str]) -> Result<String, String> {
    let binaries = binaries();
    let state = medveil_fabric_net::NetState::read(network.layout()).unwrap();
    let environment =
        medveil_fabric_net::environment(network.layout(), &state, &org(msp), &binaries).unwrap();
    let output = Command::new(binaries.program("peer"))
        .args(words)
        .envs(environment)
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

fn query(network: &Net, msp: &str, args: &str) -> Result<String, String> {
    peer(
        network,
        msp,
        &[
            "chaincode",
            "query",
            "-C",
            "medveil-channel",
            "-n",
            "medveil",
            "-c",
            args,
        ],
    )
}

#[test]
fn fabrics_own_clients_read_and_write() {
    let folder = tempfile::tempdir().unwrap();
    let network = Net::new(&folder.path().join("net"), 1);
    let seen = doctor::doctor(network.layout(), &doctor::ConfigFiles::default()).unwrap();
    // One orderer; and with Fabric 2.5 four peers that cannot check clocks.
    let expected = 1 + if binaries().is_2_5() { 4 } else { 0 };
    assert_eq!(seen.warnings, expected, "{seen:?}");
    let join = Some(network.layout().join(&org("University")));
    let files = doctor::ConfigFiles {
        join,
        ..doctor::ConfigFiles::default()
    };
    let joined = doctor::doctor(network.layout(), &files).unwrap();
    joined.verdict().unwrap();

    let seen = node(&network.layout().join(&org("University")));
    let metadata: Metadata = serde_json::from_value(seen.metadata.clone()).unwrap();
    let functions = metadata.contracts.medveil.transactions;
    for name in ["RequestAccess", "GetDay"] {
        assert!(functions.iter().any(|f| f.name == name), "{name}: {seen:?}");
    }
    assert!(seen.status.successful, "{seen:?}");
    assert!(seen.refused.contains("bad_input: arguments"), "{seen:?}");
    assert!(
        seen.keys.to_string().contains(&seen.key),
        "what was written is read: {seen:?}"
    );

    let day: Value =
        serde_json::from_str(&query(&network, "EthicsBoard", r#"{"Args":["GetDay"]}"#).unwrap())
            .unwrap();
    assert_eq!(day, seen.day);
    let metadata = query(
        &network,
        "HospitalB",
        r#"{"Args":["org.hyperledger.fabric:GetMetadata"]}"#,
    )
    .unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&metadata).unwrap(),
        seen.metadata
    );
    let refused = query(&network, "HospitalA", r#"{"Args":["NoSuchCall"]}"#).unwrap_err();
    assert!(refused.contains("bad_input"), "{refused}");
    // A name without an argument, arguments that are empty, bytes that are no text.
    for args in [
        r#"{"Args":[]}"#,
        r#"{"Args":[""]}"#,
        r#"{"Args":["GetDay","extra"]}"#,
        r#"{"Args":["PublishKey",""]}"#,
    ] {
        let refused = query(&network, "HospitalA", args).unwrap_err();
        assert!(
            refused.contains("bad_input") || refused.contains("refused"),
            "{args}: {refused}"
        );
    }
}
