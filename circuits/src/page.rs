//! Pages: one column of one chunk as field elements, committed, encrypted once (SPEC section 8).
//!
//! A page is packed content and then one salt. This module knows packing, commitments and the
//! keystream; which rows a chunk holds is `dataset`, that the packing is right is proven by
//! `registration`.

#[cfg(feature = "r1cs")]
pub mod r1cs;

use crate::domain;
use crate::field::{Felt, Fr};
use crate::poseidon::{self, MAX_INPUTS};
use ark_ff::{BigInteger, Field, PrimeField, UniformRand};
use rand::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Value bits of a cell.
pub const VALUE_BITS: usize = 24;
/// Value bits and the presence bit.
pub const CELL_BITS: usize = 25;
/// Cells of one element.
pub const CELLS_PER_ELEMENT: usize = 10;
/// Rows of flags of one element.
pub const FLAGS_PER_ELEMENT: usize = 125;
/// Bits of a pseudonym.
pub const PSEUDONYM_BITS: usize = 120;
/// Pseudonyms of one element.
pub const PSEUDONYMS_PER_ELEMENT: usize = 2;

/// One cell: a value below 2^24, or nothing.
#[derive(Clone, Copy, PartialEq, Eq, Default, Zeroize)]
pub struct Cell(u32);

impl Cell {
    /// The absent cell.
    pub const ABSENT: Cell = Cell(0);

    /// A present value.
    ///
    /// **Errors**: nothing is returned for a value over 24 bits.
    pub fn present(value: u32) -> Option<Self> {
        (value < 1 << VALUE_BITS).then_some(Cell(value | 1 << VALUE_BITS))
    }

    /// The value, if present.
    pub fn value(self) -> Option<u32> {
        self.is_present()
            .then_some(self.0 & ((1 << VALUE_BITS) - 1))
    }

    /// Whether there is a value.
    pub fn is_present(self) -> bool {
        self.0 >> VALUE_BITS == 1
    }

    /// The 25 bits as an integer.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// Any 32 bits as a cell, also those that no page may hold: for tests of what refuses them.
    #[cfg(any(test, feature = "testing"))]
    pub fn unchecked_from_bits(bits: u32) -> Self {
        Cell(bits)
    }

    fn from_bits(bits: u32) -> Option<Self> {
        let cell = Cell(bits);
        let sound = bits < 1 << CELL_BITS && (cell.is_present() || bits == 0);
        sound.then_some(cell)
    }
}

/// Real and new-subject flags of a row. No `Debug`: who has how many rows is private.
#[derive(Clone, Copy, PartialEq, Eq, Default, Zeroize)]
pub struct RowFlags {
    /// The row is no padding.
    pub real: bool,
    /// It is its subject's first.
    pub new_subject: bool,
}

/// Packed content of a column: cells, ten to an element.
pub fn pack_cells(cells: &[Cell]) -> Vec<Fr> {
    cells
        .chunks(CELLS_PER_ELEMENT)
        .map(|chunk| pack(chunk.iter().map(|c| u128::from(c.0)), CELL_BITS))
        .collect()
}

/// Packed content of the flags page.
pub fn pack_flags(rows: &[RowFlags]) -> Vec<Fr> {
    let bits = |row: &RowFlags| u128::from(row.real) + 2 * u128::from(row.new_subject);
    rows.chunks(FLAGS_PER_ELEMENT)
        .map(|chunk| pack(chunk.iter().map(bits), 2))
        .collect()
}

/// Packed content of the pseudonym page.
pub fn pack_pseudonyms(pseudonyms: &[u128]) -> Vec<Fr> {
    pseudonyms
        .chunks(PSEUDONYMS_PER_ELEMENT)
        .map(|chunk| pack(chunk.iter().copied(), PSEUDONYM_BITS))
        .collect()
}

/// Low value first, `width` bits each.
fn pack(values: impl DoubleEndedIterator<Item = u128>, width: usize) -> Fr {
    let shift = Fr::from(2u64).pow([width as u64]);
    values
        .rev()
        .fold(Fr::from(0u64), |acc, value| acc * shift + Fr::from(value))
}

/// Elements of a column page's content for `rows` rows.
pub const fn cell_elements(rows: usize) -> usize {
    rows.div_ceil(CELLS_PER_ELEMENT)
}
/// Elements of a flags page's content.
pub const fn flag_elements(rows: usize) -> usize {
    rows.div_ceil(FLAGS_PER_ELEMENT)
}
/// Elements of a pseudonym page's content.
pub const fn pseudonym_elements(rows: usize) -> usize {
    rows.div_ceil(PSEUDONYMS_PER_ELEMENT)
}

/// The key of one page.
///
/// **Security**: zeroised, no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct PageKey(Fr);

/// Page key = P_26(slot key, segment, chunk index, absolute position): never the same for two
/// pages, also inside a column group or over blocks.
pub fn page_key(slot_key: Fr, segment: Fr, chunk_index: u64, position: u64) -> PageKey {
    PageKey(poseidon::hash(
        domain::PAGE_KEY,
        &[slot_key, segment, Fr::from(chunk_index), Fr::from(position)],
    ))
}

