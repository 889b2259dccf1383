use super::*;
use crate::handover::Handover;
use crate::testing::{Trapdoor, handover_fixture};
use ark_ff::PrimeField;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::collections::BTreeSet;

/// V7: each key, each input and each proof moves every coefficient.
#[test]
fn v7_coefficients_depend_on_everything() {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let (public, _) = handover_fixture();
    let trapdoors = [
        Trapdoor::<Handover>::generate(rng),
        Trapdoor::<Handover>::generate(rng),
    ];
    let keys = trapdoors
        .each_ref()
        .map(|t| PreparedVerifyingKey::new(&t.verifying_key().into_typed().unwrap()));
    let proofs = [
        trapdoors[0].forge(&public, rng),
        trapdoors[0].forge(&public, rng),
    ];
    let coefficients = |key: usize, proof: usize, mask: u16| {
        let mut batch = Batch::new();
        batch.push(&keys[0], &public, &proofs[0], "fixed");
        let mut public = public.clone();
        public.mask ^= mask;
        batch.push(&keys[key], &public, &proofs[proof], "changed");
        batch.coefficients()
    };
    let all = [
        coefficients(0, 0, 0),
        coefficients(1, 0, 0),
        coefficients(0, 1, 0),
        coefficients(0, 0, 1),
    ]
    .concat();
    let distinct: BTreeSet<_> = all.iter().map(|c| c.into_bigint()).collect();
    assert_eq!(distinct.len(), 8);
    assert!(
        distinct
            .iter()
            .all(|c| c.0[2] == 0 && c.0[3] == 0 && c.0[1] != 0),
        "128 bits"
    );
}
