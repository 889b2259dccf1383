//! One row in the circuit: cells, comparisons, connectives, hits and misses (L3 to L7, L11).
//!
//! Values of three-valued logic are -1, 0 and 1. A comparison is `c + p (a + b [v = k] + d [v >=
//! k])` with coefficients of its operator. A connective g of x and y with sign s (1 for AND, -1 for
//! OR) is `2 g = x + y - s (x^2 + y^2 - x y - (x y)^2)`, which is the smaller or the larger of the
//! two.

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_r1cs_std::prelude::AllocVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::program::{AtomVar, GateVar, ProgramVar, small};
use crate::claim::chunk::{ClaimChunkPrivate, ClaimRow};
use crate::dataset::r1cs::witness;
use crate::field::Fr;
use crate::page::{Cell, VALUE_BITS};
use crate::query::{ATOMS, GATES};
use crate::range::r1cs::{from_bits_le, is_zero, linear, to_bits_le};

/// A boolean witness as a field variable.
///
/// **Cost**: 1.
pub(super) fn bit(
    cs: &ConstraintSystemRef<Fr>,
    value: Option<bool>,
) -> Result<FpVar<Fr>, SynthesisError> {
    Ok(FpVar::from(Boolean::new_witness(cs.clone(), || {
        value.ok_or(SynthesisError::AssignmentMissing)
    })?))
}

/// 1 - x: no constraint.
fn complement(x: &FpVar<Fr>) -> Result<FpVar<Fr>, SynthesisError> {
    linear(Fr::ONE, &[(-Fr::ONE, x)])
}

/// A cell: 24 value bits and the presence bit.
pub(super) struct CellVar {
    pub(super) value: FpVar<Fr>,
    /// Whether there is one.
    pub(super) present: FpVar<Fr>,
}

