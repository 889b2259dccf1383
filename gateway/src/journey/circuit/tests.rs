//! What an administrator reads where the contract refuses: its answers are given by the tests.

use super::*;
use crate::classify::{Classify, Kind};
use crate::journey::testing::{ScriptedHome, TestHome, org};
use crate::progress::{Progress, Task};
use medveil_collections_config::error_chain;
use medveil_contract::call::reply::Page;
use medveil_ledger::LedgerError;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn listed(standing: Standing) -> Page<ListedCircuit> {
    let digest = Digest::of(b"circuit");
    let circuit = ListedCircuit {
        key: digest,
        circuit: known_circuits::find("handover")
            .unwrap()
            .circuit
            .to_string(),
        proving_key: digest,
        matrices: digest,
        proposer: org("HospitalA"),
        standing,
        approvals: vec![org("HospitalA")],
        tx_id: "a".repeat(64),
    };
    Page {
        entries: vec![circuit],
        bookmark: String::new(),
    }
}

#[tokio::test]
async fn a_refused_activation_says_who_approved_and_what_to_run() {
    let home = ScriptedHome::new().await;
    let (session, ledger) = (&home.session, &home.ledger);
    let circuit = known_circuits::find("handover").unwrap().circuit;
    ledger.reply("ListCircuits", &listed(Standing::Proposed));
    ledger.refuse("ActivateCircuit", Code::Refused, "approvals");
    let error = activate(session, &org("HospitalA"), "handover").await;
    let error = error.unwrap_err();
    let text = error.to_string();
    let begin = format!("{circuit} has 1 of 3 approvals: HospitalA approved, ");
    assert!(text.starts_with(&begin), "{text}");
    assert!(text.contains("HospitalB has not"), "{text}");
    let end = "; those who have not run `medveil circuit approve handover`";
    assert!(text.ends_with(end), "{text}");
    assert_eq!(error.kind(), Kind::Refused);
    let code = error.ledger().and_then(LedgerError::code);
    assert_eq!(code, Some(Code::Refused));

    ledger.reply("ListCircuits", &listed(Standing::Active));
    ledger.refuse("ActivateCircuit", Code::Conflict, "circuit");
    let before = activate(session, &org("HospitalA"), "handover").await;
    assert_eq!(before.unwrap().transaction, Transaction::earlier(None));
    ledger.refuse("ActivateCircuit", Code::Internal, "circuit");
    let error = activate(session, &org("HospitalA"), "handover").await;
    let text = error_chain(&error.unwrap_err());
    assert!(text.starts_with(&format!("{circuit}: ")), "{text}");
}

/// Counts the makings of keys.
#[derive(Default)]
struct Makings(AtomicUsize);

struct Unshown;

impl Task for Unshown {}

impl Progress for Makings {
    fn begin(&self, what: &str, _: Option<u64>) -> Box<dyn Task> {
        let is_making = what.starts_with("making ");
        self.0.fetch_add(usize::from(is_making), Ordering::Relaxed);
        Box::new(Unshown)
    }

    fn note(&self, _: &str) {}
}

#[tokio::test]
async fn keys_are_recomputed_once_a_home() {
    let mut home = TestHome::new().await;
    let makings = Arc::new(Makings::default());
    home.session.progress = makings.clone();
    let session = &home.session;
    let made = || makings.0.load(Ordering::Relaxed);
    let proposed = propose(session, &org("HospitalA"), "handover").await;
    let proposed = proposed.unwrap();
    assert!(proposed.made);
    for approver in ["HospitalB", "University"] {
        approve(session, &org(approver), "handover").await.unwrap();
    }
    // Once more: nothing is sent, and the answer is that of the first time.
    let again = propose(session, &org("HospitalA"), "handover").await;
    let again = again.unwrap().transaction;
    assert_eq!(again, Transaction::earlier(proposed.transaction.tx_id));
    let again = approve(session, &org("University"), "handover").await;
    assert_eq!(again.unwrap().transaction, Transaction::earlier(None));
    // The same key of another organisation is another ask.
    let other = propose(session, &org("HospitalB"), "handover").await;
    assert_eq!(other.unwrap_err().kind(), Kind::Refused);
    assert_eq!(made(), 1);

    // Keys that came another way are recomputed before they are approved.
    let store = session.home.key_store();
    for entry in std::fs::read_dir(store).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "recomputed") {
            std::fs::remove_file(path).unwrap();
        }
    }
    let last = org("EthicsBoard");
    approve(session, &last, "handover").await.unwrap();
    assert_eq!(made(), 2);
    let active = activate(session, &last, "handover").await.unwrap();
    let again = activate(session, &last, "handover").await.unwrap();
    assert_eq!(again.transaction, Transaction::earlier(None));
    let listed = list(session, &last).await.unwrap();
    assert_eq!(listed.circuits[0].key, active.key);
    assert_eq!(listed.circuits[0].approvals.len(), 4);
}
