//! Statement "claim-chunk": the hits of a query in one chunk, under a hiding commitment (SPEC
//! section 12).
//!
//! It speaks of the pages whose leaves the instance names and of nothing else: that they are the
//! pages of this chunk of the version is for whoever builds the instance, and that cells are inside
//! their bit masks was proven at registration.

#[cfg(feature = "r1cs")]
pub mod r1cs;

use super::{Counted, link};
use crate::babyjubjub::{Point, Scalar};
use crate::field::{Felt, Fr};
use crate::ids::QueryHash;
use crate::page::{self, CELL_BITS, Cell, Page, RowFlags};
use crate::pedersen;
use crate::query::{ATOMS, COLUMNS, GATES, Program, Truth};
use crate::statement::{CircuitId, PublicInputs, Statement, Unsatisfied, ensure};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Pages that a chunk opens: flags and three columns.
pub const PAGES: usize = 1 + COLUMNS;
/// What is counted: rows hit, subjects with a hit, subjects with a row that is none.
pub const LANES: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimChunkPublic {
    /// Leaf of the flags page.
    pub flags_leaf: Felt,
    /// Leaves of the program's columns.
    pub leaves: [Felt; COLUMNS],
    /// Link from the chunk before.
    pub link_in: Felt,
    /// Link to the chunk after.
    pub link_out: Felt,
    /// Commitment to rows hit, subjects with a hit, subjects with a row that is none.
    pub lane: Point,
    /// Hash of the program.
    pub query: QueryHash,
    /// Index of the chunk in the version.
    pub chunk_index: u64,
    /// What the proof is bound to.
    pub context: Felt,
}

impl PublicInputs for ClaimChunkPublic {
    const LEN: usize = 11;

    fn to_field(&self) -> Vec<Fr> {
        let [a, b, c] = self.leaves;
        let (query, index) = (self.query.felt().0, Fr::from(self.chunk_index));
        vec![
            self.flags_leaf.0,
            a.0,
            b.0,
            c.0,
            self.link_in.0,
            self.link_out.0,
            self.lane.x,
            self.lane.y,
            query,
            index,
            self.context.0,
        ]
    }
}

/// One row as a claim sees it: flags, cells, and what the query makes of them. **Security**:
/// zeroised, no `Debug`.
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
pub struct ClaimRow {
    /// Real or padding, and whether a subject starts here.
    pub flags: RowFlags,
    /// Cells of the program's columns.
    pub cells: [Cell; COLUMNS],
    /// Values of the comparisons.
    pub atoms: [Truth; ATOMS],
    /// Values of the connectives.
    pub gates: [Truth; GATES],
    /// The row is a hit.
    pub hit: bool,
    /// It is the first hit of its subject.
    pub first: bool,
    /// It is the first row of its subject that is no hit: whose result is false or unknown.
    pub first_miss: bool,
}

impl ClaimRow {
    /// A real row that is no hit.
    fn is_miss(&self) -> bool {
        self.flags.real && !self.hit
    }
}

/// The witness. **Security**: zeroised, no `Debug`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct ClaimChunkPrivate {
    #[zeroize(skip)]
    pub program: Program,
    /// As many rows as the tier has, padding last.
    pub rows: Vec<ClaimRow>,
    /// Salts of the pages: flags, then columns.
    pub salts: [Fr; PAGES],
    /// Digests of the pages' ciphertexts.
    pub ciphertexts: [Fr; PAGES],
    /// As what the subject that the chunk before ended with was counted.
    pub already: Counted,
    /// Blind of the incoming link.
    pub blind_in: Fr,
    /// Blind of the outgoing link.
    pub blind_out: Fr,
    /// Blind of the commitment.
    pub rho: Scalar,
}

impl ClaimChunkPrivate {
    /// Computes comparisons, connectives, hits, first hits and first misses of every row.
    pub fn trace(&mut self) {
        for row in &mut self.rows {
            (row.atoms, row.gates) = self.program.trace(&row.cells);
            row.hit = row.flags.real && row.gates[GATES - 1] == 1;
        }
        self.trace_subjects();
    }

    /// Computes first hits and first misses, from the hits as they stand.
    pub fn trace_subjects(&mut self) {
        let mut already = self.already;
        for row in &mut self.rows {
            if row.flags.new_subject {
                already = Counted::default();
            }
            row.first = row.hit && !already.hit;
            row.first_miss = row.is_miss() && !already.miss;
            already.hit |= row.hit;
            already.miss |= row.is_miss();
        }
    }

    /// As what the chunk's last subject is counted, from first hits and misses as they stand.
    pub fn already_after(&self) -> Counted {
        self.rows.iter().fold(self.already, |already, row| {
            let goes_on = !row.flags.new_subject;
            Counted {
                hit: (already.hit && goes_on) || row.first,
                miss: (already.miss && goes_on) || row.first_miss,
            }
        })
    }

