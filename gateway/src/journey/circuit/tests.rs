//! What an administrator reads where the contract refuses: its answers are given by the tests.

use super::*;
use crate::journey::testing::{ScriptedHome, everything_said, org};
use medveil_contract::call::reply::Page;

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
    let error = activate(session, &org("HospitalA"), "handover").await;
    let text = everything_said(&error.unwrap_err());
    assert!(text.starts_with(&format!("{circuit}: ")), "{text}");
}
