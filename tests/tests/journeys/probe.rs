//! What Fabric itself guarantees, and what a member with a patched chaincode can not do: a probe in
//! the contract's place, driven by Fabric's own `peer` program.

use crate::world::{Net, binaries, org, wait};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use medveil_contract::Code;
use medveil_fabric_client::FabricClient;
use medveil_gateway::journey::{join, net};
use medveil_ledger::{LedgerError, Transaction};
use std::process::Command;
use std::time::{Duration, Instant};

const SECRET: &str = "a value of members only";

struct Probe(Net);

impl Probe {
    fn peer(&self, msp: &str, words: &[&str], args: &str) -> Result<String, String> {
        let state = self.0.state();
        let environment =
            medveil_fabric_net::environment(self.0.layout(), &state, &org(msp), &binaries())
                .unwrap();
        let args = serde_json::json!({ "Args": [args] }).to_string();
        let mut command = Command::new(binaries().program("peer"));
        command
            .args(words)
            .args(["-C", &state.channel, "-n", "medveil", "-c", &args])
            .envs(environment);
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            Ok(text(&output.stdout))
        } else {
            Err(text(&output.stderr))
        }
    }

    fn query(&self, msp: &str, args: &str) -> Result<String, String> {
        self.peer(msp, &["chaincode", "query"], args)
    }

    /// A peer that did not endorse may be a block behind.
    fn becomes(&self, msp: &str, args: &str, expected: &str) {
        let begun = Instant::now();
        while self.query(msp, args).as_deref() != Ok(expected) {
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "{msp}: {args}: {:?}",
                self.query(msp, args)
            );
        }
    }

    /// Submits with the endorsements of exactly these organisations, and waits for the verdict.
    fn invoke(&self, endorsers: &[&str], args: &str) -> Result<(), String> {
        let state = self.0.state();
        let environment = medveil_fabric_net::environment(
            self.0.layout(),
            &state,
            &org(endorsers[0]),
            &binaries(),
        )
        .unwrap();
        let of = |key: &str| {
            environment
                .iter()
                .find(|(k, _)| k == key)
                .unwrap()
                .1
                .clone()
        };
        let transient = serde_json::json!({"value": STANDARD.encode(SECRET)}).to_string();
        let mut words: Vec<String> = [
            "chaincode",
            "invoke",
            "--tls",
            "--waitForEvent",
            "--transient",
        ]
        .map(str::to_owned)
        .to_vec();
        words.extend([
            transient,
            "-o".to_owned(),
            of("ORDERER_ADDRESS"),
            "--cafile".to_owned(),
            of("ORDERER_CA"),
        ]);
        for name in endorsers {
            let port = state
                .orgs
                .iter()
                .find(|o| o.msp_id == *name)
                .unwrap()
                .peer_port;
            let authority = self
                .0
                .layout()
                .tls_authority(&org(name))
                .display()
                .to_string();
            words.extend([
                "--peerAddresses".to_owned(),
                format!("127.0.0.1:{port}"),
                "--tlsRootCertFiles".to_owned(),
                authority,
            ]);
        }
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        self.peer(endorsers[0], &words, args).map(drop)
    }

    /// It is ordered and does not count.
    fn is_invalid(&self, endorsers: &[&str], args: &str) {
        let said = self.invoke(endorsers, args).unwrap_err();
        assert!(
            said.contains("ENDORSEMENT_POLICY_FAILURE"),
            "{args}: {said}"
        );
    }
}

const MAJORITY: [&str; 3] = ["HospitalA", "HospitalB", "University"];

fn p11_one_member_alone_changes_nothing_in_a_collection(probe: &Probe) {
    probe
        .invoke(&["HospitalA", "HospitalB"], "private research key")
        .unwrap();
    probe.becomes("HospitalA", "read research key", SECRET);
    for attempt in [
        "private research key",
        "private research other",
        "erase research key",
        "purge research key",
    ] {
        probe.is_invalid(&["HospitalB"], attempt);
    }
    probe.becomes("HospitalA", "read research key", SECRET);
    probe.becomes("HospitalB", "read research other", "nothing");
    // Nor in another organisation's implicit collection.
    probe.is_invalid(&["HospitalB"], "private _implicit_org_University key");
    probe.is_invalid(&["HospitalB"], "put key value");
}

