//! The birationally equivalent Montgomery curve `v^2 = u^3 + 168698 u^2 + u`, on which an addition
//! costs half as much but is not complete.
//!
//! u = (1 + y) / (1 - y), v = u / x (ERC-2494). Every caller states why its points and sums are not
//! special.

use ark_ff::{AdditiveGroup, Field, MontFp};
use ark_r1cs_std::GR1CSVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::SynthesisError;

use super::inverses::Inverses;
use super::{PointVar, hint, quotient, quotient_by};
use crate::babyjubjub::Point;
use crate::field::Fr;
use crate::range::r1cs::linear;

/// Coefficient of the Montgomery curve: 2 (a + d) / (a - d).
pub(super) const MONTGOMERY_A: Fr = MontFp!("168698");

/// A point of the Montgomery curve, not the one at infinity.
#[derive(Clone)]
pub(super) struct MontgomeryVar {
    pub u: FpVar<Fr>,
    pub v: FpVar<Fr>,
}

/// The Montgomery coordinates of affine Edwards points with x != 0 (so neither (0, 1) nor (0, -1)),
/// with one inversion for all.
pub(super) fn coordinates(points: &[Point]) -> Vec<(Fr, Fr)> {
    let mut inverses: Vec<Fr> = points.iter().map(|p| (Fr::ONE - p.y) * p.x).collect();
    ark_ff::batch_inversion(&mut inverses);
    // u = (1 + y) / (1 - y), v = u / x.
    points
        .iter()
        .zip(inverses)
        .map(|(p, inverse)| ((Fr::ONE + p.y) * p.x * inverse, (Fr::ONE + p.y) * inverse))
        .collect()
}

impl MontgomeryVar {
    /// From Edwards coordinates with x != 0.
    ///
    /// **Cost**: 2.
    pub(super) fn from_edwards(point: &PointVar) -> Result<Self, SynthesisError> {
        let one = Fr::ONE;
        let u = quotient(
            &linear(one, &[(one, &point.y)])?,
            &linear(one, &[(-one, &point.y)])?,
        )?;
        let v = quotient(&u, &point.x)?;
        Ok(MontgomeryVar { u, v })
    }

    /// To Edwards coordinates. v != 0 away from the 2-torsion point (0, 0); u = -1 is no point,
    /// because 168696 is not a square.
    ///
    /// **Cost**: 2.
    pub(super) fn to_edwards(&self) -> Result<PointVar, SynthesisError> {
        let one = Fr::ONE;
        let x = quotient(&self.u, &self.v)?;
        let y = quotient(
            &linear(-one, &[(one, &self.u)])?,
            &linear(one, &[(one, &self.u)])?,
        )?;
        Ok(PointVar { x, y })
    }

    /// Sum of two points with different u.
    ///
    /// **Cost**: 3.
    pub(super) fn add(
        &self,
        other: &MontgomeryVar,
        inverses: &mut Inverses,
    ) -> Result<MontgomeryVar, SynthesisError> {
        let run = &other.u - &self.u;
        let slope = quotient_by(&(&other.v - &self.v), &run, inverses.next())?;
        let u = third(&slope, &self.u, &other.u)?;
        let v = reflect(&slope, &self.u, &self.v, &u)?;
        Ok(MontgomeryVar { u, v })
    }

    /// 2 Q + P where `plus`, 2 Q - P elsewhere, as (Q +- P) + Q without the v of the sum in
    /// between.
    ///
    /// **Shape**: u of Q differs from u of P, and u of Q +- P from u of Q. **Cost**: 6.
    pub(super) fn double_and_add(
        &self,
        base: &MontgomeryVar,
        plus: &Boolean<Fr>,
        inverses: &mut Inverses,
    ) -> Result<MontgomeryVar, SynthesisError> {
        let one = Fr::ONE;
        // (2 plus - 1) v_P.
        let twice = FpVar::from(plus.clone()) * &base.v;
        let signed = linear(Fr::ZERO, &[(one.double(), &twice), (-one, &base.v)])?;
        let run = &base.u - &self.u;
        let first = quotient_by(&(&signed - &self.v), &run, inverses.next())?;
        let between = third(&first, &self.u, &base.u)?;
        // The chord through Q and the sum in between: second = -first - 2 v / (between - u).
        let gap = linear(Fr::ZERO, &[(one, &self.u), (-one, &between)])?;
        let twice = linear(Fr::ZERO, &[(one.double(), &self.v)])?;
        let both = quotient_by(&twice, &gap, inverses.next())?;
        let second = &both - &first;
        let u = third(&second, &self.u, &between)?;
        let v = reflect(&second, &self.u, &self.v, &u)?;
        Ok(MontgomeryVar { u, v })
    }
}

/// u of a sum: slope^2 - A - u1 - u2. A witness of its own, so that combinations do not grow along
/// a chain of additions.
fn third(slope: &FpVar<Fr>, u1: &FpVar<Fr>, u2: &FpVar<Fr>) -> Result<FpVar<Fr>, SynthesisError> {
    let value = (|| {
        Ok::<_, SynthesisError>(slope.value()?.square() - MONTGOMERY_A - u1.value()? - u2.value()?)
    })();
    let u = hint(&slope.cs(), value.ok())?;
    slope.mul_equals(
        slope,
        &linear(MONTGOMERY_A, &[(Fr::ONE, &u), (Fr::ONE, u1), (Fr::ONE, u2)])?,
    )?;
    Ok(u)
}

/// v of a sum: slope (u1 - u) - v1.
fn reflect(
    slope: &FpVar<Fr>,
    u1: &FpVar<Fr>,
    v1: &FpVar<Fr>,
    u: &FpVar<Fr>,
) -> Result<FpVar<Fr>, SynthesisError> {
    let value =
        (|| Ok::<_, SynthesisError>(slope.value()? * (u1.value()? - u.value()?) - v1.value()?))();
    let v = hint(&slope.cs(), value.ok())?;
    slope.mul_equals(
        &(u1 - u),
        &linear(Fr::ZERO, &[(Fr::ONE, &v), (Fr::ONE, v1)])?,
    )?;
    Ok(v)
}
