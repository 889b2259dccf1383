//! The sealed body of a request: for exactly those who decide, by their newest keys.

use super::BODY;
use medveil_contract::Code;
use medveil_contract::call::request::ReadRequest;
use medveil_contract::call::transient::{BODY_TAG, SealedRequest};
use medveil_contract::call::{CloseGrant, PublishKey, RequestAccess};
use medveil_contract::testing::access::Access;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use medveil_contract::testing::{Refusal, msp, refusal};
use medveil_contract::{Call, ContractError};

fn send(access: &mut Access, args: &RequestAccess, bytes: Vec<u8>) -> Result<(), ContractError> {
    let call = Call::RequestAccess(args.clone());
    let (who, peer) = (msp(UNIVERSITY), msp(HOSPITAL));
    let set = access.bench.simulate(&who, &peer, &call, Some(bytes));
    set.map(|_| ())
}

#[test]
fn m4_a_body_is_sealed_to_the_whole_committee_and_nobody_else() {
    let mut access = Access::new();
    let (terms, _) = access.terms(5, BODY);
    let args = access.prove(|_| {}, &terms);
    let bad: Refusal = (Code::BadInput, "request body");
    type Change = fn(&mut SealedRequest);
    let changes: [(Change, Refusal); 11] = [
        (|s| s.keys.truncate(1), bad),
        (|s| s.keys.clear(), bad),
        (|s| s.keys.reverse(), bad),
        (|s| s.keys.push(s.keys[1].clone()), bad),
        (|s| s.keys[0].msp_id = msp(UNIVERSITY), bad),
        (|s| s.keys[0].to = [3; 32], (Code::Stale, "request body")),
        (|s| s.keys[1].wrapped.truncate(79), bad),
        (|s| s.body.clear(), bad),
        (|s| s.body.truncate(1023 + BODY_TAG), bad),
        (|s| s.body.resize(3000 + BODY_TAG, 0), bad),
        (|s| s.body.resize((2 << 20) + BODY_TAG, 0), bad),
    ];
    for (index, (change, expected)) in changes.into_iter().enumerate() {
        let mut sealed = Access::sealed();
        change(&mut sealed);
        let bytes = borsh::to_vec(&sealed).expect("bytes");
        let sent = send(&mut access, &args, bytes);
        assert_eq!(refusal(sent), expected, "change {index}");
    }
    let trailing = [Access::sealed_bytes(), vec![0]].concat();
    assert_eq!(refusal(send(&mut access, &args, trailing)), bad);
    assert_eq!(refusal(send(&mut access, &args, Vec::new())), bad);
    let mut largest = Access::sealed();
    largest.body.resize((1 << 20) + BODY_TAG, 0);
    let bytes = borsh::to_vec(&largest).expect("bytes");
    send(&mut access, &args, bytes).expect("a mebibyte");
}

#[test]
fn m4_a_key_that_was_rotated_is_the_one_to_seal_to() {
    let mut access = Access::new();
    let (terms, _) = access.terms(5, BODY);
    let args = access.prove(|_| {}, &terms);
    let publish = |key: u8| PublishKey { key: [key; 32] };
    let mut put = |key: u8| {
        let sent = access
            .bench
            .submit(&msp(BOARD), &msp(HOSPITAL), publish(key), None);
        sent.map(|_| ())
    };
    assert_eq!(refusal(put(2)), (Code::Conflict, "key"));
    put(7).expect("rotated");
    let stale = (Code::Stale, "request body");
    assert_eq!(refusal(access.request(args.clone())), stale);
    // The proof speaks of the body in the clear: it serves again.
    let mut sealed = Access::sealed();
    sealed.keys[0].to = [7; 32];
    let bytes = borsh::to_vec(&sealed).expect("bytes");
    send(&mut access, &args, bytes).expect("sealed anew");
}

#[test]
fn m4_the_body_is_purged_when_the_grant_is_closed() {
    let mut access = Access::new();
    let (terms, _) = access.granted(5);
    let read = ReadRequest {
        request: terms.request,
    };
    let (board, hospital) = (msp(BOARD), msp(HOSPITAL));
    access
        .bench
        .ask(&board, &board, read.clone())
        .expect("a body");
    let close = CloseGrant {
        grant: terms.request,
    };
    access
        .bench
        .submit(&hospital, &board, close, None)
        .expect("closed");
    let gone = access.bench.ask(&board, &board, read);
    assert_eq!(refusal(gone), (Code::NotFound, "request body"));
}
