//! From opened pages to everything a claim needs: counts first, then instances and witnesses of all
//! chunks and of the final proof.

use super::chunk::{LANES, PAGES};
use super::{
    ClaimChunkPrivate, ClaimChunkPublic, ClaimFinalPrivate, ClaimFinalPublic, ClaimRow, Counted,
    Terms, first_link, total,
};
use crate::babyjubjub::Scalar;
use crate::dataset::TIERS;
use crate::field::{Felt, Fr};
use crate::page::{Cell, Page};
use crate::query::{COLUMNS, Program};
use crate::registration;
use ark_ff::UniformRand;
use rand::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Why pages cannot become a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClaimPlanError {
    /// A page that is not of this tier, or not a page at all.
    #[error("claim: chunk {chunk}: expected pages of {rows} rows")]
    Page {
        /// Index of the chunk.
        chunk: usize,
        rows: usize,
    },
    /// A block that the query's columns need is not there.
    #[error("claim: chunk {chunk}: expected the block of every column asked about")]
    Block {
        /// Index of the chunk.
        chunk: usize,
    },
    /// The tier does not exist.
    #[error("claim: expected a tier of 16 or 256 rows, got {0}")]
    Tier(usize),
    /// No chunk at all.
    #[error("claim: expected at least one chunk")]
    Empty,
}

/// The pages of one chunk that a query reads, opened. **Security**: zeroised, no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct OpenedChunk {
    rows: Vec<ClaimRow>,
    salts: [Fr; PAGES],
    ciphertexts: [Fr; PAGES],
}

impl OpenedChunk {
    /// Opens the flags page and the pages of the program's three columns, each with the digest of
    /// its ciphertext.
    ///
    /// **Shape**: pages in the order flags, then `Program::positions`; a page that is read twice is
    /// given twice.
    ///
    /// **Errors**: a page that is not `tier` rows of flags or cells, a tier that does not exist.
    pub fn open(
        chunk: usize,
        tier: usize,
        pages: [(&Page, Fr); PAGES],
    ) -> Result<Self, ClaimPlanError> {
        if !TIERS.contains(&tier) {
            return Err(ClaimPlanError::Tier(tier));
        }
        let wrong = ClaimPlanError::Page { chunk, rows: tier };
        let flags = pages[0].0.flags(tier).ok_or(wrong)?;
        let mut rows: Vec<ClaimRow> = flags
            .into_iter()
            .map(|flags| ClaimRow {
                flags,
                ..ClaimRow::default()
            })
            .collect();
        for column in 0..COLUMNS {
            let mut cells: Vec<Cell> = pages[1 + column].0.cells(tier).ok_or(wrong)?;
            rows.iter_mut()
                .zip(&cells)
                .for_each(|(row, cell)| row.cells[column] = *cell);
            cells.zeroize();
        }
        Ok(OpenedChunk {
            rows,
            salts: pages.map(|(page, _)| page.salt()),
            ciphertexts: pages.map(|(_, digest)| digest),
        })
    }

    /// The pages as they were planned for registration.
    ///
    /// **Errors**: as `open`, and a block that is not there.
    pub fn of_registration(
        chunk: usize,
        tier: usize,
        planned: &registration::ChunkPlan,
        program: &Program,
    ) -> Result<Self, ClaimPlanError> {
        let places = program.places();
        let place = |i: usize| if i == 0 { (0, 0) } else { places[i - 1] };
        let mut pages = Vec::with_capacity(PAGES);
        for i in 0..PAGES {
            let (block, leaf) = place(i);
            let block = planned
                .blocks
                .get(block)
                .ok_or(ClaimPlanError::Block { chunk })?;
            let page = block
                .private
                .pages()
                .into_iter()
                .nth(leaf)
                .ok_or(ClaimPlanError::Block { chunk })?;
            let digest = block
                .ciphertexts
                .get(leaf)
                .map(|c| crate::page::ciphertext_digest(c))
                .ok_or(ClaimPlanError::Block { chunk })?;
            pages.push((page, digest));
        }
        OpenedChunk::open(
            chunk,
            tier,
            std::array::from_fn(|i| (&pages[i].0, pages[i].1)),
        )
    }

    fn private(
        &self,
        program: &Program,
        already: Counted,
        blinds: [Fr; 2],
        rho: Scalar,
    ) -> ClaimChunkPrivate {
        let [blind_in, blind_out] = blinds;
        let (rows, salts, ciphertexts) = (self.rows.clone(), self.salts, self.ciphertexts);
        let mut private = ClaimChunkPrivate {
            program: *program,
            rows,
            salts,
            ciphertexts,
            already,
            blind_in,
            blind_out,
            rho,
        };
        private.trace();
        private
    }
}

