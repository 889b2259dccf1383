//! Keys and pages, to the recipient alone.

use super::{confirm, hand_over, submit};
use medveil_circuits::field::Felt;
use medveil_circuits::handover::{HandoverPackage, unwrap};
use medveil_circuits::ids::SegmentId;
use medveil_contract::Code;
use medveil_contract::call::request::{ReadKey, ReadPages};
use medveil_contract::call::{Call, ConfirmDelivery, HandOverKey, StorePages};
use medveil_contract::testing::access::Access;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use medveil_contract::testing::{msp, refusal};

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
