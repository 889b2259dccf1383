//! The circuit of a registration: one shape a tier, the same for every block, schema and dataset.
//!
//! Cost for 256 rows: cells 10 * 27 a row, order and padding about 140 a row, pages about 54,000 in all.

mod pages;

use super::{Registration, RegistrationPrivate, RegistrationPublic};
use crate::dataset::BLOCK_COLUMNS;
use crate::domain;
use crate::field::Fr;
use crate::page::{self, PSEUDONYM_BITS, VALUE_BITS};
use crate::poseidon::r1cs::hash_var;
use crate::range::r1cs::{enforce_bits, is_zero, linear};
use crate::statement::{PublicInputs, Synthesize};
use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

type Cs = ConstraintSystemRef<Fr>;
type Var = FpVar<Fr>;

/// The instance as variables, in SPEC order.
struct Instance {
    block_root: Var,
    link_in: Var,
    link_out: Var,
    is_first: Var,
    is_last: Var,
    n_rows: Var,
    n_subjects: Var,
    layout: Var,
    key_commitment: Var,
    segment: Var,
    chunk_index: Var,
    block_index: Var,
    lineage: Var,
}

impl Instance {
    fn allocate(cs: &Cs, public: Option<&RegistrationPublic>) -> Result<Self, SynthesisError> {
        let values = public.map(PublicInputs::to_field);
        let mut next = 0;
        let mut input = || {
            let value = values.as_ref().map(|v| v[next]);
            next += 1;
            Var::new_input(cs.clone(), || value.ok_or(SynthesisError::AssignmentMissing))
        };
        Ok(Instance {
            block_root: input()?,
            link_in: input()?,
            link_out: input()?,
            is_first: input()?,
            is_last: input()?,
            n_rows: input()?,
            n_subjects: input()?,
            layout: input()?,
            key_commitment: input()?,
            segment: input()?,
            chunk_index: input()?,
            block_index: input()?,
            lineage: input()?,
        })
    }
}

fn witness(cs: &Cs, value: Option<Fr>) -> Result<Var, SynthesisError> {
    Var::new_witness(cs.clone(), || value.ok_or(SynthesisError::AssignmentMissing))
}

fn boolean(cs: &Cs, value: Option<bool>) -> Result<Boolean<Fr>, SynthesisError> {
    Boolean::new_witness(cs.clone(), || value.ok_or(SynthesisError::AssignmentMissing))
}

fn zero() -> Var {
    FpVar::Constant(Fr::ZERO)
}

fn sum(terms: &[Var]) -> Result<Var, SynthesisError> {
    linear(Fr::ZERO, &terms.iter().map(|t| (Fr::ONE, t)).collect::<Vec<_>>())
}

/// a - b.
fn minus(a: &Var, b: &Var) -> Result<Var, SynthesisError> {
    linear(Fr::ZERO, &[(Fr::ONE, a), (-Fr::ONE, b)])
}

/// 1 - a.
fn complement(a: &Var) -> Result<Var, SynthesisError> {
    linear(Fr::ONE, &[(-Fr::ONE, a)])
}

/// The layout of one column, bit by bit.
struct ColumnVar {
    mask: Vec<Var>,
    used: Var,
    slot: Vec<Boolean<Fr>>,
}

impl<const ROWS: usize> Synthesize for Registration<ROWS> {
    fn synthesize(cs: Cs, public: Option<&RegistrationPublic>, private: Option<&RegistrationPrivate>) -> Result<(), SynthesisError> {
        let instance = Instance::allocate(&cs, public)?;
        let columns = layout(&cs, &instance, private)?;
        let rows = rows::<ROWS>(&cs, &instance, private)?;
        let cells = cells(&cs, &columns, &rows, private)?;
        links(&cs, &instance, &rows, private)?;
        pages::enforce(&cs, &instance, &columns, &rows, &cells, private)
    }
}

