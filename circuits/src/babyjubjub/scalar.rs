//! Integers modulo l, the order of BabyJubjub's prime subgroup.
//!
//! A scalar may be a secret: it has no `Debug` and is overwritten when dropped.

// The derive below asks for features of arkworks' own crates.
#![allow(unexpected_cfgs)]

use ark_ff::fields::{Fp256, MontBackend, MontConfig};
use ark_ff::{AdditiveGroup, BigInteger, PrimeField, UniformRand, Zero};
use rand::{CryptoRng, RngCore};
use sha2::{Digest as _, Sha512};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::SCALAR_BITS;
use crate::field::Fr;

/// The subgroup order. **Source**: ERC-2494.
#[derive(MontConfig)]
#[modulus = "2736030358979909402780800718157159386076813972158567259200215660948447373041"]
#[generator = "31"]
pub(super) struct OrderConfig;

type Inner = Fp256<MontBackend<OrderConfig, 4>>;

/// Why bytes are not a scalar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScalarError {
    /// The byte string has the wrong length.
    #[error("scalar: expected 32 bytes, got {0}")]
    Length(usize),
    /// The integer is not below the subgroup order.
    #[error("scalar: expected an integer below the subgroup order, got one at or above it")]
    NotCanonical,
}

/// An integer modulo l.
///
/// **Security**: zeroised on drop, no `Debug`.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Scalar(Inner);

impl Scalar {
    /// The scalar 0.
    pub fn zero() -> Self {
        Scalar(Inner::ZERO)
    }

    /// The scalar of a small integer.
    pub fn from_u64(value: u64) -> Self {
        Scalar(Inner::from(value))
    }

    /// A uniform scalar (0 included).
    pub fn random(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        Scalar(Inner::rand(rng))
    }

    /// A uniform scalar other than 0.
    pub fn random_nonzero(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        loop {
            let scalar = Scalar::random(rng);
            if !scalar.is_zero() {
                return scalar;
            }
        }
    }

    /// Decodes 32 canonical little-endian bytes.
    ///
    /// **Errors**: another length, or a value at or above l.
    pub fn from_bytes_le(bytes: &[u8]) -> Result<Self, ScalarError> {
        if bytes.len() != 32 {
            return Err(ScalarError::Length(bytes.len()));
        }
        let mut limbs = [0u64; 4];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
            let mut word = [0u8; 8];
            word.copy_from_slice(chunk);
            *limb = u64::from_le_bytes(word);
        }
        let scalar = Inner::from_bigint(ark_ff::BigInt::new(limbs)).map(Scalar);
        limbs.zeroize();
        scalar.ok_or(ScalarError::NotCanonical)
    }

    /// The 32 canonical little-endian bytes.
    pub fn to_bytes_le(&self) -> [u8; 32] {
        let bytes = Zeroizing::new(self.0.into_bigint().to_bytes_le());
        let mut out = [0u8; 32];
        out.copy_from_slice(&bytes);
        out
    }

    /// The canonical bits, low first.
    ///
    /// **Shape**: 251 bits.
    pub fn to_bits_le(&self) -> [bool; SCALAR_BITS] {
        let bigint = Zeroizing::new(self.0.into_bigint());
        std::array::from_fn(|i| bigint.get_bit(i))
    }

    /// The canonical integer as a field element (l is below r).
    pub fn to_field(&self) -> Fr {
        Fr::from_bigint(self.0.into_bigint()).unwrap_or(Fr::ZERO)
    }

    /// The scalar of a field element, if its canonical integer is below l.
    pub fn from_field(value: Fr) -> Option<Self> {
        Inner::from_bigint(value.into_bigint()).map(Scalar)
    }

    /// The canonical integer of a field element, reduced modulo l.
    pub fn reduce_field(value: Fr) -> Self {
        let limbs = value.into_bigint().0;
        let word = Inner::from(u128::from(u64::MAX) + 1);
        Scalar(
            limbs
                .iter()
                .rev()
                .fold(Inner::ZERO, |acc, limb| acc * word + Inner::from(*limb)),
        )
    }

    /// SHA-512 of the parts, read as a little-endian integer and reduced modulo l (bias below
    /// 2^-260).
    pub(crate) fn hash_wide(parts: &[&[u8]]) -> Self {
        let mut hasher = Sha512::new();
        parts.iter().for_each(|part| hasher.update(part));
        let digest: Zeroizing<[u8; 64]> = Zeroizing::new(hasher.finalize().into());
        let base = Inner::from(256u64);
        Scalar(
            digest
                .iter()
                .rev()
                .fold(Inner::ZERO, |acc, byte| acc * base + Inner::from(*byte)),
        )
    }

    /// Whether this is 0.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Sum modulo l.
    pub fn add(&self, other: &Scalar) -> Scalar {
        Scalar(self.0 + other.0)
    }

    /// Difference modulo l.
    pub fn sub(&self, other: &Scalar) -> Scalar {
        Scalar(self.0 - other.0)
    }

    /// Product modulo l.
    pub fn mul(&self, other: &Scalar) -> Scalar {
        Scalar(self.0 * other.0)
    }

    /// l - 1.
    #[cfg(feature = "r1cs")]
    pub(crate) fn greatest() -> ark_ff::BigInt<4> {
        (-Inner::from(1u64)).into_bigint()
    }

    /// The bits of l itself, low first.
    pub(crate) fn order_bits_le() -> [bool; SCALAR_BITS] {
        let order = <Inner as PrimeField>::MODULUS;
        std::array::from_fn(|i| order.get_bit(i))
    }
}
