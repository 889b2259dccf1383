//! The client against a peer that lies: each test takes one defence away from it, as a malicious
//! gateway, endorser or orderer would.

mod fake;
mod service;

use super::FabricClient;
use super::proto::{ErrorDetail, KvWrite, RpcStatus};
use crate::backend::{BackendError, Committed, ExpectedWrite, Transaction as Call};
use collections_config::{CollectionName, MspId};
use fabric_shim_protos::common::{ChannelHeader, Envelope, Header, Payload};
use fake::{Draft, Fake, Ledger, MAJORITY, SECRET, id_of, msp, put, set, store};
use prost::Message;
use service::Serving;
use std::sync::Arc;
use tonic::{Code, Status};

struct Scene {
    fake: Arc<Fake>,
    client: FabricClient,
    serving: Vec<Serving>,
    outbox: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        Scene::with_peers(1)
    }

    fn with_peers(n: usize) -> Self {
        let (fake, outbox) = (Fake::new(), tempfile::tempdir().unwrap());
        let serving: Vec<Serving> = (0..n).map(|_| Serving::start(&fake)).collect();
        let addresses: Vec<_> = serving.iter().map(|s| s.address).collect();
        let client = fake.client(&addresses, outbox.path());
        Scene {
            fake,
            client,
            serving,
            outbox,
        }
    }

    fn lies(&self, lie: impl Fn(&mut Draft) + Send + 'static) {
        *self.fake.on_endorse.lock().unwrap() = Box::new(move |draft| {
            lie(draft);
            Ok(())
        });
    }

    fn refuses(&self, refuse: impl Fn(&Draft) -> Option<Status> + Send + 'static) {
        *self.fake.on_endorse.lock().unwrap() =
            Box::new(move |draft| refuse(draft).map_or(Ok(()), Err));
    }

    fn orders(&self, order: impl Fn(&mut Ledger, Envelope) -> Result<(), Status> + Send + 'static) {
        *self.fake.on_submit.lock().unwrap() = Box::new(order);
    }

    fn submit_at(&self, call: Call, endorsers: &[&[&str]]) -> Result<Committed, BackendError> {
        let endorsers: Vec<Vec<MspId>> = endorsers.iter().map(|names| set(names)).collect();
        self.client.block_on(self.client.submit(
            &self.fake.orgs["HospitalA"].client,
            call,
            endorsers,
        ))
    }

    fn submit(&self, call: Call) -> Result<Committed, BackendError> {
        self.submit_at(call, &[&MAJORITY])
    }

    fn confirm(&self, sets: &[&[&str]]) -> Result<Vec<u8>, BackendError> {
        let at: Vec<Vec<MspId>> = sets.iter().map(|names| set(names)).collect();
        let query = Call::query(vec![b"get".to_vec()]);
        self.client.block_on(
            self.client
                .confirm(&self.fake.orgs["HospitalA"].client, query, at),
        )
    }

    fn submitted(&self) -> Vec<String> {
        self.fake.ledger.lock().unwrap().submitted.clone()
    }

    fn kept(&self) -> usize {
        std::fs::read_dir(self.outbox.path()).unwrap().count()
    }

    /// Nothing was signed: nothing was kept and nothing was sent.
    fn is_noticed(&self, outcome: Result<Committed, BackendError>, what: &str) {
        match outcome.unwrap_err() {
            BackendError::Mismatch { what: said, .. } => assert!(said.contains(what), "{said}"),
            other => panic!("{other}"),
        }
        assert_eq!((self.submitted().len(), self.kept()), (0, 0));
    }
}

/// What a peer's gateway service answers where an endorser or orderer failed.
fn failure(code: Code, msp_id: &str, message: &str) -> Status {
    let detail = ErrorDetail {
        msp_id: msp_id.into(),
        message: message.into(),
        ..ErrorDetail::default()
    };
    let any = prost_types::Any {
        type_url: "type.googleapis.com/gateway.ErrorDetail".into(),
        value: detail.encode_to_vec(),
    };
    let rpc = RpcStatus {
        code: code as i32,
        message: "failed".into(),
        details: vec![any],
    };
    Status::with_details(code, "failed", rpc.encode_to_vec().into())
}

#[test]
fn what_peers_prepared_honestly_is_signed_and_committed() {
    let scene = Scene::new();
    let done = scene.submit(put()).unwrap();
    assert_eq!(
        (
            done.block,
            done.payload.as_slice(),
            scene.submitted().as_slice()
        ),
        (0, b"done".as_slice(), [done.tx_id].as_slice())
    );
    assert_eq!(scene.kept(), 0, "its verdict is known");
    assert_eq!(
        scene.confirm(&[&["HospitalB", "University"]]).unwrap(),
        b"done"
    );
}

