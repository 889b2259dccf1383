//! EdDSA-Poseidon in the circuit.

use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::Signature;
use crate::babyjubjub::r1cs::{PointVar, any_base_mul, fixed_base_mul};
use crate::babyjubjub::{Point, SCALAR_BITS, Scalar};
use crate::domain::CIRCOMLIB;
use crate::field::Fr;
use crate::poseidon::r1cs::hash_var;
use crate::range::r1cs::{enforce_at_most, enforce_not_zero, to_bits_canonical};

/// A signature as a witness: R8 and the bits of S.
#[derive(Clone)]
pub struct SignatureVar {
    /// The nonce point.
    pub r8: PointVar,
    /// S, low bit first.
    pub s_bits: Vec<Boolean<Fr>>,
}

impl SignatureVar {
    /// Allocates a signature; `None` for key set-up.
    ///
    /// **Cost**: 251.
    pub fn new_witness(
        cs: ConstraintSystemRef<Fr>,
        signature: Option<&Signature>,
    ) -> Result<Self, SynthesisError> {
        let r8 = PointVar::new_witness(cs.clone(), signature.map(|s| &s.r8))?;
        let bits = signature.map(|s| s.s.to_bits_le());
        let bit = |i: usize| {
            Boolean::new_witness(cs.clone(), || {
                bits.map(|b| b[i]).ok_or(SynthesisError::AssignmentMissing)
            })
        };
        Ok(SignatureVar {
            r8,
            s_bits: (0..SCALAR_BITS).map(bit).collect::<Result<_, _>>()?,
        })
    }
}

/// Enforces, where `enabled`, that the signature is one of `message` under `key`: `S*B8 = R8 +
/// 8*h*A`, S < l, R8 and A on the curve, 8A != identity.
///
/// Where not enabled, any key, R8 and message satisfy it (and any S < l): the base point stands in
/// for both points and the equation is off.
///
/// **Security**: 8A has order l because A is on the curve and 8A is not the identity, which is all
/// that `any_base_mul` asks of its point. That A itself is in the subgroup is not enforced here;
/// registration does it, and for a key outside only its image 8A counts. **Cost**: 3,287, and 251
/// for the bits of S (circomlib: 4,217 for both).
pub fn enforce_verify(
    enabled: &Boolean<Fr>,
    key: &PointVar,
    signature: &SignatureVar,
    message: &FpVar<Fr>,
) -> Result<(), SynthesisError> {
    let base = PointVar::constant(Point::BASE8);
    // S < l.
    enforce_at_most(&signature.s_bits, &Scalar::greatest())?;
    // h, canonical.
    let r8 = &signature.r8;
    let challenge = hash_var(
        CIRCOMLIB,
        &[
            r8.x.clone(),
            r8.y.clone(),
            key.x.clone(),
            key.y.clone(),
            message.clone(),
        ],
    )?;
    let challenge_bits = to_bits_canonical(&challenge)?;
    // A and R8 on the curve, 8A not the identity (whose first coordinate is 0; (0, -1) is no
    // multiple of 8).
    let key = PointVar::select(enabled, key, &base)?;
    let r8 = PointVar::select(enabled, r8, &base)?;
    key.enforce_on_curve()?;
    r8.enforce_on_curve()?;
    let key8 = key.double()?.double()?.double()?;
    enforce_not_zero(&key8.x)?;
    // The equation.
    let right = r8.add(&any_base_mul(&key8, &challenge_bits)?)?;
    let left = fixed_base_mul(Point::BASE8, &signature.s_bits)?;
    left.enforce_equal_if(enabled, &right)
}

#[cfg(test)]
mod tests;
