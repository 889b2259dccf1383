//! A signed visa and its file (MedVeil JSON): what an issuer hands to a person and `medveil visa
//! import` reads.
//!
//! ```json
//! { "format": "medveil-visa-2", "schema": "ethics",
//!   "slots": { "schema": "1..", "holder": "..", "revocation_index": "..", "expiry": "20900", "asserted": "20780", "by": "4", "value": "0", "role": "0",
//!              "source": "0", "permissions": "6", "disease": "0", "institution": "0", "study": "..", "conditions": "0", "region": "0", "salt": ".." },
//!   "key": { "Ax": "..", "Ay": ".." }, "signature": { "R8x": "..", "R8y": "..", "S": ".." },
//!   "texts": { "study": "STUDY-7" } }
//! ```
//! Every number is a text: decimal without sign, spaces or leading zeros (as circomlibjs prints
//! it), or, when it has exactly 64 characters, the hex of 32 little-endian bytes. `texts` is
//! optional and says what hashes mean; each must hash to its slot. Nothing else may stand in the
//! file.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{SLOTS, Slot, Slots, Visa, VisaError, VisaSchema};
use crate::babyjubjub::{Point, PublicPoint, Scalar};
use crate::eddsa::{self, EddsaError, PrivateKey, Signature};
use crate::field::{Felt, Fr};
use ark_ff::{AdditiveGroup, PrimeField};

/// Value of `format`.
pub const FORMAT: &str = "medveil-visa-2";
/// Largest file that is read.
///
/// **Units**: bytes.
pub const MAX_BYTES: usize = 16 * 1024;
/// Longest text beside a slot.
pub const MAX_TEXT: usize = 1024;

/// Slots, issuer key and signature; exists only if the signature holds and the slots are inside
/// their types. No `Debug`: it is somebody's.
#[derive(Clone)]
pub struct SignedVisa {
    visa: Visa,
    key: PublicPoint,
    signature: Signature,
    texts: VisaTexts,
}

/// What hashes mean, in words, for people. Not signed, but checked against the slots.
#[derive(
    Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
#[serde(deny_unknown_fields, default)]
pub struct VisaTexts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// MSP id in the institution slot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub institution: Option<String>,
    /// Region in the region slot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub study: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<String>,
}

impl VisaTexts {
    /// Puts the hashes of the texts into their slots.
    pub fn apply(&self, visa: &mut Visa) {
        let set = |slot: &mut Felt, text: &Option<String>, hash: fn(&str) -> Felt| {
            if let Some(text) = text {
                *slot = hash(text);
            }
        };
        set(&mut visa.value, &self.value, super::value_hash);
        set(&mut visa.role, &self.role, super::role_hash);
        set(&mut visa.source, &self.source, super::source_hash);
        set(&mut visa.institution, &self.institution, super::msp_hash);
        set(&mut visa.region, &self.region, super::region_hash);
        set(&mut visa.study, &self.study, super::study_hash);
        set(
            &mut visa.conditions,
            &self.conditions,
            super::conditions_hash,
        );
    }

    /// Every text hashes to its slot.
    ///
    /// **Errors**: the first that does not, or is too long.
    fn check(&self, visa: &Visa) -> Result<(), VisaError> {
        type Hash = fn(&str) -> Felt;
        let pairs: [(&'static str, &Option<String>, Hash, Felt); 7] = [
            ("value", &self.value, super::value_hash, visa.value),
            ("role", &self.role, super::role_hash, visa.role),
            ("source", &self.source, super::source_hash, visa.source),
            (
                "institution",
                &self.institution,
                super::msp_hash,
                visa.institution,
            ),
            ("region", &self.region, super::region_hash, visa.region),
            ("study", &self.study, super::study_hash, visa.study),
            (
                "conditions",
                &self.conditions,
                super::conditions_hash,
                visa.conditions,
            ),
        ];
        let wrong = |(_, text, hash, slot): &&(&str, &Option<String>, Hash, Felt)| {
            text.as_ref()
                .is_some_and(|text| text.len() > MAX_TEXT || hash(text) != *slot)
        };
        pairs
            .iter()
            .find(wrong)
            .map_or(Ok(()), |(name, ..)| Err(VisaError::Text(name)))
    }
}

impl SignedVisa {
    /// Signs a visa.
    ///
    /// **Errors**: a visa that no issuer must sign (`Visa::check`), or texts that do not hash to
    /// their slots.
    pub fn sign(visa: Visa, texts: VisaTexts, key: &PrivateKey) -> Result<Self, VisaError> {
        let public = PublicPoint::new(key.public_key()).map_err(|_| EddsaError::Key)?;
        let signature = key.sign(visa.slots().hash());
        SignedVisa::new(visa, texts, public, signature)
    }

    /// Checks a visa, its texts and its signature.
    ///
    /// **Errors**: which does not hold.
    pub fn new(
        visa: Visa,
        texts: VisaTexts,
        key: PublicPoint,
        signature: Signature,
    ) -> Result<Self, VisaError> {
        visa.check()?;
        texts.check(&visa)?;
        eddsa::verify(&key.point(), visa.slots().hash(), &signature)?;
        Ok(SignedVisa {
            visa,
            key,
            signature,
            texts,
        })
    }

