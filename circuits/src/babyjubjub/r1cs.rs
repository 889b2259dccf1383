//! BabyJubjub in the circuit.
//!
//! `PointVar` uses the complete Edwards law: right for any two points on the curve. The two
//! multiplications are faster and sit in `fixed` and `ladder`, each with the argument why none of
//! its incomplete steps can meet a special case.

mod fixed;
mod inverses;
mod ladder;
mod montgomery;
#[cfg(test)]
mod tests;

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::GR1CSVar;
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::{A, D, Point};
use crate::field::Fr;
use crate::range::r1cs::{enforce_zero_if, linear};

pub use fixed::fixed_base_mul;
pub use ladder::any_base_mul;

/// A point in affine Edwards coordinates. Allocation does not check the curve equation:
/// `enforce_on_curve` does.
#[derive(Clone)]
pub struct PointVar {
    pub x: FpVar<Fr>,
    pub y: FpVar<Fr>,
}

/// A witness computed from others, where they have values.
pub(super) fn hint(
    cs: &ConstraintSystemRef<Fr>,
    value: Option<Fr>,
) -> Result<FpVar<Fr>, SynthesisError> {
    FpVar::new_witness(cs.clone(), || {
        value.ok_or(SynthesisError::AssignmentMissing)
    })
}

/// `numerator / denominator` as a witness.
///
/// **Shape**: the denominator is never 0 (the caller says why). **Cost**: 1.
pub(super) fn quotient(
    numerator: &FpVar<Fr>,
    denominator: &FpVar<Fr>,
) -> Result<FpVar<Fr>, SynthesisError> {
    quotient_by(numerator, denominator, None)
}

/// The same where somebody may know one over the denominator.
pub(super) fn quotient_by(
    numerator: &FpVar<Fr>,
    denominator: &FpVar<Fr>,
    inverse: Option<Fr>,
) -> Result<FpVar<Fr>, SynthesisError> {
    let values = numerator.value().ok().zip(denominator.value().ok());
    let value = values.map(|(n, d)| {
        let known = inverse.filter(|own| *own * d == Fr::ONE);
        n * known.or_else(|| d.inverse()).unwrap_or(Fr::ZERO)
    });
    let cs = numerator.cs().or(denominator.cs());
    if let (true, Some(value)) = (cs.is_none(), value) {
        return Ok(FpVar::Constant(value));
    }
    let out = hint(&cs, value)?;
    out.mul_equals(denominator, numerator)?;
    Ok(out)
}

impl PointVar {
    /// Allocates a witness; `None` for key set-up.
    pub fn new_witness(
        cs: ConstraintSystemRef<Fr>,
        point: Option<&Point>,
    ) -> Result<Self, SynthesisError> {
        let missing = SynthesisError::AssignmentMissing;
        Ok(PointVar {
            x: FpVar::new_witness(cs.clone(), || point.map(|p| p.x).ok_or(missing))?,
            y: FpVar::new_witness(cs, || point.map(|p| p.y).ok_or(missing))?,
        })
    }

    /// Allocates two public inputs, x then y; `None` for key set-up.
    pub fn new_input(
        cs: ConstraintSystemRef<Fr>,
        point: Option<&Point>,
    ) -> Result<Self, SynthesisError> {
        let missing = SynthesisError::AssignmentMissing;
        Ok(PointVar {
            x: FpVar::new_input(cs.clone(), || point.map(|p| p.x).ok_or(missing))?,
            y: FpVar::new_input(cs, || point.map(|p| p.y).ok_or(missing))?,
        })
    }

    pub fn constant(point: Point) -> Self {
        PointVar {
            x: FpVar::Constant(point.x),
            y: FpVar::Constant(point.y),
        }
    }

    /// The value.
    ///
    /// **Errors**: set-up mode.
    pub fn value(&self) -> Result<Point, SynthesisError> {
        Ok(Point {
            x: self.x.value()?,
            y: self.y.value()?,
        })
    }

    /// Enforces the curve equation.
    ///
    /// **Cost**: 3.
    pub fn enforce_on_curve(&self) -> Result<(), SynthesisError> {
        let (x2, y2) = (self.x.square()?, self.y.square()?);
        let left = linear(-Fr::ONE, &[(A, &x2), (Fr::ONE, &y2)])?;
        (x2 * D).mul_equals(&y2, &left)
    }

    /// Sum, for any two points of the curve.
    ///
    /// **Cost**: 6; 3 where one is a constant. **Source**: the complete law of eprint 2008/013;
    /// denominators are never 0 on the curve.
    pub fn add(&self, other: &PointVar) -> Result<PointVar, SynthesisError> {
        let one = Fr::ONE;
        let beta = &self.x * &other.y;
        let gamma = &self.y * &other.x;
        // (y1 - a x1)(x2 + y2) + a beta - gamma = y1 y2 - a x1 x2.
        let delta = linear(Fr::ZERO, &[(one, &self.y), (-A, &self.x)])?
            * linear(Fr::ZERO, &[(one, &other.x), (one, &other.y)])?;
        let tau = &beta * &gamma;
        let x = quotient(
            &linear(Fr::ZERO, &[(one, &beta), (one, &gamma)])?,
            &linear(one, &[(D, &tau)])?,
        )?;
        let y_top = linear(Fr::ZERO, &[(one, &delta), (A, &beta), (-one, &gamma)])?;
        Ok(PointVar {
            x,
            y: quotient(&y_top, &linear(one, &[(-D, &tau)])?)?,
        })
    }

    /// The point times two, for any point of the curve.
    ///
    /// **Cost**: 5.
    pub fn double(&self) -> Result<PointVar, SynthesisError> {
        let one = Fr::ONE;
        let xy = &self.x * &self.y;
        let y2 = self.y.square()?;
        let w = xy.square()?;
        // On the curve a x^2 = 1 + d x^2 y^2 - y^2, so y^2 - a x^2 = 2 y^2 - 1 - d w.
        let x = quotient(
            &linear(Fr::ZERO, &[(one.double(), &xy)])?,
            &linear(one, &[(D, &w)])?,
        )?;
        let y = quotient(
            &linear(-one, &[(one.double(), &y2), (-D, &w)])?,
            &linear(one, &[(-D, &w)])?,
        )?;
        Ok(PointVar { x, y })
    }

    pub fn neg(&self) -> Result<PointVar, SynthesisError> {
        Ok(PointVar {
            x: self.x.negate()?,
            y: self.y.clone(),
        })
    }

    /// `yes` where the condition is true, `no` elsewhere.
    ///
    /// **Cost**: 2.
    pub fn select(
        condition: &Boolean<Fr>,
        yes: &PointVar,
        no: &PointVar,
    ) -> Result<PointVar, SynthesisError> {
        Ok(PointVar {
            x: condition.select(&yes.x, &no.x)?,
            y: condition.select(&yes.y, &no.y)?,
        })
    }

    /// Enforces equality.
    ///
    /// **Cost**: 2.
    pub fn enforce_equal(&self, other: &PointVar) -> Result<(), SynthesisError> {
        self.x.enforce_equal(&other.x)?;
        self.y.enforce_equal(&other.y)
    }

    /// Enforces equality where the condition is true.
    ///
    /// **Cost**: 2.
    pub fn enforce_equal_if(
        &self,
        condition: &Boolean<Fr>,
        other: &PointVar,
    ) -> Result<(), SynthesisError> {
        enforce_zero_if(condition, &(&self.x - &other.x))?;
        enforce_zero_if(condition, &(&self.y - &other.y))
    }
}