fn p_a_peer_that_is_no_member_has_the_hash_alone(probe: &Probe) {
    use sha2::{Digest, Sha256};
    let read = probe.query("EthicsBoard", "read research key");
    assert!(
        read.as_ref().map_or(true, |value| value == "nothing"),
        "{read:?}"
    );
    probe.becomes(
        "EthicsBoard",
        "hash research key",
        &hex::encode(Sha256::digest(SECRET)),
    );
}

fn p_a_purge_takes_value_and_hash(probe: &Probe) {
    probe
        .invoke(&["HospitalA", "HospitalB"], "purge research key")
        .unwrap();
    for member in MAJORITY {
        probe.becomes(member, "read research key", "nothing");
    }
    probe.becomes("EthicsBoard", "hash research key", &hex::encode("nothing"));
}

fn p_an_endorsement_rule_of_a_key_stands_above_the_contracts(probe: &Probe) {
    probe.invoke(&MAJORITY, "put key value").unwrap();
    probe.becomes("EthicsBoard", "endorsed key", "");
    probe
        .invoke(&MAJORITY, "endorsers key EthicsBoard University")
        .unwrap();
    probe.becomes("HospitalA", "endorsed key", "EthicsBoard University");
    probe.is_invalid(&MAJORITY, "put key changed");
    probe.is_invalid(&["University"], "delete key");
    probe.becomes("HospitalA", "get key", "value");
    probe
        .invoke(&["EthicsBoard", "University"], "put key changed")
        .unwrap();
    probe
        .invoke(&["EthicsBoard", "University"], "delete key")
        .unwrap();
    probe.becomes("HospitalA", "get key", "nothing");
}

/// Limits of the envelope are Fabric's own; the contract's is lower.
fn b_nine_mebibytes_pass_and_eleven_are_refused_by_the_ordering_service(probe: &Probe) {
    let (consortium, collections) = probe.0.consortium();
    let client: FabricClient =
        net::client(probe.0.layout(), &probe.0.state(), &consortium, collections).unwrap();
    let identity = join::identity(
        &org("HospitalA"),
        &probe
            .0
            .layout()
            .user(&org("HospitalA"), "User1")
            .join("msp"),
    )
    .unwrap();
    let submit = |mebibytes: usize| {
        let transaction = Transaction::query(vec![b"noop".to_vec(), vec![7; mebibytes << 20]]);
        wait(client.submit(&identity, transaction, vec![MAJORITY.map(org).to_vec()]))
    };
    submit(9).unwrap();
    match submit(11).unwrap_err() {
        LedgerError::NotOrdered { tx_id, source } => assert!(
            tx_id.len() == 64 && source.to_string().contains("BAD_REQUEST"),
            "{source}"
        ),
        other => panic!("{other}"),
    }
    let query = Transaction::query(vec![b"no word".to_vec()]);
    let refused = wait(client.evaluate(&identity, &query)).unwrap_err();
    assert_eq!(refused.refusal().unwrap().code(), Code::BadInput);
}

#[test]
fn what_fabric_guarantees() {
    let folder = tempfile::tempdir().unwrap();
    let probe = Probe(Net::with_program(
        &folder.path().join("net"),
        "probe-chaincode",
    ));
    p11_one_member_alone_changes_nothing_in_a_collection(&probe);
    p_a_peer_that_is_no_member_has_the_hash_alone(&probe);
    p_a_purge_takes_value_and_hash(&probe);
    p_an_endorsement_rule_of_a_key_stands_above_the_contracts(&probe);
    b_nine_mebibytes_pass_and_eleven_are_refused_by_the_ordering_service(&probe);
}
