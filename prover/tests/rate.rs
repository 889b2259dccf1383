//! An estimate by calibration against a proof that is made.
#![allow(clippy::unwrap_used)]

use medveil_circuits::registration::Registration;
use medveil_circuits::shape::Matrices;
use medveil_circuits::testing::registration_fixture;
use medveil_prover::rate::nanos_a_constraint;
use medveil_prover::{Prover, development_keys};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::time::Instant;

#[test]
fn a_calibration_tells_about_how_long_a_proof_takes() {
    let rng = &mut ChaCha20Rng::seed_from_u64(31);
    let (_, key) = development_keys::<Registration<16>>().unwrap();
    let prover = Prover::new(key);
    let plan = registration_fixture(20, 16);
    let block = &plan.chunks[0].blocks[0];
    // The first proof also makes the matrices.
    prover.prove(&block.public, &block.private, rng).unwrap();
    let constraints = Matrices::of::<Registration<16>>().unwrap().n_constraints();
    // Other tests run beside this one: the nearest of some tries tells.
    let ratio = |_| {
        let estimate = nanos_a_constraint() * constraints as f64;
        let begun = Instant::now();
        prover.prove(&block.public, &block.private, rng).unwrap();
        begun.elapsed().as_nanos() as f64 / estimate
    };
    let ratios: Vec<f64> = (0..5).map(ratio).collect();
    println!("a proof took these many times its estimate: {ratios:.2?}");
    assert!(ratios.iter().any(|r| (0.5..2.0).contains(r)), "{ratios:?}");
}
