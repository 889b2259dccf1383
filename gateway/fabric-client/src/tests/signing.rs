//! What may be sent and what may be signed.

use super::draft::Draft;
use super::fake::{SECRET, msp, put, store};
use super::{Fixture, failure};
use medveil_collections_config::CollectionName;
use medveil_fabric_wire::proto::{ChannelHeader, Header, KvWrite};
use medveil_ledger::{ExpectedWrite, LedgerError, Transaction as Call};
use prost::Message;
use tonic::{Code, Status};

#[test]
fn what_peers_prepared_honestly_is_signed_and_committed() {
    let fixture = Fixture::new();
    let done = fixture.submit(put()).unwrap();
    assert_eq!(
        (
            done.block,
            done.payload.as_slice(),
            fixture.submitted().as_slice()
        ),
        (0, b"done".as_slice(), [done.tx_id].as_slice())
    );
    assert_eq!(fixture.kept(), 0, "its verdict is known");
    assert_eq!(
        fixture.confirm(&[&["HospitalB", "University"]]).unwrap(),
        b"done"
    );
}

#[test]
fn p10_an_answer_to_another_proposal_is_not_signed() {
    let fixture = Fixture::new();
    fixture.lies(|draft| draft.proposal.push(0));
    fixture.is_noticed(fixture.submit(put()), "another proposal");
    let fixture = Fixture::new();
    fixture.lies(|draft| {
        let mut channel = ChannelHeader::decode(draft.header.channel_header.as_slice()).unwrap();
        channel.epoch = 1;
        draft.header = Header {
            channel_header: channel.encode_to_vec(),
            ..draft.header.clone()
        };
    });
    fixture.is_noticed(fixture.submit(put()), "another proposal");
}

#[test]
fn p10_endorsements_must_be_those_that_were_asked_for_and_hold() {
    for endorsers in [
        &["HospitalA", "HospitalB"][..],
        &["HospitalA", "HospitalB", "EthicsBoard"],
        &["HospitalA", "HospitalA", "HospitalB"],
    ] {
        let fixture = Fixture::new();
        fixture.lies(move |draft| {
            draft.endorsers = endorsers.iter().map(|e| (*e).to_owned()).collect()
        });
        fixture.is_noticed(fixture.submit(put()), "endorsement");
    }
    // The signed bytes are changed after the endorsers signed.
    let fixture = Fixture::new();
    *fixture.fake.on_prepared.lock().unwrap() = Box::new(|envelope| {
        let at = envelope
            .payload
            .windows(5)
            .rposition(|w| w == b"value")
            .unwrap();
        envelope.payload[at] ^= 1;
    });
    fixture.is_noticed(fixture.submit(put()), "own signatures");
}

#[test]
fn p10_writes_that_the_contract_never_makes_are_not_signed() {
    let lies: [(fn(&mut Draft), &str); 4] = [
        (|draft| draft.public[0].is_delete = true, "no deletions"),
        (|draft| draft.metadata = true, "no metadata"),
        (
            |draft| draft.namespace = "other".into(),
            "the contract alone",
        ),
        (
            |draft| draft.private = vec![("no/such/name".into(), "k".into(), vec![1])],
            "collection",
        ),
    ];
    for (lie, what) in lies {
        let fixture = Fixture::new();
        fixture.lies(lie);
        fixture.is_noticed(fixture.submit(put()), what);
    }
}

/// Lies in the round that several organisations endorse, not in the own peer's own.
fn with_others(lie: impl Fn(&mut Draft)) -> impl Fn(&mut Draft) {
    move |draft| {
        if draft.endorsers.len() > 1 {
            lie(draft);
        }
    }
}

#[test]
fn p10_what_others_come_to_is_compared_with_the_own_peers_run() {
    let both: &[&[&str]] = &[&["HospitalA", "HospitalB"]];
    let fixture = Fixture::new();
    fixture.submit_at(store("hospitals"), both).unwrap();
    let asked = fixture.fake.asked.lock().unwrap().clone();
    assert_eq!(
        asked,
        [
            vec!["HospitalA".to_owned()],
            vec!["HospitalA".into(), "HospitalB".into()]
        ],
        "the own peer runs it first"
    );
    let lies: [(fn(&mut Draft), &str); 4] = [
        (
            |draft| draft.private[0].2 = b"another".to_vec(),
            "write set",
        ),
        (
            |draft| {
                draft.public.push(KvWrite {
                    key: "k".into(),
                    value: vec![1],
                    ..KvWrite::default()
                })
            },
            "write set",
        ),
        (
            |draft| draft.answer = b"another".to_vec(),
            "answer or event",
        ),
        (
            |draft| draft.event = Some(("access.decided".into(), Vec::new())),
            "event",
        ),
    ];
    for (lie, what) in lies {
        let fixture = Fixture::new();
        fixture.lies(with_others(lie));
        fixture.is_noticed(fixture.submit_at(store("hospitals"), both), what);
    }
}

