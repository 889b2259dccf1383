//! Further columns of the same dataset, under the same nullifier.

use super::BODY;
use medveil_circuits::babyjubjub::Scalar;
use medveil_contract::Code;
use medveil_contract::call::request::ReadRequest;
use medveil_contract::call::{AccessTerms, CloseGrant, Decision};
use medveil_contract::judge::eligibility;
use medveil_contract::model::RequestState;
use medveil_contract::testing::access::Access;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use medveil_contract::testing::{DAY_MS, Refusal, msp, refusal};

/// Terms of the nth extension of the university's request, for these columns.
fn extension(access: &mut Access, n: u32, columns: u16) -> (AccessTerms, Scalar) {
    let (mut terms, secret) = access.terms(5, BODY);
    terms.extension = n;
    terms.columns = columns;
    terms.request = eligibility::request_id(&msp(UNIVERSITY), &terms);
    (terms, secret)
}

fn refused(access: &mut Access, terms: &AccessTerms) -> Refusal {
    let args = access.prove(|_| {}, terms);
    refusal(access.request(args))
}

#[test]
fn an_extension_is_a_record_of_its_own_under_the_same_nullifier() {
    let mut access = Access::new();
    let (first, _) = access.granted(5);
    let (terms, _) = extension(&mut access, 1, 0b1001);
    let args = access.prove(|_| {}, &terms);
    access.request(args).expect("accepted");
    let found = access.status(terms.request).request;
    assert_eq!((found.state, found.extension), (RequestState::Submitted, 1));
    let before = access.status(first.request).request;
    assert_eq!(
        (before.state, before.n_extensions),
        (RequestState::Approved, 1)
    );
    for who in [HOSPITAL, BOARD] {
        let decided = access.decide(who, terms.request, Decision::Approve);
        decided.expect("a vote");
    }
    let (package, call, confirm) = access.handover(&terms);
    let bytes = borsh::to_vec(&package).expect("bytes");
    let (hospital, university) = (msp(HOSPITAL), msp(UNIVERSITY));
    let bench = &mut access.bench;
    bench
        .submit(&hospital, &university, call, Some(bytes))
        .expect("handed over");
    bench
        .submit(&hospital, &hospital, confirm, None)
        .expect("confirmed");
    assert_eq!(access.status(terms.request).deliveries.len(), 1);
    assert!(access.status(first.request).deliveries.is_empty());
}

#[test]
fn an_extension_is_for_further_columns_of_a_running_grant_alone() {
    let mut access = Access::new();
    let (terms, _) = extension(&mut access, 1, 0b1001);
    assert_eq!(refused(&mut access, &terms), (Code::NotFound, "extension"));
    let (first, _) = access.terms(5, BODY);
    let args = access.prove(|_| {}, &first);
    access.request(args).expect("accepted");
    let (terms, _) = extension(&mut access, 1, 0b1001);
    assert_eq!(refused(&mut access, &terms), (Code::Conflict, "grant"));
    for who in [HOSPITAL, BOARD] {
        let decided = access.decide(who, first.request, Decision::Approve);
        decided.expect("a vote");
    }
    // The grant has the columns of slots 2 and 4.
    for columns in [0b101, 0b11, 0b1101] {
        let (terms, _) = extension(&mut access, 1, columns);
        let expected = (Code::BadInput, "columns");
        assert_eq!(refused(&mut access, &terms), expected, "{columns:b}");
    }
    let (terms, _) = extension(&mut access, 2, 0b1001);
    assert_eq!(refused(&mut access, &terms), (Code::Stale, "extension"));

    // Rejected columns are not asked for again in the period, others are.
    let (terms, _) = extension(&mut access, 1, 0b1001);
    let args = access.prove(|_| {}, &terms);
    access.request(args.clone()).expect("accepted");
    let again = access.request(args).expect_err("a refusal");
    assert_eq!(again.recorded(), Some(terms.request));
    let decided = access.decide(BOARD, terms.request, Decision::Reject);
    assert_eq!(decided.expect("a vote").state, RequestState::Rejected);
    assert_eq!(
        access.status(first.request).request.state,
        RequestState::Approved
    );
    let (terms, _) = extension(&mut access, 2, 0b1001);
    assert_eq!(refused(&mut access, &terms), (Code::BadInput, "columns"));
}