// G9. The columns open the layout.
fn layout(cs: &Cs, instance: &Instance, private: Option<&RegistrationPrivate>) -> Result<Vec<ColumnVar>, SynthesisError> {
    let mut columns = Vec::with_capacity(BLOCK_COLUMNS);
    let mut packed = Vec::with_capacity(BLOCK_COLUMNS);
    for i in 0..BLOCK_COLUMNS {
        let bits = private.map(|p| p.layout[i].packed());
        let bit = |k: usize| boolean(cs, bits.map(|b| b >> k & 1 == 1));
        let all: Vec<Boolean<Fr>> = (0..37).map(bit).collect::<Result<_, _>>()?;
        packed.push(crate::range::r1cs::from_bits_le(&all)?);
        let mask = all[..VALUE_BITS].iter().cloned().map(Var::from).collect();
        columns.push(ColumnVar { mask, used: all[24].clone().into(), slot: all[25..29].to_vec() });
    }
    hash_var(domain::LAYOUT, &packed)?.enforce_equal(&instance.layout)?;
    Ok(columns)
}

/// What holds for a whole row.
struct RowsVar {
    real: Vec<Var>,
    new_subject: Vec<Var>,
    /// The pseudonym on real rows, 0 on padding.
    pseudonym: Vec<Var>,
    last_in: Var,
    last_out: Var,
}

fn rows<const ROWS: usize>(cs: &Cs, instance: &Instance, private: Option<&RegistrationPrivate>) -> Result<RowsVar, SynthesisError> {
    let last_in = witness(cs, private.map(|p| Fr::from(p.link.last)))?;
    let mut running = last_in.clone();
    let mut before = private.map(|p| p.link.last);
    let (mut real, mut new_subject, mut pseudonym) = (Vec::new(), Vec::new(), Vec::new());
    for i in 0..ROWS {
        let here = private.map(|p| p.pseudonyms.get(i).copied());
        let is_real: Var = boolean(cs, here.map(|h| h.is_some()))?.into();
        // G2. Real rows are a prefix, and the first row is one of them.
        match real.last() {
            None => is_real.enforce_equal(&FpVar::Constant(Fr::ONE))?,
            Some(previous) => is_real.mul_equals(&complement(previous)?, &zero())?,
        }
        // G3. The running pseudonym never falls: each step has 120 bits and is 0 on padding.
        let value = here.zip(before).map(|(h, b)| h.unwrap_or(b).wrapping_sub(b));
        let step = witness(cs, value.map(Fr::from))?;
        enforce_bits(&step, PSEUDONYM_BITS)?;
        step.mul_equals(&complement(&is_real)?, &zero())?;
        let is_new: Var = Var::from(!&is_zero(&step)?);
        running = sum(&[running, step])?;
        pseudonym.push(&is_real * &running);
        real.push(is_real);
        new_subject.push(is_new);
        before = here.zip(before).map(|(h, b)| h.unwrap_or(b));
    }
    enforce_bits(&running, PSEUDONYM_BITS)?;
    // G2. All chunks but the last are full.
    let missing = linear(Fr::from(ROWS as u64), &real.iter().map(|r| (-Fr::ONE, r)).collect::<Vec<_>>())?;
    missing.mul_equals(&complement(&instance.is_last)?, &zero())?;
    // G4. The first chunk starts with a new subject.
    instance.is_first.mul_equals(&complement(&new_subject[0])?, &zero())?;
    Ok(RowsVar { real, new_subject, pseudonym, last_in, last_out: running })
}

/// The cells of all columns as integers of 25 bits, by column.
// G1. Cells stay inside masks, presence needs a used column, absent cells are 0. G2. Padding rows hold nothing.
fn cells(cs: &Cs, columns: &[ColumnVar], rows: &RowsVar, private: Option<&RegistrationPrivate>) -> Result<Vec<Vec<Var>>, SynthesisError> {
    let mut out = vec![Vec::with_capacity(rows.real.len()); columns.len()];
    for (r, real) in rows.real.iter().enumerate() {
        let mut row = Vec::with_capacity(columns.len());
        for (c, column) in columns.iter().enumerate() {
            let bits = private.map(|p| p.cells.get(r).map_or(0, |row| row[c].bits()));
            row.push(cell(cs, column, bits)?);
        }
        sum(&row)?.mul_equals(&complement(real)?, &zero())?;
        out.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
    }
    Ok(out)
}

