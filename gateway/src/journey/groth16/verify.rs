//! Proofs against a verifying key, one or many.

use super::{Groth16Error, text, trust};
use crate::step::Step;
use medveil_circuits::field::Digest;
use medveil_circuits::snarkjs::{key_from_json, proof_from_json, public_from_json};
use medveil_circuits::verify::{Batch, MAX_BATCH};
use medveil_prover::groth16::MAX_INPUTS;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// What is verified.
pub struct VerifyFiles<'a> {
    pub key: &'a Path,
    /// Public inputs and proof of each, one after the other.
    pub proofs: &'a [PathBuf],
    pub insecure: bool,
}

/// All proofs hold.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CircuitVerified {
    /// SHA-256 of the verifying key's points, compressed.
    #[schemars(with = "String")]
    pub key: Digest,
    /// How many proofs.
    pub proofs: usize,
    /// Public inputs of each.
    pub inputs: usize,
}

impl Step for CircuitVerified {
    const NAME: &'static str = "groth16.verify";
}

/// Verifies all proofs, several together.
///
/// **Errors**: files that are not what they should be, an insecure key, or the first proof that does
/// not hold.
pub fn verify(files: &VerifyFiles<'_>) -> Result<CircuitVerified, Groth16Error> {
    let (pairs, rest) = files.proofs.as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return Err(Groth16Error::Pairs);
    }
    let key = key_from_json(&text(files.key)?, MAX_INPUTS, trust(files.insecure));
    let key = key.map_err(Groth16Error::json(files.key))?;
    let expected = key.points().gamma_abc_g1.len().saturating_sub(1);
    for pairs in pairs.chunks(MAX_BATCH) {
        let mut batch = Batch::new();
        for [public, proof] in pairs {
            let inputs = public_from_json(&text(public)?, MAX_INPUTS);
            let inputs = inputs.map_err(Groth16Error::json(public))?;
            let inputs: Vec<_> = inputs.into_iter().map(|own| own.0).collect();
            if inputs.len() != expected {
                return Err(Groth16Error::Inputs {
                    path: public.to_owned(),
                    expected,
                    got: inputs.len(),
                });
            }
            let read = proof_from_json(&text(proof)?).map_err(Groth16Error::json(proof))?;
            let label = format!("{} and {}", public.display(), proof.display());
            batch.push_foreign(&key, &inputs, &read, label);
        }
        batch
            .verify()
            .map_err(|source| Groth16Error::Verification {
                path: files.key.to_owned(),
                source,
            })?;
    }
    Ok(CircuitVerified {
        key: key.digest(),
        proofs: pairs.len(),
        inputs: expected,
    })
}
