//! The circuit of statement "registration" (SPEC section 9).
//!
//! One layer a clause: layout and keys, cells, order, links, pages. The native reading is
//! `Registration::check`.

mod cells;
mod layout;
mod order;

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_r1cs_std::prelude::AllocVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::{Registration, RegistrationPrivate, RegistrationPublic};
use crate::dataset::r1cs::{KeysVar, LinkVar, block_root_var, input, witness};
use crate::dataset::{BLOCK_COLUMNS, BLOCK_PAGES};
use crate::field::Fr;
use crate::page::r1cs::{pack_var, page_key_var, sealed_leaf_var};
use crate::page::{
    CELL_BITS, CELLS_PER_ELEMENT, FLAGS_PER_ELEMENT, PSEUDONYM_BITS, PSEUDONYMS_PER_ELEMENT,
};
use crate::range::r1cs::{enforce_bits, linear};
use crate::statement::Synthesize;
use cells::CellVar;
use layout::ColumnVar;
use order::{OrderVar, complement, sum};

/// Bits of a block index.
const BLOCK_INDEX_BITS: usize = 4;

/// The instance as variables.
struct InstanceVar {
    block_root: FpVar<Fr>,
    link_in: FpVar<Fr>,
    link_out: FpVar<Fr>,
    is_first: Boolean<Fr>,
    is_last: Boolean<Fr>,
    n_rows: FpVar<Fr>,
    n_subjects: FpVar<Fr>,
    layout: FpVar<Fr>,
    key_commitment: FpVar<Fr>,
    segment: FpVar<Fr>,
    chunk_index: FpVar<Fr>,
    block_index: FpVar<Fr>,
    lineage: FpVar<Fr>,
}

impl InstanceVar {
    /// Allocates the instance in SPEC order.
    fn new(
        cs: &ConstraintSystemRef<Fr>,
        public: Option<&RegistrationPublic>,
    ) -> Result<Self, SynthesisError> {
        let felt = |get: fn(&RegistrationPublic) -> Fr| input(cs, public.map(get));
        // G4 and G6. Booleans.
        let flag = |get: fn(&RegistrationPublic) -> bool| {
            Boolean::new_input(cs.clone(), || {
                public.map(get).ok_or(SynthesisError::AssignmentMissing)
            })
        };
        Ok(InstanceVar {
            block_root: felt(|p| p.block_root.0)?,
            link_in: felt(|p| p.link_in.0)?,
            link_out: felt(|p| p.link_out.0)?,
            is_first: flag(|p| p.is_first)?,
            is_last: flag(|p| p.is_last)?,
            n_rows: felt(|p| Fr::from(p.n_rows))?,
            n_subjects: felt(|p| Fr::from(p.n_subjects))?,
            layout: felt(|p| p.layout.0)?,
            key_commitment: felt(|p| p.key_commitment.felt().0)?,
            segment: felt(|p| p.segment.felt().0)?,
            chunk_index: felt(|p| Fr::from(p.chunk_index))?,
            block_index: felt(|p| Fr::from(p.block_index))?,
            lineage: felt(|p| p.lineage.felt().0)?,
        })
    }
}

/// G1, G2 and G11. Cells of every row, inside their masks, absent on padding, TRUE in criteria.
fn open_cells(
    cs: &ConstraintSystemRef<Fr>,
    private: Option<&RegistrationPrivate>,
    columns: &[ColumnVar],
    real: &[FpVar<Fr>],
) -> Result<Vec<Vec<CellVar>>, SynthesisError> {
    let mut rows = Vec::with_capacity(real.len());
    for (i, real) in real.iter().enumerate() {
        let cells = private.and_then(|p| p.rows.get(i)).map(|row| row.cells);
        let row = columns
            .iter()
            .enumerate()
            .map(|(j, column)| CellVar::new_witness(cs, cells.map(|c| c[j]), column))
            .collect::<Result<Vec<_>, _>>()?;
        cells::enforce_empty_unless(real, &row, cs)?;
        for (cell, column) in row.iter().zip(columns) {
            cells::enforce_criterion(real, cell, column, cs)?;
        }
        rows.push(row);
    }
    Ok(rows)
}

/// G4, G5 and G6. Links and totals.
fn enforce_links(
    instance: &InstanceVar,
    link: &LinkVar,
    order: &OrderVar,
    blind_out: FpVar<Fr>,
) -> Result<(), SynthesisError> {
    let zero = FpVar::Constant(Fr::ZERO);
    let (is_first, is_last) = (
        FpVar::from(instance.is_first.clone()),
        FpVar::from(instance.is_last.clone()),
    );
    // G4. The first chunk opens the constant link of an empty start, and row 0 is a new subject.
    for part in [
        &instance.chunk_index,
        &link.last,
        &link.subjects,
        &link.rows,
        &link.blind,
    ] {
        is_first.mul_equals(part, &zero)?;
    }
    let row_zero = order
        .new_subject
        .first()
        .ok_or(SynthesisError::Unsatisfiable)?;
    is_first.mul_equals(&complement(row_zero)?, &zero)?;
    // G2. Every chunk but the last is full.
    let last_row = order.real.last().ok_or(SynthesisError::Unsatisfiable)?;
    complement(&is_last)?.mul_equals(&complement(last_row)?, &zero)?;
    // G5. The links open to where the registration stands before and after the chunk.
    link.hash(&instance.lineage, &instance.segment, &instance.chunk_index)?
        .enforce_equal(&instance.link_in)?;
    let after = LinkVar {
        last: order.last.clone(),
        subjects: sum(&link.subjects, &order.new_subject)?,
        rows: sum(&link.rows, &order.real)?,
        blind: blind_out,
    };
    let next_chunk = linear(Fr::ONE, &[(Fr::ONE, &instance.chunk_index)])?;
    after
        .hash(&instance.lineage, &instance.segment, &next_chunk)?
        .enforce_equal(&instance.link_out)?;
    // G6. The last chunk shows the totals, others nothing.
    is_last.mul_equals(&after.rows, &instance.n_rows)?;
    is_last.mul_equals(&after.subjects, &instance.n_subjects)
}

