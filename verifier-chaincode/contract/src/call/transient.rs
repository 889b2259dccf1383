//! Private arguments: what goes into the transient map, by name. Never in a block; only
//! organisations that execute the call see them.

use crate::model::Entry;
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::field::{Digest, Felt};
use medveil_collections_config::MspId;

/// `StorePages`: borsh of [`PagesPart`].
pub const PAGES: &str = "pages";
/// `RequestAccess`: borsh of [`SealedRequest`].
pub const REQUEST: &str = "request";
/// `HandOverKey`: borsh of the package (R, E).
pub const PACKAGE: &str = "package";
/// Shortest and longest body of a request, padded and before it is sealed.
///
/// **Units**: bytes.
pub const BODY_BYTES: std::ops::RangeInclusive<usize> = 1024..=1024 * 1024;
/// What sealing adds to a body.
///
/// **Units**: bytes.
pub const BODY_TAG: usize = 16;
/// A wrapped key: HPKE's encapsulated key, and 32 bytes with their tag.
///
/// **Units**: bytes.
pub const KEY_WRAP: usize = 32 + 32 + 16;

/// The body of a request, sealed once under a fresh key, and that key for everybody who decides:
/// also what the private collection stores.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SealedRequest {
    /// Padded to a power of two before it was sealed.
    pub body: Vec<u8>,
    /// For the committee and the holder, sorted by MSP id.
    pub keys: Vec<KeyWrap>,
}

impl Entry for SealedRequest {
    const NAME: &'static str = "sealed request";
}

/// The key of a body for one organisation.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct KeyWrap {
    pub msp_id: MspId,
    /// The published key that it is wrapped for.
    pub to: [u8; 32],
    /// [`KEY_WRAP`] bytes.
    pub wrapped: Vec<u8>,
}

/// Encrypted pages of chunks that follow each other.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct PagesPart {
    pub chunks: Vec<StoredChunk>,
}

/// The encrypted pages of one chunk, with what leads from each page to the chunk root: also what
/// the private collection stores.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StoredChunk {
    /// Its place in the version.
    pub chunk: u32,
    /// Every block, in order.
    pub blocks: Vec<StoredBlock>,
    /// The reading report of the segment: with its first chunk, and with no other.
    pub reading: Option<SealedReading>,
}

impl Entry for StoredChunk {
    const NAME: &'static str = "pages";
}

/// The encrypted pages of one block.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StoredBlock {
    /// Its twelve page leaves: flags, pseudonym, ten columns.
    pub leaves: [Felt; 12],
    /// Pages by rising leaf. Flags and pseudonyms stand in the first block only; columns that the
    /// schema does not use stand nowhere.
    pub pages: Vec<StoredPage>,
}

/// One encrypted page.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StoredPage {
    /// Which of the block's leaves, 0 to 11.
    pub leaf: u8,
    /// Commitment to the plain elements.
    pub commitment: Felt,
    pub ciphertext: Vec<Felt>,
}

/// A reading report: the part about the whole, the part about files, then one a column.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SealedReading {
    pub parts: Vec<SealedPart>,
}

/// One part of a reading report.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct SealedPart {
    /// Commitment to salt and content.
    pub commitment: Digest,
    /// Salt and content, sealed to whoever has the slot's key; empty for the part about files, which
    /// stays with the holder.
    pub sealed: Vec<u8>,
}
