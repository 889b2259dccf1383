//! Grants whose proof is old or void, or whose lease is over.

use super::*;

#[tokio::test]
async fn p10_what_the_own_peer_alone_says_of_a_dataset_is_not_believed() {
    let home = ScriptedHome::new().await;
    let alice = person("University/alice");
    crate::journey::visa::request(&home.session, &alice, "ethics", &home.path("r")).unwrap();
    let told = LineageEntry {
        lineage: LineageId::new(felt(3)),
        holder: org("HospitalA"),
        name: "visits".to_owned(),
        nonce: [0; 16],
        versions: vec![DatasetRoot::new(felt(4))],
    };
    home.ledger.own_peer_says("GetDatasetByName", &told);
    let options = AccessOptions {
        dataset: "HospitalA/visits".to_owned(),
        ..AccessOptions::default()
    };
    let (text, kind, _) = refused(request(&home.session, &alice, &options).await);
    let expected = "no dataset HospitalA/visits on the ledger";
    assert!(
        text.starts_with(expected) && kind == Kind::NotFound,
        "{text}"
    );

    // Keys go out on what two organisations say of a grant.
    let granted = status(RequestState::Approved, &[]);
    home.ledger.own_peer_says("GetRequest", &granted);
    let (text, kind, _) = refused(handover(&home.session, &org("HospitalA"), id()).await);
    assert!(
        text.starts_with("no request ") && kind == Kind::NotFound,
        "{text}"
    );
}

#[tokio::test]
async fn m5_keys_are_handed_over_on_a_fresh_proof_and_a_running_lease_only() {
    let home = ScriptedHome::new().await;
    let votes = [
        ("HospitalA", Decision::Approve),
        ("HospitalB", Decision::Approve),
    ];
    let answered = async |change: fn(&mut RequestStatus)| {
        let mut status = status(RequestState::Approved, &votes);
        change(&mut status);
        home.ledger.reply("GetRequest", &status);
        refused(handover(&home.session, &org("HospitalA"), id()).await)
    };
    let expected = format!(
        "whoever asked at University runs `medveil access affirm {}` first",
        id()
    );
    type Change = fn(&mut RequestStatus);
    let cases: [(Change, &str); 3] = [
        (
            |s| s.proof = ProofStanding::Old,
            "the proof of 2024-10-04 is old",
        ),
        (
            |s| s.proof = ProofStanding::Void,
            "an urgent revocation voided the registry",
        ),
        (
            |s| s.today = Day(20_090),
            "the grant's lease ended on 2025-01-02",
        ),
    ];
    for (change, reason) in cases {
        let (text, kind, _) = answered(change).await;
        assert!(
            text.starts_with(reason) && text.ends_with(&expected),
            "{text}"
        );
        assert_eq!(kind, Kind::Refused);
    }
}