    /// Rows hit, subjects with a hit, subjects with a row that is none, as they stand.
    pub fn lanes(&self) -> [u64; LANES] {
        let count = |wanted: fn(&ClaimRow) -> bool| {
            self.rows.iter().filter(|row| wanted(row)).count() as u64
        };
        [
            count(|row| row.hit),
            count(|row| row.first),
            count(|row| row.first_miss),
        ]
    }

    /// Leaves of the pages: flags, then columns.
    pub fn leaves(&self) -> [Felt; PAGES] {
        let flags: Vec<RowFlags> = self.rows.iter().map(|row| row.flags).collect();
        std::array::from_fn(|i| {
            let content = match i.checked_sub(1) {
                None => page::pack_flags(&flags),
                Some(column) => {
                    let mut cells: Vec<Cell> =
                        self.rows.iter().map(|row| row.cells[column]).collect();
                    let packed = page::pack_cells(&cells);
                    cells.zeroize();
                    packed
                }
            };
            page::leaf(
                Page::with_salt(content, self.salts[i]).commitment(),
                self.ciphertexts[i],
            )
        })
    }

    /// The instance that belongs to the witness.
    ///
    /// **Security**: sound only if the witness is; `check` says so.
    pub fn instance(&self, chunk_index: u64, context: Felt) -> ClaimChunkPublic {
        let query = self.program.hash();
        let [flags_leaf, a, b, c] = self.leaves();
        ClaimChunkPublic {
            flags_leaf,
            leaves: [a, b, c],
            link_in: link(query, chunk_index, self.already, self.blind_in),
            link_out: link(query, chunk_index + 1, self.already_after(), self.blind_out),
            lane: pedersen::commit(&self.lanes(), &self.rho),
            query,
            chunk_index,
            context,
        }
    }
}

/// Claims over chunks of `ROWS` rows.
pub struct ClaimChunk<const ROWS: usize>;

impl<const ROWS: usize> ClaimChunk<ROWS> {
    const NAME: &'static str = match ROWS {
        16 => "claim-chunk-16",
        256 => "claim-chunk-256",
        _ => panic!("a tier of 16 or 256 rows"),
    };
}

/// L4 to L7 and L11: what the query makes of every row.
fn check_rows(private: &ClaimChunkPrivate) -> Result<(), Unsatisfied> {
    let mut right = private.clone();
    right.trace();
    let all = |same: fn(&ClaimRow, &ClaimRow) -> bool| {
        private
            .rows
            .iter()
            .zip(&right.rows)
            .all(|(a, b)| same(a, b))
    };
    ensure(
        all(|a, b| a.atoms == b.atoms),
        "L4",
        "comparisons have the values of their cells; a missing value is unknown",
    )?;
    ensure(
        all(|a, b| a.gates == b.gates),
        "L5",
        "connectives join their inputs",
    )?;
    ensure(
        all(|a, b| a.hit == b.hit),
        "L6",
        "exactly the real rows whose result is true are hits",
    )?;
    ensure(
        all(|a, b| a.first == b.first),
        "L7",
        "a subject is counted at its first hit and no other",
    )?;
    ensure(
        all(|a, b| a.first_miss == b.first_miss),
        "L11",
        "a subject is counted at its first row that is no hit, and no other",
    )
}

impl<const ROWS: usize> Statement for ClaimChunk<ROWS> {
    const CIRCUIT: CircuitId = CircuitId {
        name: Self::NAME,
        version: 2,
    };
    type Public = ClaimChunkPublic;
    type Private = ClaimChunkPrivate;

    fn check(public: &ClaimChunkPublic, private: &ClaimChunkPrivate) -> Result<(), Unsatisfied> {
        let opens = private.program.is_well_formed() && private.program.hash() == public.query;
        ensure(opens, "L1", "the program opens the query hash")?;
        ensure(
            private.rows.len() == ROWS,
            "L2",
            "a chunk has as many rows as its tier, padding included",
        )?;
        let narrow = private
            .rows
            .iter()
            .flat_map(|row| row.cells)
            .all(|cell| cell.bits() >> CELL_BITS == 0);
        ensure(narrow, "L3", "a cell has 25 bits")?;
        let [flags, columns @ ..] = private.leaves();
        ensure(
            flags == public.flags_leaf && columns == public.leaves,
            "L2",
            "the pages open their leaves",
        )?;
        check_rows(private)?;
        let link_in = link(
            public.query,
            public.chunk_index,
            private.already,
            private.blind_in,
        );
        ensure(
            link_in == public.link_in,
            "L8",
            "the incoming link opens to this chunk of this query",
        )?;
        let link_out = link(
            public.query,
            public.chunk_index + 1,
            private.already_after(),
            private.blind_out,
        );
        ensure(
            link_out == public.link_out,
            "L8",
            "the outgoing link follows from this chunk",
        )?;
        let lane = pedersen::commit(&private.lanes(), &private.rho);
        ensure(lane == public.lane, "L9", "the lanes open their commitment")
    }
}
