//! What a person reads where the ledger refuses: the ledger's answers are given by the tests.

mod leases;

use super::*;
use crate::classify::{Classify, Kind};
use crate::cli::error::Failure;
use crate::cli::render::Render;
use crate::journey::testing::{ScriptedHome, TestHome, fields, org, person};
use crate::session::SessionError;
use crate::step::Transaction;
use medveil_circuits::babyjubjub::PublicPoint;
use medveil_circuits::eddsa::PrivateKey;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{DatasetRoot, Day, IssuerRoot, LineageId, Nullifier, PolicyRoot};
use medveil_contract::call::reply::Page;
use medveil_contract::model::{
    Decision, Lease, LineageEntry, ProofStanding, ProofTime, RequestEntry, RequestState, Vote,
};
use serde::Deserialize;

fn felt(n: u64) -> Felt {
    Felt::from_u64(n)
}

fn id() -> RequestId {
    RequestId::new(felt(1))
}

/// A request of the university for a dataset of hospital A, with these votes.
pub(super) fn status(state: RequestState, votes: &[(&str, Decision)]) -> RequestStatus {
    let vote = |(name, decision): &(&str, Decision)| Vote {
        msp_id: org(name),
        decision: *decision,
        tx_id: "c".repeat(64),
    };
    let recipient = PrivateKey::from_bytes([7; 32]).public_key();
    let request = RequestEntry {
        version: 1,
        state,
        request: id(),
        nullifier: Nullifier::new(felt(2)),
        lineage: LineageId::new(felt(3)),
        dataset: DatasetRoot::new(felt(4)),
        holder: org("HospitalA"),
        submitter: org("University"),
        hidden_study: felt(5),
        purpose: "research".to_owned(),
        disease: 0,
        region: String::new(),
        recipient: PublicPoint::new(recipient).unwrap(),
        columns: 0b111,
        scope: felt(8),
        extension: 0,
        n_extensions: 0,
        body: Digest::of(b"body"),
        policy: PolicyRoot::new(felt(7)),
        policy_document: Digest([0; 32]),
        circuit: Digest::of(b"circuit"),
        proven: ProofTime {
            day: Day(20_000),
            issuer_root: IssuerRoot::new(felt(6)),
            registry_version: 1,
            at_ms: 1,
        },
        lease: (state == RequestState::Approved).then_some(Lease {
            from: Day(20_000),
            until: Day(20_090),
        }),
        committee: vec![org("HospitalA"), org("HospitalB")],
        quorum: 2,
        tx_id: "a".repeat(64),
        last_tx_id: "b".repeat(64),
    };
    RequestStatus {
        asked: request.asked(),
        today: Day(20_001),
        proof: ProofStanding::Fresh,
        request,
        votes: votes.iter().map(vote).collect(),
        deliveries: Vec::new(),
    }
}

/// An approval without having looked: what is tested is the ledger's refusal.
fn yes() -> VoteOptions {
    VoteOptions {
        request: id(),
        decision: Decision::Approve,
        unseen: true,
    }
}

fn words(error: &AccessError) -> String {
    Failure::of("test", error).words().to_owned()
}

/// The error of a command, its kind and the contract's code.
fn refused<T>(answer: Result<T, AccessError>) -> (String, Kind, Option<Code>) {
    let error = answer.err().expect("a refusal");
    let code = error.ledger().and_then(medveil_ledger::LedgerError::code);
    (words(&error), error.kind(), code)
}

#[tokio::test]
async fn a_refused_vote_says_who_voted_what_and_what_is_needed() {
    let home = ScriptedHome::new().await;
    let (session, ledger) = (&home.session, &home.ledger);
    let vote = async |name: &str| refused(decide(session, &org(name), &yes()).await);

    ledger.refuse("DecideAccess", Code::Conflict, "vote");
    let rejected = [
        ("HospitalA", Decision::Approve),
        ("HospitalB", Decision::Reject),
    ];
    ledger.reply("GetRequest", &status(RequestState::Rejected, &rejected));
    let (text, kind, code) = vote("HospitalA").await;
    let expected = "expected a request that is submitted, got one that is rejected: HospitalA approved, HospitalB rejected; a rejection is final for the period";
    assert!(text.starts_with(expected), "{text}");
    assert_eq!((kind, code), (Kind::Refused, Some(Code::Conflict)));

    // Another vote than the one that stands; the same one is done.
    let first = [("HospitalA", Decision::Reject)];
    ledger.reply("GetRequest", &status(RequestState::Submitted, &first));
    let (text, ..) = vote("HospitalA").await;
    let expected = "HospitalA rejected this request already, and a vote is final: HospitalA rejected, HospitalB has not voted";
    assert!(text.starts_with(expected), "{text}");
    let approved = [
        ("HospitalA", Decision::Approve),
        ("HospitalB", Decision::Approve),
    ];
    for state in [RequestState::Submitted, RequestState::Approved] {
        ledger.reply("GetRequest", &status(state, &approved));
        let again = decide(session, &org("HospitalA"), &yes()).await.unwrap();
        let before = again.transaction.done_before();
        assert!(before.is_some_and(|words| words.contains(&"c".repeat(64))));
    }
    ledger.reply("GetRequest", &status(RequestState::Closed, &approved));
    let (text, kind, _) = vote("HospitalA").await;
    assert!(text.contains("got one that is closed"), "{text}");
    assert_eq!(kind, Kind::Refused);

    ledger.refuse("DecideAccess", Code::Forbidden, "caller");
    let (text, kind, _) = vote("University").await;
    let expected = "University is not on the request's committee: HospitalA, HospitalB vote";
    assert!(
        text.starts_with(expected) && kind == Kind::Refused,
        "{text}"
    );
}

