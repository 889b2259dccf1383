//! The strict verifier: the only code of the project that may call a pairing check
//! (docs/THREATS.md V).
//!
//! A verifying key exists only if the linter passed it; a proof only if its points are canonical;
//! the number of public inputs is fixed by the statement's type. Verification returns nothing or an
//! error, never a boolean. Source of the equation: Groth, EUROCRYPT 2016, section 3.2.

mod batch;
mod foreign;
mod instance;
mod key;
#[cfg(test)]
mod tests;

pub use batch::{Batch, MAX_BATCH};
pub use foreign::{ForeignKey, Trust};
pub use key::{AnyVerifyingKey, KeyError, MAX_INPUTS, Provenance, VerifyingKey};

use crate::field::{Digest, Fr};
use crate::proof::{Proof, RawProof};
use crate::statement::{PublicInputs, Statement};
use ark_bn254::Bn254;
use ark_groth16::VerifyingKey as ArkKey;
use instance::Multiples;
use medveil_pairing::{Fp12, Lines, final_exponentiation, miller_loops, ratios};
use std::marker::PhantomData;
use std::sync::Arc;

/// Why a proof is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// The instance has another length than the key.
    #[error("verify {circuit}: expected {expected} public inputs, got {got}")]
    InputCount {
        circuit: String,
        /// Inputs of the key.
        expected: usize,
        /// Inputs that came.
        got: usize,
    },
    /// The pairing equation does not hold.
    #[error("verify {circuit}: the proof does not hold for this instance{at}")]
    Invalid {
        circuit: String,
        /// Which item of a batch, or nothing.
        at: String,
    },
    /// A batch of nothing or of too much.
    #[error("verify: expected a batch of 1 to {max} proofs, got {got}")]
    BatchSize { max: usize, got: usize },
}

/// A verifying key with its pairings precomputed, typed by statement. Cheap to clone.
pub struct PreparedVerifyingKey<S> {
    inner: Arc<Prepared>,
    statement: PhantomData<S>,
}

/// The untyped part.
pub(crate) struct Prepared {
    pub(crate) circuit: String,
    pub(crate) digest: Digest,
    pub(crate) points: ArkKey<Bn254>,
    multiples: Multiples,
    /// The pairing of alpha and beta; nothing equals what is none.
    alpha_beta: Option<Fp12>,
    /// Of minus gamma and minus delta.
    lines: [Lines; 2],
}

impl Prepared {
    fn new(circuit: &str, digest: Digest, points: &ArkKey<Bn254>) -> Self {
        Prepared {
            circuit: circuit.to_owned(),
            digest,
            multiples: Multiples::new(&points.gamma_abc_g1),
            alpha_beta: final_exponentiation(miller_loops(
                &[(points.alpha_g1, points.beta_g2)],
                &[],
            )),
            lines: [points.gamma_g2, points.delta_g2].map(|point| Lines::new(&-point)),
            points: points.clone(),
        }
    }
}

impl<S> Clone for PreparedVerifyingKey<S> {
    fn clone(&self) -> Self {
        PreparedVerifyingKey {
            inner: self.inner.clone(),
            statement: PhantomData,
        }
    }
}

impl<S: Statement> PreparedVerifyingKey<S> {
    /// Prepares a key that the linter passed. **Cost**: one pairing and two line tables.
    pub fn new(key: &VerifyingKey<S>) -> Self {
        PreparedVerifyingKey {
            inner: Arc::new(Prepared::new(
                key.any().circuit(),
                key.digest(),
                key.points(),
            )),
            statement: PhantomData,
        }
    }

    /// SHA-256 of the key's bytes.
    pub fn digest(&self) -> Digest {
        self.inner.digest
    }

    pub(crate) fn inner(&self) -> &Arc<Prepared> {
        &self.inner
    }
}

/// Verifies one proof.
///
/// **Errors**: the instance is of another length than the key, or the proof does not hold.
///
/// **Cost**: three Miller loops, one final exponentiation, 254 doublings and 32 additions an input;
/// one thread.
pub fn verify<S: Statement>(
    key: &PreparedVerifyingKey<S>,
    public: &S::Public,
    proof: &Proof<S>,
) -> Result<(), VerifyError> {
    check(&key.inner, &public.to_field(), proof.raw()).map_err(|e| e.at(""))
}

impl VerifyError {
    fn at(self, label: &str) -> Self {
        match self {
            VerifyError::Invalid { circuit, .. } if !label.is_empty() => VerifyError::Invalid {
                circuit,
                at: format!(" ({label})"),
            },
            other => other,
        }
    }
}

/// The instance must have exactly the length of the key (V1): the pairing check below would not
/// notice.
pub(crate) fn check_count(key: &Prepared, inputs: &[Fr]) -> Result<(), VerifyError> {
    let expected = key.points.gamma_abc_g1.len().saturating_sub(1);
    if inputs.len() == expected {
        return Ok(());
    }
    Err(VerifyError::InputCount {
        circuit: key.circuit.clone(),
        expected,
        got: inputs.len(),
    })
}

pub(crate) fn check(key: &Prepared, inputs: &[Fr], proof: &RawProof) -> Result<(), VerifyError> {
    check_count(key, inputs)?;
    let points = proof.points();
    let instance = key.multiples.sum(&key.points.gamma_abc_g1, inputs);
    let ratios = ratios(&[instance, points.c.into()]);
    let of_keys: Vec<_> = ratios.into_iter().zip(&key.lines).collect();
    let left = miller_loops(&[(points.a, points.b)], &of_keys);
    match final_exponentiation(left) {
        Some(value) if Some(value) == key.alpha_beta => Ok(()),
        _ => Err(VerifyError::Invalid {
            circuit: key.circuit.clone(),
            at: String::new(),
        }),
    }
}
