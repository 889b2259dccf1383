//! Proofs: right ones verify, wrong witnesses fail by name, wrong keys are noticed.

use super::{Chain, Small, chain, rng};
use ark_relations::gr1cs::ConstraintSystem;
use medveil_circuits::field::Fr;
use medveil_circuits::handover::Handover;
use medveil_circuits::registration::Registration;
use medveil_circuits::shape::Matrices;
use medveil_circuits::statement::Synthesize;
use medveil_circuits::testing::{handover_fixture, registration_fixture};
use medveil_circuits::verify::{PreparedVerifyingKey, verify};
use medveil_prover::{ProveError, Prover, Watch, development_keys, setup};
use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};

fn pool(threads: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap()
}

#[test]
fn a_portable_prover_makes_the_same_proof() {
    let key = || setup::<Small>(&mut rng(1)).unwrap().1;
    let (public, secret) = chain(3, 5, 50);
    let [fastest, portable] = [Prover::new(key()), Prover::portable(key())]
        .map(|prover| prover.prove(&public, &secret, &mut rng(2)).unwrap());
    assert_eq!(fastest.to_bytes(), portable.to_bytes());
}

#[test]
fn a_proof_verifies_and_two_proofs_differ() {
    let (verifying, proving) = setup::<Small>(&mut rng(1)).unwrap();
    let key = PreparedVerifyingKey::new(&verifying.into_typed().unwrap());
    let prover = Prover::new(proving);
    let (public, secret) = chain(3, 5, 50);
    let rng = &mut rng(2);
    let (first, second) = (
        prover.prove(&public, &secret, rng).unwrap(),
        prover.prove(&public, &secret, rng).unwrap(),
    );
    assert_eq!(verify(&key, &public, &first), Ok(()));
    assert_eq!(verify(&key, &public, &second), Ok(()));
    assert_ne!(first.to_bytes(), second.to_bytes(), "r and s are fresh");
    let (other, _) = chain(4, 5, 50);
    assert!(verify(&key, &other, &first).is_err());
}

#[test]
fn a_wrong_witness_fails_with_its_clause() {
    let (_, proving) = setup::<Small>(&mut rng(1)).unwrap();
    let (public, _) = chain(3, 5, 50);
    let error = Prover::new(proving)
        .prove(&public, &Fr::from(6u64), &mut rng(2))
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(&error, ProveError::Statement { source, .. } if source.clause == "T1"));
    assert_eq!(error.to_string(), "prove test-chain/v1");
    let cause = error.source().unwrap().to_string();
    assert_eq!(cause, "clause T1 does not hold: the chain ends at its end");
}

#[test]
fn a_circuit_that_says_more_than_its_native_check_makes_no_proof() {
    type Broken = Chain<50, true>;
    let (_, proving) = setup::<Broken>(&mut rng(1)).unwrap();
    let (public, _) = chain(3, 5, 50);
    let error = Prover::new(proving)
        .prove(&public, &Fr::from(6u64), &mut rng(2))
        .map(|_| ())
        .unwrap_err();
    assert!(
        matches!(error, ProveError::Circuit { row: 50, .. }),
        "{error}"
    );
}

#[test]
fn a_key_of_another_size_is_refused() {
    // Chains of all lengths carry one name, so their verifying keys look alike.
    let (verifying, proving) = setup::<Chain<20, false>>(&mut rng(1)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let store = medveil_prover::KeyStore::open(dir.path()).unwrap();
    store.save(&verifying, &proving).unwrap();
    let prover = Prover::<Small>::from_store(&store, verifying.digest()).unwrap();
    let (public, secret) = chain(3, 5, 50);
    let error = prover
        .prove(&public, &secret, &mut rng(2))
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(error, ProveError::Key { .. }), "{error}");
}

/// Counts proofs, and wants no more than some.
struct Count {
    proven: AtomicUsize,
    wanted: usize,
}

impl Count {
    fn up_to(wanted: usize) -> Self {
        Count {
            proven: AtomicUsize::new(0),
            wanted,
        }
    }
}