/// One page: content and salt. **Security**: zeroised, no `Debug`.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Page {
    elements: Vec<Fr>,
}

impl Page {
    /// Content under a fresh salt.
    pub fn seal(content: Vec<Fr>, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        Page::with_salt(content, Fr::rand(rng))
    }

    /// Content under a given salt.
    pub fn with_salt(content: Vec<Fr>, salt: Fr) -> Self {
        // Growing the vector in place could leave a copy of the content behind.
        let content = Zeroizing::new(content);
        let mut elements = Vec::with_capacity(content.len() + 1);
        elements.extend_from_slice(&content);
        elements.push(salt);
        Page { elements }
    }

    /// Content and salt.
    pub fn elements(&self) -> &[Fr] {
        &self.elements
    }

    pub fn salt(&self) -> Fr {
        self.elements.last().copied().unwrap_or_default()
    }

    /// fold_17 of the elements.
    pub fn commitment(&self) -> Fr {
        poseidon::fold(domain::PAGE, &self.elements)
    }

    /// The ciphertext: element plus keystream.
    pub fn encrypt(&self, key: &PageKey) -> Vec<Fr> {
        self.elements
            .iter()
            .zip(keystream(key, self.elements.len()).iter())
            .map(|(e, k)| *e + k)
            .collect()
    }

    /// The page of a ciphertext.
    pub fn decrypt(ciphertext: &[Fr], key: &PageKey) -> Self {
        Page {
            elements: ciphertext
                .iter()
                .zip(keystream(key, ciphertext.len()).iter())
                .map(|(c, k)| *c - k)
                .collect(),
        }
    }

    /// The cells of a column page.
    ///
    /// **Errors**: nothing is returned for content that is not packed cells of `rows` rows.
    pub fn cells(&self, rows: usize) -> Option<Vec<Cell>> {
        let parts = self.unpack(cell_elements(rows), CELLS_PER_ELEMENT, CELL_BITS, rows)?;
        parts
            .into_iter()
            .map(|p| Cell::from_bits(u32::try_from(p).ok()?))
            .collect()
    }

    /// The flags of a flags page.
    ///
    /// **Errors**: nothing is returned for content that is not packed flags.
    pub fn flags(&self, rows: usize) -> Option<Vec<RowFlags>> {
        let parts = self.unpack(flag_elements(rows), FLAGS_PER_ELEMENT, 2, rows)?;
        Some(
            parts
                .into_iter()
                .map(|p| RowFlags {
                    real: p & 1 == 1,
                    new_subject: p >> 1 == 1,
                })
                .collect(),
        )
    }

    /// The pseudonyms of a pseudonym page.
    ///
    /// **Errors**: nothing is returned for content that is not packed pseudonyms.
    pub fn pseudonyms(&self, rows: usize) -> Option<Vec<u128>> {
        self.unpack(
            pseudonym_elements(rows),
            PSEUDONYMS_PER_ELEMENT,
            PSEUDONYM_BITS,
            rows,
        )
    }

    fn unpack(
        &self,
        elements: usize,
        per_element: usize,
        width: usize,
        rows: usize,
    ) -> Option<Vec<u128>> {
        if self.elements.len() != elements + 1 {
            return None;
        }
        let mut out = Vec::with_capacity(rows);
        for element in &self.elements[..elements] {
            let bits = element.into_bigint().to_bits_le();
            let here = per_element.min(rows - out.len());
            if bits.iter().skip(here * width).any(|b| *b) {
                return None;
            }
            for part in bits.chunks(width).take(here) {
                out.push(
                    part.iter()
                        .rev()
                        .fold(0u128, |acc, bit| acc << 1 | u128::from(*bit)),
                );
            }
        }
        Some(out)
    }
}

/// `n` keystream elements: block b = ks_27(page key, b).
fn keystream(key: &PageKey, n: usize) -> Zeroizing<Vec<Fr>> {
    let mut stream = Zeroizing::new(Vec::with_capacity(n.next_multiple_of(MAX_INPUTS)));
    for block in 0..n.div_ceil(MAX_INPUTS) as u64 {
        stream.extend(poseidon::keystream(
            domain::KEYSTREAM,
            &[key.0, Fr::from(block)],
        ));
    }
    stream.truncate(n);
    stream
}

/// fold_18 of a ciphertext.
pub fn ciphertext_digest(ciphertext: &[Fr]) -> Fr {
    poseidon::fold(domain::CIPHERTEXT, ciphertext)
}

/// Page leaf = P_19(commitment, ciphertext digest).
pub fn leaf(commitment: Fr, ciphertext_digest: Fr) -> Felt {
    Felt(poseidon::hash(
        domain::PAGE_LEAF,
        &[commitment, ciphertext_digest],
    ))
}

#[cfg(test)]
mod tests;
