//! Policies of a lineage: the first at once, a replacement later, and what is refused.

use medveil_circuits::ids::Day;
use medveil_contract::call::RequestAccess;
use medveil_contract::call::request::GetPolicy;
use medveil_contract::testing::access::{Access, POLICY};
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use medveil_contract::testing::{DAY_MS, ReadWriteSet, msp, refusal};
use medveil_contract::{Call, Code, ContractError};

const BODY: &[u8] = b"body";

fn simulate(access: &mut Access, args: &RequestAccess) -> Result<ReadWriteSet, ContractError> {
    let (call, sealed) = (Call::RequestAccess(args.clone()), Access::sealed_bytes());
    let bench = &mut access.bench;
    bench.simulate(&msp(UNIVERSITY), &msp(HOSPITAL), &call, Some(sealed))
}

fn tick(access: &mut Access) {
    access
        .bench
        .submit(&msp(BOARD), &msp(BOARD), (), None)
        .expect("a tick");
}

#[test]
fn a_replacement_is_in_force_at_once_until_somebody_asked() {
    let mut access = Access::new();
    let next = POLICY.replace("professor", "doctor");
    access.put_policy(&next).expect("at once");
    access.put_policy(POLICY).expect("at once");
    assert_eq!(
        refusal(access.put_policy(POLICY)),
        (Code::Conflict, "policy")
    );
    let query = GetPolicy {
        lineage: access.dataset.lineage,
    };
    let found = access.bench.ask(&msp(BOARD), &msp(BOARD), query);
    let found = found.expect("a policy");
    assert_eq!((found.active.root, found.pending), (access.policy, None));
}

#[test]
fn a_policy_is_active_at_once_and_its_replacement_later() {
    let mut access = Access::new();
    let (first, _) = access.terms(4, BODY);
    let first = access.prove(|_| {}, &first);
    access.request(first).expect("accepted");
    let next = POLICY.replace("professor", "doctor");
    access.put_policy(&next).expect("pending");
    let query = GetPolicy {
        lineage: access.dataset.lineage,
    };
    let before = access
        .bench
        .ask(&msp(BOARD), &msp(BOARD), query.clone())
        .expect("a policy");
    let pending = before.pending.expect("a pending policy");
    assert_eq!(pending.active_from, Day(20_007));
    let (terms, _) = access.terms(5, BODY);
    let args = access.prove(|_| {}, &terms);
    simulate(&mut access, &args).expect("the old policy is in force");
    for _ in 0..7 {
        access.bench.now_ms += DAY_MS;
        tick(&mut access);
    }
    let after = access
        .bench
        .ask(&msp(BOARD), &msp(BOARD), query.clone())
        .expect("a policy");
    assert_eq!((after.active.root, after.pending), (pending.root, None));
    let (terms, _) = access.terms(5, BODY);
    let old = access.prove(|_| {}, &terms);
    assert_eq!(
        refusal(simulate(&mut access, &old)),
        (Code::Refused, "proof")
    );
    access.policy = after.active.root;
    let new = access.prove(|_| {}, &terms);
    simulate(&mut access, &new).expect("the new policy is in force");
}

#[test]
fn policies_are_refused_for_their_committee_their_period_and_their_text() {
    let mut access = Access::new();
    let refused = |access: &mut Access, text: String| refusal(access.put_policy(&text));
    assert_eq!(
        refused(
            &mut access,
            POLICY.replace("period_days: 90", "period_days: 30")
        ),
        (Code::Refused, "period")
    );
    assert_eq!(
        refused(&mut access, POLICY.replace("Board", "Stranger")),
        (Code::Refused, "committee")
    );
    assert_eq!(
        refused(
            &mut access,
            POLICY.replace("Hospital, Board", "Board, University")
        ),
        (Code::Refused, "committee")
    );
    assert_eq!(
        refused(&mut access, POLICY.replace("universities", "colleges")),
        (Code::Refused, "issuer group")
    );
    // Nobody can seal to the university yet.
    assert_eq!(
        refused(&mut access, POLICY.replace("Board", "University")),
        (Code::NotFound, "committee")
    );
}
