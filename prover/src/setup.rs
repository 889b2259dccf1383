//! Single-party development set-up. Whoever runs it could forge proofs, so its keys say so inside.

use crate::engine::Way;
use crate::error::SetupError;
use crate::matrices;
use crate::msm::{G1, G2};
use crate::proving_key::ProvingKey;
use crate::r1cs::R1cs;
use crate::zkey::{Contributions, Zkey};
use ark_bn254::{Bn254, Fr, G1Projective, G2Projective};
use ark_ec::CurveGroup;
use ark_ff::{AdditiveGroup, Field, UniformRand};
use ark_groth16::{ProvingKey as ArkKey, VerifyingKey as ArkVerifyingKey};
use ark_poly::{EvaluationDomain, GeneralEvaluationDomain};
use medveil_circuits::shape::Matrices;
use medveil_circuits::statement::Synthesize;
use medveil_circuits::verify::{AnyVerifyingKey, Provenance};
use rand::{CryptoRng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::ops::Range;
use zeroize::{ZeroizeOnDrop, Zeroizing};

type Domain = GeneralEvaluationDomain<Fr>;

const DEVELOPMENT_SEED: &[u8] = b"medveil/v1/insecure-development-keys/";

/// Makes *the* insecure development keys of one circuit: the same on every machine, so that
/// approvers can recompute them and pins can name them.
///
/// **Security**: the set-up's secret follows from public data, so anybody can forge proofs under
/// these keys. They say `InsecureDev` inside.
///
/// **Errors**: as [`setup`].
pub fn development_keys<S: Synthesize>() -> Result<(AnyVerifyingKey, ProvingKey<S>), SetupError> {
    let matrices = matrices::of::<S>()?;
    let seed = Sha256::new()
        .chain_update(DEVELOPMENT_SEED)
        .chain_update(S::CIRCUIT.to_string())
        .chain_update(matrices.shape().digest.0)
        .finalize();
    of_matrices(&matrices, &mut ChaCha20Rng::from_seed(seed.into()))
}

/// Makes insecure keys of one circuit from one party's randomness.
///
/// **Security**: whoever can learn the randomness can forge proofs. The keys say `InsecureDev`
/// inside.
///
/// **Cost**: one multiple of a fixed point a variable and query, on the current rayon pool.
///
/// **Errors**: the circuit cannot be synthesised, or leaves a public input unconstrained.
pub fn setup<S: Synthesize>(
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(AnyVerifyingKey, ProvingKey<S>), SetupError> {
    of_matrices(&matrices::of::<S>()?, rng)
}

fn of_matrices<S: Synthesize>(
    matrices: &Matrices,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(AnyVerifyingKey, ProvingKey<S>), SetupError> {
    let key = insecure_key(&R1cs::of(matrices), rng)?;
    let verifying = AnyVerifyingKey::wrap(S::CIRCUIT, Provenance::InsecureDev, key.verifying())?;
    let proving = ProvingKey::new(verifying.clone(), key)?;
    Ok((verifying, proving))
}

/// Makes an insecure key of any circuit from one party's randomness, without powers of tau.
///
/// **Security**: as [`setup`]. The key names no contributions: nobody can check how it was made.
///
/// **Cost**: as [`setup`].
///
/// **Errors**: a circuit of more than 2^27 rows.
pub fn insecure_key(
    circuit: &R1cs,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Zkey, SetupError> {
    let secrets = Secrets::draw(circuit, rng).ok_or(SetupError::TooLarge)?;
    let points = secrets.key(circuit, Way::fastest());
    Ok(Zkey::of_circuit(&points, circuit, &Contributions::NONE)?)
}

/// What nobody may know who could gain by a false proof, and the points that all others are multiples
/// of.
#[derive(ZeroizeOnDrop)]
pub(crate) struct Secrets {
    alpha: Fr,
    beta: Fr,
    gamma: Fr,
    delta: Fr,
    tau: Fr,
    #[zeroize(skip)]
    generators: (G1Projective, G2Projective),
    #[zeroize(skip)]
    domain: Domain,
    /// Of twice the size.
    #[zeroize(skip)]
    double: Domain,
}

/// The polynomials of A, B and C at tau, variable by variable.
type Polynomials = [Zeroizing<Vec<Fr>>; 3];

impl Secrets {
    /// In the order in which ark-groth16 draws them, so that keys made with one seed stay the same.
    /// None for a circuit of more than 2^27 rows: there is no domain of twice as many.
    pub fn draw(circuit: &R1cs, mut rng: &mut dyn RngCore) -> Option<Self> {
        let [alpha, beta, gamma, delta] = [(); 4].map(|()| Fr::rand(&mut rng));
        let generators = (G1Projective::rand(&mut rng), G2Projective::rand(&mut rng));
        let domain = Domain::new(circuit.sizes().domain())?;
        let double = Domain::new(2 * domain.size())?;
        Some(Secrets {
            alpha,
            beta,
            gamma,
            delta,
            tau: domain.sample_element_outside_domain(&mut rng),
            generators,
            domain,
            double,
        })
    }

    /// The key of a circuit.
    pub fn key(&self, circuit: &R1cs, way: Way) -> ArkKey<Bn254> {
        let (g1, g2) = self.generators;
        let [a, b, c] = self.polynomials(circuit);
        let public = circuit.sizes().public() + 1;
        let of_all = |range: Range<usize>, over: Fr| {
            let over = over.inverse().unwrap_or_default();
            let sum = |at: usize| (self.beta * a[at] + self.alpha * b[at] + c[at]) * over;
            Zeroizing::new(range.into_par_iter().map(sum).collect::<Vec<Fr>>())
        };
        let in_g1 = |scalars: &[Fr]| way.multiples::<G1>(g1, scalars);
        let (abc, l) = (
            of_all(0..public, self.gamma),
            of_all(public..a.len(), self.delta),
        );
        let vk = ArkVerifyingKey {
            alpha_g1: (g1 * self.alpha).into_affine(),
            beta_g2: (g2 * self.beta).into_affine(),
            gamma_g2: (g2 * self.gamma).into_affine(),
            delta_g2: (g2 * self.delta).into_affine(),
            gamma_abc_g1: in_g1(&abc),
        };
        ArkKey {
            vk,
            beta_g1: (g1 * self.beta).into_affine(),
            delta_g1: (g1 * self.delta).into_affine(),
            a_query: in_g1(&a),
            b_g1_query: in_g1(&b),
            b_g2_query: way.multiples::<G2>(g2, &b),
            h_query: in_g1(&self.h()),
            l_query: in_g1(&l),
        }
    }

    fn polynomials(&self, circuit: &R1cs) -> Polynomials {
        let lagrange = Zeroizing::new(self.domain.evaluate_all_lagrange_coefficients(self.tau));
        let sizes = circuit.sizes();
        let mut all = [(); 3].map(|()| Zeroizing::new(vec![Fr::ZERO; sizes.wires]));
        // A row of A for each public value stands behind those of the circuit.
        let rows = lagrange.iter().skip(sizes.constraints);
        for (place, value) in all[0].iter_mut().zip(rows).take(sizes.public() + 1) {
            *place = *value;
        }
        let matrices = all.par_iter_mut().zip(circuit.matrices());
        matrices.for_each(|(sums, matrix)| {
            for (value, row) in lagrange.iter().zip(matrix.rows()) {
                for (wire, coefficient) in row {
                    sums[wire as usize] += *value * coefficient;
                }
            }
        });
        all
    }

    /// Lagrange polynomials of the odd powers among twice as many at tau, over delta: see
    /// [`crate::reduction`].
    fn h(&self) -> Zeroizing<Vec<Fr>> {
        let all = Zeroizing::new(self.double.evaluate_all_lagrange_coefficients(self.tau));
        let over = self.delta.inverse().unwrap_or_default();
        let odd = all.par_iter().skip(1).step_by(2);
        Zeroizing::new(odd.map(|value| *value * over).collect())
    }
}
