//! docs/THREATS.md V: the strict verifier against everything that the raw pairing check of the
//! library would let through.
//!
//! Proofs come from keys whose trapdoor the test knows, so no circuit is needed. Tests on the raw
//! library stand beside ours, so that a change there is noticed.
#![cfg(feature = "testing")]
#![allow(clippy::unwrap_used)]
// The raw library is the subject here.
#![allow(clippy::disallowed_methods)]

#[path = "verifier/batches.rs"]
mod batches;
#[path = "verifier/json.rs"]
mod json;
#[path = "verifier/keys.rs"]
mod keys;
#[path = "verifier/proofs.rs"]
mod proofs;

use medveil_circuits::field::Fr;
use medveil_circuits::proof::Proof;
use medveil_circuits::statement::{CircuitId, PublicInputs, Statement, Unsatisfied};
use medveil_circuits::testing::Trapdoor;
use medveil_circuits::verify::PreparedVerifyingKey;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

/// An instance that may have a wrong length, as no real one can.
#[derive(Clone)]
pub(crate) struct Inputs(pub(crate) Vec<Fr>);

impl PublicInputs for Inputs {
    const LEN: usize = 2;
    fn to_field(&self) -> Vec<Fr> {
        self.0.clone()
    }
}

/// A statement about two elements.
pub(crate) struct Pair;

impl Statement for Pair {
    const CIRCUIT: CircuitId = CircuitId {
        name: "test-pair",
        version: 1,
    };
    type Public = Inputs;
    type Private = ();
    fn check(_: &Inputs, (): &()) -> Result<(), Unsatisfied> {
        Ok(())
    }
}

/// Another statement with as many inputs.
pub(crate) struct Other;

impl Statement for Other {
    const CIRCUIT: CircuitId = CircuitId {
        name: "test-other",
        version: 1,
    };
    type Public = Inputs;
    type Private = ();
    fn check(_: &Inputs, (): &()) -> Result<(), Unsatisfied> {
        Ok(())
    }
}

pub(crate) fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

pub(crate) fn inputs(values: &[u64]) -> Inputs {
    Inputs(values.iter().map(|v| Fr::from(*v)).collect())
}

pub(crate) fn trapdoor<S: Statement>(seed: u64) -> (Trapdoor<S>, PreparedVerifyingKey<S>) {
    let trapdoor = Trapdoor::generate(&mut rng(seed));
    let key = PreparedVerifyingKey::new(&trapdoor.verifying_key().into_typed().unwrap());
    (trapdoor, key)
}

/// A key, an instance and its proof.
pub(crate) fn proven() -> (PreparedVerifyingKey<Pair>, Inputs, Proof<Pair>) {
    let (trapdoor, key) = trapdoor::<Pair>(1);
    let public = inputs(&[7, 0]);
    let proof = trapdoor.forge(&public, &mut rng(2));
    (key, public, proof)
}
