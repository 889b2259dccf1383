//! Verifying keys of circuits that are not ours, as other tools make them.
//!
//! Such a key does not say what it proves or where it comes from: whoever verifies by it got it from
//! somebody whom they trust. It never enters the ledger, whose keys are [`super::AnyVerifyingKey`].

use super::key::{Gamma, lint};
use super::{KeyError, Prepared, VerifyError, check};
use crate::field::{Digest, Fr};
use crate::proof::RawProof;
use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_groth16::VerifyingKey as ArkKey;
use ark_serialize::CanonicalSerialize;
use medveil_pairing::is_in_g2;
use std::sync::Arc;

/// What a key is taken with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// As far as its points tell, nobody can forge.
    Sound,
    /// Whatever the linter says, for tests and benches: anybody may be able to forge.
    Anything,
}

/// A verifying key whose points were checked. Cheap to clone.
#[derive(Clone)]
pub struct ForeignKey(Arc<Prepared>);

impl ForeignKey {
    /// Takes a key of at most so many public inputs.
    ///
    /// **Errors**: points that are not of their groups, too many inputs, or what the linter refuses;
    /// gamma may be the generator, and delta never.
    ///
    /// **Cost**: a subgroup check for each point of G2; one pairing.
    pub fn new(points: ArkKey<Bn254>, max_inputs: usize, trust: Trust) -> Result<Self, KeyError> {
        const CIRCUIT: &str = "a circuit of others";
        let count = points.gamma_abc_g1.len();
        if count == 0 || count > max_inputs.saturating_add(1) {
            return Err(KeyError::Inputs {
                circuit: CIRCUIT.into(),
                most: max_inputs,
                got: count.saturating_sub(1),
            });
        }
        let of_g2 = [points.beta_g2, points.gamma_g2, points.delta_g2];
        if !of_g2.iter().all(is_of_g2) || !is_of_g1(&points.alpha_g1) {
            return Err(KeyError::Format("points of the prime-order groups"));
        }
        if !points.gamma_abc_g1.iter().all(is_of_g1) {
            return Err(KeyError::Format("IC points of the prime-order group"));
        }
        let linted = lint(&points, Gamma::Usual).map_err(|why| KeyError::Lint {
            circuit: CIRCUIT.into(),
            why,
        });
        if trust == Trust::Sound {
            linted?;
        }
        let mut bytes = Vec::new();
        points
            .serialize_compressed(&mut bytes)
            .map_err(|_| KeyError::Format("points that can be encoded"))?;
        let prepared = Prepared::new(CIRCUIT, Digest::of(&bytes), &points);
        Ok(ForeignKey(Arc::new(prepared)))
    }

    /// SHA-256 of its points, compressed as ark does.
    pub fn digest(&self) -> Digest {
        self.0.digest
    }

    pub fn points(&self) -> &ArkKey<Bn254> {
        &self.0.points
    }

    /// Verifies one proof, as [`super::verify`] does.
    ///
    /// **Errors**: another number of inputs than the key has, or the proof does not hold.
    pub fn verify(&self, inputs: &[Fr], proof: &RawProof) -> Result<(), VerifyError> {
        check(&self.0, inputs, proof)
    }

    pub(super) fn inner(&self) -> &Arc<Prepared> {
        &self.0
    }
}

/// The group is the whole curve.
fn is_of_g1(point: &G1Affine) -> bool {
    point.is_zero() || point.is_on_curve()
}

fn is_of_g2(point: &G2Affine) -> bool {
    point.is_zero() || (point.is_on_curve() && is_in_g2(point))
}