/// What a query hits in a version. **Security**: the holder's own; never published.
#[derive(Clone, Copy, PartialEq, Eq, Zeroize)]
pub struct Counts {
    /// Rows hit.
    pub rows: u64,
    /// Subjects with a hit.
    pub subjects: u64,
    /// Subjects with a row that is no hit.
    pub misses: u64,
}

impl Counts {
    const NONE: Counts = Counts {
        rows: 0,
        subjects: 0,
        misses: 0,
    };

    fn add(&mut self, [rows, subjects, misses]: [u64; LANES]) {
        self.rows += rows;
        self.subjects += subjects;
        self.misses += misses;
    }
}

/// A row as a query sees it. **Security**: the holder's own; never published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowHit {
    /// Whose row it is: a place in the order of the version's subjects.
    pub subject: u32,
    pub is_hit: bool,
}

/// The rows of a version as a query sees them, over its chunks in order.
pub fn row_hits(program: &Program, chunks: &[OpenedChunk]) -> Vec<RowHit> {
    let (mut found, mut subject) = (Vec::new(), 0u32);
    for chunk in chunks {
        let blinds = [Fr::from(0u64); 2];
        let private = chunk.private(program, Counted::default(), blinds, Scalar::zero());
        for row in private.rows.iter().filter(|row| row.flags.real) {
            subject += u32::from(row.flags.new_subject && !found.is_empty());
            found.push(RowHit {
                subject,
                is_hit: row.hit,
            });
        }
    }
    found
}

/// Counts the hits of a query over the chunks of a version, in order.
pub fn count(program: &Program, chunks: &[OpenedChunk]) -> Counts {
    let (mut counts, mut already) = (Counts::NONE, Counted::default());
    for chunk in chunks {
        let private = chunk.private(program, already, [Fr::from(0u64); 2], Scalar::zero());
        counts.add(private.lanes());
        already = private.already_after();
    }
    counts
}

/// One chunk of a claim.
pub struct ChunkClaim {
    pub public: ClaimChunkPublic,
    pub private: ClaimChunkPrivate,
}

/// A whole claim: prove every chunk with `ClaimChunk<tier>` and the last part with `ClaimFinal`.
pub struct ClaimPlan {
    /// The chunks, in order.
    pub chunks: Vec<ChunkClaim>,
    /// Instance of the final proof.
    pub last: ClaimFinalPublic,
    /// Witness of the final proof.
    pub last_private: ClaimFinalPrivate,
    /// What was counted.
    pub counts: Counts,
}

/// What a claim is planned from. **Security**: opened pages; no `Debug`.
#[derive(Clone, Copy)]
pub struct ClaimInput<'a> {
    pub program: &'a Program,
    /// All chunks of the version, in order.
    pub chunks: &'a [OpenedChunk],
    pub terms: Terms,
    /// As `check_disclosure` answers it.
    pub subject_floor: u64,
    /// As `super::context` answers it.
    pub context: Felt,
}

/// Plans a claim over all chunks of a version. A claim that does not hold is planned too, and
/// refused by `ClaimFinal::check`.
///
/// **Errors**: no chunk.
pub fn plan(
    input: &ClaimInput<'_>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<ClaimPlan, ClaimPlanError> {
    let ClaimInput {
        program,
        chunks,
        terms,
        subject_floor,
        context,
    } = *input;
    if chunks.is_empty() {
        return Err(ClaimPlanError::Empty);
    }
    let (mut already, mut blind) = (Counted::default(), Fr::from(0u64));
    let mut counts = Counts::NONE;
    let mut rho = Scalar::zero();
    let mut planned = Vec::with_capacity(chunks.len());
    for (index, chunk) in chunks.iter().enumerate() {
        let blind_out = Fr::rand(rng);
        let private = chunk.private(program, already, [blind, blind_out], Scalar::random(rng));
        counts.add(private.lanes());
        (already, blind, rho) = (private.already_after(), blind_out, rho.add(&private.rho));
        planned.push(ChunkClaim {
            public: private.instance(index as u64, context),
            private,
        });
    }
    debug_assert!(
        planned[0].public.link_in == first_link(program.hash()),
        "the first link is a constant"
    );
    let lanes: Vec<_> = planned.iter().map(|chunk| chunk.public.lane).collect();
    let last = ClaimFinalPublic {
        total: total(&lanes),
        unit: terms.unit,
        k: terms.k,
        subject_floor,
        context,
    };
    Ok(ClaimPlan {
        chunks: planned,
        last,
        last_private: ClaimFinalPrivate {
            rows: counts.rows,
            subjects: counts.subjects,
            misses: counts.misses,
            rho,
        },
        counts,
    })
}
