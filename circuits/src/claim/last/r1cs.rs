//! The circuit of statement "claim-final" (SPEC section 12).
//!
//! All numbers have 32 bits before they are compared; the native reading is `ClaimFinal::check`.

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::{ClaimFinal, ClaimFinalPrivate, ClaimFinalPublic, LANE_BITS};
use crate::babyjubjub::r1cs::PointVar;
use crate::claim::CountUnit;
use crate::dataset::r1cs::{input, witness};
use crate::field::Fr;
use crate::pedersen::r1cs::{commit_var, scalar_bits};
use crate::range::r1cs::{enforce_at_most_bits, enforce_bits, linear, to_bits_le};
use crate::statement::Synthesize;

/// The instance as variables.
struct InstanceVar {
    total: PointVar,
    unit: FpVar<Fr>,
    k: FpVar<Fr>,
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
        // N2. The unit is boolean.
        let subjects = public.map(|p| p.unit == CountUnit::Subjects);
        let unit = FpVar::from(Boolean::new_input(cs.clone(), || {
            subjects.ok_or(SynthesisError::AssignmentMissing)
        })?);
        Ok(InstanceVar {
            total,
            unit,
            k: input(cs, public.map(|p| Fr::from(p.k)))?,
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
        let misses = witness(&cs, private.map(|p| Fr::from(p.misses)))?;
        let bits = |lane| to_bits_le(lane, LANE_BITS);
        let lanes = (bits(&rows)?, bits(&subjects)?, bits(&misses)?);
        let rho = scalar_bits(cs.clone(), private.map(|p| &p.rho))?;
        commit_var(&[&lanes.0, &lanes.1, &lanes.2], &rho)?.enforce_equal(&instance.total)?;
        // N3. The count reaches the threshold.
        let counted = select(&instance.unit, &rows, &subjects)?;
        enforce_bits(&instance.k, LANE_BITS)?;
        let rest = linear(Fr::ZERO, &[(Fr::ONE, &counted), (-Fr::ONE, &instance.k)])?;
        enforce_bits(&rest, LANE_BITS)?;
        // N4. The hits have as many subjects as the floor asks for.
        enforce_bits(&instance.subject_floor, LANE_BITS)?;
        enforce_at_most_bits(&instance.subject_floor, &subjects, LANE_BITS)?;
        // N6. Where rows are counted, so do the rows that are none; elsewhere the floor does itself.
        let outside = select(&instance.unit, &misses, &instance.subject_floor)?;
        enforce_at_most_bits(&instance.subject_floor, &outside, LANE_BITS)?;
        // N5. The context stands in a constraint.
        witness(&cs, public.map(|p| p.context.0))?.enforce_equal(&instance.context)
    }
}
