//! ark-groth16 with the same key, by the reduction that the key is for.

use super::{Engine, timed};
use crate::inputs::{R1CS, ZKEY};
use ark_bn254::{Bn254, Fr};
use ark_ff::UniformRand;
use ark_groth16::{Groth16, PreparedVerifyingKey, ProvingKey, prepare_verifying_key};
use medveil_circuits::proof::RawProof;
use medveil_circuits::shape::Row;
use medveil_prover::r1cs::Matrix;
use medveil_prover::reduction::OddCoset;
use medveil_prover::{R1cs, Witness, Zkey};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::path::Path;

struct Ark {
    key: ProvingKey<Bn254>,
    prepared: PreparedVerifyingKey<Bn254>,
    /// A, B and C.
    rows: [Vec<Row>; 3],
    /// Public inputs and the constant one.
    instance: usize,
    witness: Witness,
    random: ChaCha20Rng,
}

/// The library takes matrices beside its key; reading them is not in the time.
pub fn load(folder: &Path, witness: Witness) -> Result<(f64, Box<dyn Engine>), String> {
    let bytes = std::fs::read(folder.join(R1CS)).map_err(|e| format!("{R1CS}: {e}"))?;
    let circuit = R1cs::parse(&bytes).map_err(|e| format!("{R1CS}: {e}"))?;
    drop(bytes);
    let rows = circuit.matrices().each_ref().map(rows);
    let instance = circuit.sizes().public() + 1;
    let (ms, key) = timed(|| key(&folder.join(ZKEY), witness.values().len()))?;
    let engine = Ark {
        prepared: prepare_verifying_key(&key.vk),
        key,
        rows,
        instance,
        witness,
        random: ChaCha20Rng::seed_from_u64(1),
    };
    Ok((ms, Box::new(engine)))
}

/// In the library's form.
fn rows(matrix: &Matrix) -> Vec<Row> {
    let rows = matrix.rows();
    rows.map(|row| row.map(|(wire, value)| (*value, wire as usize)).collect())
        .collect()
}

/// The key's points, which are taken as they are.
fn key(path: &Path, variables: usize) -> Result<ProvingKey<Bn254>, String> {
    let bytes = std::fs::read(path).map_err(|e| format!("{ZKEY}: {e}"))?;
    let key = Zkey::parse(bytes).map_err(|e| e.to_string())?;
    match key.size().variables == variables {
        true => Ok(key.to_ark()),
        false => Err(format!("{ZKEY}: expected the key of the witness's circuit")),
    }
}

impl Engine for Ark {
    fn prove(&mut self) -> Result<RawProof, String> {
        let (r, s) = (Fr::rand(&mut self.random), Fr::rand(&mut self.random));
        let [a, _, _] = &self.rows;
        let made = Groth16::<Bn254, OddCoset>::create_proof_with_reduction_and_matrices(
            &self.key,
            r,
            s,
            &self.rows,
            self.instance,
            a.len(),
            self.witness.values(),
        );
        let proof = made.map_err(|e| e.to_string())?;
        RawProof::from_points(proof).map_err(|e| e.to_string())
    }

    // The library's own check is what is measured; each proof is checked strictly besides.
    #[allow(clippy::disallowed_methods)]
    fn verify(&self, proof: &RawProof) -> Result<(), String> {
        let inputs = self.witness.values().get(1..self.instance);
        let inputs = inputs.unwrap_or_default();
        match Groth16::<Bn254>::verify_proof(&self.prepared, proof.points(), inputs) {
            Ok(true) => Ok(()),
            Ok(false) => Err("the proof does not hold".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    fn batch(&self, _: &[RawProof]) -> Result<(), String> {
        Err("ark-groth16 verifies one by one".to_owned())
    }
}
