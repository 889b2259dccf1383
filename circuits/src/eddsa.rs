//! EdDSA over BabyJubjub with Poseidon, circomlib's semantics (SPEC section 3).
//!
//! `verify` accepts exactly what circomlib's `EdDSAPoseidonVerifier` accepts for keys of the prime
//! subgroup, and refuses every other key. Signing is deterministic; how a seed becomes a key is
//! ours (circomlib hashes it with BLAKE-512), so any circomlib-compatible signer may be used
//! instead.

use borsh::{BorshDeserialize, BorshSerialize};
use rand::{CryptoRng, RngCore};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::io::{Read, Write};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::babyjubjub::{Point, PublicPoint, Scalar};
use crate::domain::CIRCOMLIB;
use crate::field::{Felt, Fr};
use crate::poseidon;

#[cfg(feature = "r1cs")]
pub mod r1cs;
#[cfg(test)]
mod tests;

/// Why a signature is refused, or why bytes are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EddsaError {
    /// The key is off the curve, outside the subgroup, or the identity.
    #[error("signature key: expected a point of the prime-order subgroup other than the identity")]
    Key,
    /// R8 is not on the curve.
    #[error("signature point: expected a point of the curve")]
    R8,
    /// S is not below the subgroup order.
    #[error("signature scalar: expected an integer below the subgroup order")]
    S,
    /// The encoding is not 96 bytes of canonical numbers.
    #[error("signature: expected 96 bytes, three canonical numbers")]
    Encoding,
    /// The equation does not hold.
    #[error("signature: the equation does not hold for this key and message")]
    Equation,
}

/// A signature: R8 on the curve, S below the subgroup order.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    /// The nonce point.
    pub r8: Point,
    pub s: Scalar,
}

impl Signature {
    /// R8.x, R8.y, S: three times 32 little-endian bytes.
    pub fn to_bytes(&self) -> [u8; 96] {
        let mut out = [0u8; 96];
        out[..32].copy_from_slice(&Felt(self.r8.x).to_bytes());
        out[32..64].copy_from_slice(&Felt(self.r8.y).to_bytes());
        out[64..].copy_from_slice(&self.s.to_bytes_le());
        out
    }

    /// Decodes the 96 bytes.
    ///
    /// **Errors**: another length, a number that is not canonical, R8 off the curve.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EddsaError> {
        if bytes.len() != 96 {
            return Err(EddsaError::Encoding);
        }
        let x = Felt::from_bytes(&bytes[..32]).map_err(|_| EddsaError::Encoding)?;
        let y = Felt::from_bytes(&bytes[32..64]).map_err(|_| EddsaError::Encoding)?;
        let s = Scalar::from_bytes_le(&bytes[64..]).map_err(|_| EddsaError::S)?;
        let r8 = Point { x: x.0, y: y.0 };
        if !r8.is_on_curve() {
            return Err(EddsaError::R8);
        }
        Ok(Signature { r8, s })
    }

    /// A well-formed signature that signs nothing: what fills the place of a signature that is
    /// switched off.
    pub fn placeholder() -> Self {
        Signature {
            r8: Point::IDENTITY,
            s: Scalar::zero(),
        }
    }
}

impl BorshSerialize for Signature {
    fn serialize<W: Write>(&self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(&self.to_bytes())
    }
}

impl BorshDeserialize for Signature {
    fn deserialize_reader<R: Read>(reader: &mut R) -> std::io::Result<Self> {
        let mut bytes = [0u8; 96];
        reader.read_exact(&mut bytes)?;
        Signature::from_bytes(&bytes)
            .map_err(|e| std::io::Error::new(std::io::ErrorKind::InvalidData, e))
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.to_bytes()))
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as Deserialize>::deserialize(deserializer)?;
        let plain = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let bytes = hex::decode(text.as_ref())
            .ok()
            .filter(|_| plain)
            .ok_or_else(|| serde::de::Error::custom(EddsaError::Encoding))?;
        Signature::from_bytes(&bytes).map_err(serde::de::Error::custom)
    }
}

/// The seed of a signing key.
///
/// **Security**: zeroised on drop, no `Debug`, no codec: custody stores the 32 bytes.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PrivateKey([u8; 32]);

impl PrivateKey {
    /// The key of a seed.
    pub fn from_bytes(seed: [u8; 32]) -> Self {
        PrivateKey(seed)
    }

    /// A fresh key.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut seed = [0u8; 32];
        rng.fill_bytes(&mut seed);
        PrivateKey(seed)
    }

    /// The seed, for custody.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// a in `A = a*B8`; never 0.
    fn scalar(&self) -> Scalar {
        let scalar = Scalar::hash_wide(&[b"medveil/v1/eddsa/key", &self.0]);
        if scalar.is_zero() {
            Scalar::from_u64(1)
        } else {
            scalar
        }
    }

    /// `A = a*B8`, in the subgroup and not the identity.
    pub fn public_key(&self) -> Point {
        Point::BASE8.mul(&self.scalar())
    }

    /// Signs a message, always the same way.
    pub fn sign(&self, message: Fr) -> Signature {
        let secret = self.scalar();
        let nonce = Scalar::hash_wide(&[
            b"medveil/v1/eddsa/nonce",
            &self.0,
            &Felt(message).to_bytes(),
        ]);
        let r8 = Point::BASE8.mul(&nonce);
        let challenge = Scalar::reduce_field(challenge(&r8, &Point::BASE8.mul(&secret), message));
        let s = nonce.add(&challenge.mul(&secret).mul(&Scalar::from_u64(8)));
        Signature { r8, s }
    }
}

/// `h = P_0(R8.x, R8.y, A.x, A.y, M)`.
pub fn challenge(r8: &Point, key: &Point, message: Fr) -> Fr {
    poseidon::hash(CIRCOMLIB, &[r8.x, r8.y, key.x, key.y, message])
}

/// Checks `S*B8 = R8 + 8*h*A`, with R8 on the curve and A in the subgroup and not the identity.
///
/// **Errors**: which of these does not hold.
pub fn verify(key: &Point, message: Fr, signature: &Signature) -> Result<(), EddsaError> {
    PublicPoint::new(*key).map_err(|_| EddsaError::Key)?;
    if !signature.r8.is_on_curve() {
        return Err(EddsaError::R8);
    }
    let challenge = Scalar::reduce_field(challenge(&signature.r8, key, message));
    let right = signature.r8.add(
        &key.mul_by_cofactor()
            .mul_bits_vartime(&challenge.to_bits_le()),
    );
    let left = Point::BASE8.mul_bits_vartime(&signature.s.to_bits_le());
    if left == right {
        Ok(())
    } else {
        Err(EddsaError::Equation)
    }
}