impl Watch for Count {
    fn goes_on(&self) -> bool {
        self.proven.load(Ordering::Relaxed) < self.wanted
    }

    fn proven(&self) {
        self.proven.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn many_proofs_come_in_order_whatever_the_pool() {
    let (verifying, proving) = setup::<Small>(&mut rng(1)).unwrap();
    let key = PreparedVerifyingKey::new(&verifying.into_typed().unwrap());
    let prover = Prover::new(proving);
    let items: Vec<_> = (1..=11).map(|i| chain(i, 5, 50)).collect();
    let run = |threads| {
        let count = Count::up_to(usize::MAX);
        let proofs = prover
            .prove_many(&items, &pool(threads), &mut rng(2), &count)
            .unwrap();
        assert_eq!(count.proven.into_inner(), 11);
        proofs
    };
    let (one, three) = (run(1), run(3));
    for ((public, _), (a, b)) in items.iter().zip(one.iter().zip(&three)) {
        assert_eq!(verify(&key, public, a), Ok(()));
        assert_eq!(
            a.to_bytes(),
            b.to_bytes(),
            "the same randomness makes the same proofs on any number of threads"
        );
    }
    let few = Count::up_to(4);
    let stopped = prover.prove_many(&items, &pool(2), &mut rng(2), &few);
    assert!(matches!(stopped, Err(ProveError::Stopped { .. })));
    assert_eq!(few.proven.into_inner(), 4);
    let mut bad = items;
    bad[7].1 = Fr::from(1u64);
    assert!(prover.prove_many(&bad, &pool(2), &mut rng(2), &()).is_err());
    assert!(
        prover
            .prove_many(&[], &pool(2), &mut rng(2), &())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn development_keys_are_the_same_every_time() {
    let first = development_keys::<Small>().unwrap().0;
    let again = pool(3).install(development_keys::<Small>).unwrap().0;
    assert_eq!(first.digest(), again.digest());
    assert_eq!(
        first.provenance(),
        medveil_circuits::verify::Provenance::InsecureDev
    );
    assert_ne!(
        first.digest(),
        development_keys::<Chain<51, false>>().unwrap().0.digest(),
        "another circuit has other keys"
    );
}

/// Values are synthesised without matrices; they must be those that ark-groth16 would have
/// synthesised with them.
fn same_assignment<S: Synthesize>(public: &S::Public, private: &S::Private) {
    let matrices = Matrices::of::<S>().unwrap();
    let assignment = matrices.assign::<S>(public, private).unwrap();
    assert_eq!(matrices.broken(&assignment), None);
    let cs = ConstraintSystem::<Fr>::new_ref();
    S::synthesize(cs.clone(), Some(public), Some(private)).unwrap();
    cs.finalize();
    let full = [
        cs.instance_assignment().unwrap(),
        cs.witness_assignment().unwrap(),
    ]
    .concat();
    assert!(assignment.values() == full, "values");
    let proving_rows = cs
        .to_matrices()
        .unwrap()
        .remove(ark_relations::gr1cs::R1CS_PREDICATE_LABEL)
        .unwrap();
    assert!(matrices.rows()[..] == proving_rows[..], "rows");
}

#[test]
fn c10_shapes_do_not_depend_on_the_witness() {
    let (public, private) = handover_fixture();
    same_assignment::<Handover>(&public, &private);
    for chunk in &registration_fixture(37, 16).chunks {
        same_assignment::<Registration<16>>(&chunk.blocks[0].public, &chunk.blocks[0].private);
    }
}

#[test]
fn a_handover_is_proven_and_verified() {
    let (verifying, proving) = setup::<Handover>(&mut rng(1)).unwrap();
    let key = PreparedVerifyingKey::new(&verifying.into_typed().unwrap());
    let (mut public, private) = handover_fixture();
    let proof = Prover::<Handover>::new(proving)
        .prove(&public, &private, &mut rng(2))
        .unwrap();
    assert_eq!(verify(&key, &public, &proof), Ok(()));
    public.mask ^= 4;
    assert!(verify(&key, &public, &proof).is_err());
}
