//! The final exponentiation, to the same multiple of (p^12 - 1) / r as arkworks'.
//!
//! Source: Fuentes-Castaneda, Knapp, Rodriguez-Henriquez, "Faster hashing to G2", SAC 2011, section
//! 5: the hard part is l0 + l1 p + l2 p^2 + l3 p^3 with
//! l0 = 1 + 6x + 12x^2 + 12x^3, l1 = 4x + 6x^2 + 12x^3, l2 = 6x + 6x^2 + 12x^3 and
//! l3 = -1 + 4x + 6x^2 + 12x^3, where x is the number that BN254 is made of.

use super::fp12::Fp12;
use ark_bn254::Config;
use ark_ec::bn::BnConfig;
use ark_ff::{BigInt, BigInteger};
use std::sync::LazyLock;

/// Digits are odd and below 2^(WIDTH - 1) in size.
const WIDTH: usize = 4;

/// Digits of x, the lowest first.
static DIGITS: LazyLock<Vec<i64>> = LazyLock::new(|| {
    let [x] = *Config::X else { return Vec::new() };
    BigInt::<1>([x]).find_wnaf(WIDTH).unwrap_or_default()
});

/// Nothing of zero.
pub fn final_exponentiation(f: Fp12) -> Option<Fp12> {
    // (p^6 - 1) (p^2 + 1): from here on the conjugate is the inverse.
    let f = f.conjugate() * f.inverse()?;
    let f = f.frobenius(2) * f;
    let x = power_x(f);
    let x2 = x.square_unitary();
    let x6 = x2.square_unitary() * x2;
    let xx6 = power_x(x6);
    let xx12 = xx6.square_unitary();
    let l2 = x6 * xx6 * power_x(xx12);
    let l1 = l2 * x2.conjugate();
    let l0 = l2 * xx6 * f;
    let l3 = l1 * f.conjugate();
    Some(l0 * l1.frobenius(1) * (l2.frobenius(2) * l3.frobenius(3)))
}

/// The power x of an element whose inverse is its conjugate.
fn power_x(f: Fp12) -> Fp12 {
    let square = f.square_unitary();
    let mut odd = [f; 1 << (WIDTH - 2)];
    for at in 1..odd.len() {
        odd[at] = odd[at - 1] * square;
    }
    let mut power = Fp12::ONE;
    for digit in DIGITS.iter().rev() {
        power = power.square_unitary();
        match odd.get(digit.unsigned_abs() as usize / 2) {
            Some(factor) if *digit > 0 => power = power * *factor,
            Some(factor) if *digit < 0 => power = power * factor.conjugate(),
            _ => {}
        }
    }
    power
}
