//! The rules of the ledger, one by one.

use medveil_embedded::testing::*;
use medveil_embedded::*;
use medveil_embedded_wire::*;
use medveil_ledger::{Checkpoint, ExpectedWrite, LedgerError, Transaction};
use rand::SeedableRng;

#[test]
fn public_values_reach_every_organisation_and_survive_a_restart() {
    let world = World::new(1);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    let done = submit(&a, call(&["put", "k", "v"], &MAJORITY)).unwrap();
    assert_eq!(
        (done.block, done.tx, done.payload.as_slice()),
        (0, Some(0), b"v".as_slice())
    );
    for org in ORGS {
        assert_eq!(
            ask(&world.client_of(&ledger, org), &["get", "k"]).unwrap(),
            b"v"
        );
    }
    assert!(matches!(
        world.try_open(world.options()),
        Err(OpenError::InUse(_))
    ));
    drop((ledger, a));
    let ledger = world.open();
    let b = world.client_of(&ledger, "University");
    assert_eq!(ask(&b, &["get", "k"]).unwrap(), b"v");
    assert_eq!(
        submit(&b, call(&["put", "k", "w"], &MAJORITY))
            .unwrap()
            .block,
        1
    );
    assert_eq!(ask(&b, &["whoami"]).unwrap(), b"University.client");
    let found = ledger.transaction(&done.tx_id).unwrap().unwrap();
    assert_eq!(
        (found.block, found.code, found.envelope.endorsements.len()),
        (0, ValidationCode::Valid, 3)
    );
    assert_eq!(
        ledger.block(1).unwrap().header.previous,
        ledger.block(0).unwrap().hash
    );
}

#[test]
fn a_transaction_does_not_read_its_own_writes() {
    let world = World::new(2);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    assert_eq!(
        submit(&a, call(&["put-then-get", "k", "v"], &MAJORITY))
            .unwrap()
            .payload,
        b""
    );
    assert_eq!(ask(&a, &["get", "k"]).unwrap(), b"v");
}

#[test]
fn scans_are_for_queries_and_page_by_bookmark() {
    let world = World::new(3);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    for key in ["x/1", "x/2", "x/3", "y/1"] {
        submit(&a, call(&["put", key, "v"], &MAJORITY)).unwrap();
    }
    assert_eq!(ask(&a, &["scan", "x/", ""]).unwrap(), b"x/1,x/2|x/3");
    assert_eq!(ask(&a, &["scan", "x/", "x/3"]).unwrap(), b"x/3|");
    assert!(ask(&a, &["scan", "x/", "y/1"]).is_err());
    assert!(ask(&a, &["scan-then-put", "x/", "v"]).is_err());
    assert!(submit(&a, call(&["scan", "x/"], &MAJORITY)).is_err());
    assert!(submit(&a, call(&["two-events"], &MAJORITY)).is_err());
}

#[test]
fn policies_majority_for_public_writes() {
    let world = World::new(4);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    let refused = submit(&a, call(&["put", "k", "v"], &["HospitalA", "University"])).unwrap_err();
    assert!(
        matches!(
            refused,
            LedgerError::Invalid { verdict, .. }
                if verdict == medveil_embedded::verdict(ValidationCode::EndorsementPolicy)
        ),
        "{refused}"
    );
    assert_eq!(ask(&a, &["get", "k"]).unwrap(), b"");
    for bad in [
        &["HospitalA", "HospitalA", "University"][..],
        &[],
        &["Nobody"],
    ] {
        assert!(matches!(
            submit(&a, call(&["put", "k", "v"], bad)),
            Err(LedgerError::Endorsers { .. })
        ));
    }
}

#[test]
fn private_values_stay_with_members() {
    let world = World::new(5);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    let both = ["HospitalA", "HospitalB"];
    submit(&a, private(&["store", "hospitals", "p"], &both, b"sealed")).unwrap();
    for org in both {
        assert_eq!(
            ask(&world.client_of(&ledger, org), &["fetch", "hospitals", "p"]).unwrap(),
            b"sealed"
        );
    }
    let u = world.client_of(&ledger, "University");
    assert!(ask(&u, &["fetch", "hospitals", "p"]).is_err());
    // The hash is public, and enters the read set.
    submit(&u, call(&["confirm", "hospitals", "p", "seen"], &MAJORITY)).unwrap();
    assert!(submit(&u, call(&["confirm", "hospitals", "q", "seen"], &MAJORITY)).is_err());
    assert!(submit(&a, private(&["store", "nowhere", "p"], &both, b"x")).is_err());
}

