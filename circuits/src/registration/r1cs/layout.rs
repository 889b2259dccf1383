//! The layout of a block in the circuit: bit masks, used columns, key slots (G8, G9).

use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use crate::dataset::{BLOCK_COLUMNS, ColumnLayout, LAYOUT_LIMB_BITS, LAYOUT_SLOT_BITS};
use crate::domain;
use crate::field::Fr;
use crate::page::VALUE_BITS;
use crate::poseidon::r1cs::hash_var;
use crate::range::r1cs::{from_bits_le, linear};

/// One column's layout, every part as booleans, so that the packed integer has one opening only.
pub(super) struct ColumnVar {
    pub(super) mask: Vec<Boolean<Fr>>,
    pub(super) used: Boolean<Fr>,
    pub(super) slot: [Boolean<Fr>; LAYOUT_SLOT_BITS],
    limb: Vec<Boolean<Fr>>,
    pub(super) criterion: Boolean<Fr>,
}

fn bits(
    cs: &ConstraintSystemRef<Fr>,
    value: Option<u32>,
    n: usize,
) -> Result<Vec<Boolean<Fr>>, SynthesisError> {
    (0..n)
        .map(|i| {
            Boolean::new_witness(cs.clone(), || {
                value
                    .map(|v| v >> i & 1 == 1)
                    .ok_or(SynthesisError::AssignmentMissing)
            })
        })
        .collect()
}

impl ColumnVar {
    /// **Cost**: 38, and 3 to refuse slot 15.
    fn new_witness(
        cs: &ConstraintSystemRef<Fr>,
        column: Option<&ColumnLayout>,
    ) -> Result<Self, SynthesisError> {
        let mask = bits(cs, column.map(|c| c.mask), VALUE_BITS)?;
        let flag = |value: Option<bool>| {
            Boolean::new_witness(cs.clone(), || {
                value.ok_or(SynthesisError::AssignmentMissing)
            })
        };
        let used = flag(column.map(|c| c.used))?;
        let criterion = flag(column.map(|c| c.criterion))?;
        let slot = bits(cs, column.map(|c| u32::from(c.slot)), LAYOUT_SLOT_BITS)?;
        let limb = bits(cs, column.map(|c| u32::from(c.limb)), LAYOUT_LIMB_BITS)?;
        let slot: [Boolean<Fr>; LAYOUT_SLOT_BITS] =
            slot.try_into().map_err(|_| SynthesisError::Unsatisfiable)?;
        // G8. There is no slot 15.
        let upper = FpVar::from(&slot[2] & &slot[3]);
        FpVar::from(&slot[0] & &slot[1]).mul_equals(&upper, &FpVar::Constant(Fr::from(0u64)))?;
        Ok(ColumnVar {
            mask,
            used,
            slot,
            limb,
            criterion,
        })
    }

    /// The packed column: no constraint.
    fn pack(&self) -> Result<FpVar<Fr>, SynthesisError> {
        let all = [
            self.mask.as_slice(),
            std::slice::from_ref(&self.used),
            &self.slot,
            &self.limb,
            std::slice::from_ref(&self.criterion),
        ]
        .concat();
        from_bits_le(&all)
    }
}

/// Allocates the ten columns and opens the layout.
///
/// **Cost**: 41 a column and one hash of ten.
pub(super) fn open_layout(
    cs: &ConstraintSystemRef<Fr>,
    layout: Option<&[ColumnLayout; BLOCK_COLUMNS]>,
    expected: &FpVar<Fr>,
) -> Result<Vec<ColumnVar>, SynthesisError> {
    let columns = (0..BLOCK_COLUMNS)
        .map(|i| ColumnVar::new_witness(cs, layout.map(|l| &l[i])))
        .collect::<Result<Vec<ColumnVar>, SynthesisError>>()?;
    // G9. Layout integrity: the bits are boolean and the packed integers fit 38 bits, so they are
    // the ones that were hashed.
    let packed = columns
        .iter()
        .map(ColumnVar::pack)
        .collect::<Result<Vec<_>, _>>()?;
    hash_var(domain::LAYOUT, &packed)?.enforce_equal(expected)?;
    Ok(columns)
}

/// Absolute position of a block's column page: 2 + 10 * block index + column; no constraint.
pub(super) fn position(
    block_index: &FpVar<Fr>,
    column: usize,
) -> Result<FpVar<Fr>, SynthesisError> {
    let first = Fr::from(2 + column as u64);
    linear(first, &[(Fr::from(BLOCK_COLUMNS as u64), block_index)])
}
