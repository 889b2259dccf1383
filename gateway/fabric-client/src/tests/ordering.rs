//! Other peers, other orderers, and whose verdict counts.

use super::fake::{MAJORITY, id_of, msp, put};
use super::{Fixture, failure};
use crate::outbox::Outbox;
use medveil_fabric_wire::proto::{Envelope, KvWrite, Payload};
use medveil_fabric_wire::verdict;
use medveil_ledger::LedgerError;
use prost::Message;
use std::sync::Arc;
use tonic::Code;

#[test]
fn a_query_that_would_write_is_not_believed_and_the_next_pair_is_asked() {
    let pairs: &[&[&str]] = &[
        &["HospitalB", "University"],
        &["HospitalB", "EthicsBoard"],
        &["University", "EthicsBoard"],
    ];
    let fixture = Fixture::new();
    // HospitalB lies whenever it is asked.
    fixture.lies(|draft| {
        if draft.endorsers.contains(&"HospitalB".to_owned()) {
            draft.public = vec![KvWrite {
                key: "k".into(),
                value: vec![1],
                ..KvWrite::default()
            }];
        }
    });
    assert_eq!(fixture.confirm(pairs).unwrap(), b"done");
    assert!(matches!(
        fixture.confirm(&pairs[..2]),
        Err(LedgerError::Mismatch {
            what: "a query would write",
            ..
        })
    ));
}

#[test]
fn another_organisations_refusal_is_not_the_contracts_word_and_the_own_peers_is() {
    let sets: &[&[&str]] = &[&MAJORITY, &["HospitalA", "HospitalB", "EthicsBoard"]];
    let refusal = "transaction returned with failure: forbidden: caller: no";
    let fixture = Fixture::new();
    fixture.refuses(move |draft| {
        draft
            .endorsers
            .contains(&"University".to_owned())
            .then(|| failure(Code::Aborted, "University", refusal))
    });
    fixture.submit_at(put(), sets).unwrap();
    let fixture = Fixture::new();
    fixture.refuses(move |_| Some(failure(Code::Aborted, "HospitalA", refusal)));
    assert!(
        matches!(fixture.submit_at(put(), sets), Err(LedgerError::Refused { ref peer, .. }) if *peer == msp("HospitalA"))
    );
    assert_eq!(
        fixture.fake.asked.lock().unwrap().len(),
        1,
        "nobody else is asked"
    );
}

/// An envelope of somebody else under the same id, as whoever sees a proposal can make one.
fn squatter(envelope: &Envelope) -> Vec<u8> {
    let payload = Payload::decode(envelope.payload.as_slice()).unwrap();
    Envelope {
        payload: Payload {
            data: vec![1],
            ..payload
        }
        .encode_to_vec(),
        signature: vec![1],
    }
    .encode_to_vec()
}

#[test]
fn i1_a_verdict_is_that_of_these_very_bytes() {
    // Somebody's junk stands before the transaction in one block: the transaction counts.
    let fixture = Fixture::new();
    fixture.orders(|ledger, envelope| {
        ledger.blocks.push(vec![
            (squatter(&envelope), 8),
            (envelope.encode_to_vec(), 0),
        ]);
        Ok(())
    });
    let done = fixture.submit(put()).unwrap();
    assert_eq!((fixture.submitted().len(), done.block), (1, 0));
    // It used the id up in an earlier block: the call is endorsed again under another id.
    let fixture = Fixture::new();
    fixture.orders(|ledger, envelope| {
        if ledger.blocks.is_empty() {
            ledger.blocks.push(vec![(squatter(&envelope), 8)]);
            ledger.blocks.push(vec![(envelope.encode_to_vec(), 9)]);
        } else {
            ledger.blocks.push(vec![(envelope.encode_to_vec(), 0)]);
        }
        Ok(())
    });
    let done = fixture.submit(put()).unwrap();
    let submitted = fixture.submitted();
    assert_eq!(
        (submitted.len(), &submitted[1], done.block),
        (2, &done.tx_id, 2)
    );
    assert_ne!(submitted[0], submitted[1]);
}

#[test]
fn i1_a_refused_transaction_that_was_ordered_nonetheless_counts() {
    let refused = || {
        failure(
            Code::Aborted,
            "OrdererMSP",
            "rejected: status=BAD_REQUEST, info=no",
        )
    };
    let fixture = Fixture::new();
    fixture.orders(move |ledger, envelope| {
        ledger.blocks.push(vec![(envelope.encode_to_vec(), 0)]);
        Err(refused())
    });
    fixture.submit(put()).unwrap();
    let fixture = Fixture::new();
    fixture.orders(move |_, _| Err(refused()));
    match fixture.submit(put()).unwrap_err() {
        LedgerError::NotOrdered { source, tx_id } => {
            assert!(source.to_string().contains("BAD_REQUEST") && fixture.submitted() == [tx_id])
        }
        other => panic!("{other}"),
    }
    assert_eq!(fixture.kept(), 0);
}

#[test]
fn i5_what_an_earlier_process_sent_is_asked_for_before_it_is_sent_again() {
    let fixture = Fixture::new();
    let identity = &fixture.fake.orgs["HospitalA"].client;
    // The verdict never comes, the process dies: here the client gives up on a file that cannot be
    // removed.
    let kept = Arc::new(std::sync::Mutex::new(None));
    let envelope = kept.clone();
    fixture.orders(move |ledger, sent| {
        ledger.blocks.push(vec![(sent.encode_to_vec(), 0)]);
        *envelope.lock().unwrap() = Some(sent);
        Ok(())
    });
    let done = fixture.submit(put()).unwrap();
    let envelope = kept.lock().unwrap().take().unwrap();
    let outbox = Outbox::new(fixture.outbox.path().join("outbox"));
    drop(outbox.keep(&done.tx_id, &envelope).unwrap());
    let settled = fixture
        .runtime
        .block_on(fixture.client.settle(identity))
        .unwrap();
    assert_eq!(
        settled
            .iter()
            .map(|s| (s.tx_id.as_str(), s.verdict))
            .collect::<Vec<_>>(),
        [(done.tx_id.as_str(), Some((0, verdict(0))))]
    );
    assert_eq!(
        (fixture.submitted().len(), fixture.kept()),
        (1, 0),
        "it was not sent again"
    );
    assert_eq!(id_of(&envelope.encode_to_vec()), Some(done.tx_id));
}

#[test]
fn f_a_peer_that_accepts_and_says_nothing_is_passed_over() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut fixture = Fixture::with_peers(1);
    let addresses = [silent.local_addr().unwrap(), fixture.serving[0].address];
    fixture.client = fixture.fake.client(&addresses, fixture.outbox.path());
    fixture.submit(put()).unwrap();
}

#[test]
fn f_the_next_peer_is_asked_where_one_is_gone_or_has_no_contract() {
    let mut fixture = Fixture::with_peers(2);
    fixture.submit(put()).unwrap();
    fixture.serving[0].kill();
    fixture.submit(put()).unwrap();
    assert_eq!(
        fixture.confirm(&[&["HospitalB", "University"]]).unwrap(),
        b"done"
    );
    fixture.serving[1].kill();
    assert!(matches!(
        fixture.submit(put()),
        Err(LedgerError::Unreachable(_))
    ));

    let fixture = Fixture::with_peers(2);
    let asked = std::sync::atomic::AtomicUsize::new(0);
    fixture.refuses(move |_| {
        let first = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        first.then(|| {
            failure(
                Code::Aborted,
                "HospitalA",
                "error in simulation: could not launch chaincode medveil: connection refused",
            )
        })
    });
    fixture.submit(put()).unwrap();
}
