//! The witness of eligibility: raw elements, so that the refusal tests can hold any.

use ark_ff::AdditiveGroup;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::babyjubjub::Point;
use crate::eddsa::Signature;
use crate::field::Fr;
use crate::indexed::{Absence, REVOCATION_DEPTH};
use crate::merkle::Path;
use crate::policy::{ALTERNATIVES, AlternativeCode, RequestElements, SET_DEPTH};
use crate::registry::ISSUER_DEPTH;
use crate::visa::Slots;

/// One visa with everything that shows it counts. **Security**: zeroised in its slots and blind, no
/// `Debug`.
#[derive(Clone)]
pub struct VisaWitness {
    /// The signed slots.
    pub slots: Slots,
    /// The issuer's signature.
    pub signature: Signature,
    /// Blind of the holder commitment.
    pub blind: Fr,
    /// The issuer's key.
    pub key: Point,
    /// Institution in the issuer's leaf.
    pub institution: Fr,
    /// Registrant in the issuer's leaf.
    pub registrant: Fr,
    /// Revocation root in the issuer's leaf.
    pub revocation_root: Fr,
    /// Path of the leaf.
    pub issuer_path: Path,
    /// That the visa is not revoked.
    pub absence: Absence,
}

impl VisaWitness {
    /// What fills the place of a visa that is switched off.
    pub fn placeholder() -> Self {
        VisaWitness {
            slots: Slots::ZERO,
            signature: Signature::placeholder(),
            blind: Fr::ZERO,
            key: Point::BASE8,
            institution: Fr::ZERO,
            registrant: Fr::ZERO,
            revocation_root: Fr::ZERO,
            issuer_path: Path::placeholder(ISSUER_DEPTH),
            absence: Absence::placeholder(REVOCATION_DEPTH),
        }
    }
}

impl Drop for VisaWitness {
    fn drop(&mut self) {
        self.blind.zeroize();
        self.signature.s.zeroize();
        self.institution.zeroize();
        self.registrant.zeroize();
    }
}

/// The witness. **Security**: zeroised, no `Debug`.
#[derive(Clone)]
pub struct EligibilityPrivate {
    /// The holder's secret.
    pub secret: Fr,
    /// Salt of the hidden study.
    pub study_salt: Fr,
    /// The values of the request.
    pub request: RequestElements,
    /// Hashes of the policy's alternatives.
    pub alternatives: [Fr; ALTERNATIVES],
    /// Which of them is opened.
    pub position: u8,
    /// The opened one.
    pub alternative: AlternativeCode,
    /// As many visas as the tier, the anchor first, placeholders last.
    pub visas: Vec<VisaWitness>,
    /// Path of the path clause's value; a placeholder where there is none.
    pub set_path: Path,
}

impl EligibilityPrivate {
    /// A path that fills the place of no path clause.
    pub fn no_set_path() -> Path {
        Path::placeholder(SET_DEPTH)
    }
}

impl Zeroize for EligibilityPrivate {
    fn zeroize(&mut self) {
        self.secret.zeroize();
        self.study_salt.zeroize();
        self.request.0.iter_mut().for_each(Zeroize::zeroize);
    }
}

impl Drop for EligibilityPrivate {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for EligibilityPrivate {}
