//! The witness of a registration: raw rows as they stand in the pages, and what is computed from
//! them.
//!
//! Nothing here checks anything: an unsound witness has an instance too, which is what the refusal
//! tests need.

use super::RegistrationPublic;
use crate::dataset::{self, BLOCK_COLUMNS, BLOCK_PAGES, ColumnLayout, LinkState, SegmentKeys};
use crate::field::{Felt, Fr};
use crate::ids::{LineageId, SegmentId};
use crate::page::{self, Cell, Page, RowFlags};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// One row of a block. **Security**: zeroised, no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct BlockRow {
    /// Real or padding, and whether a subject starts here.
    pub flags: RowFlags,
    /// Below 2^120; 0 on padding.
    pub pseudonym: u128,
    /// One cell a column of the block.
    pub cells: [Cell; BLOCK_COLUMNS],
}

impl BlockRow {
    /// A padding row.
    pub fn padding() -> Self {
        BlockRow {
            flags: RowFlags::default(),
            pseudonym: 0,
            cells: [Cell::ABSENT; BLOCK_COLUMNS],
        }
    }
}

/// The witness. **Security**: zeroised, no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RegistrationPrivate {
    /// Layout of the block's columns.
    #[zeroize(skip)]
    pub layout: [ColumnLayout; BLOCK_COLUMNS],
    /// As many rows as the tier has, padding last.
    pub rows: Vec<BlockRow>,
    /// Salts of the pages, in leaf order.
    pub salts: [Fr; BLOCK_PAGES],
    pub keys: SegmentKeys,
    /// State before the chunk.
    pub link: LinkState,
    /// Blind of the outgoing link.
    pub link_out_blind: Fr,
}

/// Where a block stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockPlace {
    /// Lineage of the dataset.
    pub lineage: LineageId,
    pub segment: SegmentId,
    /// Index of the chunk.
    pub chunk_index: u64,
    /// Index of the block.
    pub block_index: u64,
    /// Whether the chunk is the last.
    pub is_last: bool,
}

impl BlockPlace {
    /// The place that an instance names.
    pub fn of(public: &RegistrationPublic) -> Self {
        BlockPlace {
            lineage: public.lineage,
            segment: public.segment,
            chunk_index: public.chunk_index,
            block_index: public.block_index,
            is_last: public.is_last,
        }
    }
}

impl RegistrationPrivate {
    /// The pages of the block, in leaf order.
    pub fn pages(&self) -> Vec<Page> {
        let flags: Vec<RowFlags> = self.rows.iter().map(|row| row.flags).collect();
        let mut pseudonyms: Vec<u128> = self.rows.iter().map(|row| row.pseudonym).collect();
        let mut pages = vec![
            Page::with_salt(page::pack_flags(&flags), self.salts[0]),
            Page::with_salt(page::pack_pseudonyms(&pseudonyms), self.salts[1]),
        ];
        pseudonyms.zeroize();
        for column in 0..BLOCK_COLUMNS {
            let mut cells: Vec<Cell> = self.rows.iter().map(|row| row.cells[column]).collect();
            pages.push(Page::with_salt(
                page::pack_cells(&cells),
                self.salts[2 + column],
            ));
            cells.zeroize();
        }
        pages
    }

    /// Ciphertexts and leaves of the pages, in leaf order.
    ///
    /// **Shape**: a key slot that does not exist has the key 0; `check` refuses it.
    pub fn seal(&self, pages: &[Page], place: &BlockPlace) -> (Vec<Vec<Fr>>, [Felt; BLOCK_PAGES]) {
        let mut leaves = [Felt::ZERO; BLOCK_PAGES];
        let mut ciphertexts = Vec::with_capacity(BLOCK_PAGES);
        for (i, (sealed, leaf)) in pages.iter().zip(&mut leaves).enumerate() {
            let slot = if i < 2 {
                i
            } else {
                usize::from(self.layout[i - 2].slot)
            };
            let slot_key = self.keys.keys.get(slot).copied().unwrap_or_default();
            let position = dataset::page_position(place.block_index as usize, i);
            let key = page::page_key(
                slot_key,
                place.segment.felt().0,
                place.chunk_index,
                position,
            );
            let ciphertext = sealed.encrypt(&key);
            *leaf = page::leaf(sealed.commitment(), page::ciphertext_digest(&ciphertext));
            ciphertexts.push(ciphertext);
        }
        (ciphertexts, leaves)
    }

    /// State after the chunk.
    pub fn link_after(&self) -> LinkState {
        let count = |wanted: fn(&RowFlags) -> bool| {
            self.rows.iter().filter(|row| wanted(&row.flags)).count() as u64
        };
        LinkState {
            next_chunk: self.link.next_chunk + 1,
            last: self
                .rows
                .iter()
                .rev()
                .find(|row| row.flags.real)
                .map_or(self.link.last, |row| row.pseudonym),
            subjects: self.link.subjects + count(|flags| flags.new_subject),
            rows: self.link.rows + count(|flags| flags.real),
            blind: self.link_out_blind,
        }
    }

    /// The instance that belongs to the witness, with ciphertexts and leaves of its pages.
    ///
    /// **Security**: sound only if the witness is; `check` says so.
    pub fn instance(
        &self,
        place: &BlockPlace,
    ) -> (RegistrationPublic, Vec<Vec<Fr>>, [Felt; BLOCK_PAGES]) {
        let (ciphertexts, leaves) = self.seal(&self.pages(), place);
        let after = self.link_after();
        let public = RegistrationPublic {
            block_root: Felt(dataset::block_root(&leaves)),
            link_in: Felt(self.link.hash(place.lineage, place.segment)),
            link_out: Felt(after.hash(place.lineage, place.segment)),
            is_first: place.chunk_index == 0,
            is_last: place.is_last,
            n_rows: if place.is_last { after.rows } else { 0 },
            n_subjects: if place.is_last { after.subjects } else { 0 },
            layout: Felt(dataset::layout_hash(&self.layout)),
            key_commitment: self.keys.commitment(),
            segment: place.segment,
            chunk_index: place.chunk_index,
            block_index: place.block_index,
            lineage: place.lineage,
        };
        (public, ciphertexts, leaves)
    }
}
