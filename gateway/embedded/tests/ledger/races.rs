//! Conflicts, nullifier races, replays.

use medveil_embedded::testing::*;
use medveil_embedded::*;
use medveil_embedded_wire::*;

fn spend(backend: &EmbeddedClient, key: &str, by: &str) -> Prepared {
    backend
        .prepare(&call(&["spend", key, by], &MAJORITY))
        .unwrap()
}
fn codes(ordered: &[Ordered]) -> Vec<ValidationCode> {
    ordered.iter().map(|o| o.code).collect()
}

#[test]
fn r_two_nullifiers_in_one_block_one_counts() {
    let world = World::new(20);
    let ledger = world.open();
    let (a, u) = (
        world.client_of(&ledger, "HospitalA"),
        world.client_of(&ledger, "University"),
    );
    let ordered = ledger
        .order(vec![spend(&a, "nf", "a"), spend(&u, "nf", "u")])
        .unwrap();
    assert_eq!(
        codes(&ordered),
        [ValidationCode::Valid, ValidationCode::MvccConflict]
    );
    assert_eq!((ordered[0].block, ordered[1].block), (0, 0));
    assert_eq!(ask(&a, &["get", "nf"]).unwrap(), b"a");
    let refused = submit(&u, call(&["spend", "nf", "u"], &MAJORITY)).unwrap_err();
    assert_eq!(refused.refusal().unwrap().message(), "spent");
}

#[test]
fn r_held_back_transactions_die_by_what_they_read() {
    let world = World::new(21);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    let held = spend(&a, "nf", "held");
    submit(&a, call(&["put", "nf", "first"], &MAJORITY)).unwrap();
    assert_eq!(
        codes(&ledger.order(vec![held]).unwrap()),
        [ValidationCode::MvccConflict]
    );
    // Private hashes are read with versions too.
    let both = ["HospitalA", "HospitalB"];
    submit(&a, private(&["store", "hospitals", "p"], &both, b"one")).unwrap();
    let seen = a
        .prepare(&call(&["confirm", "hospitals", "p", "seen"], &MAJORITY))
        .unwrap();
    submit(&a, private(&["store", "hospitals", "p"], &both, b"two")).unwrap();
    assert_eq!(
        codes(&ledger.order(vec![seen]).unwrap()),
        [ValidationCode::MvccConflict]
    );
}

#[test]
fn r_a_transaction_counts_once() {
    let world = World::new(22);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    let blind = a.prepare(&call(&["put", "k", "v"], &MAJORITY)).unwrap();
    let ordered = ledger.order(vec![blind.clone(), blind.clone()]).unwrap();
    assert_eq!(
        codes(&ordered),
        [ValidationCode::Valid, ValidationCode::DuplicateTxId]
    );
    assert_eq!(
        codes(&ledger.order(vec![blind.clone()]).unwrap()),
        [ValidationCode::DuplicateTxId]
    );
    drop((ledger, a));
    let ledger = world.open();
    assert_eq!(
        codes(&ledger.order(vec![blind.clone()]).unwrap()),
        [ValidationCode::DuplicateTxId]
    );
    assert_eq!(
        ledger.transaction(&blind.tx_id()).unwrap().unwrap().block,
        0
    );
}

#[test]
fn concurrent_increments_lose_nothing() {
    let world = World::new(23);
    let ledger = world.open();
    const EACH: usize = 20;
    let increments = |org: &str| {
        let backend = world.client_of(&ledger, org);
        for _ in 0..EACH {
            // A conflict is endorsed again by itself, a few times; whoever keeps losing sees it and
            // tries once more.
            while let Err(e) = submit(&backend, call(&["increment", "n"], &MAJORITY)) {
                let verdict = verdict(ValidationCode::MvccConflict);
                assert_eq!(e.verdict(), Some(verdict), "{e}");
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| increments("HospitalA"));
        scope.spawn(|| increments("University"));
    });
    assert_eq!(
        ask(&world.client_of(&ledger, "HospitalB"), &["get", "n"]).unwrap(),
        (2 * EACH).to_string().into_bytes()
    );
    let codes = (0..ledger.height())
        .flat_map(|n| ledger.block(n).unwrap().transactions)
        .map(|(_, code)| code);
    assert_eq!(
        codes.filter(|c| *c == ValidationCode::Valid).count(),
        2 * EACH
    );
}

/// Ten thousand nullifiers, each used by two organisations: in one block, in two blocks, and on
/// both sides of a restart.
#[test]
fn r_ten_thousand_races() {
    const RACES: usize = 10_000;
    const BATCH: usize = 500;
    let world = World::new(24);
    let mut ledger = world.open();
    let mut valid = 0usize;
    for batch in 0..RACES / BATCH {
        let (a, u) = (
            world.client_of(&ledger, "HospitalA"),
            world.client_of(&ledger, "University"),
        );
        let keys: Vec<String> = (0..BATCH).map(|i| format!("nf/{batch}/{i}")).collect();
        let prepare = |backend: &EmbeddedClient, by: &str| {
            keys.iter()
                .map(|k| spend(backend, k, by))
                .collect::<Vec<_>>()
        };
        let (first, second) = std::thread::scope(|scope| {
            let first = scope.spawn(|| prepare(&a, "a"));
            (prepare(&u, "u"), first.join().unwrap())
        });
        let ordered = match batch % 3 {
            // Side by side in one block.
            0 => ledger
                .order(
                    first
                        .into_iter()
                        .zip(second)
                        .flat_map(|(x, y)| [x, y])
                        .collect(),
                )
                .unwrap(),
            // In blocks after each other.
            1 => [ledger.order(first).unwrap(), ledger.order(second).unwrap()].concat(),
            // Before and after a restart.
            _ => {
                let before = ledger.order(first).unwrap();
                drop((ledger, a, u));
                ledger = world.open();
                [before, ledger.order(second).unwrap()].concat()
            }
        };
        assert_eq!(ordered.len(), 2 * BATCH);
        assert!(
            ordered
                .iter()
                .all(|o| matches!(o.code, ValidationCode::Valid | ValidationCode::MvccConflict))
        );
        valid += ordered
            .iter()
            .filter(|o| o.code == ValidationCode::Valid)
            .count();
    }
    assert_eq!(valid, RACES);
    let a = world.client_of(&ledger, "HospitalA");
    assert!(
        submit(&a, call(&["spend", "nf/0/0", "x"], &MAJORITY))
            .unwrap_err()
            .refusal()
            .is_some()
    );
}