fn cell(cs: &Cs, column: &ColumnVar, bits: Option<u32>) -> Result<Var, SynthesisError> {
    let mut value_bits = Vec::with_capacity(VALUE_BITS);
    for (k, mask) in column.mask.iter().enumerate() {
        // b (b - m) = 0.
        let bit = witness(cs, bits.map(|b| Fr::from(b >> k & 1)))?;
        bit.mul_equals(&minus(&bit, mask)?, &zero())?;
        value_bits.push(bit);
    }
    let present = witness(cs, bits.map(|b| Fr::from(b >> VALUE_BITS & 1)))?;
    present.mul_equals(&minus(&present, &column.used)?, &zero())?;
    let weights: Vec<(Fr, &Var)> = value_bits.iter().enumerate().map(|(k, b)| (Fr::from(1u64 << k), b)).collect();
    let value = linear(Fr::ZERO, &weights)?;
    value.mul_equals(&complement(&present)?, &zero())?;
    linear(Fr::ZERO, &[(Fr::ONE, &value), (Fr::from(1u64 << VALUE_BITS), &present)])
}

// G4, G5, G6. Links, first chunk, totals.
fn links(cs: &Cs, instance: &Instance, rows: &RowsVar, private: Option<&RegistrationPrivate>) -> Result<(), SynthesisError> {
    for flag in [&instance.is_first, &instance.is_last] {
        flag.mul_equals(&complement(flag)?, &zero())?;
    }
    let subjects = witness(cs, private.map(|p| Fr::from(p.link.subjects)))?;
    let rows_in = witness(cs, private.map(|p| Fr::from(p.link.rows)))?;
    let blind_in = witness(cs, private.map(|p| p.link.blind))?;
    let blind_out = witness(cs, private.map(|p| p.link_out_blind))?;
    for value in [&instance.chunk_index, &rows.last_in, &subjects, &rows_in, &blind_in] {
        instance.is_first.mul_equals(value, &zero())?;
    }
    let subjects_out = sum(&[&[subjects.clone()], rows.new_subject.as_slice()].concat())?;
    let rows_out = sum(&[&[rows_in.clone()], rows.real.as_slice()].concat())?;
    let link = |chunk: Var, last: &Var, subjects: &Var, rows: &Var, blind: &Var| {
        let parts =
            [instance.lineage.clone(), instance.segment.clone(), chunk, last.clone(), subjects.clone(), rows.clone(), blind.clone()];
        hash_var(domain::LINK, &parts)
    };
    link(instance.chunk_index.clone(), &rows.last_in, &subjects, &rows_in, &blind_in)?.enforce_equal(&instance.link_in)?;
    let next = linear(Fr::ONE, &[(Fr::ONE, &instance.chunk_index)])?;
    link(next, &rows.last_out, &subjects_out, &rows_out, &blind_out)?.enforce_equal(&instance.link_out)?;
    instance.is_last.mul_equals(&rows_out, &instance.n_rows)?;
    instance.is_last.mul_equals(&subjects_out, &instance.n_subjects)
}

/// Values packed low first, `width` bits each, `per_element` to an element.
fn pack(values: &[Var], width: usize, per_element: usize) -> Result<Vec<Var>, SynthesisError> {
    let shift = Fr::from(2u64).pow([width as u64]);
    let one = |chunk: &[Var]| {
        let mut power = Fr::ONE;
        let mut terms = Vec::with_capacity(chunk.len());
        for value in chunk {
            terms.push((power, value));
            power *= shift;
        }
        linear(Fr::ZERO, &terms)
    };
    values.chunks(per_element).map(one).collect()
}

fn packed_flags(rows: &RowsVar) -> Result<Vec<Var>, SynthesisError> {
    let two = Fr::from(2u64);
    let flags: Vec<Var> =
        rows.real.iter().zip(&rows.new_subject).map(|(r, n)| linear(Fr::ZERO, &[(Fr::ONE, r), (two, n)])).collect::<Result<_, _>>()?;
    pack(&flags, 2, page::FLAGS_PER_ELEMENT)
}
