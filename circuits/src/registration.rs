//! Statement "registration": one block of one chunk of a segment is well formed, encrypted under
//! the committed keys, and in its place (SPEC section 9).
//!
//! It speaks of values inside bit masks, padding, order and counts. That two pseudonyms are two
//! people, and that the source tells the truth, is not proven by it. A block alone proves little:
//! the verifier needs all blocks of all chunks, with equal links and equal flags and pseudonym
//! leaves.

mod plan;
#[cfg(feature = "r1cs")]
pub mod r1cs;
mod witness;

pub use plan::{BlockPlan, ChunkPlan, PlanError, Planner, Row, SegmentInput, SegmentPlan, plan};
pub use witness::{BlockPlace, BlockRow, RegistrationPrivate};

use crate::dataset::{self, BLOCK_COLUMNS, ColumnLayout, LinkState, MAX_BLOCKS};
use crate::field::{Felt, Fr};
use crate::ids::{KeyCommitment, LineageId, SegmentId};
use crate::page::{self, Cell, PSEUDONYM_BITS, RowFlags};
use crate::statement::{CircuitId, PublicInputs, Statement, Unsatisfied, ensure};

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

/// Registration of chunks of `ROWS` rows.
pub struct Registration<const ROWS: usize>;

impl<const ROWS: usize> Registration<ROWS> {
    const NAME: &'static str = match ROWS {
        16 => "registration-16",
        256 => "registration-256",
        _ => panic!("a tier of 16 or 256 rows"),
    };
}

/// G1: every cell stays inside its column's bit mask, nothing stands in an unused column, and an
/// absent cell is 0.
fn check_cells(private: &RegistrationPrivate) -> Result<(), Unsatisfied> {
    let fits = |cell: &Cell, column: &ColumnLayout| {
        let (bits, value) = (cell.bits(), cell.bits() & ((1 << page::VALUE_BITS) - 1));
        bits >> page::CELL_BITS == 0
            && value & !column.mask == 0
            && (column.used || !cell.is_present())
            && (cell.is_present() || value == 0)
    };
    let holds = private.rows.iter().all(|row| {
        row.cells
            .iter()
            .zip(&private.layout)
            .all(|(cell, column)| fits(cell, column))
    });
    ensure(
        holds,
        "G1",
        "every cell stays inside its column's bit mask, and an absent cell is 0",
    )
}

/// G11: a column that is a criterion holds TRUE in every real row.
fn check_criteria(private: &RegistrationPrivate) -> Result<(), Unsatisfied> {
    let holds = |row: &BlockRow| {
        let cells = row.cells.iter().zip(&private.layout);
        let mut criteria = cells.filter(|(_, column)| column.criterion);
        criteria.all(|(cell, _)| cell.value() == Some(1))
    };
    let real = private.rows.iter().filter(|row| row.flags.real);
    ensure(
        real.into_iter().all(holds),
        "G11",
        "every real row satisfies every inclusion criterion",
    )
}

/// G2: real rows come first, padding holds nothing, every chunk but the last is full.
fn check_padding(
    public: &RegistrationPublic,
    private: &RegistrationPrivate,
) -> Result<(), Unsatisfied> {
    let rows = &private.rows;
    ensure(
        rows.first().is_some_and(|row| row.flags.real),
        "G2",
        "a chunk starts with a real row",
    )?;
    let prefix = rows
        .windows(2)
        .all(|pair| pair[0].flags.real || !pair[1].flags.real);
    ensure(prefix, "G2", "padding comes only at the end")?;
    let empty = |row: &BlockRow| {
        row.pseudonym == 0
            && !row.flags.new_subject
            && row.cells.iter().all(|cell| *cell == Cell::ABSENT)
    };
    ensure(
        rows.iter().all(|row| row.flags.real || empty(row)),
        "G2",
        "padding rows hold nothing",
    )?;
    let full = rows.last().is_some_and(|row| row.flags.real);
    ensure(
        public.is_last || full,
        "G2",
        "every chunk but the last is full",
    )
}

