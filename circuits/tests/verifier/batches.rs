//! V7, V8: batches.

use super::{Other, Pair, inputs, rng, trapdoor};
use ark_bn254::{Fr, G1Projective};
use ark_ec::{CurveGroup, PrimeGroup};
use medveil_circuits::proof::{Proof, RawProof};
use medveil_circuits::verify::{Batch, MAX_BATCH, VerifyError};

/// Moves C by a multiple of the generator: an error of known size in the pairing equation.
fn shifted(proof: &Proof<Pair>, by: i64) -> Proof<Pair> {
    let mut points = proof.raw().points().clone();
    let step = G1Projective::generator() * Fr::from(by);
    points.c = (step + points.c).into_affine();
    Proof::new(RawProof::from_points(points).unwrap())
}

fn named(error: &VerifyError) -> String {
    error.to_string()
}

#[test]
fn v7_an_empty_batch_is_an_error() {
    assert_eq!(
        Batch::new().verify(),
        Err(VerifyError::BatchSize {
            max: MAX_BATCH,
            got: 0
        })
    );
}

#[test]
fn v7_one_bad_proof_in_1024_is_named() {
    let (trapdoor, key) = trapdoor::<Pair>(1);
    let rng = &mut rng(3);
    let proofs: Vec<_> = (0..1024)
        .map(|i| trapdoor.forge(&inputs(&[i, 5]), rng))
        .collect();
    let batch = |bad: Option<usize>| {
        let mut batch = Batch::new();
        for (i, proof) in proofs.iter().enumerate() {
            let public = inputs(&[i as u64, 5 + u64::from(bad == Some(i))]);
            batch.push(&key, &public, proof, format!("chunk {i}"));
        }
        batch
    };
    assert_eq!(batch(None).len(), 1024);
    assert_eq!(batch(None).verify(), Ok(()));
    for bad in [0, 511, 1023] {
        let error = named(&batch(Some(bad)).verify().unwrap_err());
        assert!(error.contains(&format!("(chunk {bad})")), "{error}");
    }
}

#[test]
fn v7_errors_that_cancel_are_found() {
    let (trapdoor, key) = trapdoor::<Pair>(1);
    let rng = &mut rng(4);
    let (x, y) = (inputs(&[1, 2]), inputs(&[3, 4]));
    let (p, q) = (trapdoor.forge(&x, rng), trapdoor.forge(&y, rng));
    let mut batch = Batch::new();
    batch.push(&key, &x, &shifted(&p, 1), "first");
    batch.push(&key, &y, &shifted(&q, -1), "second");
    let error = named(&batch.verify().unwrap_err());
    assert!(error.contains("(first)"), "{error}");
    let mut good = Batch::new();
    good.push(&key, &x, &p, "first");
    good.push(&key, &y, &q, "second");
    assert_eq!(good.verify(), Ok(()));
}

#[test]
fn v7_keys_and_statements_may_be_mixed_but_not_swapped() {
    let (pair, pair_key) = trapdoor::<Pair>(1);
    let (second, second_key) = trapdoor::<Pair>(2);
    let (other, other_key) = trapdoor::<Other>(3);
    let rng = &mut rng(5);
    let public = inputs(&[1, 2]);
    let mut batch = Batch::new();
    batch.push(&pair_key, &public, &pair.forge(&public, rng), "pair");
    batch.push(&other_key, &public, &other.forge(&public, rng), "other");
    batch.push(&second_key, &public, &second.forge(&public, rng), "second");
    batch.push(&pair_key, &public, &pair.forge(&public, rng), "again");
    assert_eq!(batch.verify(), Ok(()));
    batch.push(&second_key, &public, &pair.forge(&public, rng), "foreign");
    let error = named(&batch.verify().unwrap_err());
    assert!(error.contains("(foreign)"), "{error}");
}

#[test]
fn v7_a_batch_of_one_is_a_verification() {
    let (trapdoor, key) = trapdoor::<Pair>(1);
    let public = inputs(&[1, 2]);
    let proof = trapdoor.forge(&public, &mut rng(6));
    let mut batch = Batch::new();
    batch.push(&key, &public, &proof, "only");
    assert_eq!(batch.verify(), Ok(()));
    let mut bad = Batch::new();
    bad.push(&key, &public, &shifted(&proof, 1), "only");
    assert!(named(&bad.verify().unwrap_err()).contains("(only)"));
}

#[test]
fn v1_v7_a_wrong_length_is_refused_before_any_pairing() {
    let (trapdoor, key) = trapdoor::<Pair>(1);
    let public = inputs(&[7, 0]);
    let proof = trapdoor.forge(&public, &mut rng(7));
    for wrong in [inputs(&[7]), inputs(&[7, 0, 0])] {
        let mut batch = Batch::new();
        batch.push(&key, &public, &proof, "good");
        batch.push(&key, &wrong, &proof, "bad");
        assert!(matches!(
            batch.verify(),
            Err(VerifyError::InputCount { expected: 2, .. })
        ));
    }
}

#[test]
fn v8_a_batch_is_capped() {
    let (trapdoor, key) = trapdoor::<Pair>(1);
    let public = inputs(&[1, 2]);
    let proof = trapdoor.forge(&public, &mut rng(8));
    let mut batch = Batch::new();
    for i in 0..=MAX_BATCH {
        batch.push(&key, &public, &proof, i.to_string());
    }
    assert_eq!(
        batch.verify(),
        Err(VerifyError::BatchSize {
            max: MAX_BATCH,
            got: MAX_BATCH + 1
        })
    );
}
