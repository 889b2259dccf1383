//! Multiplication of a hidden point by a hidden integer.
//!
//! The running point is (2 K + 1) P, K a prefix of an integer k, from the top bit down; a step is 2
//! Q + P or 2 Q - P on the Montgomery curve, 6 constraints. It answers 2 k P + P; as
//! k = (e div 2) + C with a constant C that is a multiple of l, taking back P, or nothing where e
//! is odd, gives e P.
//!
//! Why no step is special, for P of order l: C is chosen so that k always has its top bit set, in
//! whatever way e begins. The first running point is 3 P, the integer m = 2 K + 1 of each one is
//! odd, at least 3 and, in the steps done here, below l / 2 - 1. A step would be special only if m
//! = +-1 (equal or opposite u of Q and P), 2 m +- 1 = 0 (of the sum and Q) or m = 0, each modulo l;
//! none of these holds for 3 <= m < l / 2 - 1. The last few bits, where m is larger,
//! use the complete Edwards law. The circuit enforces nothing about the order of P: callers do
//! (SPEC, E3 and section 10).

use ark_ff::{AdditiveGroup, BigInteger, Field, PrimeField};
use ark_r1cs_std::GR1CSVar;
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::PointVar;
use super::inverses::Inverses;
use super::montgomery::MontgomeryVar;
use crate::babyjubjub::extended::Extended;
use crate::babyjubjub::{Point, Scalar};
use crate::field::Fr;
use crate::range::r1cs::{from_bits_le, linear};

type Integer = ark_ff::BigInt<4>;

/// Bits of the low limb in the addition of C.
const LOW_BITS: usize = 128;
/// Least position of the top bit of k: between 2^252 and 2^252 + 2^251 lies a multiple of l.
const LEAST_TOP: usize = 252;
/// Bits of the largest m for which a Montgomery step is proven safe: 2^249 < l / 2 - 1.
const SAFE_BITS: usize = 249;

/// The least multiple of l that is at least 2^top.
fn offset(top: usize) -> Integer {
    let order = order();
    let mut bound = Integer::from(1u64);
    bound <<= top as u32;
    let mut multiple = order;
    while multiple < bound {
        multiple.add_with_carry(&order);
    }
    multiple
}

fn order() -> Integer {
    let bits = Scalar::order_bits_le();
    Integer::from_bits_le(&bits)
}

fn limbs(value: &Integer) -> (Fr, Fr) {
    let field = |limbs: [u64; 4]| Fr::from_bigint(Integer::new(limbs)).unwrap_or(Fr::ZERO);
    (
        field([value.0[0], value.0[1], 0, 0]),
        field([value.0[2], value.0[3], 0, 0]),
    )
}

/// The bits of (integer + C) below its top bit, low first.
///
/// Two limbs and a carry, so the sum is one of integers. **Cost**: top + 3.
fn add_offset(
    cs: &ConstraintSystemRef<Fr>,
    bits: &[Boolean<Fr>],
    top: usize,
) -> Result<Vec<Boolean<Fr>>, SynthesisError> {
    let constant = offset(top);
    let values: Option<Vec<bool>> = bits.iter().map(|bit| bit.value().ok()).collect();
    let low_of = |value: &Integer| Integer::new([value.0[0], value.0[1], 0, 0]);
    let summed = values.map(|values| {
        let integer = Integer::from_bits_le(&values);
        let (mut sum, mut low) = (integer, low_of(&integer));
        sum.add_with_carry(&constant);
        low.add_with_carry(&low_of(&constant));
        (sum, low.get_bit(LOW_BITS))
    });
    let missing = SynthesisError::AssignmentMissing;
    let bit = |i: usize| {
        Boolean::new_witness(cs.clone(), || {
            summed.map(|(sum, _)| sum.get_bit(i)).ok_or(missing)
        })
    };
    let out = (0..top).map(bit).collect::<Result<Vec<_>, _>>()?;
    let carry = FpVar::from(Boolean::new_witness(cs.clone(), || {
        summed.map(|(_, carry)| carry).ok_or(missing)
    })?);

    let two = |n: usize| Fr::from(2u64).pow([n as u64]);
    let (low_bits, high_bits) = bits.split_at(LOW_BITS.min(bits.len()));
    let (constant_low, constant_high) = limbs(&constant);
    let (low, high) = (from_bits_le(low_bits)?, from_bits_le(high_bits)?);
    let (out_low, out_high) = (
        from_bits_le(&out[..LOW_BITS])?,
        from_bits_le(&out[LOW_BITS..])?,
    );
    linear(constant_low, &[(Fr::ONE, &low), (-two(LOW_BITS), &carry)])?.enforce_equal(&out_low)?;
    linear(
        constant_high - two(top - LOW_BITS),
        &[(Fr::ONE, &high), (Fr::ONE, &carry)],
    )?
    .enforce_equal(&out_high)?;
    Ok(out)
}

