//! Cells in the circuit: bits inside masks, presence, padding (G1, G2).

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::fields::fp::{AllocatedFp, FpVar};
use ark_relations::gr1cs::{ConstraintSystemRef, LinearCombination, SynthesisError, Variable};

use super::layout::ColumnVar;
use crate::field::Fr;
use crate::page::{Cell, VALUE_BITS};

/// The presence bit in a packed cell.
const PRESENT: u64 = 1 << VALUE_BITS;

/// A cell: its 24 value bits, then the presence bit.
pub(super) struct CellVar {
    bits: Vec<FpVar<Fr>>,
}

/// The variable behind a boolean that was allocated.
fn variable(bit: &Boolean<Fr>) -> Result<Variable, SynthesisError> {
    match bit {
        Boolean::Var(allocated) => Ok(allocated.variable()),
        Boolean::Constant(_) => Err(SynthesisError::Unsatisfiable),
    }
}

/// A bit b with b (b - m) = 0: 0 where the boolean m is 0, boolean where it is 1.
fn masked_bit(
    cs: &ConstraintSystemRef<Fr>,
    value: Option<bool>,
    mask: Variable,
) -> Result<FpVar<Fr>, SynthesisError> {
    let value = value.map(Fr::from);
    let bit = cs.new_witness_variable(|| value.ok_or(SynthesisError::AssignmentMissing))?;
    let difference = || LinearCombination(vec![(Fr::ONE, bit), (-Fr::ONE, mask)]);
    cs.enforce_r1cs_constraint(|| bit.into(), difference, || LinearCombination(Vec::new()))?;
    Ok(FpVar::Var(AllocatedFp::new(value, bit, cs.clone())))
}

impl CellVar {
    /// A cell inside its column's mask.
    ///
    /// **Cost**: 26.
    pub(super) fn new_witness(
        cs: &ConstraintSystemRef<Fr>,
        cell: Option<Cell>,
        column: &ColumnVar,
    ) -> Result<Self, SynthesisError> {
        let bit = |i: usize| cell.map(|c| c.bits() >> i & 1 == 1);
        // G1. Value bits stand only where the mask is 1, presence only where the column is used.
        let mut bits = Vec::with_capacity(VALUE_BITS + 1);
        for (i, mask) in column.mask.iter().enumerate() {
            bits.push(masked_bit(cs, bit(i), variable(mask)?)?);
        }
        bits.push(masked_bit(cs, bit(VALUE_BITS), variable(&column.used)?)?);
        let cell = CellVar { bits };
        // G1. Absent means 0: value * (1 - presence) = 0.
        let absent = || {
            LinearCombination(vec![
                (Fr::ONE, Variable::One),
                (-Fr::ONE, cell.presence_variable()),
            ])
        };
        cs.enforce_r1cs_constraint(
            || cell.value_sum(),
            absent,
            || LinearCombination(Vec::new()),
        )?;
        Ok(cell)
    }

    /// The packed cell as terms: sum of 2^i bit_i.
    pub(super) fn terms(&self) -> Vec<(Fr, FpVar<Fr>)> {
        let mut power = Fr::ONE;
        let mut terms = Vec::with_capacity(self.bits.len());
        for bit in &self.bits {
            terms.push((power, bit.clone()));
            power.double_in_place();
        }
        terms
    }

    fn value_sum(&self) -> LinearCombination<Fr> {
        let mut power = Fr::ONE;
        let mut terms = Vec::with_capacity(VALUE_BITS);
        for bit in &self.bits[..VALUE_BITS] {
            terms.push((power, raw(bit)));
            power.double_in_place();
        }
        LinearCombination(terms)
    }

    fn presence_variable(&self) -> Variable {
        raw(&self.bits[VALUE_BITS])
    }
}

/// The variable of a bit that `masked_bit` made.
fn raw(bit: &FpVar<Fr>) -> Variable {
    match bit {
        FpVar::Var(allocated) => allocated.variable,
        FpVar::Constant(_) => Variable::Zero,
    }
}

/// G2. A padding row holds no cell: (sum of presence bits) * (1 - real) = 0. Ten booleans cannot
/// sum to 0 modulo r unless all are 0, and absent cells are 0.
///
/// **Cost**: 1.
pub(super) fn enforce_empty_unless(
    real: &FpVar<Fr>,
    cells: &[CellVar],
    cs: &ConstraintSystemRef<Fr>,
) -> Result<(), SynthesisError> {
    let present = || {
        LinearCombination(
            cells
                .iter()
                .map(|cell| (Fr::ONE, cell.presence_variable()))
                .collect(),
        )
    };
    let padding = || LinearCombination(vec![(Fr::ONE, Variable::One), (-Fr::ONE, raw(real))]);
    cs.enforce_r1cs_constraint(present, padding, || LinearCombination(Vec::new()))
}

/// G11. In a column that is a criterion, a real row holds TRUE: criterion * (cell - real * (1 +
/// presence)) = 0. A padding row holds nothing anyhow.
///
/// **Cost**: 1.
pub(super) fn enforce_criterion(
    real: &FpVar<Fr>,
    cell: &CellVar,
    column: &ColumnVar,
    cs: &ConstraintSystemRef<Fr>,
) -> Result<(), SynthesisError> {
    let criterion = variable(&column.criterion)?;
    let rest = || {
        let mut sum = cell.value_sum();
        sum.0.push((Fr::from(PRESENT), cell.presence_variable()));
        sum.0.push((-Fr::from(PRESENT + 1), raw(real)));
        sum
    };
    cs.enforce_r1cs_constraint(|| criterion.into(), rest, || LinearCombination(Vec::new()))
}
