//! Bounded integers inside the field (docs/THREATS.md C3): native predicates; the gadgets that
//! enforce them are in `r1cs`.

#[cfg(feature = "r1cs")]
pub mod r1cs;

use ark_ff::{BigInteger, PrimeField};

use crate::field::Fr;

/// Whether the canonical integer fits `bits` bits.
pub fn fits(value: &Fr, bits: usize) -> bool {
    value.into_bigint().num_bits() as usize <= bits
}

/// The value as a u64, if it fits.
pub fn to_u64(value: &Fr) -> Option<u64> {
    fits(value, 64).then(|| value.into_bigint().0[0])
}

#[cfg(test)]
mod tests;
