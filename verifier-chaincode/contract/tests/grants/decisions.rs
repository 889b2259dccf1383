//! Votes of a committee.

use super::submit;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::RequestId;
use medveil_contract::Code;
use medveil_contract::call::request::GetRequest;
use medveil_contract::call::{Call, Decision};
use medveil_contract::model::RequestState;
use medveil_contract::testing::access::Access;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use medveil_contract::testing::{DAY_MS, msp, refusal};

fn submitted(access: &mut Access) -> RequestId {
    let (terms, _) = access.terms(5, b"letter");
    let args = access.prove(|_| {}, &terms);
    access.request(args).expect("accepted");
    terms.request
}

#[test]
fn a_committee_decides_by_quorum_each_organisation_once() {
    let mut access = Access::new();
    let request = submitted(&mut access);
    assert_eq!(
        refusal(access.decide(UNIVERSITY, request, Decision::Approve)),
        (Code::Forbidden, "caller")
    );
    assert_eq!(
        refusal(access.decide(BOARD, RequestId::new(Felt::from_u64(1)), Decision::Approve)),
        (Code::NotFound, "request id")
    );
    assert_eq!(
        access
            .decide(BOARD, request, Decision::Approve)
            .expect("a vote")
            .state,
        RequestState::Submitted
    );
    assert_eq!(
        refusal(access.decide(BOARD, request, Decision::Approve)),
        (Code::Conflict, "vote")
    );
    assert_eq!(
        access
            .decide(HOSPITAL, request, Decision::Approve)
            .expect("a vote")
            .state,
        RequestState::Approved
    );
    let found = access
        .bench
        .ask(&msp(BOARD), &msp(BOARD), GetRequest { request })
        .expect("a request");
    assert_eq!((found.votes.len(), found.request.version), (2, 3));
}

#[test]
fn a_request_that_cannot_be_approved_any_more_is_rejected_for_good() {
    let mut access = Access::new();
    let request = submitted(&mut access);
    assert_eq!(
        access
            .decide(BOARD, request, Decision::Reject)
            .expect("a vote")
            .state,
        RequestState::Rejected
    );
    assert_eq!(
        refusal(access.decide(HOSPITAL, request, Decision::Approve)),
        (Code::Conflict, "request")
    );
    let (terms, _) = access.terms(5, b"letter");
    let again = access.prove(|_| {}, &terms);
    assert_eq!(
        access.request(again).expect_err("a refusal").recorded(),
        Some(request)
    );
}

#[test]
fn r_a_held_back_decision_dies_with_the_next_tick_and_a_late_one_waits_for_it() {
    let mut access = Access::new();
    let request = submitted(&mut access);
    let vote = Call::DecideAccess(medveil_contract::call::DecideAccess {
        request,
        asked: access.asked(request),
        decision: Decision::Approve,
    });
    let held = access
        .bench
        .simulate(&msp(BOARD), &msp(HOSPITAL), &vote, None)
        .expect("a vote");
    let marker = held
        .private_writes
        .keys()
        .map(|(c, k)| format!("{c}:{k}"))
        .collect::<Vec<_>>();
    assert_eq!(marker, ["_implicit_org_Hospital:marker"]);
    access.bench.now_ms += DAY_MS;
    assert_eq!(
        refusal(access.decide(BOARD, request, Decision::Approve)),
        (Code::TickFirst, "day")
    );
    submit(&mut access, BOARD, BOARD, (), None).expect("a tick");
    assert!(access.bench.world.commit(&held).is_err());
    access
        .decide(BOARD, request, Decision::Approve)
        .expect("a vote");
}

#[test]
fn m4_a_vote_is_on_what_was_seen() {
    let mut access = Access::new();
    let request = submitted(&mut access);
    let seen = access.status(request);
    type Change = fn(&mut medveil_contract::model::RequestEntry);
    let changes: [Change; 8] = [
        |r| r.columns = 0b11111,
        |r| r.purpose = "teaching".to_owned(),
        |r| r.region.clear(),
        |r| r.disease += 1,
        |r| r.body = medveil_circuits::field::Digest::of(b"another letter"),
        |r| r.hidden_study = Felt::from_u64(1),
        |r| r.quorum = 1,
        |r| r.submitter = msp(BOARD),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut shown = seen.request.clone();
        change(&mut shown);
        let vote = medveil_contract::call::DecideAccess {
            request,
            asked: shown.asked(),
            decision: Decision::Approve,
        };
        let sent = submit(&mut access, BOARD, HOSPITAL, vote, None);
        assert_eq!(refusal(sent), (Code::Refused, "request"), "change {index}");
    }
    // What changes with every step is no part of it.
    let mut later = seen.request;
    later.version += 1;
    later.proven.at_ms += 1;
    assert_eq!(later.asked(), seen.asked);
}

#[test]
fn two_votes_in_one_block_conflict() {
    let mut access = Access::new();
    let request = submitted(&mut access);
    let vote = Call::DecideAccess(medveil_contract::call::DecideAccess {
        request,
        asked: access.asked(request),
        decision: Decision::Approve,
    });
    let [a, b] = [BOARD, HOSPITAL].map(|who| {
        access
            .bench
            .simulate(&msp(who), &msp(HOSPITAL), &vote, None)
            .expect("a vote")
    });
    access.bench.world.commit(&a).expect("the first");
    assert!(access.bench.world.commit(&b).is_err());
}
