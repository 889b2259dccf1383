//! The scalar field of BN254 and its one wire form.
//!
//! Sits under everything else in this crate: 32 canonical little-endian bytes on the wire, the hex
//! of the same bytes in text (SPEC section 1). It does not hash field elements (that is `poseidon`)
//! and never reduces bytes modulo r.

use ark_ff::{BigInteger, PrimeField};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::io::{Read, Write};

pub use ark_bn254::Fr;

use crate::domain::Label;

/// Why bytes or text are not a field element.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// The byte string has the wrong length.
    #[error("field element: expected 32 bytes, got {0}")]
    Length(usize),
    /// The integer is not below the field's order.
    #[error("field element: expected an integer below r, got one at or above it")]
    NotCanonical,
    /// The text is not 64 lower-case hex digits.
    #[error("field element: expected 64 lower-case hex digits")]
    NotHex,
}

/// A field element as data: what calls, state and files hold.
///
/// **Security**: exists only canonical; every decoder (bytes, hex, borsh, serde) refuses values at
/// or above r.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Felt(pub Fr);

impl Felt {
    /// The element 0, which means "absent" in visas and requests.
    pub const ZERO: Felt = Felt(<Fr as ark_ff::AdditiveGroup>::ZERO);

    /// The element of a small integer.
    pub fn from_u64(value: u64) -> Self {
        Felt(Fr::from(value))
    }

    /// Decodes 32 canonical little-endian bytes.
    ///
    /// **Errors**: another length, or a value at or above r.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FieldError> {
        if bytes.len() != 32 {
            return Err(FieldError::Length(bytes.len()));
        }
        let mut limbs = [0u64; 4];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.chunks_exact(8)) {
            let mut word = [0u8; 8];
            word.copy_from_slice(chunk);
            *limb = u64::from_le_bytes(word);
        }
        Fr::from_bigint(ark_ff::BigInt::new(limbs))
            .map(Felt)
            .ok_or(FieldError::NotCanonical)
    }

    /// The 32 canonical little-endian bytes.
    pub fn to_bytes(self) -> [u8; 32] {
        let mut out = [0u8; 32];
        out.copy_from_slice(&self.0.into_bigint().to_bytes_le());
        out
    }

    /// Decodes the hex of the same bytes.
    ///
    /// **Errors**: anything but 64 lower-case hex digits of a canonical value.
    pub fn from_hex(text: &str) -> Result<Self, FieldError> {
        let plain =
            text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if !plain {
            return Err(FieldError::NotHex);
        }
        let bytes = hex::decode(text).map_err(|_| FieldError::NotHex)?;
        Felt::from_bytes(&bytes)
    }

    /// The hex of the canonical bytes.
    pub fn to_hex(self) -> String {
        hex::encode(self.to_bytes())
    }

    /// Whether this is the absent value.
    pub fn is_zero(&self) -> bool {
        *self == Felt::ZERO
    }
}

impl From<Fr> for Felt {
    fn from(value: Fr) -> Self {
        Felt(value)
    }
}

impl From<Felt> for Fr {
    fn from(value: Felt) -> Self {
        value.0
    }
}

impl fmt::Debug for Felt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Felt({})", self.to_hex())
    }
}

impl fmt::Display for Felt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl PartialOrd for Felt {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Felt {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.into_bigint().cmp(&other.0.into_bigint())
    }
}

impl BorshSerialize for Felt {
    fn serialize<W: Write>(&self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(&self.to_bytes())
    }
}

impl BorshDeserialize for Felt {
    fn deserialize_reader<R: Read>(reader: &mut R) -> std::io::Result<Self> {
        let mut bytes = [0u8; 32];
        reader.read_exact(&mut bytes)?;
        Felt::from_bytes(&bytes)
            .map_err(|e| std::io::Error::new(std::io::ErrorKind::InvalidData, e))
    }
}

impl Serialize for Felt {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_hex())
    }
}

impl<'de> Deserialize<'de> for Felt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as Deserialize>::deserialize(deserializer)?;
        Felt::from_hex(&text).map_err(serde::de::Error::custom)
    }
}

/// `F(label, bytes)` of SPEC section 1: the one function from bytes to a field element.
pub fn bytes_to_field(label: Label, bytes: &[u8]) -> Felt {
    let mut hasher = Sha256::new();
    hasher.update(b"medveil/v1/");
    hasher.update(label.as_str().as_bytes());
    hasher.update([0u8]);
    hasher.update(bytes);
    let mut digest: [u8; 32] = hasher.finalize().into();
    digest[31] &= 0x1f;
    // 253 bits are always below r, so this decode cannot fail; zero stands in for the impossible
    // case.
    Felt::from_bytes(&digest).unwrap_or(Felt::ZERO)
}

/// A SHA-256 digest as data: 32 bytes, lower-case hex in text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Digest(Sha256::digest(bytes).into())
    }

    /// `D(label, digest)` of SPEC section 1.
    pub fn to_field(self, label: Label) -> Felt {
        bytes_to_field(label, &self.0)
    }

    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }

    /// Decodes 64 lower-case hex digits.
    ///
    /// **Errors**: any other text.
    pub fn from_hex(text: &str) -> Result<Self, FieldError> {
        let plain =
            text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let mut out = [0u8; 32];
        if !plain || hex::decode_to_slice(text, &mut out).is_err() {
            return Err(FieldError::NotHex);
        }
        Ok(Digest(out))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.to_hex())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_hex())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as Deserialize>::deserialize(deserializer)?;
        Digest::from_hex(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
