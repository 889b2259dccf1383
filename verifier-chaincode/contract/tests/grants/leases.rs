//! A grant follows the approval behind it: leases, and proofs that are repeated.

use super::{confirm, hand_over};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::{Day, IssuerRoot};
use medveil_circuits::indexed::{REVOCATION_DEPTH, RevocationTree};
use medveil_contract::Code;
use medveil_contract::call::reply::AccessAffirmed;
use medveil_contract::call::{AffirmAccess, StorePages, UpdateRevocations};
use medveil_contract::model::{Lease, ProofStanding, RequestState};
use medveil_contract::testing::access::Access;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use medveil_contract::testing::registry::issuer;
use medveil_contract::testing::{DAY_MS, MINUTE_MS, Refusal, msp, refusal};
use medveil_contract::{Call, ContractError};

/// Days later, by two organisations' votes.
fn days_later(access: &mut Access, days: u64) {
    access.bench.now_ms += days * DAY_MS;
    for who in [HOSPITAL, BOARD] {
        // One vote moves one day.
        let _ = access.bench.submit(&msp(who), &msp(HOSPITAL), (), None);
    }
}

fn send(access: &mut Access, args: AffirmAccess) -> Result<AccessAffirmed, ContractError> {
    access
        .bench
        .submit(&msp(UNIVERSITY), &msp(HOSPITAL), args, None)
}

/// An issuer that revokes somebody, urgently or not.
fn revoke(access: &mut Access, tree: &mut RevocationTree, urgent: bool) {
    let insertion = tree.insert(tree.n_leaves() * 10).expect("inserted");
    let call = UpdateRevocations {
        issuer: 0,
        insertions: vec![insertion],
        urgent,
    };
    let sent = access
        .bench
        .submit(&msp(UNIVERSITY), &msp(BOARD), call, None);
    sent.expect("revoked");
}

fn with_issuer() -> (Access, RevocationTree) {
    let mut access = Access::new();
    let issuer = issuer(UNIVERSITY, 1, "affiliation", "universities");
    let sent = access
        .bench
        .submit(&msp(UNIVERSITY), &msp(BOARD), issuer, None);
    sent.expect("registered");
    (
        access,
        RevocationTree::new(REVOCATION_DEPTH).expect("a tree"),
    )
}

const OVER: Refusal = (Code::Conflict, "lease");

#[test]
fn m5_a_grant_that_nobody_affirms_ends_with_its_lease() {
    let mut access = Access::new();
    let (terms, _) = access.granted(5);
    let lease = access.status(terms.request).request.lease;
    let expected = Lease {
        from: Day(20_000),
        until: Day(20_090),
    };
    assert_eq!(lease, Some(expected));
    let (package, call, args) = access.handover(&terms);
    hand_over(&mut access, UNIVERSITY, &call, &package).expect("the first day");
    days_later(&mut access, 2);
    // The lease runs, and the proof is old.
    let old = hand_over(&mut access, UNIVERSITY, &call, &package);
    assert_eq!(refusal(old), (Code::Conflict, "proof"));
    days_later(&mut access, 88);
    let again = hand_over(&mut access, UNIVERSITY, &call, &package);
    assert_eq!(refusal(again), OVER);
    assert_eq!(refusal(confirm(&mut access, &args)), OVER);
    let pages = borsh::to_vec(&access.dataset.pages()).expect("bytes");
    let store = StorePages {
        dataset: terms.dataset,
        grant: Some(terms.request),
        first_chunk: 0,
        n_chunks: 2,
    };
    let (hospital, university) = (msp(HOSPITAL), msp(UNIVERSITY));
    let sent = access
        .bench
        .submit(&hospital, &university, store, Some(pages));
    assert_eq!(refusal(sent), OVER);

    // A fresh proof starts it again.
    let affirm = access.affirm(terms.request);
    let affirmed = send(&mut access, affirm).expect("affirmed");
    assert_eq!(affirmed.lease.map(|l| l.until), Some(Day(20_180)));
    hand_over(&mut access, UNIVERSITY, &call, &package).expect("it runs");
    confirm(&mut access, &args).expect("confirmed");
}

