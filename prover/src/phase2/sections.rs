//! The points of a key compared with circuit and powers.
//!
//! Each point of a section gets a random number of its own, of full size. Their sum is compared with
//! what the circuit makes of the numbers: a value for each row, of which the inverse transform gives
//! coefficients, and those times the powers are the sum over Lagrange polynomials. So the powers'
//! prepared sections are not trusted. A section of which any point differs passes with probability
//! one in the field's order.

use super::error::{Part, VerifyError};
use crate::ptau::{Base, Ptau};
use crate::r1cs::{Matrix, R1cs};
use crate::ratio::is_same_ratio;
use crate::zkey::{G1_BYTES, G2_BYTES, Size, Wire, Zkey};
use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::pairing::Pairing;
use ark_ec::{AffineRepr, CurveGroup, VariableBaseMSM};
use ark_ff::{UniformRand, Zero};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rand::{CryptoRng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rayon::prelude::*;

/// Circuit and powers, and where random numbers come from.
struct Check<'c> {
    key: &'c Zkey,
    r1cs: &'c R1cs,
    powers: &'c Ptau,
    /// Powers of tau in G1: twice the domain, or one less.
    tau: Vec<G1Affine>,
    rng: ChaCha20Rng,
}

/// Compares header, coefficients and all points but those of contributions.
///
/// **Errors**: the first part that differs.
pub(super) fn check(
    key: &Zkey,
    r1cs: &R1cs,
    powers: &Ptau,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<(), VerifyError> {
    if key.size() != Size::of_r1cs(r1cs) {
        return Err(VerifyError::Differs(Part::Size));
    }
    let n = key.size().domain;
    powers.check_domain(n)?;
    if !key.is_of(r1cs) {
        return Err(VerifyError::Differs(Part::Coefficients));
    }
    let there = (2 * n).min((2 << powers.power()) - 1);
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    let mut check = Check {
        key,
        r1cs,
        powers,
        tau: powers.in_g1(Base::One, 0..there)?,
        rng: ChaCha20Rng::from_seed(seed),
    };
    check.powers(n)?;
    check.header()?;
    check.queries(n)?;
    check.combined(n)?;
    check.h(n)
}

fn equal(part: Part, holds: bool) -> Result<(), VerifyError> {
    match holds {
        true => Ok(()),
        false => Err(VerifyError::Differs(part)),
    }
}

fn g1(bytes: &[u8]) -> Vec<G1Affine> {
    bytes.par_chunks(G1_BYTES).map(Wire::trusted).collect()
}

fn total<P: AffineRepr<ScalarField = Fr>>(points: &[P], numbers: &[Fr]) -> P::Group
where
    P::Group: VariableBaseMSM<MulBase = P>,
{
    let count = points.len().min(numbers.len());
    let cut = (points.get(..count), numbers.get(..count));
    P::Group::msm_unchecked(cut.0.unwrap_or_default(), cut.1.unwrap_or_default())
}

/// Sums of points, and of each one's follower, times the same numbers.
fn shifted<P: AffineRepr<ScalarField = Fr>>(points: &[P], numbers: &[Fr]) -> [P; 2]
where
    P::Group: VariableBaseMSM<MulBase = P>,
{
    let before = points.split_last().map_or(&[][..], |(_, before)| before);
    let after = points.get(1..).unwrap_or_default();
    [before, after].map(|points| total(points, numbers).into_affine())
}

impl Check<'_> {
    fn random(&mut self, count: usize) -> Vec<Fr> {
        (0..count).map(|_| Fr::rand(&mut self.rng)).collect()
    }

    /// Whether the powers that are used are powers, of one tau.
    fn powers(&mut self, n: usize) -> Result<(), VerifyError> {
        let powers = self.powers;
        powers.check_secrets()?;
        let numbers = self.random(self.tau.len());
        let (one, in_g2) = (G1Affine::generator(), powers.in_g2(0..n)?);
        let [first, second] = [0, 1].map(|at| in_g2.get(at).copied().unwrap_or_default());
        let tau = (first, second);
        let begins = self.tau.first() == Some(&one) && first == G2Affine::generator();
        equal(Part::Powers, begins)?;
        let [low, high] = shifted(&self.tau, &numbers);
        equal(Part::Powers, is_same_ratio((low, high), tau))?;
        let second = self.tau.get(1).copied().unwrap_or_default();
        let [low, high] = shifted(&in_g2, &numbers);
        equal(Part::Powers, is_same_ratio((one, second), (low, high)))?;
        for base in [Base::Alpha, Base::Beta] {
            let [low, high] = shifted(&powers.in_g1(base, 0..n)?, &numbers);
            equal(Part::Powers, is_same_ratio((low, high), tau))?;
        }
        let beta = (one, powers.one_in_g1(Base::Beta, 0)?);
        let both = (first, powers.beta_g2()?);
        equal(Part::Powers, is_same_ratio(beta, both))
    }

    fn header(&self) -> Result<(), VerifyError> {
        let powers = self.powers;
        let alpha = powers.one_in_g1(Base::Alpha, 0)?;
        equal(Part::Alpha, self.key.alpha() == alpha)?;
        let beta = (powers.one_in_g1(Base::Beta, 0)?, powers.beta_g2()?);
        equal(Part::Beta, self.key.beta() == beta)?;
        let (one, in_g2) = (G1Affine::generator(), G2Affine::generator());
        equal(Part::Gamma, self.key.gamma() == in_g2)?;
        let delta = self.key.delta();
        equal(Part::Delta, is_same_ratio((one, delta.0), (in_g2, delta.1)))
    }

    /// A, and B in both groups.
    fn queries(&mut self, n: usize) -> Result<(), VerifyError> {
        let [a, b, _] = self.r1cs.matrices();
        let (b1, b2) = self.key.b();
        for (part, bytes, matrix) in [(Part::A, self.key.a(), a), (Part::B1, b1, b)] {
            let numbers = self.random(self.key.size().variables);
            let is_a = part == Part::A;
            let rows = coefficients(matrix, &numbers, is_a.then_some(self.r1cs), n);
            let own = total(&g1(bytes), &numbers);
            equal(part, own == total(&self.tau, &rows))?;
        }
        let numbers = self.random(self.key.size().variables);
        let rows = coefficients(b, &numbers, None, n);
        let points: Vec<G2Affine> = b2.par_chunks(G2_BYTES).map(Wire::trusted).collect();
        let own: G2Projective = total(&points, &numbers);
        equal(Part::B2, own == total(&self.powers.in_g2(0..n)?, &rows))
    }

    /// The points of public values, over gamma, which is one; and L, over delta.
    fn combined(&mut self, n: usize) -> Result<(), VerifyError> {
        let public = self.key.size().public + 1;
        let alpha = self.powers.in_g1(Base::Alpha, 0..n)?;
        let beta = self.powers.in_g1(Base::Beta, 0..n)?;
        let [a, b, c] = self.r1cs.matrices();
        for part in [Part::Inputs, Part::L] {
            let mut numbers = self.random(self.key.size().variables);
            let (own, other) = numbers.split_at_mut(public);
            let (own, other, points) = match part {
                Part::L => (other, own, g1(self.key.l())),
                _ => (own, other, self.key.inputs()),
            };
            other.fill(Fr::zero());
            let sum = total(&points, own).into_affine();
            let expected = total(&beta, &coefficients(a, &numbers, Some(self.r1cs), n))
                + total(&alpha, &coefficients(b, &numbers, None, n))
                + total(&self.tau, &coefficients(c, &numbers, None, n));
            let over = match part {
                Part::L => self.key.delta().1,
                _ => self.key.gamma(),
            };
            equal(part, is_over(sum, over, expected))?;
        }
        Ok(())
    }

    /// H: the Lagrange polynomials of the odd powers of twice the domain, over delta.
    ///
    /// The largest domain of a file lacks the last power of tau, and a key from there is made without
    /// it, which serves as well: no quotient has it. Both keys are right; where the power is lacking,
    /// it is the product of two that there are.
    fn h(&mut self, n: usize) -> Result<(), VerifyError> {
        let numbers = self.random(n);
        let mut values = vec![Fr::zero(); 2 * n];
        let odd = values.iter_mut().skip(1).step_by(2);
        odd.zip(&numbers).for_each(|(own, number)| *own = *number);
        inverse_transform(&mut values);
        let last = values.pop().unwrap_or_default();
        let sum = total(&g1(self.key.h()), &numbers).into_affine();
        let delta = self.key.delta().1;
        let expected: G1Projective = total(&self.tau, &values);
        if is_over(sum, delta, expected) {
            return Ok(());
        }
        let high = self.tau.get(n).copied().unwrap_or_default() * last;
        let low = self.powers.in_g2(n - 1..n)?.pop().unwrap_or_default();
        let first = [sum, (-expected).into_affine(), (-high).into_affine()];
        let sides = Bn254::multi_pairing(first, [delta, G2Affine::generator(), low]);
        equal(Part::H, sides.is_zero())
    }
}

/// Whether a sum times what it is over is what is expected.
fn is_over(sum: G1Affine, over: G2Affine, expected: G1Projective) -> bool {
    let first = [sum, (-expected).into_affine()];
    Bn254::multi_pairing(first, [over, G2Affine::generator()]).is_zero()
}

/// The coefficients of the polynomial whose values are a matrix times numbers; with the rows of
/// public values where a circuit is given.
fn coefficients(matrix: &Matrix, numbers: &[Fr], public: Option<&R1cs>, n: usize) -> Vec<Fr> {
    let rows = (0..matrix.n_rows()).into_par_iter();
    let mut values: Vec<Fr> = rows.map(|row| matrix.dot(row, numbers)).collect();
    if let Some(r1cs) = public {
        values.extend(numbers.iter().take(r1cs.sizes().public() + 1));
    }
    values.resize(n, Fr::zero());
    inverse_transform(&mut values);
    values
}

fn inverse_transform(values: &mut Vec<Fr>) {
    // The sizes of keys have a domain.
    if let Some(domain) = Radix2EvaluationDomain::<Fr>::new(values.len()) {
        domain.ifft_in_place(values);
    }
}
