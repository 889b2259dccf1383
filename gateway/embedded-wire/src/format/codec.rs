//! Bytes of values, and hashes over them.

use borsh::{BorshDeserialize, BorshSerialize};
use sha2::{Digest, Sha256};

pub type Hash = [u8; 32];

/// Bytes that do not have their form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct FormatError(pub &'static str);

/// The borsh bytes of a value made here.
pub fn encode<T: BorshSerialize>(value: &T) -> Vec<u8> {
    // Writing to memory fails for lists longer than 2^32 only, and everything here is capped far
    // below.
    borsh::to_vec(value).unwrap_or_default()
}

/// Reads borsh bytes wholly.
pub fn decode<T: BorshDeserialize>(bytes: &[u8], what: &'static str) -> Result<T, FormatError> {
    borsh::from_slice(bytes).map_err(|_| FormatError(what))
}

/// SHA-256 over words and length-prefixed parts.
pub fn tagged_hash(words: &[u8], parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    hash.update(words);
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}

/// SHA-256 of a private key or value.
pub fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}
