//! Whether a point of the curve of G2 is in G2, by half the doublings of ark's own check.
//!
//! Source: Dai, Lin, Zhao, Zhou, eprint 2022/348, section 4: with psi the untwisted and twisted
//! Frobenius, P is in the group if and only if (x + 1) P + psi(x P) + psi^2(x P) = psi^3(2 x P), where
//! x is the number that BN254 is made of.

use ark_bn254::{Fq, Fq2, G2Affine, G2Projective};
use ark_ec::AffineRepr;
use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use std::sync::LazyLock;

const X: u64 = 4_965_661_367_192_848_881;

/// The curve's twist: (9 + u)^((p - 1) / 3) and (9 + u)^((p - 1) / 2).
static TWIST: LazyLock<[Fq2; 2]> = LazyLock::new(|| {
    let twist = Fq2::new(Fq::from(9), Fq::from(1));
    let mut half = Fq::MODULUS;
    half.div2();
    // A third of p - 1 is its sixth twice.
    let sixth = twist.pow(third(half));
    [sixth.square(), twist.pow(half)]
});

/// A third of a number that is a multiple of three.
fn third(number: ark_ff::BigInt<4>) -> ark_ff::BigInt<4> {
    let (mut third, mut rest) = (number, 0u128);
    for word in third.0.iter_mut().rev() {
        let whole = rest << 64 | u128::from(*word);
        *word = (whole / 3) as u64;
        rest = whole % 3;
    }
    third
}

fn psi(point: &G2Projective) -> G2Projective {
    let [x, y] = &*TWIST;
    let conjugate = |number: Fq2| Fq2::new(number.c0, -number.c1);
    // The result is on the curve where the point is.
    #[allow(clippy::disallowed_methods)]
    G2Projective::new_unchecked(
        conjugate(point.x) * x,
        conjugate(point.y) * y,
        conjugate(point.z),
    )
}

/// Whether a point that is on the curve is in the group.
pub fn contains(point: &G2Affine) -> bool {
    let multiple = point.mul_bigint([X]);
    let once = psi(&multiple);
    let twice = psi(&once);
    let sum = multiple + point + once + twice;
    psi(&twice).double() == sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::{Fr, g2};
    use ark_ec::CurveConfig;
    use ark_ec::short_weierstrass::SWCurveConfig;
    use ark_ec::{CurveGroup, PrimeGroup};
    use ark_ff::{UniformRand, Zero};
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    /// A point of the curve, which is hardly ever one of the group.
    #[allow(clippy::disallowed_methods)] // It is to be wrong.
    fn of_curve(rng: &mut ChaCha20Rng) -> G2Affine {
        loop {
            let x = Fq2::rand(rng);
            if let Some(y) = (x.square() * x + g2::Config::COEFF_B).sqrt() {
                return G2Affine::new_unchecked(x, y);
            }
        }
    }

    #[track_caller]
    fn agrees(point: G2Projective, expected: bool) {
        let point = point.into_affine();
        assert_eq!(contains(&point), expected);
        assert_eq!(point.is_in_correct_subgroup_assuming_on_curve(), expected);
    }

    #[test]
    fn points_are_in_the_group_where_ark_says_so() {
        let rng = &mut ChaCha20Rng::seed_from_u64(1);
        agrees(G2Projective::zero(), true);
        for _ in 0..50 {
            let own = G2Projective::generator() * Fr::rand(rng);
            agrees(own, true);
            let other = of_curve(rng);
            agrees(other.into(), false);
            agrees(other.mul_bigint(g2::Config::COFACTOR), true);
            // Of the cofactor's order, alone and with a part in the group.
            let cleared = other.mul_bigint(Fr::MODULUS);
            agrees(cleared, false);
            agrees(cleared + own, false);
        }
    }

    /// Orders that divide the cofactor: 10,069, 5,864,401 and 1,875,725,156,269.
    #[test]
    fn points_of_small_order_are_not_in_the_group() {
        let rng = &mut ChaCha20Rng::seed_from_u64(2);
        for order in [10_069u64, 5_864_401, 1_875_725_156_269] {
            let mut cofactor = [0u64; 4];
            let mut rest = 0u128;
            let words = cofactor.iter_mut().zip(g2::Config::COFACTOR).rev();
            for (own, word) in words {
                let whole = rest << 64 | u128::from(*word);
                *own = (whole / u128::from(order)) as u64;
                rest = whole % u128::from(order);
            }
            assert_eq!(rest, 0, "{order} divides the cofactor");
            let point = loop {
                let point = of_curve(rng).mul_bigint(Fr::MODULUS).mul_bigint(cofactor);
                if !point.is_zero() {
                    break point;
                }
            };
            assert!(point.mul_bigint([order]).is_zero());
            agrees(point, false);
            agrees(point + G2Projective::generator(), false);
        }
    }
}