#[test]
fn an_extension_ends_with_what_it_extends() {
    let mut access = Access::new();
    let (first, _) = access.granted(5);
    let (terms, _) = extension(&mut access, 1, 0b1001);
    let args = access.prove(|_| {}, &terms);
    access.request(args).expect("accepted");
    for who in [HOSPITAL, BOARD] {
        let decided = access.decide(who, terms.request, Decision::Approve);
        decided.expect("a vote");
    }
    let close = CloseGrant {
        grant: first.request,
    };
    let (hospital, university) = (msp(HOSPITAL), msp(UNIVERSITY));
    access
        .bench
        .submit(&university, &hospital, close, None)
        .expect("closed");
    let (package, call, _) = access.handover(&terms);
    let bytes = borsh::to_vec(&package).expect("bytes");
    let sent = access
        .bench
        .submit(&hospital, &university, call, Some(bytes));
    assert_eq!(refusal(sent), (Code::Conflict, "grant"));
    let state = access.status(terms.request).request.state;
    assert_eq!(state, RequestState::Closed);
}

#[test]
fn m5_an_extension_that_waits_is_closed_with_its_grant() {
    let mut access = Access::new();
    let (first, _) = access.granted(5);
    let (terms, _) = extension(&mut access, 1, 0b1001);
    let args = access.prove(|_| {}, &terms);
    access.request(args).expect("accepted");
    let vote = access.decide(HOSPITAL, terms.request, Decision::Approve);
    vote.expect("a vote");
    let close = CloseGrant {
        grant: first.request,
    };
    let (board, university) = (msp(BOARD), msp(UNIVERSITY));
    let sent = access.bench.submit(&university, &board, close, None);
    sent.expect("closed");
    let state = access.status(terms.request).request.state;
    assert_eq!(state, RequestState::Closed);
    let late = access.decide(BOARD, terms.request, Decision::Approve);
    assert_eq!(refusal(late), (Code::Conflict, "request"));
    let read = ReadRequest {
        request: terms.request,
    };
    let gone = access.bench.ask(&board, &board, read);
    assert_eq!(refusal(gone), (Code::NotFound, "request body"));
}

#[test]
fn m5_an_extension_is_not_granted_while_its_grant_is_lapsed() {
    let mut access = Access::new();
    let (first, _) = access.granted(5);
    let (terms, _) = extension(&mut access, 1, 0b1001);
    let args = access.prove(|_| {}, &terms);
    access.request(args).expect("accepted");
    access.bench.now_ms += 90 * DAY_MS;
    let (board, hospital) = (msp(BOARD), msp(HOSPITAL));
    for who in [&board, &hospital] {
        // One vote moves one day.
        let _ = access.bench.submit(who, &hospital, (), None);
    }
    let vote = access.decide(BOARD, terms.request, Decision::Approve);
    assert_eq!(refusal(vote), (Code::Conflict, "lease"));
    let state = access.status(first.request).request.state;
    assert_eq!(state, RequestState::Approved);
    let vote = access.decide(BOARD, terms.request, Decision::Reject);
    assert_eq!(vote.expect("a vote").state, RequestState::Rejected);
}

#[test]
fn an_extension_keeps_the_scope_of_its_request() {
    let mut access = Access::new();
    let (first, _) = access.granted(5);
    let scope = access.status(first.request).request.scope;
    // Over the end of the period, within the lease.
    access.bench.now_ms += 85 * DAY_MS;
    for who in [HOSPITAL, BOARD] {
        access
            .bench
            .submit(&msp(who), &msp(HOSPITAL), (), None)
            .expect("a tick");
    }
    assert_ne!(access.scope(), scope);
    let (terms, _) = extension(&mut access, 1, 0b1001);
    let args = access.prove(|_| {}, &terms);
    assert_eq!(refusal(access.request(args)), (Code::Refused, "proof"));
    let args = access.prove(|facts| facts.scope = scope, &terms);
    access.request(args).expect("the stored scope");
}
