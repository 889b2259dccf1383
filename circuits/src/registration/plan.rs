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

impl SegmentInput<'_> {
    fn n_chunks(&self) -> usize {
        self.rows.len().div_ceil(self.tier)
    }
}

/// Plans a segment of rows that are sorted by pseudonym.
///
/// **Errors**: no row or too many, a tier that does not exist, rows out of order or outside the
/// layout.
pub fn plan(
    input: &SegmentInput<'_>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<SegmentPlan, PlanError> {
    check(input.rows, input.layout, input.tier)?;
    let mut link = LinkState::start();
    let mut chunks = Vec::with_capacity(input.n_chunks());
    for (index, rows) in input.rows.chunks(input.tier).enumerate() {
        let (planned, next) = plan_chunk(input, rows, index, &link, rng);
        chunks.push(planned);
        link = next;
    }
    Ok(SegmentPlan {
        chunks,
        n_rows: link.rows,
        n_subjects: link.subjects,
    })
}

fn check(rows: &[Row], layout: &[ColumnLayout], tier: usize) -> Result<(), PlanError> {
    if !dataset::TIERS.contains(&tier) {
        return Err(PlanError::Tier(tier));
    }
    let most = tier * MAX_CHUNKS;
    if rows.is_empty() || rows.len() > most {
        return Err(PlanError::Rows {
            most,
            got: rows.len(),
        });
    }
    let most = MAX_BLOCKS * BLOCK_COLUMNS;
    if layout.len() > most || !layout.len().is_multiple_of(BLOCK_COLUMNS) || layout.is_empty() {
        return Err(PlanError::Columns {
            most,
            got: layout.len(),
        });
    }
    let mut last = 0;
    for (i, row) in rows.iter().enumerate() {
        let fail = |expected| Err(PlanError::Row { row: i, expected });
        if row.pseudonym == 0 || row.pseudonym >> PSEUDONYM_BITS != 0 {
            return fail("a pseudonym of 120 bits other than 0");
        }
        if row.pseudonym < last {
            return fail("rows sorted by pseudonym");
        }
        if row.cells.len() > layout.len() {
            return fail("one cell a column of the layout");
        }
        let fits = |(cell, column): (&Cell, &ColumnLayout)| {
            cell.value()
                .is_none_or(|v| column.used && v & !column.mask == 0)
        };
        if !row.cells.iter().zip(layout).all(fits) {
            return fail("cells inside their columns' bit masks");
        }
        let lacks = |(column, i): (&ColumnLayout, usize)| {
            column.criterion && row.cells.get(i).and_then(|cell| cell.value()) != Some(1)
        };
        if layout.iter().zip(0..).any(lacks) {
            return fail("TRUE in every column that is an inclusion criterion");
        }
        last = row.pseudonym;
    }
    Ok(())
}

fn plan_chunk(
    input: &SegmentInput<'_>,
    rows: &[Row],
    index: usize,
    link: &LinkState,
    rng: &mut (impl RngCore + CryptoRng),
) -> (ChunkPlan, LinkState) {
    // Every block opens the same flags and pseudonym pages, so these two salts are the chunk's.
    let shared_salts = [Fr::rand(rng), Fr::rand(rng)];
    let link_out_blind = Fr::rand(rng);
    let is_last = index + 1 == input.n_chunks();
    let mut blocks = Vec::new();
    let mut next = link.clone();
    for (block, layout) in input
        .layout
        .as_chunks::<BLOCK_COLUMNS>()
        .0
        .iter()
        .enumerate()
    {
        let mut salts: [Fr; BLOCK_PAGES] = std::array::from_fn(|_| Fr::rand(rng));
        salts[..2].copy_from_slice(&shared_salts);
        let private = RegistrationPrivate {
            layout: *layout,
            rows: block_rows(rows, link.last, input.tier, block),
            salts,
            keys: input.keys.clone(),
            link: link.clone(),
            link_out_blind,
        };
        next = private.link_after();
        let place = BlockPlace {
            lineage: input.lineage,
            segment: input.segment,
            chunk_index: index as u64,
            block_index: block as u64,
            is_last,
        };
        let (public, ciphertexts, leaves) = private.instance(&place);
        blocks.push(BlockPlan {
            public,
            private,
            leaves,
            ciphertexts,
        });
    }
    let roots: Vec<Fr> = blocks.iter().map(|b| b.public.block_root.0).collect();
    let link_out = Felt(next.hash(input.lineage, input.segment));
    (
        ChunkPlan {
            blocks,
            link_out,
            root: Felt(dataset::chunk_root(&roots)),
        },
        next,
    )
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
