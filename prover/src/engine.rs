//! The points of a proof: a quotient and five sums.
//!
//! Where the processor has AVX-512 IFMA the sums are our own (`msm`); elsewhere, and where
//! `MEDVEIL_PORTABLE` is set, ark-groth16 makes the proof. Both give the same one, bit for bit.

mod bases;
mod quotient;
#[cfg(test)]
mod tests;

use self::bases::Bases;
use crate::msm::{G1, Group, Scalars, sum};
use crate::reduction::OddCoset;
use crate::simd::IfmaToken;
use crate::zkey::Zkey;
use ark_bn254::{Bn254, G1Affine, G1Projective};
use ark_ec::VariableBaseMSM;
use ark_groth16::{Groth16, Proof as ArkProof, ProvingKey as ArkKey};
use ark_relations::gr1cs::SynthesisError;
use medveil_circuits::field::Fr;
use medveil_circuits::shape::{Assignment, Matrices};

/// Where it is set, proofs are made without special instructions.
const PORTABLE: &str = "MEDVEIL_PORTABLE";

/// A proving key in the form that its machine is fastest with.
pub(crate) enum Engine {
    Ark(Box<ArkKey<Bn254>>),
    Lanes(Box<Bases>, IfmaToken),
}

/// The instructions, where the processor has them and nobody said to leave them.
fn token() -> Option<IfmaToken> {
    IfmaToken::detect().filter(|_| std::env::var_os(PORTABLE).is_none())
}

/// One sum of a proof alone, in the way that this processor makes it.
pub(crate) enum Piece<'p> {
    Ark(&'p [G1Affine]),
    Lanes(Vec<<G1 as Group>::Point>, IfmaToken),
}

impl<'p> Piece<'p> {
    pub fn new(points: &'p [G1Affine]) -> Self {
        match token() {
            Some(token) => Piece::Lanes(points.iter().map(G1::point).collect(), token),
            None => Piece::Ark(points),
        }
    }

    pub fn sum(&self, scalars: &[Fr]) -> G1Projective {
        match self {
            Piece::Ark(points) => G1Projective::msm_unchecked(points, scalars),
            Piece::Lanes(points, token) => {
                sum::<_, G1>(*token, points, &Scalars::new(scalars.iter()))
            }
        }
    }
}

impl Engine {
    /// The fastest for this processor.
    pub fn new(key: &Zkey) -> Self {
        match token() {
            Some(token) => Engine::Lanes(Box::new(Bases::new(key)), token),
            None => Engine::portable(key),
        }
    }

    /// The one that every processor has.
    pub fn portable(key: &Zkey) -> Self {
        Engine::Ark(Box::new(key.to_ark()))
    }

    /// The proof of an assignment with its two random numbers, on the current pool. The key fits.
    ///
    /// **Errors**: a domain that the field does not have.
    ///
    /// **Security**: variable time.
    pub fn prove(
        &self,
        matrices: &Matrices,
        assignment: &Assignment,
        (r, s): (Fr, Fr),
    ) -> Result<ArkProof<Bn254>, SynthesisError> {
        match self {
            Engine::Ark(key) => {
                Groth16::<Bn254, OddCoset>::create_proof_with_reduction_and_matrices(
                    key,
                    r,
                    s,
                    matrices.rows(),
                    matrices.n_instance(),
                    matrices.n_constraints(),
                    assignment.values(),
                )
            }
            Engine::Lanes(bases, token) => bases.prove(*token, matrices, assignment, (r, s)),
        }
    }
}