impl CellVar {
    /// L3. The value has 24 bits and the presence bit is one.
    ///
    /// **Cost**: 25.
    fn new_witness(
        cs: &ConstraintSystemRef<Fr>,
        cell: Option<Cell>,
    ) -> Result<Self, SynthesisError> {
        let bits = cell.map(Cell::bits);
        let value = (0..VALUE_BITS)
            .map(|i| {
                Boolean::new_witness(cs.clone(), || {
                    bits.map(|b| b >> i & 1 == 1)
                        .ok_or(SynthesisError::AssignmentMissing)
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(CellVar {
            value: from_bits_le(&value)?,
            present: bit(cs, bits.map(|b| b >> VALUE_BITS & 1 == 1))?,
        })
    }
}

/// A row: flags and the cells of the program's columns.
pub(super) struct RowVar {
    /// 1 on real rows.
    pub(super) real: FpVar<Fr>,
    /// 1 where a subject starts.
    pub(super) new_subject: FpVar<Fr>,
    pub(super) cells: Vec<CellVar>,
}

impl RowVar {
    /// **Cost**: 77.
    pub(super) fn new_witness(
        cs: &ConstraintSystemRef<Fr>,
        row: Option<&ClaimRow>,
    ) -> Result<Self, SynthesisError> {
        Ok(RowVar {
            real: bit(cs, row.map(|r| r.flags.real))?,
            new_subject: bit(cs, row.map(|r| r.flags.new_subject))?,
            cells: (0..3)
                .map(|i| CellVar::new_witness(cs, row.map(|r| r.cells[i])))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// L4. The value of a comparison.
///
/// **Cost**: 35: 4 to choose the cell, 26 to compare, 2 for equality, 3 for the operator.
fn atom(atom: &AtomVar, cells: &[CellVar], result: &FpVar<Fr>) -> Result<(), SynthesisError> {
    let value = atom
        .column
        .select(&cells.iter().map(|cell| &cell.value).collect::<Vec<_>>())?;
    let present = atom
        .column
        .select(&cells.iter().map(|cell| &cell.present).collect::<Vec<_>>())?;
    let difference = linear(Fr::ZERO, &[(Fr::ONE, &value), (-Fr::ONE, &atom.constant)])?;
    // Both have 24 bits, so 2^24 + v - k has 25, and the highest says whether v >= k.
    let shifted = linear(Fr::from(1u64 << VALUE_BITS), &[(Fr::ONE, &difference)])?;
    let at_least = FpVar::from(to_bits_le(&shifted, VALUE_BITS + 1)?[VALUE_BITS].clone());
    let equal = FpVar::from(is_zero(&difference)?);
    let [constant, always, if_equal, if_at_least] = &atom.coefficients;
    let (if_equal, if_at_least) = (if_equal * &equal, if_at_least * &at_least);
    let compared = linear(
        Fr::ZERO,
        &[
            (Fr::ONE, always),
            (Fr::ONE, &if_equal),
            (Fr::ONE, &if_at_least),
        ],
    )?;
    present.mul_equals(
        &compared,
        &linear(Fr::ZERO, &[(Fr::ONE, result), (-Fr::ONE, constant)])?,
    )
}

/// L5. The value of a connective.
///
/// **Cost**: 5, and one for each value but the first that an input may choose.
fn gate(gate: &GateVar, values: &[&FpVar<Fr>], result: &FpVar<Fr>) -> Result<(), SynthesisError> {
    let one = Fr::ONE;
    let (x, y) = (gate.a.select(values)?, gate.b.select(values)?);
    let (x2, y2, xy) = (x.square()?, y.square()?, &x * &y);
    let x2y2 = xy.square()?;
    let spread = linear(
        Fr::ZERO,
        &[(one, &x2), (one, &y2), (-one, &xy), (-one, &x2y2)],
    )?;
    let missing = linear(Fr::ZERO, &[(one, &x), (one, &y), (-one.double(), result)])?;
    gate.sign.mul_equals(&spread, &missing)
}

/// As what a subject was counted: 0 or 1 each.
#[derive(Clone)]
pub(super) struct CountedVar {
    pub(super) hit: FpVar<Fr>,
    pub(super) miss: FpVar<Fr>,
}

/// The result of the rows of a chunk.
pub(super) struct Hits {
    /// 1 on rows that are hits.
    pub(super) hit: Vec<FpVar<Fr>>,
    /// 1 on the first hit of each subject.
    pub(super) first: Vec<FpVar<Fr>>,
    /// 1 on the first row of each subject that is no hit.
    pub(super) first_miss: Vec<FpVar<Fr>>,
    /// As what the last subject is counted.
    pub(super) already: CountedVar,
}

/// L7 and L11. A subject is counted at its first row of a kind; what was counted before is
/// forgotten where a subject starts. Gives the row's first and what is counted after it.
///
/// **Cost**: 2.
fn count_first(
    cs: &ConstraintSystemRef<Fr>,
    row: &RowVar,
    (is_one, already): (&FpVar<Fr>, &FpVar<Fr>),
    known: Option<bool>,
) -> Result<(FpVar<Fr>, FpVar<Fr>), SynthesisError> {
    let carry = already * &complement(&row.new_subject)?;
    let first = witness(cs, known.map(Fr::from))?;
    is_one.mul_equals(&complement(&carry)?, &first)?;
    let after = linear(Fr::ZERO, &[(Fr::ONE, &carry), (Fr::ONE, &first)])?;
    Ok((first, after))
}

/// L4 to L7 and L11 on every row.
///
/// **Cost**: 185 a row.
pub(super) fn hits(
    cs: &ConstraintSystemRef<Fr>,
    private: Option<&ClaimChunkPrivate>,
    program: &ProgramVar,
    rows: &[RowVar],
    already: &CountedVar,
) -> Result<Hits, SynthesisError> {
    let mut out = Hits {
        hit: Vec::with_capacity(rows.len()),
        first: Vec::with_capacity(rows.len()),
        first_miss: Vec::with_capacity(rows.len()),
        already: already.clone(),
    };
    for (i, row) in rows.iter().enumerate() {
        let known = private.and_then(|p| p.rows.get(i));
        let mut values = Vec::with_capacity(ATOMS + GATES);
        for (j, atom_var) in program.atoms.iter().enumerate() {
            let value = witness(cs, known.map(|row| small(row.atoms[j])))?;
            atom(atom_var, &row.cells, &value)?;
            values.push(value);
        }
        for (j, gate_var) in program.gates.iter().enumerate() {
            let value = witness(cs, known.map(|row| small(row.gates[j])))?;
            gate(gate_var, &values.iter().collect::<Vec<_>>(), &value)?;
            values.push(value);
        }
        // L6. A hit is a real row whose result r is true: r (r + 1) is 2 there and 0 elsewhere.
        let result = values.last().ok_or(SynthesisError::Unsatisfiable)?;
        let twice = result * &linear(Fr::ONE, &[(Fr::ONE, result)])?;
        let hit = witness(cs, known.map(|row| Fr::from(row.hit)))?;
        row.real
            .mul_equals(&twice, &linear(Fr::ZERO, &[(Fr::ONE.double(), &hit)])?)?;
        let (first, hit_after) = count_first(
            cs,
            row,
            (&hit, &out.already.hit),
            known.map(|row| row.first),
        )?;
        let miss = linear(Fr::ZERO, &[(Fr::ONE, &row.real), (-Fr::ONE, &hit)])?;
        let (first_miss, miss_after) = count_first(
            cs,
            row,
            (&miss, &out.already.miss),
            known.map(|row| row.first_miss),
        )?;
        out.already = CountedVar {
            hit: hit_after,
            miss: miss_after,
        };
        out.hit.push(hit);
        out.first.push(first);
        out.first_miss.push(first_miss);
    }
    Ok(out)
}
