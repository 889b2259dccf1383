//! The visa: a credential of 16 typed slots under one Poseidon hash and one EdDSA signature (SPEC
//! section 4).
//!
//! Modelled on GA4GH Passport visas. `Slots` are what is hashed and signed, whoever made them;
//! `Visa` is the same with every slot inside its type. Files are read by `visa::signed`. Issuing
//! over a proof of the holder's secret is not here.

pub mod codes;
pub mod day;
pub mod schema;
pub mod signed;
pub mod slot;
#[cfg(test)]
mod tests;

use ark_ff::{AdditiveGroup, PrimeField};
use borsh::{BorshDeserialize, BorshSerialize};
use rand::{CryptoRng, RngCore};
use zeroize::{Zeroize, ZeroizeOnDrop};

pub use codes::By;
pub use schema::VisaSchema;
pub use signed::{SignedVisa, VisaTexts};
pub use slot::{CODE_BITS, DAY_BITS, INDEX_BITS, Slot, SlotType};

use crate::domain::{self, Label};
use crate::field::{Felt, Fr, bytes_to_field};
use crate::ids::{Day, SchemaId};
use crate::poseidon;

/// Slots of a visa.
pub const SLOTS: usize = 16;
/// Why a visa is refused. Never a value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VisaError {
    /// The file is not of the form that is read.
    #[error("visa file: {0}")]
    Form(String),
    /// A typed slot is over its width.
    #[error("visa slot {slot}: expected at most {bits} bits")]
    Width { slot: &'static str, bits: usize },
    /// A slot that the schema needs is absent.
    #[error("visa slot {slot}: a visa of schema {schema} needs it")]
    Missing {
        slot: &'static str,
        schema: &'static str,
    },
    /// The schema id is none of the table.
    #[error(
        "visa: expected one of the schemas affiliation, ethics, terms, cohort, got another schema id"
    )]
    Schema,
    /// The days do not follow each other.
    #[error("visa: expected 1 <= asserted < expiry")]
    Days,
    /// A text does not hash to its slot.
    #[error("visa text {0}: it does not hash to its slot")]
    Text(&'static str),
    /// A code is unknown.
    #[error("visa slot {slot}: expected {expected}")]
    Code {
        slot: &'static str,
        /// What is known.
        expected: &'static str,
    },
    /// The signature does not hold.
    #[error("visa")]
    Signature(#[from] crate::eddsa::EddsaError),
}

/// The 16 slots as they are hashed and signed; nothing is known about them. No `Debug`: they are
/// somebody's.
#[derive(Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Slots(pub [Felt; SLOTS]);

impl Slots {
    /// All absent: what fills the place of a visa that is switched off.
    pub const ZERO: Slots = Slots([Felt::ZERO; SLOTS]);

    pub fn get(&self, slot: Slot) -> Fr {
        self.0[slot.index()].0
    }

    /// Sets a slot.
    pub fn set(&mut self, slot: Slot, value: Fr) {
        self.0[slot.index()] = Felt(value);
    }

    /// As field elements.
    pub fn elements(&self) -> [Fr; SLOTS] {
        self.0.map(|felt| felt.0)
    }

    /// `V = P_0(slot 0 .. slot 15)`: what the issuer signs.
    pub fn hash(&self) -> Fr {
        poseidon::hash(domain::CIRCOMLIB, &self.elements())
    }

    /// E9. Every typed slot fits its width.
    ///
    /// **Errors**: the first that does not.
    pub fn check_widths(&self) -> Result<(), VisaError> {
        for slot in Slot::ALL {
            let Some(bits) = slot.kind().bits() else {
                continue;
            };
            if !fits(self.get(slot), bits) {
                return Err(VisaError::Width {
                    slot: slot.name(),
                    bits,
                });
            }
        }
        Ok(())
    }
}

impl Zeroize for Slots {
    fn zeroize(&mut self) {
        self.0.iter_mut().for_each(|slot| slot.0.zeroize());
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        self.zeroize();
    }
}

/// Whether the canonical integer has at most `bits` bits.
pub fn fits(value: Fr, bits: usize) -> bool {
    use ark_ff::BigInteger;
    value.into_bigint().num_bits() as usize <= bits
}

/// The integer, if it has at most 64 bits.
pub(crate) fn small(value: Fr) -> Option<u64> {
    fits(value, 64).then(|| value.into_bigint().0[0])
}

/// A visa whose slots are inside their types. 0 is absent. No `Debug`: it is somebody's.
#[derive(Clone, PartialEq, Eq)]
pub struct Visa {
    pub schema: VisaSchema,
    /// Holder commitment `C = P_1(secret, blind)`.
    pub holder: Felt,
    /// Random, not 0.
    pub revocation_index: u64,
    /// First invalid day.
    pub expiry: Day,
    /// Day of the assertion.
    pub asserted: Day,
    /// Who asserts it.
    pub by: By,
    /// `value_hash` of what is said.
    pub value: Felt,
    pub role: Felt,
    pub source: Felt,
    /// Data-use permissions (bits of `codes::permissions`).
    pub permissions: u32,
    /// Disease number (`codes::disease`).
    pub disease: u32,
    /// Institution that the person belongs to.
    pub institution: Felt,
    pub study: Felt,
    pub conditions: Felt,
    pub region: Felt,
    pub salt: Felt,
}

impl Visa {
    /// A visa that says nothing yet but schema, holder and validity; index and salt are fresh.
    pub fn new(
        schema: VisaSchema,
        holder: Felt,
        asserted: Day,
        expiry: Day,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Self {
        Visa {
            schema,
            holder,
            revocation_index: fresh_index(rng),
            expiry,
            asserted,
            by: By::So,
            value: Felt::ZERO,
            role: Felt::ZERO,
            source: Felt::ZERO,
            permissions: 0,
            disease: 0,
            institution: Felt::ZERO,
            study: Felt::ZERO,
            conditions: Felt::ZERO,
            region: Felt::ZERO,
            salt: fresh_felt(rng),
        }
    }

    /// The 16 slots.
    pub fn slots(&self) -> Slots {
        let small = |value: u32| Felt::from_u64(u64::from(value));
        Slots([
            self.schema.id().felt(),
            self.holder,
            Felt::from_u64(self.revocation_index),
            self.expiry.felt(),
            self.asserted.felt(),
            small(self.by.code()),
            self.value,
            self.role,
            self.source,
            small(self.permissions),
            small(self.disease),
            self.institution,
            self.study,
            self.conditions,
            self.region,
            self.salt,
        ])
    }

    /// Reads slots into their types.
    ///
    /// **Errors**: an unknown schema, a slot over its width, days out of order, an index or holder
    /// of 0, an unknown code, a slot that the schema needs and is absent.
    pub fn from_slots(slots: &Slots) -> Result<Self, VisaError> {
        slots.check_widths()?;
        let schema = VisaSchema::by_id(SchemaId::new(slots.0[0])).ok_or(VisaError::Schema)?;
        let felt = |slot: Slot| slots.0[slot.index()];
        let int = |slot: Slot| small(slots.get(slot)).unwrap_or(0);
        let code = |slot: Slot| int(slot) as u32;
        let visa = Visa {
            schema,
            holder: felt(Slot::Holder),
            revocation_index: int(Slot::RevocationIndex),
            expiry: Day(code(Slot::Expiry)),
            asserted: Day(code(Slot::Asserted)),
            by: By::from_code(code(Slot::By)).ok_or(VisaError::Code {
                slot: "by",
                expected: "a code from 1 to 5",
            })?,
            value: felt(Slot::Value),
            role: felt(Slot::Role),
            source: felt(Slot::Source),
            permissions: code(Slot::Permissions),
            disease: code(Slot::Disease),
            institution: felt(Slot::Institution),
            study: felt(Slot::Study),
            conditions: felt(Slot::Conditions),
            region: felt(Slot::Region),
            salt: felt(Slot::Salt),
        };
        visa.check()?;
        Ok(visa)
    }

    /// What an issuer must not sign and a wallet must not take.
    ///
    /// **Errors**: days out of order or over 20 bits, an index or holder of 0, a disease that is
    /// not in the list, a slot that the schema needs and is absent.
    pub fn check(&self) -> Result<(), VisaError> {
        self.slots().check_widths()?;
        if self.asserted.0 == 0 || self.asserted >= self.expiry {
            return Err(VisaError::Days);
        }
        if self.disease != 0 && codes::disease_code(self.disease).is_none() {
            return Err(VisaError::Code {
                slot: "disease",
                expected: "a number of the disease list",
            });
        }
        let slots = self.slots();
        let needed = [Slot::Holder, Slot::RevocationIndex]
            .iter()
            .chain(self.schema.needs());
        match needed
            .into_iter()
            .find(|slot| slots.0[slot.index()].is_zero())
        {
            Some(slot) => Err(VisaError::Missing {
                slot: slot.name(),
                schema: self.schema.name(),
            }),
            None => Ok(()),
        }
    }
}

/// The holder's one secret. **Security**: zeroised, no `Debug`, no codec but the bytes that custody
/// keeps; never 0.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct HolderSecret(Fr);

impl HolderSecret {
    /// A fresh secret.
    pub fn generate(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        loop {
            let secret = fresh_felt(rng).0;
            if secret != Fr::ZERO {
                return HolderSecret(secret);
            }
        }
    }

    /// From the 32 bytes that custody keeps.
    ///
    /// **Errors**: none is returned for another length, a value that is not canonical, or 0.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let felt = Felt::from_bytes(bytes).ok()?;
        (!felt.is_zero()).then_some(HolderSecret(felt.0))
    }

    /// The 32 bytes, for custody.
    pub fn to_bytes(&self) -> [u8; 32] {
        Felt(self.0).to_bytes()
    }

    pub(crate) fn element(&self) -> Fr {
        self.0
    }

    /// Holder commitment `C = P_1(secret, blind)`.
    pub fn commitment(&self, blind: Felt) -> Felt {
        Felt(commitment(self.0, blind.0))
    }
}

/// `C = P_1(secret, blind)`.
pub fn commitment(secret: Fr, blind: Fr) -> Fr {
    poseidon::hash(domain::HOLDER, &[secret, blind])
}

/// A uniform 253-bit element: blinds, salts, secrets.
pub fn fresh_felt(rng: &mut (impl RngCore + CryptoRng)) -> Felt {
    let mut bytes = [0u8; 32];
    rng.fill_bytes(&mut bytes);
    bytes[31] &= 0x1f;
    let felt = Felt::from_bytes(&bytes).unwrap_or(Felt::ZERO);
    bytes.zeroize();
    felt
}

/// A uniform revocation index, 1 to 2^64 - 1.
pub fn fresh_index(rng: &mut (impl RngCore + CryptoRng)) -> u64 {
    loop {
        let index = rng.next_u64();
        if index != 0 {
            return index;
        }
    }
}

macro_rules! text_hashes {
    ($($name:ident = $label:ident, $doc:literal;)*) => {$(
        #[doc = $doc]
        pub fn $name(text: &str) -> Felt {
            bytes_to_field(Label::$label, text.as_bytes())
        }
    )*};
}

text_hashes! {
    value_hash = Value, "F(\"value\", text): the value of a visa, the purpose of a request.";
    role_hash = Role, "F(\"role\", text).";
    source_hash = Source, "F(\"source\", text).";
    msp_hash = Msp, "F(\"msp\", MSP id): an institution, submitter or holder.";
    region_hash = Region, "F(\"region\", text).";
    study_hash = Study, "F(\"study\", study id).";
    conditions_hash = Conditions, "F(\"conditions\", text).";
    group_hash = Group, "F(\"group\", name of an issuer group).";
}