#[test]
fn p8_private_arguments_are_not_sent_to_an_organisation_that_is_no_member() {
    let fixture = Fixture::new();
    let outcome = fixture.submit_at(store("hospitals"), &[&["HospitalA", "University"]]);
    assert!(
        matches!(outcome, Err(LedgerError::NonMember { ref peer, .. }) if *peer == msp("University")),
        "{outcome:?}"
    );
    assert_eq!(
        fixture.fake.asked.lock().unwrap().as_slice(),
        [vec!["HospitalA".to_owned()]],
        "only the own peer saw them"
    );
}

/// A handover to University, with what it must write.
fn handover() -> Call {
    let expected = vec![ExpectedWrite {
        collection: CollectionName::implicit(&msp("University")),
        key: "key".into(),
        value: SECRET.to_vec(),
    }];
    Call {
        expected,
        ..store("_implicit_org_University")
    }
}

/// The own peer may not execute it, as the contract has it for handovers.
fn refused_by_own(draft: &Draft) -> Option<Status> {
    let refusal = "transaction returned with failure: forbidden: peer: not here";
    let is_own = draft.endorsers == ["HospitalA"];
    is_own.then(|| failure(Code::Aborted, "HospitalA", refusal))
}

/// As [`refused_by_own`]; everybody else lies.
fn lies_beside_own(lie: fn(&mut Draft)) -> impl Fn(&mut Draft) -> Result<(), Status> {
    move |draft| match refused_by_own(draft) {
        Some(status) => Err(status),
        None => {
            lie(draft);
            Ok(())
        }
    }
}

#[test]
fn p10_what_a_recipient_alone_executes_must_be_what_was_sent() {
    let alone: &[&[&str]] = &[&["University"]];
    let fixture = Fixture::new();
    fixture.refuses(refused_by_own);
    fixture.submit_at(handover(), alone).unwrap();
    let lies: [(fn(&mut Draft), &str); 5] = [
        (
            |draft| draft.private[0].2 = b"other keys".to_vec(),
            "other than those sent",
        ),
        (
            |draft| draft.private[0].1 = "other".into(),
            "other than those sent",
        ),
        (|draft| draft.private.clear(), "other than those sent"),
        (
            |draft| {
                draft
                    .private
                    .push(("hospitals".into(), "k".into(), SECRET.to_vec()))
            },
            "outside the endorser's collections",
        ),
        (
            |draft| {
                draft.public.push(KvWrite {
                    key: "k".into(),
                    value: vec![1],
                    ..KvWrite::default()
                })
            },
            "public writes",
        ),
    ];
    for (lie, what) in lies {
        let fixture = Fixture::new();
        *fixture.fake.on_endorse.lock().unwrap() = Box::new(lies_beside_own(lie));
        fixture.is_noticed(fixture.submit_at(handover(), alone), what);
    }
}

/// Also where nothing private is sent: the embedded ledger's rule, on both ledgers.
#[test]
fn p10_public_writes_that_the_own_peer_refuses_are_not_signed() {
    let others: &[&[&str]] = &[&["EthicsBoard", "HospitalB", "University"]];
    let fixture = Fixture::new();
    fixture.submit_at(put(), others).unwrap();
    let asked = fixture.fake.asked.lock().unwrap().clone();
    assert_eq!((asked.len(), &asked[0]), (2, &vec!["HospitalA".to_owned()]));
    let fixture = Fixture::new();
    fixture.refuses(refused_by_own);
    fixture.is_noticed(fixture.submit_at(put(), others), "public writes");
    let fixture = Fixture::new();
    fixture.lies(with_others(|draft| draft.public[0].value = b"w".to_vec()));
    fixture.is_noticed(fixture.submit_at(put(), others), "write set");
    // A majority may go on while the own peer cannot run the contract.
    let fixture = Fixture::new();
    fixture.refuses(|draft| {
        let is_own = draft.endorsers == ["HospitalA"];
        let what = "could not launch chaincode medveil: connection refused";
        is_own.then(|| failure(Code::Aborted, "HospitalA", what))
    });
    fixture.submit_at(put(), others).unwrap();
}

#[test]
fn p8_an_organisation_alone_writes_only_where_it_is_a_member() {
    let own: &[&[&str]] = &[&["HospitalA"]];
    let fixture = Fixture::new();
    let foreign = fixture.submit_at(store("_implicit_org_University"), own);
    assert!(
        matches!(foreign, Err(LedgerError::NonMember { .. })),
        "{foreign:?}"
    );
    fixture.submit_at(store("hospitals"), own).unwrap();
}
