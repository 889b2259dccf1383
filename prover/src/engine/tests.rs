//! Proofs of one key by every way and by ark-groth16: bit for bit the same.

use super::*;
use crate::reduction::OddCoset;
use crate::setup::setup;
use ark_ff::UniformRand;
use ark_groth16::Groth16;
use medveil_circuits::handover::Handover;
use medveil_circuits::shape::Matrices;
use medveil_circuits::testing::handover_fixture;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

#[test]
fn every_way_makes_the_same_proof() {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let (_, key) = setup::<Handover>(rng).unwrap();
    let matrices = Matrices::of::<Handover>().unwrap();
    let (public, private) = handover_fixture();
    let assignment = matrices.assign::<Handover>(&public, &private).unwrap();
    let values = assignment.values();
    let random = (Fr::rand(rng), Fr::rand(rng));
    let expected = Groth16::<Bn254, OddCoset>::create_proof_with_reduction_and_matrices(
        &key.zkey().to_ark(),
        random.0,
        random.1,
        matrices.rows(),
        matrices.n_instance(),
        matrices.n_constraints(),
        values,
    )
    .unwrap();
    let mut ways = vec![Way::Model, Way::Portable];
    match IfmaToken::detect() {
        Some(token) => ways.push(Way::Lanes(token)),
        None => println!("model only: this processor has no AVX-512 IFMA"),
    }
    for way in ways {
        let engine = Engine::new(key.zkey(), way);
        for threads in [1, 2, 3] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let prove = || engine.prove(values, random).unwrap();
            let made = pool.build().unwrap().install(prove);
            assert_eq!(made, expected, "{way:?} {threads}");
            if matches!(way, Way::Model) {
                break;
            }
        }
        let longer = [values, &[Fr::from(1u64)]].concat();
        let said = engine.prove(&longer, random).unwrap_err().to_string();
        assert!(said.contains("values, got"), "{said}");
    }
}
