//! The same calls leave the same bytes: whole journeys run twice, and one call at every peer.

use medveil_collections_config::MspId;
use medveil_contract::call::{Call, Decision};
use medveil_contract::testing::access::Access;
use medveil_contract::testing::claims::Claims;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY, members};
use medveil_contract::testing::{World, msp};
use medveil_contract::{Role, TxContext};
use std::collections::BTreeMap;

fn journey() -> World {
    let mut access = Access::new();
    let (terms, _) = access.granted(5);
    let (package, handover, delivery) = access.handover(&terms);
    let bytes = borsh::to_vec(&package).expect("bytes");
    let pages = borsh::to_vec(&access.dataset.pages()).expect("bytes");
    let store = Call::StorePages(access.dataset.store(access.root));
    let calls = [
        (store, UNIVERSITY, Some(pages)),
        (Call::HandOverKey(handover), UNIVERSITY, Some(bytes)),
        (Call::ConfirmDelivery(delivery), BOARD, None),
    ];
    for (call, peer, transient) in calls {
        access
            .bench
            .commit(&msp(HOSPITAL), &msp(peer), &call, transient)
            .expect("accepted");
    }
    let (second, _) = access.terms(6, b"letter");
    let args = access.prove(|_| {}, &second);
    access.request(args).expect("accepted");
    access
        .decide(BOARD, second.request, Decision::Reject)
        .expect("a vote");
    access.bench.world
}

#[test]
fn two_runs_of_a_journey_leave_the_same_state() {
    let (a, b) = (journey(), journey());
    assert_eq!(a.state, b.state);
    assert_eq!(a.private, b.private);
    assert!(a.state.len() > 20 && a.private.len() > 4);
}

#[test]
fn every_peer_writes_the_same_bytes() {
    let mut claims = Claims::new();
    let call = Call::PublishClaim(claims.young());
    let tx = claims.bench.context(
        &msp(HOSPITAL),
        Role::Client,
        &msp(HOSPITAL),
        BTreeMap::new(),
    );
    let run = |peer: &MspId| {
        let tx = TxContext {
            peer_msp: peer.clone(),
            ..tx.clone()
        };
        claims
            .bench
            .world
            .simulate(&claims.bench.contracts[peer], tx, &call.to_args())
            .expect("accepted")
    };
    let sets: Vec<_> = members().iter().map(run).collect();
    assert!(sets.iter().all(|set| *set == sets[0]));
    // A contract with warm caches answers like a cold one.
    assert_eq!(run(&msp(BOARD)), sets[0]);
}
