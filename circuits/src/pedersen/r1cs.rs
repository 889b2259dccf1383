//! The circuit reading of a Pedersen commitment.

use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use crate::babyjubjub::r1cs::{PointVar, fixed_base_mul};
use crate::babyjubjub::{SCALAR_BITS, Scalar};
use crate::field::Fr;
use crate::generators;

/// The bits of a scalar as witnesses, low first; `None` for key set-up. That the integer is below l
/// is not enforced: multiples of a point of order l do not need it.
///
/// **Cost**: 251.
pub fn scalar_bits(
    cs: ConstraintSystemRef<Fr>,
    scalar: Option<&Scalar>,
) -> Result<Vec<Boolean<Fr>>, SynthesisError> {
    let bits = scalar.map(|s| s.to_bits_le());
    (0..SCALAR_BITS)
        .map(|i| {
            Boolean::new_witness(cs.clone(), || {
                bits.map(|b| b[i]).ok_or(SynthesisError::AssignmentMissing)
            })
        })
        .collect()
}

/// The commitment to lanes given by their bits, low first, under a blinding factor given by its
/// bits.
///
/// **Shape**: at most 8 lanes. **Cost**: about 2 per bit and 6 per lane.
///
/// **Errors**: more lanes.
pub fn commit_var(
    lanes: &[&[Boolean<Fr>]],
    rho_bits: &[Boolean<Fr>],
) -> Result<PointVar, SynthesisError> {
    if lanes.len() > generators::LANES {
        return Err(SynthesisError::Unsatisfiable);
    }
    let mut sum = fixed_base_mul(generators::blind(), rho_bits)?;
    for (i, bits) in lanes.iter().enumerate() {
        sum = sum.add(&fixed_base_mul(generators::lane(i), bits)?)?;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests;
