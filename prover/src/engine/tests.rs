//! Proofs of one key by lanes, by their model and by ark: bit for bit the same.

use super::*;
use crate::setup::setup;
use crate::simd::ModelToken;
use ark_ff::UniformRand;
use medveil_circuits::handover::Handover;
use medveil_circuits::testing::handover_fixture;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

#[test]
fn every_engine_makes_the_same_proof() {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let (_, key) = setup::<Handover>(rng).unwrap();
    let matrices = Matrices::of::<Handover>().unwrap();
    let (public, private) = handover_fixture();
    let assignment = matrices.assign::<Handover>(&public, &private).unwrap();
    let random = (Fr::rand(rng), Fr::rand(rng));
    let bases = Bases::new(key.zkey());
    let ark = Engine::Ark(Box::new(key.zkey().to_ark()));
    let expected = ark.prove(&matrices, &assignment, random).unwrap();
    let model = bases.prove(ModelToken, &matrices, &assignment, random);
    assert_eq!(model.unwrap(), expected);
    let Some(token) = IfmaToken::detect() else {
        println!("model only: this processor has no AVX-512 IFMA");
        return;
    };
    for threads in [1, 2, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let prove = || bases.prove(token, &matrices, &assignment, random);
        assert_eq!(
            pool.build().unwrap().install(prove).unwrap(),
            expected,
            "{threads}"
        );
    }
}
