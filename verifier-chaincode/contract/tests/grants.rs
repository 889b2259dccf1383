//! Decisions, handovers, deliveries, and the end of a grant.

use medveil_circuits::babyjubjub::Scalar;
use medveil_circuits::field::Felt;
use medveil_circuits::handover::{HandoverPackage, unwrap};
use medveil_circuits::ids::{RequestId, SegmentId};
use medveil_contract::call::reply::{DeliveryConfirmed, GrantClosed, KeyHandedOver};
use medveil_contract::call::request::{GetRequest, ReadKey, ReadPages};
use medveil_contract::call::{
    Call, CloseGrant, ConfirmDelivery, Decision, HandOverKey, StorePages, Transaction,
};
use medveil_contract::model::RequestState;
use medveil_contract::testing::access::Access;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use medveil_contract::testing::{DAY_MS, msp, refusal};
use medveil_contract::{Code, ContractError};

fn submit<T: Transaction>(
    access: &mut Access,
    who: &str,
    peer: &str,
    args: T,
    transient: Option<Vec<u8>>,
) -> Result<T::Reply, ContractError> {
    access.bench.submit(&msp(who), &msp(peer), args, transient)
}

fn hand_over(
    access: &mut Access,
    peer: &str,
    call: &HandOverKey,
    package: &HandoverPackage,
) -> Result<KeyHandedOver, ContractError> {
    let bytes = borsh::to_vec(package).expect("bytes");
    submit(access, HOSPITAL, peer, call.clone(), Some(bytes))
}

fn confirm(
    access: &mut Access,
    args: &ConfirmDelivery,
) -> Result<DeliveryConfirmed, ContractError> {
    submit(access, HOSPITAL, BOARD, args.clone(), None)
}

fn close(access: &mut Access, who: &str, grant: RequestId) -> Result<GrantClosed, ContractError> {
    submit(access, who, BOARD, CloseGrant { grant }, None)
}

fn submitted(access: &mut Access) -> RequestId {
    let (terms, _) = access.terms(5, b"letter");
    let args = access.prove(|_| {}, &terms);
    access.request(args, b"letter").expect("accepted");
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
        access
            .request(again, b"letter")
            .expect_err("a refusal")
            .recorded(),
        Some(request)
    );
}