#[test]
fn p10_an_answer_to_another_proposal_is_not_signed() {
    let scene = Scene::new();
    scene.lies(|draft| draft.proposal.push(0));
    scene.is_noticed(scene.submit(put()), "another proposal");
    let scene = Scene::new();
    scene.lies(|draft| {
        let mut channel = ChannelHeader::decode(draft.header.channel_header.as_slice()).unwrap();
        channel.epoch = 1;
        draft.header = Header {
            channel_header: channel.encode_to_vec(),
            ..draft.header.clone()
        };
    });
    scene.is_noticed(scene.submit(put()), "another proposal");
}

#[test]
fn p10_endorsements_must_be_those_that_were_asked_for_and_hold() {
    for endorsers in [
        &["HospitalA", "HospitalB"][..],
        &["HospitalA", "HospitalB", "EthicsBoard"],
        &["HospitalA", "HospitalA", "HospitalB"],
    ] {
        let scene = Scene::new();
        scene.lies(move |draft| {
            draft.endorsers = endorsers.iter().map(|e| (*e).to_owned()).collect()
        });
        scene.is_noticed(scene.submit(put()), "endorsement");
    }
    // The signed bytes are changed after the endorsers signed.
    let scene = Scene::new();
    *scene.fake.on_prepared.lock().unwrap() = Box::new(|envelope| {
        let at = envelope
            .payload
            .windows(5)
            .rposition(|w| w == b"value")
            .unwrap();
        envelope.payload[at] ^= 1;
    });
    scene.is_noticed(scene.submit(put()), "own signatures");
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
        let scene = Scene::new();
        scene.lies(lie);
        scene.is_noticed(scene.submit(put()), what);
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
    let scene = Scene::new();
    scene.submit_at(store("hospitals"), both).unwrap();
    let asked = scene.fake.asked.lock().unwrap().clone();
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
        let scene = Scene::new();
        scene.lies(with_others(lie));
        scene.is_noticed(scene.submit_at(store("hospitals"), both), what);
    }
}

#[test]
fn p8_private_arguments_are_not_sent_to_an_organisation_that_is_no_member() {
    let scene = Scene::new();
    let outcome = scene.submit_at(store("hospitals"), &[&["HospitalA", "University"]]);
    assert!(
        matches!(outcome, Err(BackendError::NonMember { ref peer, .. }) if *peer == msp("University")),
        "{outcome:?}"
    );
    assert_eq!(
        scene.fake.asked.lock().unwrap().as_slice(),
        [vec!["HospitalA".to_owned()]],
        "only the own peer saw them"
    );
}

#[test]
fn p10_what_a_recipient_alone_executes_must_be_what_was_sent() {
    let alone: &[&[&str]] = &[&["University"]];
    let name = "_implicit_org_University";
    let call = || {
        let collection = CollectionName::implicit(&msp("University"));
        let expected = vec![ExpectedWrite {
            collection,
            key: "key".into(),
            value: SECRET.to_vec(),
        }];
        Call {
            expected,
            ..store(name)
        }
    };
    // The own peer may not execute it, as the contract has it for handovers.
    let refused = |draft: &Draft| {
        let own = draft.endorsers == ["HospitalA"];
        own.then(|| {
            failure(
                Code::Aborted,
                "HospitalA",
                "transaction returned with failure: forbidden: peer: not here",
            )
        })
    };
    let scene = Scene::new();
    scene.refuses(refused);
    scene.submit_at(call(), alone).unwrap();
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
        let scene = Scene::new();
        *scene.fake.on_endorse.lock().unwrap() = Box::new(move |draft| match refused(draft) {
            Some(status) => Err(status),
            None => {
                lie(draft);
                Ok(())
            }
        });
        scene.is_noticed(scene.submit_at(call(), alone), what);
    }
}

#[test]
fn a_query_that_would_write_is_not_believed_and_the_next_pair_is_asked() {
    let pairs: &[&[&str]] = &[
        &["HospitalB", "University"],
        &["HospitalB", "EthicsBoard"],
        &["University", "EthicsBoard"],
    ];
    let scene = Scene::new();
    // HospitalB lies whenever it is asked.
    scene.lies(|draft| {
        if draft.endorsers.contains(&"HospitalB".to_owned()) {
            draft.public = vec![KvWrite {
                key: "k".into(),
                value: vec![1],
                ..KvWrite::default()
            }];
        }
    });
    assert_eq!(scene.confirm(pairs).unwrap(), b"done");
    assert!(matches!(
        scene.confirm(&pairs[..2]),
        Err(BackendError::Mismatch {
            what: "a query would write",
            ..
        })
    ));
}

