//! Freshness: days and registry roots are admissible for their time.

use super::{BODY, simulate};
use medveil_circuits::ids::Day;
use medveil_circuits::indexed::{REVOCATION_DEPTH, RevocationTree};
use medveil_contract::call::{Call, UpdateRevocations};
use medveil_contract::testing::access::Access;
use medveil_contract::testing::fixture::{BOARD, UNIVERSITY};
use medveil_contract::testing::registry::issuer;
use medveil_contract::testing::{DAY_MS, MINUTE_MS, msp, refusal};
use medveil_contract::{Code, ContractError};

fn tick(access: &mut Access) {
    access
        .bench
        .submit(&msp(BOARD), &msp(BOARD), (), None)
        .expect("a tick");
}

#[test]
fn r_days_and_registry_roots_are_admissible_for_their_time() {
    let mut access = Access::new();
    access.bench.now_ms += 31 * MINUTE_MS;
    let (terms, _) = access.terms(5, BODY);
    let named = |access: &mut Access, day: u32| {
        let mut terms = terms.clone();
        terms.day = Day(day);
        let args = access.prove(|_| {}, &terms);
        simulate(access, &args)
            .map(|_| ())
            .map_err(|e| (e.code(), e.stage()))
    };
    let stale = Err((Code::Stale, "day"));
    assert_eq!(
        [19_999, 20_000, 20_001].map(|d| named(&mut access, d)),
        [stale, Ok(()), stale]
    );
    access.bench.now_ms += DAY_MS;
    assert_eq!(named(&mut access, 20_001), Err((Code::TickFirst, "day")));
    assert_eq!(named(&mut access, 20_000), Err((Code::TickFirst, "day")));
    tick(&mut access);
    assert_eq!(
        [19_999, 20_000, 20_001].map(|d| named(&mut access, d)),
        [stale, Ok(()), Ok(())]
    );
    access.bench.now_ms += 30 * MINUTE_MS + 1;
    assert_eq!(
        [20_000, 20_001].map(|d| named(&mut access, d)),
        [stale, Ok(())]
    );
}

#[test]
fn r_a_held_back_request_dies_with_the_next_tick_or_registry_update() {
    let mut access = Access::new();
    let (terms, _) = access.terms(5, BODY);
    let args = access.prove(|_| {}, &terms);
    let held = simulate(&mut access, &args).expect("accepted");
    assert!(
        held.reads
            .contains_key(&medveil_contract::StateKey::registry_head())
    );
    access.bench.now_ms += DAY_MS;
    tick(&mut access);
    let conflict = access.bench.world.commit(&held).expect_err("a conflict");
    assert_eq!(conflict.0, "day/current");
}

/// A request may be made, and one issuer stands that has revoked nothing.
fn with_issuer() -> (Access, RevocationTree) {
    let mut access = Access::new();
    let issuer = issuer(UNIVERSITY, 1, "affiliation", "universities");
    access
        .bench
        .submit(&msp(UNIVERSITY), &msp(BOARD), issuer, None)
        .expect("registered");
    let tree = RevocationTree::new(REVOCATION_DEPTH).expect("a tree");
    (access, tree)
}

fn revoke(access: &mut Access, tree: &mut RevocationTree, urgent: bool) {
    let insertions = vec![tree.insert(tree.n_leaves() * 10).expect("inserted")];
    let call = UpdateRevocations {
        issuer: 0,
        insertions,
        urgent,
    };
    access
        .bench
        .submit(&msp(UNIVERSITY), &msp(BOARD), call, None)
        .expect("revoked");
}

#[test]
fn r_old_registry_roots_live_an_hour_and_none_after_an_urgent_update() {
    let (mut access, mut tree) = with_issuer();
    let (terms, _) = access.terms(5, BODY);
    let args = access.prove(|_| {}, &terms);
    let held = simulate(&mut access, &args).expect("accepted");
    revoke(&mut access, &mut tree, false);
    // Endorsed before the update, submitted after it: dead, though a fresh endorsement of the same
    // proof lives.
    assert_eq!(
        access.bench.world.commit(&held).expect_err("a conflict").0,
        "registry/head"
    );
    assert_ne!(access.issuer_root(), terms.issuer_root);
    simulate(&mut access, &args).expect("within the hour");
    access.bench.now_ms += 90 * MINUTE_MS;
    simulate(&mut access, &args).expect("at the end of the hour and of what clocks may be off");
    access.bench.now_ms += 1;
    assert_eq!(
        refusal(simulate(&mut access, &args)),
        (Code::Stale, "registry root")
    );

    let (terms, _) = access.terms(5, BODY);
    let args = access.prove(|_| {}, &terms);
    simulate(&mut access, &args).expect("the head");
    revoke(&mut access, &mut tree, true);
    assert_eq!(
        refusal(simulate(&mut access, &args)),
        (Code::Stale, "registry root")
    );
}

#[test]
fn m2_updates_without_end_push_no_root_out() {
    let (mut access, mut tree) = with_issuer();
    let (terms, _) = access.terms(5, BODY);
    let args = access.prove(|_| {}, &terms);
    for _ in 0..15 {
        revoke(&mut access, &mut tree, false);
    }
    access.bench.now_ms += 61 * MINUTE_MS;
    for _ in 0..16 {
        revoke(&mut access, &mut tree, false);
    }
    simulate(&mut access, &args).expect("31 updates later");
}

/// Whether an empty urgent update would pass now; nothing is committed.
fn simulate_empty(access: &mut Access) -> Result<(), ContractError> {
    let call = Call::UpdateRevocations(UpdateRevocations {
        issuer: 0,
        insertions: vec![],
        urgent: true,
    });
    let simulated = access
        .bench
        .simulate(&msp(UNIVERSITY), &msp(BOARD), &call, None);
    simulated.map(|_| ())
}

#[test]
fn m2_an_ordinary_update_is_made_urgent_afterwards() {
    let (mut access, mut tree) = with_issuer();
    let (terms, _) = access.terms(5, BODY);
    let args = access.prove(|_| {}, &terms);
    revoke(&mut access, &mut tree, false);
    simulate(&mut access, &args).expect("within the hour");
    let empty = |urgent| UpdateRevocations {
        issuer: 0,
        insertions: vec![],
        urgent,
    };
    let send = |access: &mut Access, urgent| {
        let call = empty(urgent);
        access
            .bench
            .submit(&msp(UNIVERSITY), &msp(BOARD), call, None)
            .map(|_| ())
    };
    let nothing = (Code::Refused, "insertions");
    assert_eq!(refusal(send(&mut access, false)), nothing);
    send(&mut access, true).expect("made urgent");
    assert_eq!(
        refusal(simulate(&mut access, &args)),
        (Code::Stale, "registry root")
    );
    // No older root counts any more, and the current one still does.
    assert_eq!(refusal(send(&mut access, true)), nothing);
    let (terms, _) = access.terms(5, BODY);
    let args = access.prove(|_| {}, &terms);
    simulate(&mut access, &args).expect("the head");
    revoke(&mut access, &mut tree, false);
    // A proof that was made while the older root counted is fresh for a day more.
    access.bench.now_ms += (90 + 24 * 60) * MINUTE_MS;
    let late = access.bench.now_ms;
    simulate_empty(&mut access).expect("a proof counts still");
    access.bench.now_ms = late + 1;
    assert_eq!(refusal(send(&mut access, true)), nothing);
}
