//! From sorted rows to everything a registration needs: instances, witnesses, ciphertexts, leaves
//! and roots of a whole segment.

use super::{BlockPlace, BlockRow, RegistrationPrivate, RegistrationPublic};
use crate::dataset::{
    self, BLOCK_COLUMNS, BLOCK_PAGES, ColumnLayout, LinkState, MAX_BLOCKS, MAX_CHUNKS, SegmentKeys,
};
use crate::field::{Felt, Fr};
use crate::ids::{LineageId, SegmentId};
use crate::page::{Cell, PSEUDONYM_BITS, RowFlags};
use ark_ff::UniformRand;
use rand::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// One row: a pseudonym and the cells of all columns (limbs). **Security**: zeroised, no `Debug`.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Row {
    /// 120 bits, not 0.
    pub pseudonym: u128,
    /// One cell a limb, in layout order, without the padding columns.
    pub cells: Vec<Cell>,
}

/// Why rows cannot become a segment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Zero rows, or too many.
    #[error("segment: expected 1 to {most} rows, got {got}")]
    Rows { most: usize, got: usize },
    /// Too many columns.
    #[error("segment: expected at most {most} cell columns, got {got}")]
    Columns { most: usize, got: usize },
    /// A row that no registration could prove.
    #[error("segment: row {row}: expected {expected}")]
    Row {
        /// Index of the row.
        row: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// The tier does not exist.
    #[error("segment: expected a tier of 16 or 256 rows, got {0}")]
    Tier(usize),
}

/// One block of one chunk.
pub struct BlockPlan {
    pub public: RegistrationPublic,
    pub private: RegistrationPrivate,
    pub leaves: [Felt; BLOCK_PAGES],
    /// Ciphertexts of the pages, in leaf order.
    pub ciphertexts: Vec<Vec<Fr>>,
}

pub struct ChunkPlan {
    /// Its blocks; all open the same flags and pseudonym pages.
    pub blocks: Vec<BlockPlan>,
    /// Link to the next chunk.
    pub link_out: Felt,
    /// Root over the blocks.
    pub root: Felt,
}

/// A whole segment.
pub struct SegmentPlan {
    /// The chunks, in order.
    pub chunks: Vec<ChunkPlan>,
    pub n_rows: u64,
    pub n_subjects: u64,
}

/// What a segment is planned from. **Security**: plaintext and keys; no `Debug`.
#[derive(Clone, Copy)]
pub struct SegmentInput<'a> {
    /// Sorted by pseudonym.
    pub rows: &'a [Row],
    pub layout: &'a [ColumnLayout],
    /// Rows of a chunk.
    pub tier: usize,
    pub keys: &'a SegmentKeys,
    pub lineage: LineageId,
    pub segment: SegmentId,
}

/// Plans a segment of rows that are sorted by pseudonym.
///
/// **Errors**: no row or too many, a tier that does not exist, rows out of order or outside the
/// layout.
pub fn plan(
    input: &SegmentInput<'_>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<SegmentPlan, PlanError> {
    let place = (input.lineage, input.segment);
    let layout = input.layout.to_vec();
    let keys = input.keys.clone();
    let mut planner = Planner::new((layout, keys), place, input.tier, input.rows.len())?;
    let mut chunks = Vec::with_capacity(planner.n_chunks());
    for rows in input.rows.chunks(input.tier) {
        chunks.push(planner.chunk(rows, rng)?);
    }
    Ok(SegmentPlan {
        chunks,
        n_rows: planner.n_rows(),
        n_subjects: planner.n_subjects(),
    })
}

/// Plans a segment chunk after chunk: nobody needs to have all rows, or all plans, at once.
/// **Security**: keys and a pseudonym; no `Debug`.
pub struct Planner {
    layout: Vec<ColumnLayout>,
    keys: SegmentKeys,
    lineage: LineageId,
    segment: SegmentId,
    tier: usize,
    /// Rows that the segment will have.
    all: usize,
    link: LinkState,
}

/// What all blocks of a chunk have in common.
struct Shared {
    /// Every block opens the same flags and pseudonym pages.
    salts: [Fr; 2],
    link_out_blind: Fr,
    is_last: bool,
}

impl Planner {
    /// A plan for `n_rows` rows, in chunks of `tier`.
    ///
    /// **Errors**: no row or too many, a tier or a layout that does not exist.
    pub fn new(
        (layout, keys): (Vec<ColumnLayout>, SegmentKeys),
        (lineage, segment): (LineageId, SegmentId),
        tier: usize,
        n_rows: usize,
    ) -> Result<Self, PlanError> {
        if !dataset::TIERS.contains(&tier) {
            return Err(PlanError::Tier(tier));
        }
        let most = tier * MAX_CHUNKS;
        if n_rows == 0 || n_rows > most {
            return Err(PlanError::Rows { most, got: n_rows });
        }
        let (most, got) = (MAX_BLOCKS * BLOCK_COLUMNS, layout.len());
        if got > most || !got.is_multiple_of(BLOCK_COLUMNS) || got == 0 {
            return Err(PlanError::Columns { most, got });
        }
        Ok(Planner {
            layout,
            keys,
            lineage,
            segment,
            tier,
            all: n_rows,
            link: LinkState::start(),
        })
    }

