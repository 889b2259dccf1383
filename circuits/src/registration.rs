//! Statement "registration": one block of one chunk of a segment is well formed, encrypted under the committed keys, and in its place (SPEC section 9).
//!
//! It speaks of values inside bit masks, padding, order and counts. That two pseudonyms are two people, and that the source tells the truth, is not
//! proven by it.

mod plan;
#[cfg(feature = "r1cs")]
mod r1cs;

pub use plan::{BlockPlan, ChunkPlan, PlanError, Row, SegmentPlan, plan};

use crate::dataset::{self, BLOCK_COLUMNS, BLOCK_PAGES, ColumnLayout, LinkState, SegmentKeys};
use crate::field::{Felt, Fr};
use crate::ids::{KeyCommitment, LineageId, SegmentId};
use crate::page::{self, Cell, Page, RowFlags};
use crate::statement::{CircuitId, PublicInputs, Statement, Unsatisfied, ensure};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistrationPublic {
    /// Root over the block's page leaves.
    pub block_root: Felt,
    /// Link from the chunk before.
    pub link_in: Felt,
    /// Link to the chunk after.
    pub link_out: Felt,
    /// Whether this is the first chunk.
    pub is_first: bool,
    /// Whether this is the last chunk.
    pub is_last: bool,
    /// Rows of the segment on the last chunk, otherwise 0.
    pub n_rows: u64,
    /// Subjects of the segment on the last chunk, otherwise 0.
    pub n_subjects: u64,
    /// Layout of the block.
    pub layout: Felt,
    /// Commitment to the slot keys.
    pub key_commitment: KeyCommitment,
    /// Segment id.
    pub segment: SegmentId,
    /// Index of the chunk.
    pub chunk_index: u64,
    /// Index of the block.
    pub block_index: u64,
    /// Lineage of the dataset.
    pub lineage: LineageId,
}

impl PublicInputs for RegistrationPublic {
    const LEN: usize = 13;

    fn to_field(&self) -> Vec<Fr> {
        vec![
            self.block_root.0,
            self.link_in.0,
            self.link_out.0,
            Fr::from(self.is_first),
            Fr::from(self.is_last),
            Fr::from(self.n_rows),
            Fr::from(self.n_subjects),
            self.layout.0,
            self.key_commitment.felt().0,
            self.segment.felt().0,
            Fr::from(self.chunk_index),
            Fr::from(self.block_index),
            self.lineage.felt().0,
        ]
    }
}

/// The witness. **Security**: zeroised, no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct RegistrationPrivate {
    /// Layout of the block's columns.
    #[zeroize(skip)]
    pub layout: Vec<ColumnLayout>,
    /// Cells by row, ten a row; padding rows are absent.
    pub cells: Vec<[Cell; BLOCK_COLUMNS]>,
    /// Pseudonym of each real row.
    pub pseudonyms: Vec<u128>,
    /// Salts of the pages, in leaf order.
    pub salts: [Fr; BLOCK_PAGES],
    /// Slot keys.
    pub keys: SegmentKeys,
    /// State before the chunk.
    pub link: LinkState,
    /// Blind of the outgoing link.
    pub link_out_blind: Fr,
}

/// Registration of chunks of `ROWS` rows.
pub struct Registration<const ROWS: usize>;

impl RegistrationPrivate {
    /// Flags of all rows: real rows first; a subject is new where the pseudonym rises.
    pub fn flags(&self, rows: usize) -> Vec<RowFlags> {
        let mut last = self.link.last;
        let mut flags = vec![RowFlags::default(); rows];
        for (flag, pseudonym) in flags.iter_mut().zip(&self.pseudonyms) {
            *flag = RowFlags { real: true, new_subject: *pseudonym != last };
            last = *pseudonym;
        }
        flags
    }

    /// The pages of the block, in leaf order.
    pub fn pages(&self, rows: usize) -> Vec<Page> {
        let mut pseudonyms = self.pseudonyms.clone();
        pseudonyms.resize(rows, 0);
        let mut pages = vec![
            Page::with_salt(page::pack_flags(&self.flags(rows)), self.salts[0]),
            Page::with_salt(page::pack_pseudonyms(&pseudonyms), self.salts[1]),
        ];
        for column in 0..BLOCK_COLUMNS {
            let cells: Vec<Cell> = (0..rows).map(|r| self.cells.get(r).map_or(Cell::ABSENT, |row| row[column])).collect();
            pages.push(Page::with_salt(page::pack_cells(&cells), self.salts[2 + column]));
        }
        pseudonyms.zeroize();
        pages
    }