/// The contents of the block's pages, in leaf order, without salts.
fn pack_pages(
    cs: &ConstraintSystemRef<Fr>,
    order: &OrderVar,
    rows: &[Vec<CellVar>],
) -> Result<Vec<Vec<FpVar<Fr>>>, SynthesisError> {
    let one = Fr::ONE;
    let flags = order.real.iter().zip(&order.new_subject);
    let flags: Vec<_> = flags
        .map(|(real, new)| vec![(one, real.clone()), (one.double(), new.clone())])
        .collect();
    let pseudonyms: Vec<_> = order
        .pseudonym
        .iter()
        .map(|p| vec![(one, p.clone())])
        .collect();
    let mut pages = vec![
        pack_var(cs, &flags, 2, FLAGS_PER_ELEMENT)?,
        pack_var(cs, &pseudonyms, PSEUDONYM_BITS, PSEUDONYMS_PER_ELEMENT)?,
    ];
    for column in 0..BLOCK_COLUMNS {
        let cells: Vec<_> = rows.iter().map(|row| row[column].terms()).collect();
        pages.push(pack_var(cs, &cells, CELL_BITS, CELLS_PER_ELEMENT)?);
    }
    Ok(pages)
}

/// G7, G8 and G10. The pages, salted and encrypted under the keys of their slots and positions,
/// hash to the block root.
fn seal_pages(
    cs: &ConstraintSystemRef<Fr>,
    private: Option<&RegistrationPrivate>,
    instance: &InstanceVar,
    columns: &[ColumnVar],
    pages: Vec<Vec<FpVar<Fr>>>,
) -> Result<(), SynthesisError> {
    // G8. The key vector opens its commitment; a column's key is that of its slot.
    let keys = KeysVar::new_witness(cs, private.map(|p| &p.keys))?;
    keys.commitment()?.enforce_equal(&instance.key_commitment)?;
    // G10. A block index has four bits and gives the absolute positions.
    enforce_bits(&instance.block_index, BLOCK_INDEX_BITS)?;
    let mut leaves = Vec::with_capacity(BLOCK_PAGES);
    for (i, mut elements) in pages.into_iter().enumerate() {
        let (slot_key, position) = match i.checked_sub(2) {
            None => (keys.keys[i].clone(), FpVar::constant(Fr::from(i as u64))),
            Some(column) => (
                keys.select(&columns[column].slot)?,
                layout::position(&instance.block_index, column)?,
            ),
        };
        let page_key = page_key_var(
            &slot_key,
            &instance.segment,
            &instance.chunk_index,
            &position,
        )?;
        elements.push(witness(cs, private.map(|p| p.salts[i]))?);
        leaves.push(sealed_leaf_var(&elements, &page_key)?);
    }
    // G7. The leaves make the block root.
    block_root_var(&leaves)?.enforce_equal(&instance.block_root)
}

impl<const ROWS: usize> Synthesize for Registration<ROWS> {
    fn synthesize(
        cs: ConstraintSystemRef<Fr>,
        public: Option<&RegistrationPublic>,
        private: Option<&RegistrationPrivate>,
    ) -> Result<(), SynthesisError> {
        synthesize(cs, ROWS, public, private)
    }
}

/// The circuit of so many rows, a value, so that it is compiled once.
fn synthesize(
    cs: ConstraintSystemRef<Fr>,
    n_rows: usize,
    public: Option<&RegistrationPublic>,
    private: Option<&RegistrationPrivate>,
) -> Result<(), SynthesisError> {
    let instance = InstanceVar::new(&cs, public)?;
    let columns = layout::open_layout(&cs, private.map(|p| &p.layout), &instance.layout)?;
    let link = LinkVar::new_witness(&cs, private.map(|p| &p.link))?;
    let order = order::order(&cs, private.map(|p| p.rows.as_slice()), n_rows, &link.last)?;
    let rows = open_cells(&cs, private, &columns, &order.real)?;
    let blind_out = witness(&cs, private.map(|p| p.link_out_blind))?;
    enforce_links(&instance, &link, &order, blind_out)?;
    let pages = pack_pages(&cs, &order, &rows)?;
    seal_pages(&cs, private, &instance, &columns, pages)
}
