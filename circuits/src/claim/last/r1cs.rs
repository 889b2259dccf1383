//! The circuit of statement "claim-final" (SPEC section 12).
//!
//! All numbers have 32 bits before they are compared; the native reading is `ClaimFinal::check`.

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::{ClaimFinal, ClaimFinalPrivate, ClaimFinalPublic, LANE_BITS};
use crate::babyjubjub::r1cs::PointVar;
use crate::claim::{ClaimKind, CountUnit};
use crate::dataset::r1cs::{input, witness};
use crate::field::Fr;
use crate::pedersen::r1cs::{commit_var, scalar_bits};
use crate::range::r1cs::{enforce_at_most_bits, enforce_bits, linear, to_bits_le};
use crate::statement::Synthesize;

/// The instance as variables.
struct InstanceVar {
    total: PointVar,
    kind: FpVar<Fr>,
    unit: FpVar<Fr>,
    k: FpVar<Fr>,
    n_rows: FpVar<Fr>,
    n_subjects: FpVar<Fr>,
    subject_floor: FpVar<Fr>,
    context: FpVar<Fr>,
}

impl InstanceVar {
    /// Allocates the instance in SPEC order.
    fn new(
        cs: &ConstraintSystemRef<Fr>,
        public: Option<&ClaimFinalPublic>,
    ) -> Result<Self, SynthesisError> {
        let total = PointVar::new_input(cs.clone(), public.map(|p| &p.total))?;
        let kind = input(cs, public.map(|p| Fr::from(p.kind.code())))?;
        // N2. The unit is boolean.
        let subjects = public.map(|p| p.unit == CountUnit::Subjects);
        let unit = FpVar::from(Boolean::new_input(cs.clone(), || {
            subjects.ok_or(SynthesisError::AssignmentMissing)
        })?);
        Ok(InstanceVar {
            total,
            kind,
            unit,
            k: input(cs, public.map(|p| Fr::from(p.k)))?,
            n_rows: input(cs, public.map(|p| Fr::from(p.n_rows)))?,
            n_subjects: input(cs, public.map(|p| Fr::from(p.n_subjects)))?,
            subject_floor: input(cs, public.map(|p| Fr::from(p.subject_floor)))?,
            context: input(cs, public.map(|p| p.context.0))?,
        })
    }
}

/// `low + unit (high - low)`.
///
/// **Cost**: 1.
fn select(
    unit: &FpVar<Fr>,
    low: &FpVar<Fr>,
    high: &FpVar<Fr>,
) -> Result<FpVar<Fr>, SynthesisError> {
    let part = unit * &linear(Fr::ZERO, &[(Fr::ONE, high), (-Fr::ONE, low)])?;
    linear(Fr::ZERO, &[(Fr::ONE, low), (Fr::ONE, &part)])
}

/// N2. The kind as two booleans, `all` and `none`, that exclude each other.
fn open_kind(
    cs: &ConstraintSystemRef<Fr>,
    kind: Option<ClaimKind>,
    expected: &FpVar<Fr>,
) -> Result<(FpVar<Fr>, FpVar<Fr>), SynthesisError> {
    let bit = |wanted: ClaimKind| -> Result<FpVar<Fr>, SynthesisError> {
        let value = kind.map(|kind| kind == wanted);
        Ok(FpVar::from(Boolean::new_witness(cs.clone(), || {
            value.ok_or(SynthesisError::AssignmentMissing)
        })?))
    };
    let (all, none) = (bit(ClaimKind::All)?, bit(ClaimKind::None)?);
    all.mul_equals(&none, &FpVar::Constant(Fr::ZERO))?;
    linear(Fr::ZERO, &[(Fr::ONE, &all), (Fr::ONE.double(), &none)])?.enforce_equal(expected)?;
    Ok((all, none))
}

impl Synthesize for ClaimFinal {
    fn synthesize(
        cs: ConstraintSystemRef<Fr>,
        public: Option<&ClaimFinalPublic>,
        private: Option<&ClaimFinalPrivate>,
    ) -> Result<(), SynthesisError> {
        let instance = InstanceVar::new(&cs, public)?;
        // N1. The total opens to lanes of 32 bits.
        let rows = witness(&cs, private.map(|p| Fr::from(p.rows)))?;
        let subjects = witness(&cs, private.map(|p| Fr::from(p.subjects)))?;
        let (row_bits, subject_bits) = (
            to_bits_le(&rows, LANE_BITS)?,
            to_bits_le(&subjects, LANE_BITS)?,
        );
        let rho = scalar_bits(cs.clone(), private.map(|p| &p.rho))?;
        commit_var(&[&row_bits, &subject_bits], &rho)?.enforce_equal(&instance.total)?;
        let (all, none) = open_kind(&cs, public.map(|p| p.kind), &instance.kind)?;
        // N3. The count reaches the threshold, is the whole, or is nothing.
        let zero = FpVar::Constant(Fr::ZERO);
        let counted = select(&instance.unit, &rows, &subjects)?;
        let size = select(&instance.unit, &instance.n_rows, &instance.n_subjects)?;
        let count = linear(Fr::ONE, &[(-Fr::ONE, &all), (-Fr::ONE, &none)])?;
        enforce_bits(&instance.k, LANE_BITS)?;
        enforce_bits(
            &(count * linear(Fr::ZERO, &[(Fr::ONE, &counted), (-Fr::ONE, &instance.k)])?),
            LANE_BITS,
        )?;
        all.mul_equals(
            &linear(Fr::ZERO, &[(Fr::ONE, &counted), (-Fr::ONE, &size)])?,
            &zero,
        )?;
        none.mul_equals(&rows, &zero)?;
        // N4. The hits have as many subjects as the floor asks for.
        enforce_bits(&instance.subject_floor, LANE_BITS)?;
        enforce_at_most_bits(&instance.subject_floor, &subjects, LANE_BITS)?;
        // N5. The context, and the sizes that only some claims speak of, stand in constraints.
        let bind = |value: Option<Fr>, bound: &FpVar<Fr>| witness(&cs, value)?.enforce_equal(bound);
        bind(public.map(|p| p.context.0), &instance.context)?;
        bind(public.map(|p| Fr::from(p.n_rows)), &instance.n_rows)?;
        bind(public.map(|p| Fr::from(p.n_subjects)), &instance.n_subjects)
    }
}
