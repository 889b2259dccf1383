//! Proofs without witnesses, from a key whose trapdoor the test knows: for tests of what verifies,
//! not of what circuits say.
//!
//! The simulator of Groth16 (EUROCRYPT 2016, section 3.2): with alpha, beta, gamma and delta known,
//! any instance has a proof that the pairing check accepts, and only for that instance. It costs a
//! millisecond and needs no circuit.

use crate::field::Fr;
use crate::proof::{Proof, RawProof};
use crate::statement::{PublicInputs, Statement};
use crate::verify::{AnyVerifyingKey, Provenance};
use ark_bn254::{Bn254, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{CurveGroup, PrimeGroup};
use ark_ff::{Field, UniformRand};
use rand::{CryptoRng, RngCore};
use std::marker::PhantomData;

/// A key of statement `S` with its trapdoor.
pub struct Trapdoor<S> {
    alpha: Fr,
    beta: Fr,
    gamma: Fr,
    delta: Fr,
    /// Discrete logarithms of the IC points.
    ic: Vec<Fr>,
    statement: PhantomData<fn() -> S>,
}

fn g1(scalar: Fr) -> G1Affine {
    (G1Projective::generator() * scalar).into_affine()
}

fn g2(scalar: Fr) -> G2Affine {
    (G2Projective::generator() * scalar).into_affine()
}

impl<S: Statement> Trapdoor<S> {
    /// A fresh trapdoor.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        Trapdoor {
            alpha: Fr::rand(rng),
            beta: Fr::rand(rng),
            gamma: Fr::rand(rng),
            delta: Fr::rand(rng),
            ic: (0..=S::Public::LEN).map(|_| Fr::rand(rng)).collect(),
            statement: PhantomData,
        }
    }

    /// The verifying key, marked as a development key.
    pub fn verifying_key(&self) -> AnyVerifyingKey {
        let points = ark_groth16::VerifyingKey::<Bn254> {
            alpha_g1: g1(self.alpha),
            beta_g2: g2(self.beta),
            gamma_g2: g2(self.gamma),
            delta_g2: g2(self.delta),
            gamma_abc_g1: self.ic.iter().map(|s| g1(*s)).collect(),
        };
        AnyVerifyingKey::wrap(S::CIRCUIT, Provenance::InsecureDev, points)
            .expect("random points pass the linter")
    }

    /// A proof that verifies for exactly this instance, true or not.
    pub fn forge(&self, public: &S::Public, rng: &mut (impl RngCore + CryptoRng)) -> Proof<S> {
        let (a, b) = (Fr::rand(rng), Fr::rand(rng));
        let instance: Fr = self.ic[0]
            + self.ic[1..]
                .iter()
                .zip(public.to_field())
                .map(|(ic, x)| *ic * x)
                .sum::<Fr>();
        let numerator = a * b - self.alpha * self.beta - self.gamma * instance;
        let c = numerator * self.delta.inverse().expect("a random scalar is not 0");
        let points = ark_groth16::Proof {
            a: g1(a),
            b: g2(b),
            c: g1(c),
        };
        Proof::new(RawProof::from_points(points).expect("random multiples of the generators"))
    }
}

#[cfg(test)]
mod tests;