#[test]
fn another_organisations_refusal_is_not_the_contracts_word_and_the_own_peers_is() {
    let sets: &[&[&str]] = &[&MAJORITY, &["HospitalA", "HospitalB", "EthicsBoard"]];
    let refusal = "transaction returned with failure: forbidden: caller: no";
    let scene = Scene::new();
    scene.refuses(move |draft| {
        draft
            .endorsers
            .contains(&"University".to_owned())
            .then(|| failure(Code::Aborted, "University", refusal))
    });
    scene.submit_at(put(), sets).unwrap();
    let scene = Scene::new();
    scene.refuses(move |_| Some(failure(Code::Aborted, "HospitalA", refusal)));
    assert!(
        matches!(scene.submit_at(put(), sets), Err(BackendError::Refused { ref peer, .. }) if *peer == msp("HospitalA"))
    );
    assert_eq!(
        scene.fake.asked.lock().unwrap().len(),
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
    let scene = Scene::new();
    scene.orders(|ledger, envelope| {
        ledger.blocks.push(vec![
            (squatter(&envelope), 8),
            (envelope.encode_to_vec(), 0),
        ]);
        Ok(())
    });
    let done = scene.submit(put()).unwrap();
    assert_eq!((scene.submitted().len(), done.block), (1, 0));
    // It used the id up in an earlier block: the call is endorsed again under another id.
    let scene = Scene::new();
    scene.orders(|ledger, envelope| {
        if ledger.blocks.is_empty() {
            ledger.blocks.push(vec![(squatter(&envelope), 8)]);
            ledger.blocks.push(vec![(envelope.encode_to_vec(), 9)]);
        } else {
            ledger.blocks.push(vec![(envelope.encode_to_vec(), 0)]);
        }
        Ok(())
    });
    let done = scene.submit(put()).unwrap();
    let submitted = scene.submitted();
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
    let scene = Scene::new();
    scene.orders(move |ledger, envelope| {
        ledger.blocks.push(vec![(envelope.encode_to_vec(), 0)]);
        Err(refused())
    });
    scene.submit(put()).unwrap();
    let scene = Scene::new();
    scene.orders(move |_, _| Err(refused()));
    match scene.submit(put()).unwrap_err() {
        BackendError::NotOrdered { reason, tx_id } => {
            assert!(reason.contains("BAD_REQUEST") && scene.submitted() == [tx_id])
        }
        other => panic!("{other}"),
    }
    assert_eq!(scene.kept(), 0);
}

#[test]
fn i5_what_an_earlier_process_sent_is_asked_for_before_it_is_sent_again() {
    let scene = Scene::new();
    let identity = &scene.fake.orgs["HospitalA"].client;
    // The verdict never comes, the process dies: here the client gives up on a file that cannot be
    // removed.
    let kept = Arc::new(std::sync::Mutex::new(None));
    let envelope = kept.clone();
    scene.orders(move |ledger, sent| {
        ledger.blocks.push(vec![(sent.encode_to_vec(), 0)]);
        *envelope.lock().unwrap() = Some(sent);
        Ok(())
    });
    let done = scene.submit(put()).unwrap();
    let envelope = kept.lock().unwrap().take().unwrap();
    std::fs::write(
        scene.outbox.path().join(format!("{}.envelope", done.tx_id)),
        envelope.encode_to_vec(),
    )
    .unwrap();
    let settled = scene
        .client
        .block_on(scene.client.settle(identity))
        .unwrap();
    assert_eq!(
        settled
            .iter()
            .map(|s| (s.tx_id.as_str(), s.verdict))
            .collect::<Vec<_>>(),
        [(done.tx_id.as_str(), Some((0, 0, "VALID")))]
    );
    assert_eq!(
        (scene.submitted().len(), scene.kept()),
        (1, 0),
        "it was not sent again"
    );
    assert_eq!(id_of(&envelope.encode_to_vec()), Some(done.tx_id));
}

#[test]
fn f_the_next_peer_is_asked_where_one_is_gone_or_has_no_contract() {
    let mut scene = Scene::with_peers(2);
    scene.submit(put()).unwrap();
    scene.serving[0].kill();
    scene.submit(put()).unwrap();
    assert_eq!(
        scene.confirm(&[&["HospitalB", "University"]]).unwrap(),
        b"done"
    );
    scene.serving[1].kill();
    assert!(matches!(
        scene.submit(put()),
        Err(BackendError::Unreachable(_))
    ));

    let scene = Scene::with_peers(2);
    let asked = std::sync::atomic::AtomicUsize::new(0);
    scene.refuses(move |_| {
        let first = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0;
        first.then(|| {
            failure(
                Code::Aborted,
                "HospitalA",
                "error in simulation: could not launch chaincode medveil: connection refused",
            )
        })
    });
    scene.submit(put()).unwrap();
}
