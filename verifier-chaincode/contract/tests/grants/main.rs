//! Decisions, handovers, deliveries, and the end of a grant.

mod decisions;
mod deliveries;
mod leases;

use medveil_circuits::handover::HandoverPackage;
use medveil_circuits::ids::RequestId;
use medveil_contract::call::reply::{DeliveryConfirmed, GrantClosed, KeyHandedOver};
use medveil_contract::call::{Call, CloseGrant, ConfirmDelivery, HandOverKey, Transaction};
use medveil_contract::model::RequestState;
use medveil_contract::testing::access::Access;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use medveil_contract::testing::{msp, refusal};
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
    access.request(args).expect("accepted");
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
}
