//! Real keys and proofs of registration and handover: what holds is proven and verifies, what does
//! not hold is refused before proving, and a proof fits one instance only.
#![allow(clippy::unwrap_used)]

use medveil_circuits::field::Felt;
use medveil_circuits::handover::Handover;
use medveil_circuits::registration::Registration;
use medveil_circuits::statement::Synthesize;
use medveil_circuits::testing::{handover_fixture, registration_fixture};
use medveil_circuits::verify::{PreparedVerifyingKey, verify};
use medveil_prover::{Prover, setup};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn keys<S: Synthesize>(rng: &mut ChaCha20Rng) -> (Prover<S>, PreparedVerifyingKey<S>) {
    let (verifying, proving) = setup::<S>(rng).unwrap();
    (
        Prover::new(proving),
        PreparedVerifyingKey::new(&verifying.into_typed::<S>().unwrap()),
    )
}

#[test]
fn registrations_are_proven_and_verify_in_their_place_only() {
    let rng = &mut ChaCha20Rng::seed_from_u64(31);
    let (prover, key) = keys::<Registration<16>>(rng);
    let plan = registration_fixture(20, 16);
    let blocks: Vec<_> = plan.chunks.iter().map(|chunk| &chunk.blocks[0]).collect();
    let proofs: Vec<_> = blocks
        .iter()
        .map(|block| prover.prove(&block.public, &block.private, rng).unwrap())
        .collect();
    for (block, proof) in blocks.iter().zip(&proofs) {
        verify(&key, &block.public, proof).unwrap();
        let mut forged = block.public.clone();
        forged.n_subjects += 1;
        assert!(verify(&key, &forged, proof).is_err());
        assert!(prover.prove(&forged, &block.private, rng).is_err());
    }
    assert!(verify(&key, &blocks[0].public, &proofs[1]).is_err());
}

#[test]
fn p12_handovers_are_proven_and_verify_for_their_package_only() {
    let rng = &mut ChaCha20Rng::seed_from_u64(32);
    let (prover, key) = keys::<Handover>(rng);
    let (public, private) = handover_fixture();
    let proof = prover.prove(&public, &private, rng).unwrap();
    verify(&key, &public, &proof).unwrap();
    let changes: [fn(&mut medveil_circuits::handover::HandoverPublic); 2] =
        [|p| p.mask ^= 4, |p| p.digest = Felt::from_u64(1)];
    for change in changes {
        let mut forged = public.clone();
        change(&mut forged);
        assert!(verify(&key, &forged, &proof).is_err());
        assert!(prover.prove(&forged, &private, rng).is_err());
    }
}
