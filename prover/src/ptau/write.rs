//! Powers of tau whose secrets were drawn here, as a prepared file.

use super::{FORMAT, MAX_POWER, section};
use crate::binfile::{Writer, to_bytes};
use crate::engine::Way;
use crate::msm::{G1, G2, Group, Sum};
use crate::zkey::Wire;
use ark_bn254::{Fq, Fr};
use ark_ec::{CurveGroup, PrimeGroup};
use ark_ff::{Field, One, PrimeField, UniformRand};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rand::{CryptoRng, RngCore};
use std::iter::successors;
use zeroize::Zeroizing;

/// The powers of a random tau for 2^`power` rows, with their Lagrange points and no contributions.
/// Powers above BN254's largest are cut to it.
///
/// **Security**: for benches and tests. Whoever can learn the randomness can forge proofs for every
/// circuit.
///
/// **Cost**: ten multiplications of a fixed point in G1 and three in G2 a row.
pub fn insecure_powers(power: u32, rng: &mut (impl RngCore + CryptoRng)) -> Vec<u8> {
    let power = power.min(MAX_POWER);
    let [tau, alpha, beta] = [(); 3].map(|()| Zeroizing::new(Fr::rand(rng)));
    let n = 1 << power;
    let one = Fr::one();
    let powers = |count| {
        Zeroizing::new(
            successors(Some(one), |p| Some(*p * *tau))
                .take(count)
                .collect::<Vec<_>>(),
        )
    };
    let (all, lagrange) = (powers(2 * n - 1), lagrange(power, &tau));
    let mut double = lagrange.clone();
    double.extend(double_domain(n, &tau));
    let short = all.get(..n).unwrap_or_default();
    let mut file = Writer::new(FORMAT, 11);
    file.section(section::HEADER, |out| {
        out.extend(32u32.to_le_bytes());
        out.extend(to_bytes(Fq::MODULUS.0));
        out.extend(power.to_le_bytes());
        out.extend(power.to_le_bytes());
    });
    let (g1, g2) = (multiples::<G1>, multiples::<G2>);
    file.section(section::TAU_G1, |out| g1(one, &all, out));
    file.section(section::TAU_G2, |out| g2(one, short, out));
    file.section(section::ALPHA, |out| g1(*alpha, short, out));
    file.section(section::BETA, |out| g1(*beta, short, out));
    file.section(section::BETA_G2, |out| g2(*beta, &[one], out));
    file.section(section::CONTRIBUTIONS, |out| out.extend(0u32.to_le_bytes()));
    file.section(section::LAGRANGE_G1, |out| g1(one, &double, out));
    file.section(section::LAGRANGE_G2, |out| g2(one, &lagrange, out));
    file.section(section::LAGRANGE_ALPHA, |out| g1(*alpha, &lagrange, out));
    file.section(section::LAGRANGE_BETA, |out| g1(*beta, &lagrange, out));
    file.finish()
}

/// Lagrange polynomials at tau of all domains up to 2^`power`, one after the other.
fn lagrange(power: u32, tau: &Fr) -> Zeroizing<Vec<Fr>> {
    let domains = (0..=power).filter_map(|power| Radix2EvaluationDomain::<Fr>::new(1 << power));
    let all = domains.flat_map(|domain| domain.evaluate_all_lagrange_coefficients(*tau));
    Zeroizing::new(all.collect())
}

/// Those of twice the domain, without the highest power, which the file does not have. Its factor in
/// polynomial i is w^i / 2n.
fn double_domain(n: usize, tau: &Fr) -> Vec<Fr> {
    let Some(domain) = Radix2EvaluationDomain::<Fr>::new(2 * n) else {
        return Vec::new();
    };
    let last = tau.pow([2 * n as u64 - 1]) * domain.size_inv();
    let whole = domain.evaluate_all_lagrange_coefficients(*tau);
    let values = whole.into_iter().zip(domain.elements());
    values.map(|(value, root)| value - root * last).collect()
}

/// The generator times numbers, times a factor.
fn multiples<G: Group>(factor: Fr, numbers: &[Fr], out: &mut Vec<u8>)
where
    Sum<G>: CurveGroup<Affine = G::Affine>,
    G::Affine: Wire,
{
    let numbers: Zeroizing<Vec<Fr>> =
        Zeroizing::new(numbers.iter().map(|number| *number * factor).collect());
    let points = Way::fastest().multiples::<G>(Sum::<G>::generator(), &numbers);
    points.iter().for_each(|point| point.write(out));
}
