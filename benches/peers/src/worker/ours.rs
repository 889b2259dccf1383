//! This project's engine with a key of any circuit, in the way that the environment says. What it
//! takes includes the check that each of its proofs goes through before it is given out.

use super::{Engine, timed};
use crate::inputs::CHECKED;
use medveil_circuits::field::Fr;
use medveil_circuits::proof::RawProof;
use medveil_circuits::verify::{Batch, Trust};
use medveil_prover::groth16::CircuitProver;
use medveil_prover::{Witness, ZkeyCache};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::path::Path;

struct Ours {
    prover: CircuitProver,
    witness: Witness,
    public: usize,
    random: ChaCha20Rng,
}

/// The key was checked when the circuit's files were made; it is mapped.
pub fn load(key: &Path, witness: Witness) -> Result<(f64, Box<dyn Engine>), String> {
    let checked = key.with_file_name(CHECKED);
    let (ms, (prover, public)) = timed(|| {
        let cache = ZkeyCache::open(&checked).map_err(|e| e.to_string())?;
        let found = cache.key(key, || ()).map_err(|e| e.to_string())?;
        let prover = CircuitProver::new(&found.key, Trust::Sound);
        Ok((prover.map_err(|e| e.to_string())?, found.key.size().public))
    })?;
    let engine = Ours {
        prover,
        witness,
        public,
        random: ChaCha20Rng::seed_from_u64(1),
    };
    Ok((ms, Box::new(engine)))
}

impl Ours {
    fn inputs(&self) -> &[Fr] {
        let inputs = self.witness.values().get(1..=self.public);
        inputs.unwrap_or_default()
    }
}

impl Engine for Ours {
    fn prove(&mut self) -> Result<RawProof, String> {
        let made = self.prover.prove(&self.witness, &mut self.random);
        made.map(|(proof, _)| proof).map_err(|e| e.to_string())
    }

    fn verify(&self, proof: &RawProof) -> Result<(), String> {
        let verified = self.prover.verifying().verify(self.inputs(), proof);
        verified.map_err(|e| e.to_string())
    }

    fn batch(&self, proofs: &[RawProof]) -> Result<(), String> {
        let (key, inputs) = (self.prover.verifying(), self.inputs());
        let mut batch = Batch::new();
        for (at, proof) in proofs.iter().enumerate() {
            batch.push_foreign(key, inputs, proof, at.to_string());
        }
        batch.verify().map_err(|e| e.to_string())
    }
}