#[test]
fn p8_private_arguments_are_sent_to_members_only() {
    let world = World::new(6);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    let tx = private(
        &["store", "hospitals", "p"],
        &["HospitalA", "HospitalB", "University"],
        b"sealed",
    );
    assert!(
        matches!(submit(&a, tx), Err(LedgerError::NonMember { peer, .. }) if peer == msp("University"))
    );
    let mixed = private(
        &["store", "hospitals", "p", "public"],
        &["HospitalA", "HospitalB", "University"],
        b"sealed",
    );
    assert!(matches!(
        submit(&a, mixed),
        Err(LedgerError::NonMember { .. })
    ));
    let foreign = private(
        &["store", "_implicit_org_University", "p"],
        &["HospitalA", "University"],
        b"sealed",
    );
    assert!(
        matches!(submit(&a, foreign), Err(LedgerError::NonMember { peer, .. }) if peer == msp("HospitalA"))
    );
    // A client of another organisation cannot write there either.
    let u = world.client_of(&ledger, "University");
    assert!(
        submit(
            &u,
            private(
                &["store", "hospitals", "p"],
                &["HospitalA", "HospitalB"],
                b"x"
            )
        )
        .is_err()
    );
}

#[test]
fn p8_sealed_letters_beside_public_writes_are_exempt() {
    let world = World::new(11);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    let u = world.client_of(&ledger, "University");
    // The owner's implicit collection, endorsed by a majority and the owner.
    let owner = ["EthicsBoard", "HospitalA", "University"];
    submit(
        &u,
        private(
            &["store", "_implicit_org_HospitalA", "l", "pub"],
            &owner,
            b"letter",
        ),
    )
    .unwrap();
    assert_eq!(
        ask(&a, &["fetch", "_implicit_org_HospitalA", "l"]).unwrap(),
        b"letter"
    );
    let without = ["EthicsBoard", "HospitalB", "University"];
    let refused = submit(
        &u,
        private(
            &["store", "_implicit_org_HospitalA", "l", "pub"],
            &without,
            b"letter",
        ),
    )
    .unwrap_err();
    assert!(matches!(
        refused,
        LedgerError::Invalid { verdict, .. }
            if verdict == medveil_embedded::verdict(ValidationCode::EndorsementPolicy)
    ));
}

#[test]
fn a_handover_is_executed_by_the_recipient_alone() {
    let world = World::new(7);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    let to = "_implicit_org_University";
    submit(
        &a,
        private(&["receive", to, "k"], &["University"], b"wrapped"),
    )
    .unwrap();
    assert_eq!(
        ask(&world.client_of(&ledger, "University"), &["fetch", to, "k"]).unwrap(),
        b"wrapped"
    );
    let mut exact = private(&["receive", to, "k2"], &["University"], b"wrapped");
    exact.expected = vec![ExpectedWrite {
        collection: implicit("University"),
        key: "k2".into(),
        value: b"wrapped".to_vec(),
    }];
    submit(&a, exact.clone()).unwrap();
    exact.expected[0].value = b"other".to_vec();
    assert!(matches!(
        submit(&a, exact),
        Err(LedgerError::Mismatch { .. })
    ));
    let two = private(
        &["receive", to, "k"],
        &["University", "HospitalB"],
        b"wrapped",
    );
    assert!(submit(&a, two).is_err());
}

#[test]
fn events_come_in_order_from_a_checkpoint() {
    let world = World::new(8);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    for key in ["k1", "k2", "k3"] {
        submit(&a, call(&["put", key, "v"], &MAJORITY)).unwrap();
    }
    let all = ledger.events(Checkpoint::default()).unwrap();
    assert_eq!(
        all.iter().map(|e| e.payload.clone()).collect::<Vec<_>>(),
        [b"k1", b"k2", b"k3"]
    );
    let rest = ledger.events(all[0].next).unwrap();
    assert_eq!(rest, all[1..]);
    assert_eq!(ledger.events(all[2].next).unwrap().len(), 0);
    submit(&a, call(&["put", "k4", "v"], &MAJORITY)).unwrap();
    assert_eq!(ledger.events(all[2].next).unwrap().len(), 1);
}

#[test]
fn confirm_asks_several_peers_and_writes_nothing() {
    let world = World::new(9);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    submit(&a, call(&["put", "k", "v"], &MAJORITY)).unwrap();
    let two = ["HospitalB", "University"];
    assert_eq!(a.confirm(&call(&["get", "k"], &two)).unwrap(), b"v");
    assert!(matches!(
        a.confirm(&call(&["put", "k", "w"], &two)),
        Err(LedgerError::Mismatch { .. })
    ));
    assert_eq!(ledger.height(), 1);
}

#[test]
fn the_contract_runs_on_it() {
    use medveil_contract::call::{Call, Query};
    use std::sync::Arc;
    let world = World::new(10);
    let options = Options::new(
        world.clock.clone(),
        rand_chacha::ChaCha20Rng::from_seed([3; 32]),
        true,
    );
    let ledger = world.try_open(options).unwrap();
    let admin = world.org("HospitalA").admin.clone();
    let admin = ledger.client(Arc::new(admin)).unwrap();
    let bootstrap = Call::from_args(&[
        b"Bootstrap".to_vec(),
        borsh::to_vec(&world.genesis.consortium).unwrap(),
    ])
    .unwrap();
    submit(
        &admin,
        Transaction::call(bootstrap.to_args(), msps(&MAJORITY)),
    )
    .unwrap();
    let b = world.client_of(&ledger, "HospitalB");
    let answer = b
        .evaluate(&Transaction::query(Query::GetDay.to_args()))
        .unwrap();
    assert!(!answer.is_empty());
}