    /// Ciphertexts and leaves of the pages, in leaf order.
    pub fn encrypt(&self, pages: &[Page], segment: SegmentId, chunk: u64, block: u64) -> (Vec<Vec<Fr>>, [Felt; BLOCK_PAGES]) {
        let mut leaves = [Felt::ZERO; BLOCK_PAGES];
        let mut ciphertexts = Vec::with_capacity(BLOCK_PAGES);
        for (i, sealed) in pages.iter().enumerate().take(BLOCK_PAGES) {
            let slot = if i < 2 { i } else { usize::from(self.layout[i - 2].slot) };
            let key = page::page_key(self.keys.keys[slot], segment.felt().0, chunk, dataset::page_position(block as usize, i));
            let ciphertext = sealed.encrypt(&key);
            leaves[i] = page::leaf(sealed.commitment(), page::ciphertext_digest(&ciphertext));
            ciphertexts.push(ciphertext);
        }
        (ciphertexts, leaves)
    }

    /// State after the chunk.
    pub fn link_after(&self) -> LinkState {
        let new = self.flags(self.pseudonyms.len()).iter().filter(|f| f.new_subject).count() as u64;
        LinkState {
            next_chunk: self.link.next_chunk + 1,
            last: self.pseudonyms.last().copied().unwrap_or(self.link.last),
            subjects: self.link.subjects + new,
            rows: self.link.rows + self.pseudonyms.len() as u64,
            blind: self.link_out_blind,
        }
    }
}

fn check_shape<const ROWS: usize>(private: &RegistrationPrivate) -> Result<(), Unsatisfied> {
    let n = private.pseudonyms.len();
    ensure((1..=ROWS).contains(&n), "G2", "a chunk holds at least one row and at most its tier")?;
    ensure(private.cells.len() == n, "G2", "padding rows hold nothing")?;
    ensure(private.layout.len() == BLOCK_COLUMNS, "G9", "a block has ten columns")?;
    ensure(private.layout.iter().all(|c| usize::from(c.slot) < dataset::KEY_SLOTS), "G8", "a column's key slot exists")?;
    let fits = |row: &[Cell; BLOCK_COLUMNS]| {
        row.iter().zip(&private.layout).all(|(cell, column)| cell.value().is_none_or(|v| column.used && v & !column.mask == 0))
    };
    ensure(private.cells.iter().all(fits), "G1", "every cell stays inside its column's bit mask")
}

fn check_order<const ROWS: usize>(public: &RegistrationPublic, private: &RegistrationPrivate) -> Result<(), Unsatisfied> {
    let n = private.pseudonyms.len();
    ensure(public.is_last || n == ROWS, "G2", "every chunk but the last is full")?;
    let in_range = private.pseudonyms.iter().all(|p| p >> page::PSEUDONYM_BITS == 0);
    ensure(in_range, "G3", "a pseudonym has 120 bits")?;
    let first = private.pseudonyms.first().copied().unwrap_or_default();
    let rises = first >= private.link.last && private.pseudonyms.windows(2).all(|w| w[0] <= w[1]);
    ensure(rises, "G3", "rows are in the order of their pseudonyms")?;
    let start = private.link.next_chunk == 0 && private.link.last == 0 && private.link.subjects == 0 && private.link.rows == 0;
    let starts = !public.is_first || (start && private.link.blind == Fr::from(0u64) && first != 0);
    ensure(starts, "G4", "the first chunk starts from nothing, with a new subject")
}

impl<const ROWS: usize> Registration<ROWS> {
    const NAME: &'static str = match ROWS {
        16 => "registration-16",
        256 => "registration-256",
        _ => panic!("a tier of 16 or 256 rows"),
    };
}

impl<const ROWS: usize> Statement for Registration<ROWS> {
    const CIRCUIT: CircuitId = CircuitId { name: Self::NAME, version: 1 };
    type Public = RegistrationPublic;
    type Private = RegistrationPrivate;

    fn check(public: &RegistrationPublic, private: &RegistrationPrivate) -> Result<(), Unsatisfied> {
        check_shape::<ROWS>(private)?;
        check_order::<ROWS>(public, private)?;
        let link_in = private.link.hash(public.lineage, public.segment);
        let opens = private.link.next_chunk == public.chunk_index && link_in == public.link_in.0;
        ensure(opens, "G5", "the incoming link opens to this chunk")?;
        let after = private.link_after();
        ensure(after.hash(public.lineage, public.segment) == public.link_out.0, "G5", "the outgoing link follows")?;
        let (rows, subjects) = if public.is_last { (after.rows, after.subjects) } else { (0, 0) };
        ensure(public.n_rows == rows && public.n_subjects == subjects, "G6", "the last chunk shows the totals, others nothing")?;
        ensure(private.keys.commitment() == public.key_commitment, "G8", "the slot keys open their commitment")?;
        ensure(dataset::layout_hash(&private.layout) == public.layout.0, "G9", "the columns open the layout")?;
        let pages = private.pages(ROWS);
        let (_, leaves) = private.encrypt(&pages, public.segment, public.chunk_index, public.block_index);
        ensure(dataset::block_root(&leaves) == public.block_root.0, "G7", "the pages hash to the block root")
    }
}
