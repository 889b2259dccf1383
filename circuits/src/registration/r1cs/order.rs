//! Padding, order and counts in the circuit (G2, G3).
//!
//! Row i has a running pseudonym v(i) = v(i-1) + d(i), starting from the link, with d(i) < 2^120.
//! Within a chunk v grows by less than 256 * 2^120 < 2^128, so no sum wraps modulo r; with v(last)
//! < 2^120 every v is below 2^120 if the first one was, and that one is what the chunk before ended
//! with, or 0.

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::GR1CSVar;
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use crate::dataset::r1cs::witness;
use crate::field::Fr;
use crate::page::PSEUDONYM_BITS;
use crate::range::r1cs::{enforce_bits, is_zero, linear};
use crate::registration::BlockRow;

/// Flags and pseudonyms of a chunk.
pub(super) struct OrderVar {
    /// 1 on real rows.
    pub(super) real: Vec<FpVar<Fr>>,
    /// 1 where a subject starts.
    pub(super) new_subject: Vec<FpVar<Fr>>,
    /// The pseudonym cell: 0 on padding.
    pub(super) pseudonym: Vec<FpVar<Fr>>,
    /// The last real row's pseudonym.
    pub(super) last: FpVar<Fr>,
}

/// Allocates the rows' flags and pseudonyms and enforces prefix, order and new subjects.
///
/// **Cost**: 127 a row (128 with the prefix), and 121.
pub(super) fn order(
    cs: &ConstraintSystemRef<Fr>,
    rows: Option<&[BlockRow]>,
    n_rows: usize,
    start: &FpVar<Fr>,
) -> Result<OrderVar, SynthesisError> {
    let (mut real, mut new_subject, mut pseudonym) = (Vec::new(), Vec::new(), Vec::new());
    let mut running = start.clone();
    for i in 0..n_rows {
        let row = rows.and_then(|rows| rows.get(i));
        let missing = SynthesisError::AssignmentMissing;
        let is_real =
            Boolean::new_witness(cs.clone(), || row.map(|r| r.flags.real).ok_or(missing))?;
        let is_real_var = FpVar::from(is_real.clone());
        // G2. Row 0 is real; a real row follows only a real row.
        match real.last() {
            None => is_real.enforce_equal(&Boolean::TRUE)?,
            Some(before) => {
                is_real_var.mul_equals(&complement(before)?, &FpVar::Constant(Fr::ZERO))?
            }
        }
        // G3. The difference to the row before is in range, and 0 on padding, where the running
        // pseudonym stays.
        let value = row.map(|r| {
            if r.flags.real {
                Fr::from(r.pseudonym)
            } else {
                running.value().unwrap_or_default()
            }
        });
        let next = witness(cs, value)?;
        let difference = linear(Fr::ZERO, &[(Fr::ONE, &next), (-Fr::ONE, &running)])?;
        enforce_bits(&difference, PSEUDONYM_BITS)?;
        difference.mul_equals(&complement(&is_real_var)?, &FpVar::Constant(Fr::ZERO))?;
        // G3. A subject is new exactly where the pseudonym rises; on padding it does not.
        new_subject.push(FpVar::from(!is_zero(&difference)?));
        // G2. The pseudonym cell is the running pseudonym on real rows and 0 on padding.
        pseudonym.push(&next * &is_real_var);
        real.push(is_real_var);
        running = next;
    }
    // G3. The last pseudonym is in range.
    enforce_bits(&running, PSEUDONYM_BITS)?;
    Ok(OrderVar {
        real,
        new_subject,
        pseudonym,
        last: running,
    })
}

/// 1 - x: no constraint.
pub(super) fn complement(x: &FpVar<Fr>) -> Result<FpVar<Fr>, SynthesisError> {
    linear(Fr::ONE, &[(-Fr::ONE, x)])
}

/// Sum: no constraint.
pub(super) fn sum(start: &FpVar<Fr>, terms: &[FpVar<Fr>]) -> Result<FpVar<Fr>, SynthesisError> {
    let mut all = vec![(Fr::ONE, start)];
    all.extend(terms.iter().map(|term| (Fr::ONE, term)));
    linear(Fr::ZERO, &all)
}