#[test]
fn r_a_held_back_decision_dies_with_the_next_tick_and_a_late_one_waits_for_it() {
    let mut access = Access::new();
    let request = submitted(&mut access);
    let vote = Call::DecideAccess(medveil_contract::call::DecideAccess {
        request,
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
fn two_votes_in_one_block_conflict() {
    let mut access = Access::new();
    let request = submitted(&mut access);
    let vote = Call::DecideAccess(medveil_contract::call::DecideAccess {
        request,
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

#[test]
fn keys_go_to_the_recipients_peer_alone() {
    let mut access = Access::new();
    let (terms, _secret) = access.granted(5);
    let (package, call, args) = access.handover(&terms);
    assert_eq!(
        refusal(confirm(&mut access, &args)),
        (Code::NotFound, "handover")
    );
    assert_eq!(
        refusal(hand_over(&mut access, BOARD, &call, &package)),
        (Code::Forbidden, "endorser")
    );
    assert_eq!(
        refusal(hand_over(&mut access, HOSPITAL, &call, &package)),
        (Code::Forbidden, "endorser")
    );
    let other = access.handover(&terms).0;
    assert_eq!(
        refusal(hand_over(&mut access, UNIVERSITY, &call, &other)),
        (Code::Refused, "package")
    );
    let foreign = HandOverKey {
        segment: SegmentId::new(Felt::from_u64(1)),
        ..call.clone()
    };
    assert_eq!(
        refusal(hand_over(&mut access, UNIVERSITY, &foreign, &package)),
        (Code::Refused, "segment")
    );
    let by_board = submit(
        &mut access,
        BOARD,
        UNIVERSITY,
        call.clone(),
        Some(borsh::to_vec(&package).expect("bytes")),
    );
    assert_eq!(refusal(by_board), (Code::Forbidden, "caller"));
    let garbage = submit(
        &mut access,
        HOSPITAL,
        UNIVERSITY,
        call.clone(),
        Some(vec![1, 2, 3]),
    );
    assert_eq!(refusal(garbage), (Code::BadInput, "package"));
}

#[test]
fn the_recipient_alone_reads_the_keys_that_were_confirmed_once() {
    let mut access = Access::new();
    let (terms, secret) = access.granted(5);
    let (package, call, args) = access.handover(&terms);
    let bytes = borsh::to_vec(&package).expect("bytes");
    let set = access
        .bench
        .simulate(
            &msp(HOSPITAL),
            &msp(UNIVERSITY),
            &Call::HandOverKey(call.clone()),
            Some(bytes),
        )
        .expect("handed over");
    assert!(set.writes.is_empty() && set.event.is_none() && set.private_writes.len() == 1);
    access.bench.world.commit(&set).expect("committed");
    confirm(&mut access, &args).expect("confirmed");
    assert_eq!(
        refusal(confirm(&mut access, &args)),
        (Code::Conflict, "delivery")
    );
    let read = ReadKey {
        grant: terms.request,
        segment: call.segment,
        digest: None,
    };
    let answer = access
        .bench
        .ask(&msp(UNIVERSITY), &msp(UNIVERSITY), read.clone())
        .expect("a package");
    let read_back: HandoverPackage = borsh::from_slice(&answer.package).expect("a package");
    let keys = unwrap(
        &read_back,
        terms.columns,
        &secret,
        terms.request,
        call.segment,
    );
    assert!(keys[0].is_some() && keys[3].is_none());
    assert_eq!(
        refusal(
            access
                .bench
                .ask(&msp(HOSPITAL), &msp(UNIVERSITY), read.clone())
        ),
        (Code::Forbidden, "caller")
    );
    assert_eq!(
        refusal(access.bench.ask(&msp(HOSPITAL), &msp(HOSPITAL), read)),
        (Code::Forbidden, "caller")
    );
}

#[test]
fn p12_a_delivery_is_bound_to_grant_segment_keys_recipient_and_mask() {
    let mut access = Access::new();
    let (terms, _) = access.granted(5);
    let (other_terms, _) = access.granted(6);
    let (package, call, args) = access.handover(&terms);
    hand_over(&mut access, UNIVERSITY, &call, &package).expect("handed over");
    let proof = (Code::Refused, "proof");
    let mut wrong_mask = terms.clone();
    wrong_mask.columns = 0b11111;
    let mut wrong_recipient = terms.clone();
    wrong_recipient.recipient = other_terms.recipient;
    for changed in [wrong_mask, wrong_recipient] {
        let (package, call, args) = access.handover(&changed);
        hand_over(&mut access, UNIVERSITY, &call, &package).expect("the ledger cannot see it yet");
        assert_eq!(refusal(confirm(&mut access, &args)), proof);
    }
    // Keys of another segment, under a proof for this one's commitment.
    let mut keys = medveil_circuits::dataset::SegmentKeys::generate(
        &mut medveil_contract::testing::sharing::rng(8),
    );
    std::mem::swap(&mut access.dataset.keys, &mut keys);
    let (wrong, wrong_call, wrong_args) = access.handover(&terms);
    std::mem::swap(&mut access.dataset.keys, &mut keys);
    hand_over(&mut access, UNIVERSITY, &wrong_call, &wrong).expect("the ledger cannot see it yet");
    assert_eq!(refusal(confirm(&mut access, &wrong_args)), proof);
    // The proof of one grant for another.
    let swapped = ConfirmDelivery {
        grant: other_terms.request,
        ..args.clone()
    };
    assert_eq!(
        refusal(confirm(&mut access, &swapped)),
        (Code::NotFound, "handover")
    );
    let bytes = borsh::to_vec(&package).expect("bytes");
    let call = HandOverKey {
        grant: other_terms.request,
        ..call
    };
    submit(&mut access, HOSPITAL, UNIVERSITY, call, Some(bytes)).expect("handed over");
    assert_eq!(refusal(confirm(&mut access, &swapped)), proof);
    confirm(&mut access, &args).expect("the unchanged one is confirmed");
}

#[test]
fn a_closed_grant_receives_nothing_any_more() {
    let mut access = Access::new();
    let (terms, _) = access.granted(5);
    let (package, call, args) = access.handover(&terms);
    let bytes = borsh::to_vec(&package).expect("bytes");
    let held = access
        .bench
        .simulate(
            &msp(HOSPITAL),
            &msp(UNIVERSITY),
            &Call::HandOverKey(call.clone()),
            Some(bytes),
        )
        .expect("a set");
    assert_eq!(
        refusal(close(&mut access, BOARD, terms.request)),
        (Code::Forbidden, "caller")
    );
    assert_eq!(
        close(&mut access, UNIVERSITY, terms.request)
            .expect("closed")
            .state,
        RequestState::Closed
    );
    assert!(access.bench.world.commit(&held).is_err());
    assert_eq!(
        refusal(hand_over(&mut access, UNIVERSITY, &call, &package)),
        (Code::Conflict, "grant")
    );
    assert_eq!(
        refusal(confirm(&mut access, &args)),
        (Code::Conflict, "grant")
    );
    assert_eq!(
        refusal(close(&mut access, HOSPITAL, terms.request)),
        (Code::Conflict, "grant")
    );
}

#[test]
fn nothing_is_handed_over_before_the_grant() {
    let mut access = Access::new();
    let (terms, _) = access.terms(5, b"letter");
    let args = access.prove(|_| {}, &terms);
    access.request(args, b"letter").expect("accepted");
    let (package, call, confirmation) = access.handover(&terms);
    assert_eq!(
        refusal(hand_over(&mut access, UNIVERSITY, &call, &package)),
        (Code::Conflict, "grant")
    );
    assert_eq!(
        refusal(confirm(&mut access, &confirmation)),
        (Code::Conflict, "grant")
    );
    assert_eq!(
        refusal(close(&mut access, HOSPITAL, terms.request)),
        (Code::Conflict, "grant")
    );
    let _ = Scalar::from_u64(1);
}

#[test]
fn pages_may_go_to_the_recipients_own_collection() {
    let mut access = Access::new();
    let (terms, _) = access.granted(5);
    let part = borsh::to_vec(&access.dataset.pages()).expect("bytes");
    let store = |grant| StorePages {
        dataset: terms.dataset,
        grant: Some(grant),
        first_chunk: 0,
        n_chunks: 2,
    };
    let refused = submit(
        &mut access,
        HOSPITAL,
        HOSPITAL,
        store(terms.request),
        Some(part.clone()),
    );
    assert_eq!(refusal(refused), (Code::Forbidden, "endorser"));
    submit(
        &mut access,
        HOSPITAL,
        UNIVERSITY,
        store(terms.request),
        Some(part),
    )
    .expect("stored");
    let read = ReadPages {
        dataset: terms.dataset,
        chunk: 0,
        grant: Some(terms.request),
    };
    access
        .bench
        .ask(&msp(UNIVERSITY), &msp(UNIVERSITY), read.clone())
        .expect("pages");
    assert_eq!(
        refusal(access.bench.ask(&msp(HOSPITAL), &msp(HOSPITAL), read)),
        (Code::Forbidden, "caller")
    );
}
