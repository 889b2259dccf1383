//! The circuit reading of an absence proof.

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::Absence;
use crate::domain::{REVOCATION_LEAF, TreeKind};
use crate::field::Fr;
use crate::merkle::r1cs::{PathVar, enforce_member};
use crate::poseidon::r1cs::hash_var;
use crate::range::r1cs::{enforce_bits, linear};

/// Bits of a revocation index.
pub const INDEX_BITS: usize = 64;

/// An absence proof as a witness.
pub struct AbsenceVar {
    low_value: FpVar<Fr>,
    low_next: FpVar<Fr>,
    /// Whether the low leaf is the last one.
    is_last: Boolean<Fr>,
    path: PathVar,
}

impl AbsenceVar {
    /// Allocates a proof against a tree of this depth; `None` for key set-up.
    ///
    /// **Errors**: a path of another depth, or an index beyond it.
    pub fn new_witness(
        cs: ConstraintSystemRef<Fr>,
        depth: usize,
        absence: Option<&Absence>,
    ) -> Result<Self, SynthesisError> {
        let missing = SynthesisError::AssignmentMissing;
        Ok(AbsenceVar {
            low_value: FpVar::new_witness(cs.clone(), || {
                absence.map(|a| Fr::from(a.low_value)).ok_or(missing)
            })?,
            low_next: FpVar::new_witness(cs.clone(), || {
                absence.map(|a| Fr::from(a.low_next)).ok_or(missing)
            })?,
            is_last: Boolean::new_witness(cs.clone(), || {
                absence.map(|a| a.low_next == 0).ok_or(missing)
            })?,
            path: PathVar::new_witness(cs, depth, absence.map(|a| &a.path))?,
        })
    }
}

/// Enforces, where `enabled`, that x is not in the tree with this root. Where not enabled, zeros
/// (`Absence::placeholder`) satisfy it for any x and root.
///
/// **Shape**: x already known to have 64 bits; x = 0 fails, because no leaf is below it.
/// **Cost**: 628 per level, 240 for the leaf, 4 * 65 for the ranges, 5.
pub fn enforce_absent(
    enabled: &Boolean<Fr>,
    root: &FpVar<Fr>,
    x: &FpVar<Fr>,
    absence: AbsenceVar,
) -> Result<(), SynthesisError> {
    let AbsenceVar {
        low_value,
        low_next,
        is_last,
        path,
    } = absence;
    enforce_bits(&low_value, INDEX_BITS)?;
    enforce_bits(&low_next, INDEX_BITS)?;
    let on = FpVar::from(enabled.clone());
    let last = FpVar::from(is_last);
    // low_value < x.
    let above = linear(-Fr::ONE, &[(Fr::ONE, x), (-Fr::ONE, &low_value)])?;
    enforce_bits(&(&on * &above), INDEX_BITS)?;
    // x < low_next, or low_next = 0 and 2^64 stands in its place.
    last.mul_equals(&low_next, &FpVar::Constant(Fr::ZERO))?;
    let infinity = Fr::from(2u64).pow([INDEX_BITS as u64]);
    let below = linear(
        -Fr::ONE,
        &[(Fr::ONE, &low_next), (infinity, &last), (-Fr::ONE, x)],
    )?;
    enforce_bits(&(&on * &below), INDEX_BITS)?;
    let leaf = hash_var(REVOCATION_LEAF, &[low_value, low_next])?;
    enforce_member(enabled, TreeKind::Revocation, root, &leaf, path)
}

#[cfg(test)]
mod tests;