#[test]
fn m5_a_lease_is_lengthened_after_half_of_it() {
    let mut access = Access::new();
    let (terms, _) = access.granted(5);
    for (days, until) in [(0, 20_090), (44, 20_090), (1, 20_135), (1, 20_135)] {
        days_later(&mut access, days);
        let affirm = access.affirm(terms.request);
        let affirmed = send(&mut access, affirm).expect("affirmed");
        assert_eq!(affirmed.lease.map(|l| l.until), Some(Day(until)));
    }
}

#[test]
fn m5_a_proof_is_old_after_a_day_and_void_after_an_urgent_update() {
    let (mut access, mut tree) = with_issuer();
    let (terms, _) = access.granted(5);
    let standing = |access: &mut Access| access.status(terms.request).proof;
    assert_eq!(standing(&mut access), ProofStanding::Fresh);
    revoke(&mut access, &mut tree, false);
    assert_eq!(standing(&mut access), ProofStanding::Fresh);
    access.bench.now_ms += 24 * 60 * MINUTE_MS;
    assert_eq!(standing(&mut access), ProofStanding::Fresh);
    access.bench.now_ms += 1;
    assert_eq!(standing(&mut access), ProofStanding::Old);
    days_later(&mut access, 0);
    let affirm = access.affirm(terms.request);
    send(&mut access, affirm).expect("affirmed");
    assert_eq!(standing(&mut access), ProofStanding::Fresh);
    revoke(&mut access, &mut tree, true);
    assert_eq!(standing(&mut access), ProofStanding::Void);
    let affirm = access.affirm(terms.request);
    send(&mut access, affirm).expect("affirmed");
    assert_eq!(standing(&mut access), ProofStanding::Fresh);
}

#[test]
fn m5_an_affirmation_is_bound_to_its_request_and_state() {
    let mut access = Access::new();
    let (terms, _) = access.granted(5);
    let (other, _) = access.granted(6);
    let good = access.affirm(terms.request);
    let foreign = access.affirm(other.request);
    let stale_state = (Code::Stale, "state version");
    let proof = (Code::Refused, "proof");
    let stale_root = (Code::Stale, "registry root");
    let felt = |n: u64| Felt::from_u64(n);
    type Change<'a> = &'a dyn Fn(&mut AffirmAccess);
    let changes: [(Change<'_>, Refusal); 6] = [
        (&|a| a.request = other.request, proof),
        (&|a| a.version += 1, stale_state),
        (&|a| a.day = Day(19_998), (Code::Stale, "day")),
        (&|a| a.issuer_root = IssuerRoot::new(felt(3)), stale_root),
        (&|a| a.circuit = terms.body, (Code::Stale, "circuit")),
        (&|a| a.proof = foreign.proof.clone(), proof),
    ];
    for (index, (change, expected)) in changes.into_iter().enumerate() {
        let mut args = good.clone();
        change(&mut args);
        assert_eq!(refusal(send(&mut access, args)), expected, "change {index}");
    }
    let by_board = access
        .bench
        .submit(&msp(BOARD), &msp(HOSPITAL), good.clone(), None);
    assert_eq!(refusal(by_board), (Code::Forbidden, "caller"));
    let call = Call::AffirmAccess(good.clone());
    let held = access
        .bench
        .simulate(&msp(UNIVERSITY), &msp(HOSPITAL), &call, None);
    let held = held.expect("a set");
    assert_eq!(
        send(&mut access, good.clone()).expect("affirmed").version,
        4
    );
    assert!(access.bench.world.commit(&held).is_err());
    assert_eq!(refusal(send(&mut access, good)), stale_state);
}

#[test]
fn m5_a_request_may_be_affirmed_before_the_vote_and_not_after_its_end() {
    let mut access = Access::new();
    let (terms, _) = access.terms(5, b"body");
    let args = access.prove(|_| {}, &terms);
    access.request(args).expect("accepted");
    let affirm = access.affirm(terms.request);
    let affirmed = send(&mut access, affirm).expect("affirmed");
    assert_eq!(
        (affirmed.state, affirmed.lease),
        (RequestState::Submitted, None)
    );
    let decision = medveil_contract::call::Decision::Reject;
    access
        .decide(BOARD, terms.request, decision)
        .expect("a vote");
    let affirm = access.affirm(terms.request);
    assert_eq!(
        refusal(send(&mut access, affirm)),
        (Code::Conflict, "request")
    );
}
