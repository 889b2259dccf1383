//! Against ark's check, and multiples by the order.

use crate::is_in_g2;
use ark_bn254::{Fq2, Fr, G2Affine, G2Projective, g2};
use ark_ec::CurveConfig;
use ark_ec::short_weierstrass::SWCurveConfig;
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup};
use ark_ff::{Field, PrimeField, UniformRand, Zero};
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
    assert_eq!(is_in_g2(&point), expected);
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

/// Whatever sums of equal and opposite points the walk meets: x is a multiple of such orders, or
/// next to one.
#[test]
fn the_multiples_of_the_generator_are_in_the_group() {
    let mut sum = G2Projective::zero();
    for _ in 0..40 {
        agrees(sum, true);
        agrees(-sum, true);
        sum += G2Projective::generator();
    }
}
