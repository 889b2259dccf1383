//! The circuit of statement "eligibility" (SPEC section 7). The native reading is `check`.
//!
//! The opened alternative says which visas are on. A visa that is off is a row of zeros whose block
//! is zeros: its clauses ask for nothing, and everything else about it is gated by `on`. The anchor
//! is always on.

mod clause;
mod opening;
#[cfg(test)]
mod tests;
mod visa;

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::{Eligibility, EligibilityPrivate, EligibilityPublic};
use crate::dataset::r1cs::{input, witness};
use crate::domain;
use crate::field::Fr;
use crate::poseidon::r1cs::hash_var;
use crate::range::r1cs::{enforce_bits, enforce_not_zero, enforce_zero_if, is_zero, linear};
use crate::statement::Synthesize;
use crate::visa::{DAY_BITS, Slot, VisaSchema};
use opening::OpeningVar;
use visa::{Place, VisaVar};

/// Constraints of one part of the circuit.
pub type Part = (&'static str, usize);

/// The public inputs.
struct InputsVar {
    policy_root: FpVar<Fr>,
    issuer_root: FpVar<Fr>,
    day: FpVar<Fr>,
    scope: FpVar<Fr>,
    request: FpVar<Fr>,
    context: FpVar<Fr>,
    nullifier: FpVar<Fr>,
    disclosure: FpVar<Fr>,
}

impl InputsVar {
    /// Allocates them in the order of the instance; `None` for key set-up.
    fn new_input(
        cs: &ConstraintSystemRef<Fr>,
        public: Option<&EligibilityPublic>,
    ) -> Result<Self, SynthesisError> {
        Ok(InputsVar {
            policy_root: input(cs, public.map(|p| p.policy_root.felt().0))?,
            issuer_root: input(cs, public.map(|p| p.issuer_root.felt().0))?,
            day: input(cs, public.map(|p| p.day.felt().0))?,
            scope: input(cs, public.map(|p| p.scope.0))?,
            request: input(cs, public.map(|p| p.request.0))?,
            context: input(cs, public.map(|p| p.context.0))?,
            nullifier: input(cs, public.map(|p| p.nullifier.felt().0))?,
            disclosure: input(cs, public.map(|p| p.disclosure.0))?,
        })
    }
}

/// What every visa is judged against.
struct Setting {
    issuer_root: FpVar<Fr>,
    day: FpVar<Fr>,
    secret: FpVar<Fr>,
    /// Study, purpose, disease, region, submitter.
    request: Vec<FpVar<Fr>>,
}

impl<const TIER: usize> Synthesize for Eligibility<TIER> {
    fn synthesize(
        cs: ConstraintSystemRef<Fr>,
        public: Option<&EligibilityPublic>,
        private: Option<&EligibilityPrivate>,
    ) -> Result<(), SynthesisError> {
        synthesize_parts(&cs, TIER, public, private).map(|_| ())
    }
}

/// The circuit, with the number of constraints of each part.
///
/// **Errors**: a missing assignment; a witness of another shape than the tier.
pub fn synthesize_parts(
    cs: &ConstraintSystemRef<Fr>,
    tier: usize,
    public: Option<&EligibilityPublic>,
    private: Option<&EligibilityPrivate>,
) -> Result<Vec<Part>, SynthesisError> {
    if private.is_some_and(|p| p.visas.len() != tier || p.alternative.blocks.len() != tier) {
        return Err(SynthesisError::Unsatisfiable);
    }
    let mut parts = Vec::new();
    let mut mark = |name| parts.push((name, cs.num_constraints()));
    let inputs = InputsVar::new_input(cs, public)?;
    // E1 and E2. The alternative and its header.
    let opening = OpeningVar::new_witness(cs, tier, private)?;
    opening.enforce_root(cs, &inputs.policy_root, private)?;
    mark("policy");
    let setting = enforce_setting(cs, inputs, public, private)?;
    mark("request, nullifier, context");
    let mut visas = Vec::with_capacity(tier);
    for i in 0..tier {
        let place = Place {
            cs,
            setting: &setting,
            on: &opening.on[i],
            block: &opening.blocks[i],
            visa: private.map(|p| &p.visas[i]),
        };
        visas.push(VisaVar::enforce(&place, &mut mark)?);
    }
    enforce_study(&setting, &opening, &visas)?;
    enforce_anchor(&setting, &opening, &visas[0])?;
    mark("study and anchor");
    enforce_institutions(&opening, &visas)?;
    enforce_different(&opening, &visas)?;
    mark("visas against each other");
    // E14. Path clause.
    opening.enforce_path(cs, &visas, private)?;
    mark("path clause");
    Ok(differences(parts))
}

fn differences(parts: Vec<Part>) -> Vec<Part> {
    let mut before = 0;
    parts
        .into_iter()
        .map(|(name, at)| (name, at - std::mem::replace(&mut before, at)))
        .collect()
}

/// E15 to E18, and the first halves of E6 and E7.
fn enforce_setting(
    cs: &ConstraintSystemRef<Fr>,
    inputs: InputsVar,
    public: Option<&EligibilityPublic>,
    private: Option<&EligibilityPrivate>,
) -> Result<Setting, SynthesisError> {
    // E15. The request opens.
    let request = request_values(cs, &inputs.request, private)?;
    // E16. Nullifier. E7, first half: the secret is not 0.
    let secret = witness(cs, private.map(|p| p.secret))?;
    enforce_not_zero(&secret)?;
    hash_var(domain::NULLIFIER, &[secret.clone(), inputs.scope])?
        .enforce_equal(&inputs.nullifier)?;
    // E17. Context; the scope is in the nullifier.
    witness(cs, public.map(|p| p.context.0))?.enforce_equal(&inputs.context)?;
    // E18. Nothing is disclosed.
    inputs
        .disclosure
        .enforce_equal(&FpVar::Constant(Fr::ZERO))?;
    // E6, first half: the day fits its width.
    enforce_bits(&inputs.day, DAY_BITS)?;
    Ok(Setting {
        issuer_root: inputs.issuer_root,
        day: inputs.day,
        secret,
        request,
    })
}

/// E15: study, purpose, disease, region and submitter open the request.
fn request_values(
    cs: &ConstraintSystemRef<Fr>,
    request_hash: &FpVar<Fr>,
    private: Option<&EligibilityPrivate>,
) -> Result<Vec<FpVar<Fr>>, SynthesisError> {
    let values = (0..5)
        .map(|i| witness(cs, private.map(|p| p.request.0[i])))
        .collect::<Result<Vec<_>, _>>()?;
    let salt = witness(cs, private.map(|p| p.study_salt))?;
    let hidden = hash_var(domain::STUDY_BLIND, &[values[0].clone(), salt])?;
    let parts = [&[hidden], &values[1..]].concat();
    hash_var(domain::REQUEST, &parts)?.enforce_equal(request_hash)?;
    Ok(values)
}

/// Whether the schema id is one of these.
fn is_schema(
    id: &FpVar<Fr>,
    wanted: fn(VisaSchema) -> bool,
) -> Result<Boolean<Fr>, SynthesisError> {
    let mut product = FpVar::Constant(Fr::ONE);
    for schema in VisaSchema::ALL.into_iter().filter(|schema| wanted(*schema)) {
        product *= linear(-schema.id().felt().0, &[(Fr::ONE, id)])?;
    }
    is_zero(&product)
}

/// E12. Where it is required: the request names a study, and every approval is for it.
fn enforce_study(
    setting: &Setting,
    opening: &OpeningVar,
    visas: &[VisaVar],
) -> Result<(), SynthesisError> {
    let study = &setting.request[0];
    let required = &opening.require_study;
    enforce_zero_if(required, &FpVar::from(is_zero(study)?))?;
    for (visa, on) in visas.iter().zip(&opening.on) {
        let approval = is_schema(visa.slot(Slot::Schema), VisaSchema::is_approval)?;
        let gate = &(&approval & required) & on;
        enforce_zero_if(&gate, &(visa.slot(Slot::Study) - study))?;
    }
    Ok(())
}

/// E8 and E13. The first visa is an anchor of an institution, its issuer's unless that may vouch
/// for any, and the submitter's where that is required.
fn enforce_anchor(
    setting: &Setting,
    opening: &OpeningVar,
    anchor: &VisaVar,
) -> Result<(), SynthesisError> {
    is_schema(anchor.slot(Slot::Schema), VisaSchema::is_anchor)?.enforce_equal(&Boolean::TRUE)?;
    let institution = anchor.slot(Slot::Institution);
    enforce_not_zero(institution)?;
    let issuers = &anchor.issuer.institution;
    issuers.mul_equals(&(issuers - institution), &FpVar::Constant(Fr::ZERO))?;
    enforce_zero_if(
        &opening.require_institution,
        &(institution - &setting.request[4]),
    )
}

/// E19. Every further visa names no institution, or its issuer's, unless the issuer may vouch for
/// any.
fn enforce_institutions(opening: &OpeningVar, visas: &[VisaVar]) -> Result<(), SynthesisError> {
    for (visa, on) in visas.iter().zip(&opening.on).skip(1) {
        let institution = visa.slot(Slot::Institution);
        let issuers = &visa.issuer.institution;
        let wrong = issuers * &(institution - issuers) * institution;
        enforce_zero_if(on, &wrong)?;
    }
    Ok(())
}

/// E20 and E21. No visa stands in two places; where it is required, organisations differ that
/// registered issuers of one schema. A later visa is on only where all before it are.
fn enforce_different(opening: &OpeningVar, visas: &[VisaVar]) -> Result<(), SynthesisError> {
    for (i, visa) in visas.iter().enumerate().skip(1) {
        let distinct = &opening.distinct_issuers & &opening.on[i];
        for (other, block) in visas[..i].iter().zip(&opening.blocks) {
            let same = is_zero(&(&visa.message - &other.message))?;
            enforce_zero_if(&opening.on[i], &FpVar::from(same))?;
            let schema = is_zero(&(&opening.blocks[i].schema - &block.schema))?;
            let registrant = is_zero(&(&visa.issuer.registrant - &other.issuer.registrant))?;
            enforce_zero_if(&(&distinct & &schema), &FpVar::from(registrant))?;
        }
    }
    Ok(())
}