    pub fn n_chunks(&self) -> usize {
        self.all.div_ceil(self.tier)
    }

    /// Rows that were planned.
    pub fn n_rows(&self) -> u64 {
        self.link.rows
    }

    /// Subjects of the rows that were planned.
    pub fn n_subjects(&self) -> u64 {
        self.link.subjects
    }

    /// Plans the next chunk. All randomness is taken in the order of the chunks.
    ///
    /// **Shape**: as many rows as the tier has; on the last chunk as many as are left.
    ///
    /// **Errors**: another number of rows; rows out of order or outside the layout.
    pub fn chunk(
        &mut self,
        rows: &[Row],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<ChunkPlan, PlanError> {
        let done = self.link.rows as usize;
        let expected = self.tier.min(self.all - done);
        if rows.is_empty() || rows.len() != expected {
            return Err(PlanError::Rows {
                most: expected,
                got: rows.len(),
            });
        }
        self.check(rows, done)?;
        let shared = Shared {
            salts: [Fr::rand(rng), Fr::rand(rng)],
            link_out_blind: Fr::rand(rng),
            is_last: done + rows.len() == self.all,
        };
        let mut blocks = Vec::new();
        let mut next = self.link.clone();
        let layouts = self.layout.as_chunks::<BLOCK_COLUMNS>().0;
        for (block, layout) in layouts.iter().enumerate() {
            let planned = self.block(rows, (block, layout), &shared, rng);
            next = planned.private.link_after();
            blocks.push(planned);
        }
        let roots: Vec<Fr> = blocks.iter().map(|b| b.public.block_root.0).collect();
        let link_out = Felt(next.hash(self.lineage, self.segment));
        self.link = next;
        Ok(ChunkPlan {
            blocks,
            link_out,
            root: Felt(dataset::chunk_root(&roots)),
        })
    }

    fn block(
        &self,
        rows: &[Row],
        (block, layout): (usize, &[ColumnLayout; BLOCK_COLUMNS]),
        shared: &Shared,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> BlockPlan {
        let mut salts: [Fr; BLOCK_PAGES] = std::array::from_fn(|_| Fr::rand(rng));
        salts[..2].copy_from_slice(&shared.salts);
        let private = RegistrationPrivate {
            layout: *layout,
            rows: block_rows(rows, self.link.last, self.tier, block),
            salts,
            keys: self.keys.clone(),
            link: self.link.clone(),
            link_out_blind: shared.link_out_blind,
        };
        let place = BlockPlace {
            lineage: self.lineage,
            segment: self.segment,
            chunk_index: self.link.next_chunk,
            block_index: block as u64,
            is_last: shared.is_last,
        };
        let (public, ciphertexts, leaves) = private.instance(&place);
        BlockPlan {
            public,
            private,
            leaves,
            ciphertexts,
        }
    }

    /// Checks rows of which the first is number `done` of the segment.
    fn check(&self, rows: &[Row], done: usize) -> Result<(), PlanError> {
        let mut last = self.link.last;
        for (row, i) in rows.iter().zip(done..) {
            check_row(row, last, &self.layout)
                .map_err(|expected| PlanError::Row { row: i, expected })?;
            last = row.pseudonym;
        }
        Ok(())
    }
}

/// Whether a row may stand behind one of pseudonym `last`.
///
/// **Errors**: what was expected.
fn check_row(row: &Row, last: u128, layout: &[ColumnLayout]) -> Result<(), &'static str> {
    if row.pseudonym == 0 || row.pseudonym >> PSEUDONYM_BITS != 0 {
        return Err("a pseudonym of 120 bits other than 0");
    }
    if row.pseudonym < last {
        return Err("rows sorted by pseudonym");
    }
    if row.cells.len() > layout.len() {
        return Err("one cell a column of the layout");
    }
    let fits = |(cell, column): (&Cell, &ColumnLayout)| {
        cell.value()
            .is_none_or(|v| column.used && v & !column.mask == 0)
    };
    if !row.cells.iter().zip(layout).all(fits) {
        return Err("cells inside their columns' bit masks");
    }
    let lacks = |(column, i): (&ColumnLayout, usize)| {
        column.criterion && row.cells.get(i).and_then(|cell| cell.value()) != Some(1)
    };
    if layout.iter().zip(0..).any(lacks) {
        return Err("TRUE in every column that is an inclusion criterion");
    }
    Ok(())
}

/// The rows of one block with their flags, padded to the tier. A subject is new where the pseudonym
/// rises.
fn block_rows(rows: &[Row], mut last: u128, tier: usize, block: usize) -> Vec<BlockRow> {
    let mut out = Vec::with_capacity(tier);
    for row in rows {
        let new_subject = row.pseudonym != last;
        last = row.pseudonym;
        let cells = std::array::from_fn(|i| {
            row.cells
                .get(block * BLOCK_COLUMNS + i)
                .copied()
                .unwrap_or_default()
        });
        out.push(BlockRow {
            flags: RowFlags {
                real: true,
                new_subject,
            },
            pseudonym: row.pseudonym,
            cells,
        });
    }
    out.resize_with(tier, BlockRow::padding);
    out
}
