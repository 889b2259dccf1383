//! The circuit of statement "claim-chunk" (SPEC section 12).
//!
//! The program is opened once; every row then runs through its comparisons and connectives. The
//! native reading is `ClaimChunk::check`.

mod program;
mod row;

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::{ClaimChunk, ClaimChunkPrivate, ClaimChunkPublic, PAGES};
use crate::babyjubjub::r1cs::PointVar;
use crate::dataset::r1cs::{input, witness};
use crate::domain;
use crate::field::Fr;
use crate::page::r1cs::{commitment_var, leaf_var, pack_var};
use crate::page::{CELL_BITS, CELLS_PER_ELEMENT, FLAGS_PER_ELEMENT, VALUE_BITS};
use crate::pedersen::r1cs::{commit_var, scalar_bits};
use crate::poseidon::r1cs::hash_var;
use crate::query::COLUMNS;
use crate::range::r1cs::{linear, to_bits_le};
use crate::statement::Synthesize;
use program::ProgramVar;
use row::{CountedVar, Hits, RowVar};

/// Bits of a lane of one chunk: at most 256 rows.
const LANE_BITS: usize = 9;

/// The instance as variables.
struct InstanceVar {
    leaves: Vec<FpVar<Fr>>,
    link_in: FpVar<Fr>,
    link_out: FpVar<Fr>,
    lane: PointVar,
    query: FpVar<Fr>,
    chunk_index: FpVar<Fr>,
    context: FpVar<Fr>,
}

impl InstanceVar {
    /// Allocates the instance in SPEC order.
    fn new(
        cs: &ConstraintSystemRef<Fr>,
        public: Option<&ClaimChunkPublic>,
    ) -> Result<Self, SynthesisError> {
        let mut leaves = vec![input(cs, public.map(|p| p.flags_leaf.0))?];
        for i in 0..COLUMNS {
            leaves.push(input(cs, public.map(|p| p.leaves[i].0))?);
        }
        Ok(InstanceVar {
            leaves,
            link_in: input(cs, public.map(|p| p.link_in.0))?,
            link_out: input(cs, public.map(|p| p.link_out.0))?,
            lane: PointVar::new_input(cs.clone(), public.map(|p| &p.lane))?,
            query: input(cs, public.map(|p| p.query.felt().0))?,
            chunk_index: input(cs, public.map(|p| Fr::from(p.chunk_index)))?,
            context: input(cs, public.map(|p| p.context.0))?,
        })
    }
}

/// L2. Flags and cells, packed and salted, open the leaves that the instance names.
fn open_pages(
    cs: &ConstraintSystemRef<Fr>,
    private: Option<&ClaimChunkPrivate>,
    rows: &[RowVar],
    leaves: &[FpVar<Fr>],
) -> Result<(), SynthesisError> {
    let one = Fr::ONE;
    let present = Fr::from(1u64 << VALUE_BITS);
    for (i, leaf) in leaves.iter().enumerate().take(PAGES) {
        let mut elements = match i.checked_sub(1) {
            None => {
                let flags = rows.iter().map(|row| {
                    vec![
                        (one, row.real.clone()),
                        (one + one, row.new_subject.clone()),
                    ]
                });
                pack_var(cs, &flags.collect::<Vec<_>>(), 2, FLAGS_PER_ELEMENT)?
            }
            Some(column) => {
                let cells = rows.iter().map(|row| &row.cells[column]);
                let cells = cells
                    .map(|cell| vec![(one, cell.value.clone()), (present, cell.present.clone())]);
                pack_var(cs, &cells.collect::<Vec<_>>(), CELL_BITS, CELLS_PER_ELEMENT)?
            }
        };
        elements.push(witness(cs, private.map(|p| p.salts[i]))?);
        let ciphertext = witness(cs, private.map(|p| p.ciphertexts[i]))?;
        leaf_var(&commitment_var(&elements)?, &ciphertext)?.enforce_equal(leaf)?;
    }
    Ok(())
}

