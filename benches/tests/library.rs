//! The prover is the library's: with equal r and s both make the same proof. It stands here and not
//! beside the prover, because the library's generic code is compiled once more where it is called.
#![allow(clippy::unwrap_used)]

use ark_bn254::Bn254;
use ark_ff::UniformRand;
use ark_groth16::Groth16;
use ark_relations::gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, SynthesisError};
use medveil_benches::{Visit, statements};
use medveil_circuits::field::Fr;
use medveil_circuits::statement::Synthesize;
use medveil_prover::reduction::OddCoset;
use medveil_prover::{Prover, setup};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

struct Plain<'a, S: Synthesize>(&'a S::Public, &'a S::Private);

impl<S: Synthesize> ConstraintSynthesizer<Fr> for Plain<'_, S> {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        S::synthesize(cs, Some(self.0), Some(self.1))
    }
}

/// Compares the proofs of the smallest statement.
struct Compare(usize);

impl Visit for Compare {
    fn visit<S: Synthesize>(&mut self, public: &S::Public, private: &S::Private) {
        if S::CIRCUIT.name != "claim-final" {
            return;
        }
        let rng = |seed| ChaCha20Rng::seed_from_u64(seed);
        let (_, proving) = setup::<S>(&mut rng(1)).unwrap();
        let random = &mut rng(2);
        let (r, s) = (Fr::rand(random), Fr::rand(random));
        let plain = Plain::<S>(public, private);
        let points = proving.zkey().to_ark();
        type Library = Groth16<Bn254, OddCoset>;
        let library = Library::create_proof_with_reduction(plain, &points, r, s).unwrap();
        let ours = Prover::new(proving).prove(public, private, &mut rng(2));
        assert!(*ours.unwrap().raw().points() == library);
        self.0 += 1;
    }
}

#[test]
fn proofs_equal_those_of_the_library() {
    let mut compare = Compare(0);
    statements(&mut compare);
    assert_eq!(compare.0, 1);
}
