//! One visa in the circuit: E3 to E7, E9, and its clauses.

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::Setting;
use super::clause::{SlotsVar, enforce_clauses};
use super::opening::BlockVar;
use crate::babyjubjub::r1cs::PointVar;
use crate::dataset::r1cs::witness;
use crate::domain::{self, TreeKind};
use crate::eddsa::r1cs::{SignatureVar, enforce_verify};
use crate::eligibility::VisaWitness;
use crate::field::Fr;
use crate::indexed::REVOCATION_DEPTH;
use crate::indexed::r1cs::{AbsenceVar, enforce_absent};
use crate::merkle::r1cs::{PathVar, enforce_member};
use crate::poseidon::r1cs::hash_var;
use crate::range::r1cs::{enforce_bits, enforce_zero_if, linear, to_bits_le};
use crate::registry::{ACTIVE, ISSUER_DEPTH};
use crate::visa::{DAY_BITS, SLOTS, Slot};

/// Where a visa stands: what it is judged against, and its witness; `None` for key set-up.
pub struct Place<'a> {
    pub cs: &'a ConstraintSystemRef<Fr>,
    pub setting: &'a Setting,
    pub on: &'a Boolean<Fr>,
    pub block: &'a BlockVar,
    pub visa: Option<&'a VisaWitness>,
}

/// What later clauses need of a visa.
pub struct VisaVar {
    slots: SlotsVar,
    /// What the issuer signed.
    pub message: FpVar<Fr>,
    pub issuer: IssuerVar,
}

impl VisaVar {
    pub fn slot(&self, slot: Slot) -> &FpVar<Fr> {
        self.slots.get(slot)
    }

    pub fn elements(&self) -> &[FpVar<Fr>] {
        &self.slots.elements
    }

    /// Allocates a visa and enforces, where it is on, everything about it alone but study,
    /// institution and path.
    pub fn enforce(
        place: &Place<'_>,
        mark: &mut impl FnMut(&'static str),
    ) -> Result<Self, SynthesisError> {
        let Place {
            cs,
            setting,
            on,
            block,
            visa,
        } = *place;
        // E9. Typed slots fit their widths, also where the visa is off.
        let slots = allocate(cs, visa)?;
        mark("visa: slots");
        // E3. Signature.
        let key = PointVar::new_witness(cs.clone(), visa.map(|v| &v.key))?;
        let signature = SignatureVar::new_witness(cs.clone(), visa.map(|v| &v.signature))?;
        let message = hash_var(domain::CIRCOMLIB, &slots.elements)?;
        mark("visa: hash");
        enforce_verify(on, &key, &signature, &message)?;
        mark("visa: signature");
        let issuer = enforce_issuer(place, &slots, key)?;
        mark("visa: issuer");
        enforce_unrevoked(place, &issuer, &slots)?;
        mark("visa: revocation");
        // E6. 1 <= asserted <= day < expiry.
        enforce_days(on, setting, &slots)?;
        enforce_holder(place, &slots)?;
        mark("visa: days and holder");
        // E10 and E11. Clauses.
        enforce_clauses(on, &slots, &setting.request, &block.clauses)?;
        mark("visa: clauses");
        Ok(VisaVar {
            slots,
            message,
            issuer,
        })
    }
}

/// What an issuer's leaf says beside key, schema and group.
pub struct IssuerVar {
    /// 0 where the issuer may vouch for people of any institution.
    pub institution: FpVar<Fr>,
    pub registrant: FpVar<Fr>,
    revocation_root: FpVar<Fr>,
}

/// E4: the issuer's leaf, of the slot's and the block's schema, active, in the registry.
fn enforce_issuer(
    place: &Place<'_>,
    slots: &SlotsVar,
    key: PointVar,
) -> Result<IssuerVar, SynthesisError> {
    let Place {
        cs,
        on,
        block,
        visa,
        ..
    } = *place;
    let issuer = IssuerVar {
        institution: witness(cs, visa.map(|v| v.institution))?,
        registrant: witness(cs, visa.map(|v| v.registrant))?,
        revocation_root: witness(cs, visa.map(|v| v.revocation_root))?,
    };
    let path = PathVar::new_witness(cs.clone(), ISSUER_DEPTH, visa.map(|v| &v.issuer_path))?;
    enforce_zero_if(on, &(slots.get(Slot::Schema) - &block.schema))?;
    let leaf = [
        key.x,
        key.y,
        block.schema.clone(),
        block.group.clone(),
        issuer.institution.clone(),
        issuer.registrant.clone(),
        issuer.revocation_root.clone(),
        FpVar::Constant(Fr::from(u64::from(ACTIVE))),
    ];
    enforce_member(
        on,
        TreeKind::Issuer,
        &place.setting.issuer_root,
        &hash_var(domain::ISSUER_LEAF, &leaf)?,
        path,
    )?;
    Ok(issuer)
}

/// E5: not revoked. An index of 0 fails, because nothing is below it.
fn enforce_unrevoked(
    place: &Place<'_>,
    issuer: &IssuerVar,
    slots: &SlotsVar,
) -> Result<(), SynthesisError> {
    let absence = place.visa.map(|v| &v.absence);
    let absence = AbsenceVar::new_witness(place.cs.clone(), REVOCATION_DEPTH, absence)?;
    let index = slots.get(Slot::RevocationIndex);
    enforce_absent(place.on, &issuer.revocation_root, index, absence)
}

/// E7: one secret.
fn enforce_holder(place: &Place<'_>, slots: &SlotsVar) -> Result<(), SynthesisError> {
    let blind = witness(place.cs, place.visa.map(|v| v.blind))?;
    let secret = place.setting.secret.clone();
    let commitment = hash_var(domain::HOLDER, &[secret, blind])?;
    enforce_zero_if(place.on, &(slots.get(Slot::Holder) - commitment))
}

/// E9: the slots, with the typed ones decomposed.
fn allocate(
    cs: &ConstraintSystemRef<Fr>,
    visa: Option<&VisaWitness>,
) -> Result<SlotsVar, SynthesisError> {
    let elements = (0..SLOTS)
        .map(|i| witness(cs, visa.map(|v| v.slots.0[i].0)))
        .collect::<Result<Vec<_>, _>>()?;
    let mut permissions = Vec::new();
    for slot in Slot::ALL {
        let Some(width) = slot.kind().bits() else {
            continue;
        };
        let bits = to_bits_le(&elements[slot.index()], width)?;
        if slot == Slot::Permissions {
            permissions = bits;
        }
    }
    Ok(SlotsVar {
        elements,
        permissions,
    })
}

/// E6, given that the day and the slots fit 20 bits.
fn enforce_days(
    on: &Boolean<Fr>,
    setting: &Setting,
    slots: &SlotsVar,
) -> Result<(), SynthesisError> {
    let on = FpVar::from(on.clone());
    let (asserted, expiry, day) = (
        slots.get(Slot::Asserted),
        slots.get(Slot::Expiry),
        &setting.day,
    );
    let one = Fr::ONE;
    let differences = [
        linear(-one, &[(one, asserted)])?,
        linear(Fr::ZERO, &[(one, day), (-one, asserted)])?,
        linear(-one, &[(one, expiry), (-one, day)])?,
    ];
    differences
        .iter()
        .try_for_each(|difference| enforce_bits(&(&on * difference), DAY_BITS))
}
