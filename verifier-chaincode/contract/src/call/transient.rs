//! Private arguments: what goes into the transient map, by name. Never in a block; only
//! organisations that execute the call see them.

use crate::model::Entry;
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::field::Felt;

/// `StorePages`: borsh of [`PagesPart`].
pub const PAGES: &str = "pages";
/// `RequestAccess`: the sealed letter.
pub const LETTER: &str = "letter";
/// `HandOverKey`: borsh of the package (R, E).
pub const PACKAGE: &str = "package";
/// Longest sealed letter.
///
/// **Units**: bytes.
pub const MAX_LETTER: usize = 64 * 1024;

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