#[derive(Deserialize)]
struct VoteFields {
    state: String,
    decision: String,
    block: u64,
}

#[tokio::test]
async fn a_vote_says_what_it_came_to() {
    let home = ScriptedHome::new().await;
    let (session, ledger) = (&home.session, &home.ledger);
    ledger.reply("DecideAccess", &());
    let votes = [
        ("HospitalA", Decision::Approve),
        ("HospitalB", Decision::Reject),
    ];
    ledger.reply("GetRequest", &status(RequestState::Rejected, &votes));
    let no = VoteOptions {
        decision: Decision::Reject,
        ..yes()
    };
    let decided = decide(session, &org("HospitalB"), &no).await.unwrap();
    let lines = decided.lines();
    assert_eq!(lines[0], "HospitalB rejects: the request is rejected");
    assert_eq!(lines[1], "  HospitalA approved, HospitalB rejected");
    assert!(lines[2].contains("final for this period"), "{}", lines[2]);
    let json: VoteFields = fields(&decided);
    let expected = ("rejected", "reject", 7);
    assert_eq!((&*json.state, &*json.decision, json.block), expected);

    ledger.reply("GetRequest", &status(RequestState::Submitted, &votes[..1]));
    let lookless = VoteOptions {
        unseen: false,
        ..yes()
    };
    let (text, kind, _) = refused(decide(session, &org("HospitalA"), &lookless).await);
    assert!(
        text.starts_with("this organisation has not opened the request"),
        "{text}"
    );
    assert_eq!(kind, Kind::Refused);
    let decided = decide(session, &org("HospitalA"), &yes()).await;
    let lines = decided.unwrap().lines();
    assert!(
        lines[3].contains("did not open the request"),
        "{}",
        lines[3]
    );
    assert_eq!(lines[1], "  HospitalA approved, HospitalB has not voted");
    assert_eq!(lines[2], "  1 more of 2 approvals needed, from HospitalB");
}

#[tokio::test]
async fn a_confirmation_before_the_handover_says_who_hands_over() {
    let home = ScriptedHome::new().await;
    home.ledger
        .reply("GetRequest", &status(RequestState::Submitted, &[]));
    let (text, kind, code) = refused(confirm(&home.session, &org("HospitalA"), id()).await);
    let expected = "expected a request that is approved, got one that is submitted: HospitalA has not voted, HospitalB has not voted; it takes 2 more of 2 approvals";
    assert!(text.starts_with(expected), "{text}");
    assert_eq!((kind, code), (Kind::Refused, None));
    let votes = [
        ("HospitalA", Decision::Approve),
        ("HospitalB", Decision::Approve),
    ];
    home.ledger
        .reply("GetRequest", &status(RequestState::Approved, &votes));
    let (text, kind, _) = refused(confirm(&home.session, &org("HospitalA"), id()).await);
    let id = id();
    assert_eq!(
        text,
        format!(
            "the keys are not handed over yet: HospitalA runs `medveil access handover {id}` first"
        )
    );
    assert_eq!(kind, Kind::NotFound);
    let (text, kind, _) = refused(handover(&home.session, &org("HospitalB"), id).await);
    assert!(
        text.contains("only HospitalA hands over") && kind == Kind::Refused,
        "{text}"
    );
}

