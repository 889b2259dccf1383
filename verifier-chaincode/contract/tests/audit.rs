//! What an audit re-verifies: every proof, from public arguments and the state left behind.

use medveil_circuits::field::Felt;
use medveil_contract::call::{BlockOpening, Call, PutPolicy};
use medveil_contract::judge::KeyCache;
use medveil_contract::judge::audit::Committed;
use medveil_contract::testing::access::Access;
use medveil_contract::testing::fixture::{HOSPITAL, UNIVERSITY};
use medveil_contract::testing::msp;
use medveil_contract::testing::sharing::consortium_id;

#[test]
fn every_proof_is_checked_again() {
    let mut access = Access::new();
    let (terms, _) = access.terms(5, b"letter");
    let request = access.prove(|_| {}, &terms);
    access.request(request.clone()).expect("accepted");
    for who in [HOSPITAL, "Board"] {
        access
            .decide(
                who,
                terms.request,
                medveil_contract::call::Decision::Approve,
            )
            .expect("a vote");
    }
    let (package, handover, delivery) = access.handover(&terms);
    let bytes = borsh::to_vec(&package).expect("bytes");
    let hospital = msp(HOSPITAL);
    access
        .bench
        .submit(&hospital, &msp(UNIVERSITY), handover, Some(bytes))
        .expect("handed over");
    access
        .bench
        .submit(&hospital, &hospital, delivery.clone(), None)
        .expect("confirmed");

    let keys = KeyCache::default();
    let state = |key: &medveil_contract::StateKey| {
        access
            .bench
            .world
            .state
            .get(key)
            .map(|(value, _)| value.clone())
    };
    let check = |who: &str, call: Call| {
        let caller = msp(who);
        let committed = Committed {
            consortium: consortium_id(),
            chaincode: "medveil",
            caller: &caller,
            state: &state,
            keys: &keys,
        };
        committed.recheck(&call).map_err(|e| e.to_string())
    };
    let register = access.registration.clone();
    assert_eq!(
        check(HOSPITAL, Call::RegisterDataset(register.clone())),
        Ok(2)
    );
    assert_eq!(
        check(UNIVERSITY, Call::RequestAccess(request.clone())),
        Ok(1)
    );
    assert_eq!(
        check(HOSPITAL, Call::ConfirmDelivery(delivery.clone())),
        Ok(1)
    );
    assert_eq!(check(HOSPITAL, Call::Tick(())), Ok(0));
    let policy = PutPolicy {
        lineage: access.dataset.name.clone(),
        policy: access.document.clone(),
    };
    assert_eq!(check(HOSPITAL, Call::PutPolicy(policy.clone())), Ok(0));

    assert!(check(UNIVERSITY, Call::PutPolicy(policy)).is_err());
    assert!(check(UNIVERSITY, Call::RegisterDataset(register.clone())).is_err());
    assert!(check(HOSPITAL, Call::RequestAccess(request.clone())).is_err());
    let mut changed = register.clone();
    changed.chunks[0].blocks[0].proof = changed.chunks[1].blocks[0].proof.clone();
    assert!(
        check(HOSPITAL, Call::RegisterDataset(changed))
            .is_err_and(|e| e.contains("chunk 0, block 0"))
    );
    let mut changed = register;
    changed.chunks[0].blocks[0].block = BlockOpening::Root(Felt::ZERO);
    assert!(check(HOSPITAL, Call::RegisterDataset(changed)).is_err());
    let mut changed = request;
    changed.terms.columns ^= 0b1000;
    assert!(check(UNIVERSITY, Call::RequestAccess(changed)).is_err());
    let mut changed = delivery;
    changed.digest = Felt::ZERO;
    assert!(check(HOSPITAL, Call::ConfirmDelivery(changed)).is_err());
}