/// G3: real rows are in the order of their pseudonyms, and exactly those whose pseudonym rises are
/// new subjects.
fn check_order(private: &RegistrationPrivate) -> Result<(), Unsatisfied> {
    let mut last = private.link.last;
    for row in private.rows.iter().filter(|row| row.flags.real) {
        ensure(
            row.pseudonym >> PSEUDONYM_BITS == 0,
            "G3",
            "a pseudonym has 120 bits",
        )?;
        ensure(
            row.pseudonym >= last,
            "G3",
            "rows are in the order of their pseudonyms",
        )?;
        let new_subject = row.pseudonym != last;
        ensure(
            row.flags
                == RowFlags {
                    real: true,
                    new_subject,
                },
            "G3",
            "a subject is new where the pseudonym rises, and only there",
        )?;
        last = row.pseudonym;
    }
    Ok(())
}

/// G4: the first chunk starts from nothing, with a new subject.
fn check_start(
    public: &RegistrationPublic,
    private: &RegistrationPrivate,
) -> Result<(), Unsatisfied> {
    let start = LinkState::start().hash(public.lineage, public.segment) == public.link_in.0
        && public.chunk_index == 0;
    let new_subject = private
        .rows
        .first()
        .is_some_and(|row| row.flags.new_subject);
    ensure(
        !public.is_first || (start && new_subject),
        "G4",
        "the first chunk starts from nothing, with a new subject",
    )
}

/// G5 and G6: the links, and the totals that the last chunk shows.
fn check_links(
    public: &RegistrationPublic,
    private: &RegistrationPrivate,
) -> Result<(), Unsatisfied> {
    let link_in = private.link.hash(public.lineage, public.segment);
    let opens = private.link.next_chunk == public.chunk_index && link_in == public.link_in.0;
    ensure(opens, "G5", "the incoming link opens to this chunk")?;
    let after = private.link_after();
    ensure(
        after.hash(public.lineage, public.segment) == public.link_out.0,
        "G5",
        "the outgoing link follows from this chunk",
    )?;
    let (rows, subjects) = if public.is_last {
        (after.rows, after.subjects)
    } else {
        (0, 0)
    };
    ensure(
        public.n_rows == rows && public.n_subjects == subjects,
        "G6",
        "the last chunk shows the totals, others nothing",
    )
}

impl<const ROWS: usize> Statement for Registration<ROWS> {
    const CIRCUIT: CircuitId = CircuitId {
        name: Self::NAME,
        version: 2,
    };
    type Public = RegistrationPublic;
    type Private = RegistrationPrivate;

    fn check(
        public: &RegistrationPublic,
        private: &RegistrationPrivate,
    ) -> Result<(), Unsatisfied> {
        ensure(
            private.rows.len() == ROWS,
            "G2",
            "a chunk has as many rows as its tier, padding included",
        )?;
        ensure(
            public.block_index < MAX_BLOCKS as u64,
            "G10",
            "a chunk has at most 16 blocks",
        )?;
        check_cells(private)?;
        check_padding(public, private)?;
        check_order(private)?;
        check_start(public, private)?;
        check_links(public, private)?;
        check_criteria(private)?;
        let slots_exist = private
            .layout
            .iter()
            .all(|column| usize::from(column.slot) < dataset::KEY_SLOTS);
        ensure(slots_exist, "G8", "a column's key slot exists")?;
        ensure(
            private.keys.commitment() == public.key_commitment,
            "G8",
            "the slot keys open their commitment",
        )?;
        ensure(
            dataset::layout_hash(&private.layout) == public.layout.0,
            "G9",
            "the columns open the layout",
        )?;
        let (_, leaves) = private.seal(&private.pages(), &BlockPlace::of(public));
        ensure(
            dataset::block_root(&leaves) == public.block_root.0,
            "G7",
            "the pages at their positions hash to the block root",
        )
    }
}

/// A page's positions and keys depend on this many columns.
const _: () = assert!(BLOCK_COLUMNS * MAX_BLOCKS == 160);

#[cfg(test)]
mod tests;
