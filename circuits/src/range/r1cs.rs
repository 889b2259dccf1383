//! Bits, ranges and comparisons in the circuit (docs/THREATS.md C3).
//!
//! Every comparison here takes a width and is only meaningful for operands already known to fit it;
//! decompositions of up to 253 bits are unique because 2^253 < r, a decomposition of all 254 bits
//! is compared with r.

use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use ark_r1cs_std::GR1CSVar;
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::{AllocatedFp, FpVar};
use ark_relations::gr1cs::{ConstraintSystemRef, LinearCombination, SynthesisError, Variable};

use crate::field::Fr;

/// Bits of r.
pub const FIELD_BITS: usize = 254;

/// A linear combination of field variables and a constant as one variable: no constraint, one
/// combination whatever its length.
pub fn linear(constant: Fr, terms: &[(Fr, &FpVar<Fr>)]) -> Result<FpVar<Fr>, SynthesisError> {
    let cs = terms
        .iter()
        .fold(ConstraintSystemRef::None, |cs, (_, term)| cs.or(term.cs()));
    let value = terms.iter().try_fold(constant, |sum, (coefficient, term)| {
        term.value().ok().map(|v| sum + *coefficient * v)
    });
    if let (true, Some(value)) = (cs.is_none(), value) {
        return Ok(FpVar::Constant(value));
    }
    let variable = cs.new_lc(|| {
        let mut rest = constant;
        let mut out = Vec::with_capacity(terms.len() + 1);
        for (coefficient, term) in terms {
            match term {
                FpVar::Constant(value) => rest += *coefficient * value,
                FpVar::Var(allocated) => out.push((*coefficient, allocated.variable)),
            }
        }
        out.push((rest, Variable::One));
        LinearCombination(out)
    })?;
    Ok(FpVar::Var(AllocatedFp::new(value, variable, cs)))
}

/// The integer with these bits, low first, as a field element: no constraint. Wraps modulo r beyond
/// 253 bits.
pub fn from_bits_le(bits: &[Boolean<Fr>]) -> Result<FpVar<Fr>, SynthesisError> {
    let cs = bits
        .iter()
        .fold(ConstraintSystemRef::None, |cs, bit| cs.or(bit.cs()));
    let values: Option<Vec<bool>> = bits.iter().map(|bit| bit.value().ok()).collect();
    let value = values.map(|bits| {
        bits.iter().rev().fold(Fr::ZERO, |acc, bit| {
            acc.double() + Fr::from(u64::from(*bit))
        })
    });
    if let (true, Some(value)) = (cs.is_none(), value) {
        return Ok(FpVar::Constant(value));
    }
    let variable = cs.new_lc(|| {
        let mut power = Fr::ONE;
        let mut rest = Fr::ZERO;
        let mut out = Vec::with_capacity(bits.len() + 1);
        for bit in bits {
            match bit {
                Boolean::Constant(true) => rest += power,
                Boolean::Constant(false) => {}
                Boolean::Var(allocated) => out.push((power, allocated.variable())),
            }
            power.double_in_place();
        }
        if rest != Fr::ZERO {
            out.push((rest, Variable::One));
        }
        LinearCombination(out)
    })?;
    Ok(FpVar::Var(AllocatedFp::new(value, variable, cs)))
}

/// Allocates the low `n` bits of a value, boolean each, saying nothing yet about their sum.
fn allocate_bits(x: &FpVar<Fr>, n: usize) -> Result<Vec<Boolean<Fr>>, SynthesisError> {
    let value = x.value().ok().map(|v| v.into_bigint());
    if x.is_constant() {
        return Ok((0..n)
            .map(|i| Boolean::constant(value.is_some_and(|v| v.get_bit(i))))
            .collect());
    }
    (0..n)
        .map(|i| {
            Boolean::new_witness(x.cs(), || {
                value
                    .map(|v| v.get_bit(i))
                    .ok_or(SynthesisError::AssignmentMissing)
            })
        })
        .collect()
}

/// Enforces that x is an integer of `n` bits and answers them, low first.
///
/// **Shape**: n <= 253. **Cost**: n + 1. **Errors**: a larger n.
pub fn to_bits_le(x: &FpVar<Fr>, n: usize) -> Result<Vec<Boolean<Fr>>, SynthesisError> {
    if n >= FIELD_BITS {
        return Err(SynthesisError::Unsatisfiable);
    }
    let bits = allocate_bits(x, n)?;
    from_bits_le(&bits)?.enforce_equal(x)?;
    Ok(bits)
}

/// Enforces that x is an integer of `n` bits.
///
/// **Shape**: n <= 253. **Cost**: n + 1. **Errors**: a larger n.
pub fn enforce_bits(x: &FpVar<Fr>, n: usize) -> Result<(), SynthesisError> {
    to_bits_le(x, n).map(|_| ())
}

/// The 254 bits of the canonical integer of x, low first: their integer is below r, so they are
/// unique.
///
/// **Cost**: 407.
pub fn to_bits_canonical(x: &FpVar<Fr>) -> Result<Vec<Boolean<Fr>>, SynthesisError> {
    let bits = allocate_bits(x, FIELD_BITS)?;
    from_bits_le(&bits)?.enforce_equal(x)?;
    let top = (-Fr::ONE).into_bigint();
    enforce_at_most(&bits, &top)?;
    Ok(bits)
}