/// L8. The links open to where the claim stands before and after the chunk.
fn enforce_links(
    cs: &ConstraintSystemRef<Fr>,
    private: Option<&ClaimChunkPrivate>,
    instance: &InstanceVar,
    already: &CountedVar,
    hits: &Hits,
) -> Result<(), SynthesisError> {
    let link = |index: &FpVar<Fr>, already: &CountedVar, blind: FpVar<Fr>| {
        let two = Fr::from(2u64);
        let code = linear(Fr::ZERO, &[(Fr::ONE, &already.hit), (two, &already.miss)])?;
        hash_var(
            domain::CLAIM_LINK,
            &[instance.query.clone(), index.clone(), code, blind],
        )
    };
    let blind_in = witness(cs, private.map(|p| p.blind_in))?;
    link(&instance.chunk_index, already, blind_in)?.enforce_equal(&instance.link_in)?;
    let next = linear(Fr::ONE, &[(Fr::ONE, &instance.chunk_index)])?;
    let blind_out = witness(cs, private.map(|p| p.blind_out))?;
    link(&next, &hits.already, blind_out)?.enforce_equal(&instance.link_out)
}

/// L9. The lanes open the commitment.
fn enforce_lanes(
    cs: &ConstraintSystemRef<Fr>,
    private: Option<&ClaimChunkPrivate>,
    lane: &PointVar,
    hits: &Hits,
) -> Result<(), SynthesisError> {
    let sum = |terms: &[FpVar<Fr>]| -> Result<Vec<Boolean<Fr>>, SynthesisError> {
        let terms: Vec<_> = terms.iter().map(|term| (Fr::ONE, term)).collect();
        to_bits_le(&linear(Fr::ZERO, &terms)?, LANE_BITS)
    };
    let (rows, subjects) = (sum(&hits.hit)?, sum(&hits.first)?);
    let misses = sum(&hits.first_miss)?;
    let rho = scalar_bits(cs.clone(), private.map(|p| &p.rho))?;
    commit_var(&[&rows, &subjects, &misses], &rho)?.enforce_equal(lane)
}

impl<const ROWS: usize> Synthesize for ClaimChunk<ROWS> {
    fn synthesize(
        cs: ConstraintSystemRef<Fr>,
        public: Option<&ClaimChunkPublic>,
        private: Option<&ClaimChunkPrivate>,
    ) -> Result<(), SynthesisError> {
        synthesize(cs, ROWS, public, private)
    }
}

/// The circuit of so many rows, a value, so that it is compiled once.
fn synthesize(
    cs: ConstraintSystemRef<Fr>,
    n_rows: usize,
    public: Option<&ClaimChunkPublic>,
    private: Option<&ClaimChunkPrivate>,
) -> Result<(), SynthesisError> {
    let instance = InstanceVar::new(&cs, public)?;
    // L1. The program opens the query hash.
    let program = ProgramVar::new_witness(&cs, private.map(|p| &p.program))?;
    program.hash()?.enforce_equal(&instance.query)?;
    let rows = (0..n_rows)
        .map(|i| RowVar::new_witness(&cs, private.and_then(|p| p.rows.get(i))))
        .collect::<Result<Vec<_>, SynthesisError>>()?;
    open_pages(&cs, private, &rows, &instance.leaves)?;
    let already = CountedVar {
        hit: row::bit(&cs, private.map(|p| p.already.hit))?,
        miss: row::bit(&cs, private.map(|p| p.already.miss))?,
    };
    let hits = row::hits(&cs, private, &program, &rows, &already)?;
    enforce_links(&cs, private, &instance, &already, &hits)?;
    enforce_lanes(&cs, private, &instance.lane, &hits)?;
    // L10. The context stands in a constraint.
    witness(&cs, public.map(|p| p.context.0))?.enforce_equal(&instance.context)
}