#[tokio::test]
async fn a_grant_is_closed_by_its_parties_while_it_is_one() {
    let home = ScriptedHome::new().await;
    let (session, ledger) = (&home.session, &home.ledger);
    ledger.refuse("CloseGrant", Code::Forbidden, "caller");
    ledger.reply("GetRequest", &status(RequestState::Approved, &[]));
    let (text, kind, code) = refused(close(session, &org("EthicsBoard"), id()).await);
    assert!(
        text.contains("HospitalA or University may close it"),
        "{text}"
    );
    assert_eq!((kind, code), (Kind::Refused, Some(Code::Forbidden)));
    ledger.refuse("CloseGrant", Code::Conflict, "grant");
    ledger.reply("GetRequest", &status(RequestState::Rejected, &[]));
    let (text, ..) = refused(close(session, &org("University"), id()).await);
    assert!(
        text.starts_with("expected a request that is approved, got one that is rejected"),
        "{text}"
    );
    ledger.reply("GetRequest", &status(RequestState::Closed, &[]));
    let again = close(session, &org("University"), id()).await.unwrap();
    assert_eq!(
        again.transaction,
        Transaction::earlier(Some("b".repeat(64)))
    );
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let home = ScriptedHome::new().await;
    let (session, university) = (&home.session, org("University"));
    let (text, kind, code) = refused(show(session, &university, id(), None).await);
    assert!(
        text.starts_with(&format!("no request {} on the ledger", id())),
        "{text}"
    );
    assert_eq!((kind, code), (Kind::NotFound, Some(Code::NotFound)));
    let none = list(session, &university).await.unwrap().lines();
    assert!(
        none[0].starts_with("nobody asked for access yet"),
        "{none:?}"
    );

    // A misspelt person, before anything is written.
    let alice = person("University/alice");
    crate::journey::visa::request(session, &alice, "ethics", &home.path("r")).unwrap();
    let options = AccessOptions::default();
    let alcie = person("University/alcie");
    let (text, kind, _) = refused(request(session, &alcie, &options).await);
    assert!(
        text.starts_with("University/alcie has no vault in this home"),
        "{text}"
    );
    assert!(
        text.contains("University/alice") && kind == Kind::NotFound,
        "{text}"
    );

    // Datasets by name.
    let named = |dataset: &str| AccessOptions {
        dataset: dataset.to_owned(),
        ..AccessOptions::default()
    };
    let (text, kind, _) = refused(request(session, &alice, &named("visits")).await);
    assert!(
        text.contains("HOLDER/NAME, got \"visits\"") && kind == Kind::Input,
        "{text}"
    );
    let (text, kind, _) = refused(request(session, &alice, &named("HospitalA/visits")).await);
    let expected = "no dataset HospitalA/visits on the ledger: there is none yet";
    assert!(text == expected && kind == Kind::NotFound, "{text}");
    let unknown = "0".repeat(64);
    let (text, kind, _) = refused(request(session, &alice, &named(&unknown)).await);
    assert!(
        text.contains("has no policy") && kind == Kind::NotFound,
        "{text}"
    );
}

#[tokio::test]
async fn a_registered_dataset_without_a_policy_is_said_to_be_one() {
    let home = ScriptedHome::new().await;
    let alice = person("University/alice");
    crate::journey::visa::request(&home.session, &alice, "ethics", &home.path("r")).unwrap();
    let registered = LineageEntry {
        lineage: LineageId::new(felt(3)),
        holder: org("HospitalA"),
        name: "visits".to_owned(),
        nonce: [0; 16],
        versions: vec![DatasetRoot::new(felt(4))],
    };
    home.ledger.reply("GetDatasetByName", &registered);
    let page = Page {
        entries: vec![registered],
        bookmark: String::new(),
    };
    home.ledger.reply("ListDatasets", &page);
    let options = AccessOptions {
        dataset: "HospitalA/visits".to_owned(),
        ..AccessOptions::default()
    };
    let (text, kind, code) = refused(request(&home.session, &alice, &options).await);
    let expected = "the dataset HospitalA/visits is registered and has no policy: its holder runs `medveil policy put`";
    assert!(text.starts_with(expected), "{text}");
    assert_eq!((kind, code), (Kind::NotFound, Some(Code::NotFound)));
}

#[tokio::test]
async fn an_organisation_without_an_identity_here_is_told_so() {
    let home = ScriptedHome::new().await;
    let session = &home.session;
    let path = session
        .home
        .certificate(&org("HospitalB"), medveil_collections_config::Role::Client);
    std::fs::remove_file(path).unwrap();
    home.ledger
        .reply("GetRequest", &status(RequestState::Submitted, &[]));
    let voted = decide(session, &org("HospitalB"), &yes()).await;
    let error = voted.unwrap_err();
    assert!(matches!(
        &error,
        AccessError::Session(SessionError::NoIdentity { .. })
    ));
    assert_eq!(
        words(&error),
        "this home has no identity of HospitalB: it acts for EthicsBoard, HospitalA, University"
    );
}

#[tokio::test]
async fn lists_need_no_passphrase() {
    let home = TestHome::without_passphrase().await;
    let requests = list(&home.session, &org("HospitalA")).await.unwrap();
    assert!(requests.requests.is_empty());
    assert!(crate::journey::keys::list(&home.session).is_ok());
}

#[test]
fn journeys_can_be_served_by_several_threads() {
    fn is_send<T: Send>(_: T) {}
    fn check(session: &crate::Session, org: &MspId, actor: &crate::actor::Actor) {
        is_send(request(session, actor, &AccessOptions::default()));
        is_send(decide(session, org, &yes()));
        is_send(affirm(session, actor, id()));
        is_send(super::check(session, actor, &AccessOptions::default()));
        is_send(handover(session, org, id()));
        is_send(confirm(session, org, id()));
        is_send(close(session, org, id()));
        is_send(show(session, org, id(), None));
    }
    let _ = check;
}