/// Enforces that the integer with these bits, low first, is at most `bound`.
///
/// From the top, `equal` says whether the bits so far equal the bound's; where the bound has a run
/// of zeros, equal and a one in the run exclude each other.
///
/// **Cost**: one for each 1 of the bound above its trailing ones except the first, one for each run
/// of 0s.
pub fn enforce_at_most(
    bits: &[Boolean<Fr>],
    bound: &impl BigInteger,
) -> Result<(), SynthesisError> {
    let bound_bits = bound.to_bits_le();
    let wanted = |i: usize| bound_bits.get(i).copied().unwrap_or(false);
    // A bound of more bits than there are holds always.
    if bound_bits.iter().skip(bits.len()).any(|bit| *bit) {
        return Ok(());
    }
    let free = (0..bits.len()).take_while(|i| wanted(*i)).count();
    let mut equal = FpVar::Constant(Fr::ONE);
    let mut run: Vec<Boolean<Fr>> = Vec::new();
    for i in (free..bits.len()).rev() {
        if wanted(i) {
            equal *= FpVar::from(bits[i].clone());
            continue;
        }
        run.push(bits[i].clone());
        if i == free || wanted(i - 1) {
            let terms: Vec<FpVar<Fr>> = run.drain(..).map(FpVar::from).collect();
            let ones = linear(
                Fr::ZERO,
                &terms.iter().map(|term| (Fr::ONE, term)).collect::<Vec<_>>(),
            )?;
            equal.mul_equals(&ones, &FpVar::Constant(Fr::ZERO))?;
        }
    }
    Ok(())
}

/// Whether x is 0.
///
/// **Cost**: 2.
pub fn is_zero(x: &FpVar<Fr>) -> Result<Boolean<Fr>, SynthesisError> {
    x.is_zero()
}

/// Enforces that x is not 0.
///
/// **Cost**: 1.
pub fn enforce_not_zero(x: &FpVar<Fr>) -> Result<(), SynthesisError> {
    let inverse = FpVar::new_variable(
        x.cs(),
        || x.value().map(|v| v.inverse().unwrap_or(Fr::ZERO)),
        mode_of(x),
    )?;
    x.mul_equals(&inverse, &FpVar::Constant(Fr::ONE))
}

fn mode_of(x: &FpVar<Fr>) -> ark_r1cs_std::alloc::AllocationMode {
    if x.is_constant() {
        ark_r1cs_std::alloc::AllocationMode::Constant
    } else {
        ark_r1cs_std::alloc::AllocationMode::Witness
    }
}

/// Enforces x = 0 where `condition` is true.
///
/// **Cost**: 1.
pub fn enforce_zero_if(condition: &Boolean<Fr>, x: &FpVar<Fr>) -> Result<(), SynthesisError> {
    FpVar::from(condition.clone()).mul_equals(x, &FpVar::Constant(Fr::ZERO))
}

/// Enforces a < b.
///
/// **Shape**: a and b already known to have `n` bits; n <= 252. **Cost**: n + 1. **Errors**: a
/// larger n.
pub fn enforce_less_than_bits(
    a: &FpVar<Fr>,
    b: &FpVar<Fr>,
    n: usize,
) -> Result<(), SynthesisError> {
    if n + 2 > FIELD_BITS {
        return Err(SynthesisError::Unsatisfiable);
    }
    enforce_bits(&linear(-Fr::ONE, &[(Fr::ONE, b), (-Fr::ONE, a)])?, n)
}

/// Enforces a <= b.
///
/// **Shape**: a and b already known to have `n` bits; n <= 252. **Cost**: n + 1. **Errors**: a
/// larger n.
pub fn enforce_at_most_bits(a: &FpVar<Fr>, b: &FpVar<Fr>, n: usize) -> Result<(), SynthesisError> {
    if n + 2 > FIELD_BITS {
        return Err(SynthesisError::Unsatisfiable);
    }
    enforce_bits(&linear(Fr::ZERO, &[(Fr::ONE, b), (-Fr::ONE, a)])?, n)
}

/// Whether a < b.
///
/// **Shape**: a and b already known to have `n` bits; n <= 252. **Cost**: n + 2. **Errors**: a
/// larger n.
pub fn is_less_than_bits(
    a: &FpVar<Fr>,
    b: &FpVar<Fr>,
    n: usize,
) -> Result<Boolean<Fr>, SynthesisError> {
    if n + 2 > FIELD_BITS {
        return Err(SynthesisError::Unsatisfiable);
    }
    // 2^n + a - b has bit n exactly when a >= b.
    let shifted = linear(
        Fr::from(2u64).pow([n as u64]),
        &[(Fr::ONE, a), (-Fr::ONE, b)],
    )?;
    let bits = to_bits_le(&shifted, n + 1)?;
    Ok(!&bits[n])
}

#[cfg(test)]
mod tests;