/// `point` times the integer with these bits, low first.
///
/// **Shape**: `point` in the prime subgroup and not the identity, enforced by the caller; 1 to 254
/// bits. **Cost**: 7 per bit and about 60; 1,848 for 254 bits.
///
/// **Errors**: another number of bits.
pub fn any_base_mul(point: &PointVar, bits: &[Boolean<Fr>]) -> Result<PointVar, SynthesisError> {
    if bits.is_empty() || bits.len() > 254 {
        return Err(SynthesisError::Unsatisfiable);
    }
    let top = LEAST_TOP.max(bits.len());
    let cs = bits
        .iter()
        .fold(ConstraintSystemRef::None, |cs, bit| cs.or(bit.cs()));
    if cs.is_none() {
        return constant_mul(point, bits);
    }
    let scalar_bits = add_offset(&cs, &bits[1..], top)?;
    let base = MontgomeryVar::from_edwards(point)?;
    // 3 P, by the complete law.
    let mut running = MontgomeryVar::from_edwards(&point.double()?.add(point)?)?;
    // Before step j of the loop m has at most j + 2 bits.
    let (tail, steps) = scalar_bits.split_at(top - (SAFE_BITS - 1));
    let mut inverses = inverses(point, steps);
    for bit in steps.iter().rev() {
        running = running.double_and_add(&base, bit, &mut inverses)?;
    }
    let minus = point.neg()?;
    let mut total = running.to_edwards()?;
    for bit in tail.iter().rev() {
        total = total
            .double()?
            .add(&PointVar::select(bit, point, &minus)?)?;
    }
    let identity = PointVar::constant(Point::IDENTITY);
    total.add(&PointVar::select(&bits[0], &identity, &minus)?)
}

/// Of the steps' denominators: u of P less u of Q, and u of Q less u of Q +- P.
fn inverses(point: &PointVar, steps: &[Boolean<Fr>]) -> Inverses {
    let bits: Option<Vec<bool>> = steps.iter().rev().map(|bit| bit.value().ok()).collect();
    let Some((point, bits)) = point.value().ok().zip(bits) else {
        return Inverses::of(&[]);
    };
    let plus = Extended::from(point);
    let minus = plus.neg();
    let mut running = plus.double().add(&plus);
    let mut pairs = Vec::with_capacity(2 * bits.len());
    for bit in bits {
        let between = running.add(if bit { &plus } else { &minus });
        pairs.extend([[running, plus], [between, running]]);
        running = between.add(&running);
    }
    Inverses::of(&pairs)
}

/// The same for a public integer, by doubling and adding.
fn constant_mul(point: &PointVar, bits: &[Boolean<Fr>]) -> Result<PointVar, SynthesisError> {
    let mut total = PointVar::constant(Point::IDENTITY);
    for bit in bits.iter().rev() {
        total = total.double()?;
        if bit.value()? {
            total = total.add(point)?;
        }
    }
    Ok(total)
}