    /// Reads a visa file.
    ///
    /// **Errors**: another form, slots outside their types, a text that does not hash to its slot,
    /// a signature that does not hold.
    pub fn from_json(text: &str) -> Result<Self, VisaError> {
        if text.len() > MAX_BYTES {
            return Err(VisaError::Form(format!(
                "expected at most {MAX_BYTES} bytes, got {}",
                text.len()
            )));
        }
        // serde_json's message may quote a value; only the place is told.
        let place = |e: serde_json::Error| {
            format!("line {}, column {}: {}", e.line(), e.column(), what(&e))
        };
        let file: File = serde_json::from_str(text).map_err(|e| VisaError::Form(place(e)))?;
        file.read()
    }

    /// The visa file, numbers in decimal.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(&File::of(self)).unwrap_or_default()
    }

    /// What is signed.
    pub fn visa(&self) -> &Visa {
        &self.visa
    }
    /// The issuer's key.
    pub fn key(&self) -> PublicPoint {
        self.key
    }
    pub fn signature(&self) -> &Signature {
        &self.signature
    }
    /// What its hashes mean.
    pub fn texts(&self) -> &VisaTexts {
        &self.texts
    }
}

fn what(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Data => {
            "an unknown, missing or repeated name, or a number that is no decimal text and no 64 hex digits"
        }
        serde_json::error::Category::Eof => "the file ends too early",
        _ => "not json",
    }
}

/// A number as a text. See the head of this module.
#[derive(Clone, Copy)]
struct Number(Fr);

/// Reads a decimal number below r, or the 64 hex digits of 32 little-endian bytes.
pub fn parse_number(text: &str) -> Option<Felt> {
    if text.len() == 64 {
        return Felt::from_hex(text).ok();
    }
    let plain = !text.is_empty()
        && text.len() <= 77
        && text.bytes().all(|b| b.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'));
    if !plain {
        return None;
    }
    // Digit by digit; a number at or above r would wrap, so the way back must give the same text.
    let value = text.bytes().fold(Fr::ZERO, |acc, b| {
        acc * Fr::from(10u64) + Fr::from(u64::from(b - b'0'))
    });
    (to_decimal(value) == text).then_some(Felt(value))
}

/// Decimal text of a field element.
pub fn to_decimal(value: Fr) -> String {
    value.into_bigint().to_string()
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as Deserialize>::deserialize(deserializer)?;
        let number = parse_number(&text)
            .ok_or_else(|| serde::de::Error::custom("expected a number as text"))?;
        Ok(Number(number.0))
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = to_decimal(self.0);
        // One number in 10^12 has 64 decimal digits and would read as hex.
        if text.len() == 64 {
            serializer.serialize_str(&Felt(self.0).to_hex())
        } else {
            serializer.serialize_str(&text)
        }
    }
}

macro_rules! slot_file {
    ($($name:ident),*) => {
        #[derive(Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        struct SlotsFile { $($name: Number),* }
        impl SlotsFile {
            fn list(&self) -> [Number; SLOTS] { [$(self.$name),*] }
            fn of(slots: &Slots) -> Self {
                let [$($name),*] = slots.elements().map(Number);
                SlotsFile { $($name),* }
            }
        }
    };
}
slot_file!(
    schema,
    holder,
    revocation_index,
    expiry,
    asserted,
    by,
    value,
    role,
    source,
    permissions,
    disease,
    institution,
    study,
    conditions,
    region,
    salt
);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    #[serde(rename = "Ax")]
    ax: Number,
    #[serde(rename = "Ay")]
    ay: Number,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureFile {
    #[serde(rename = "R8x")]
    r8x: Number,
    #[serde(rename = "R8y")]
    r8y: Number,
    #[serde(rename = "S")]
    s: Number,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    schema: String,
    slots: SlotsFile,
    key: KeyFile,
    signature: SignatureFile,
    #[serde(default)]
    texts: VisaTexts,
}

impl File {
    fn of(signed: &SignedVisa) -> Self {
        let SignedVisa {
            visa,
            key,
            signature,
            texts,
        } = signed;
        File {
            format: FORMAT.to_owned(),
            schema: visa.schema.name().to_owned(),
            slots: SlotsFile::of(&visa.slots()),
            key: KeyFile {
                ax: Number(key.x().0),
                ay: Number(key.y().0),
            },
            signature: SignatureFile {
                r8x: Number(signature.r8.x),
                r8y: Number(signature.r8.y),
                s: Number(signature.s.to_field()),
            },
            texts: texts.clone(),
        }
    }

    fn read(self) -> Result<SignedVisa, VisaError> {
        if self.format != FORMAT {
            return Err(VisaError::Form(format!("expected format {FORMAT}")));
        }
        let slots = Slots(self.slots.list().map(|number| Felt(number.0)));
        let visa = Visa::from_slots(&slots)?;
        if VisaSchema::parse(&self.schema) != Some(visa.schema) {
            return Err(VisaError::Form(format!(
                "slot {} is not the id of the schema that the file names",
                Slot::Schema.name()
            )));
        }
        let key = PublicPoint::new(Point {
            x: self.key.ax.0,
            y: self.key.ay.0,
        })
        .map_err(|_| EddsaError::Key)?;
        let s = Scalar::from_field(self.signature.s.0).ok_or(EddsaError::S)?;
        let signature = Signature {
            r8: Point {
                x: self.signature.r8x.0,
                y: self.signature.r8y.0,
            },
            s,
        };
        SignedVisa::new(visa, self.texts, key, signature)
    }
}
