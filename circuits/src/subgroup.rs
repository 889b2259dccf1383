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
mod tests;
