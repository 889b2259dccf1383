//! The bundle's file: two whole transactions, the verifying keys they were judged by, and its own
//! copy of the trust it was made under.

use super::trust::Trust;
use crate::error::{BundleError, check_length, read_text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use medveil_circuits::field::Digest;
use medveil_circuits::verify::AnyVerifyingKey;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The value of `format`.
const FORMAT: &str = "medveil-bundle-1";
/// Largest bundle that is read: two transactions of 8 MiB in base64, and room.
///
/// **Units**: bytes.
pub const MAX_BYTES: u64 = 32 << 20;
/// Keys of a bundle: registration, claim chunk, claim final.
pub const N_KEYS: usize = 3;
/// Largest transaction: what both ledgers take, in base64.
///
/// **Units**: letters.
const MAX_TRANSACTION: usize = (8usize << 20).div_ceil(3) * 4;
const STAGE: &str = "bundle";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    trust: String,
    keys: Vec<String>,
    registration: String,
    claim: String,
}

/// What a bundle is made of.
pub struct BundleParts<'a> {
    /// The trust it is made under.
    pub trust: &'a Trust,
    /// Containers of the verifying keys: registration, claim chunk, claim final, in any order.
    pub keys: Vec<Vec<u8>>,
    /// The envelope of the registering transaction.
    pub registration: Vec<u8>,
    /// The envelope of the publishing transaction.
    pub claim: Vec<u8>,
}

/// A published claim with everything that verifying it takes.
pub struct Bundle {
    /// Its own copy of the trust file, with exactly the circuits it uses.
    pub trust: Trust,
    /// Those that its proofs use, each once, by rising digest.
    pub keys: Vec<AnyVerifyingKey>,
    /// The envelope of the registering transaction.
    pub registration: Vec<u8>,
    /// The envelope of the publishing transaction.
    pub claim: Vec<u8>,
}

impl Bundle {
    /// Joins the parts.
    ///
    /// **Errors**: a key that is not one.
    pub fn new(parts: BundleParts<'_>) -> Result<Self, BundleError> {
        let mut keys = parts
            .keys
            .iter()
            .map(|k| AnyVerifyingKey::parse(k))
            .collect::<Result<Vec<_>, _>>()?;
        keys.sort_by_key(AnyVerifyingKey::digest);
        keys.dedup_by_key(|key| key.digest());
        let trust = parts.trust.with_circuits(circuits_of(&keys));
        Ok(Bundle {
            trust,
            keys,
            registration: parts.registration,
            claim: parts.claim,
        })
    }

    /// The one text of the file.
    pub fn to_json(&self) -> String {
        let file = File {
            format: FORMAT.to_owned(),
            trust: self.trust.to_json(),
            keys: self
                .keys
                .iter()
                .map(|k| STANDARD.encode(k.to_bytes()))
                .collect(),
            registration: STANDARD.encode(&self.registration),
            claim: STANDARD.encode(&self.claim),
        };
        // Texts and lists of them always serialise.
        serde_json_canonicalizer::to_string(&file).unwrap_or_default()
    }

    /// Reads a bundle. What it claims is not believed yet.
    ///
    /// **Errors**: another format, anything but its one byte form, a part that is not what its name
    /// says.
    ///
    /// **Security**: canonical; two different texts are never the same bundle.
    ///
    /// **Cost**: three keys' points. What can be refused by looking at text is refused before.
    pub fn from_json(text: &str) -> Result<Self, BundleError> {
        let file = File::read(text)?;
        let trust = Trust::from_json(&file.trust)?;
        let mut keys = Vec::new();
        for key in &file.keys {
            keys.push(part("keys", key)?);
        }
        let digests: Vec<Digest> = keys.iter().map(|key| Digest::of(key)).collect();
        if !digests.is_sorted_by(|a, b| a < b) {
            return Err(BundleError::NotCanonical { what: STAGE });
        }
        if trust.all_keys() != digests.into_iter().collect() {
            let each = "its copy of the trust file to name exactly the keys that it brings";
            return Err(BundleError::expected(STAGE, each));
        }
        let keys = keys.iter().map(|key| AnyVerifyingKey::parse(key));
        let bundle = Bundle {
            trust,
            keys: keys.collect::<Result<_, _>>()?,
            registration: part("registration", &file.registration)?,
            claim: part("claim", &file.claim)?,
        };
        match bundle.to_json() == text {
            true => Ok(bundle),
            false => Err(BundleError::NotCanonical { what: STAGE }),
        }
    }

    /// Reads a bundle from disk.
    ///
    /// **Errors**: no such file, too long, or as [`Bundle::from_json`].
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        Bundle::from_json(&read_text(STAGE, path, MAX_BYTES)?)
    }

    /// Its keys by circuit.
    pub(crate) fn circuits(&self) -> BTreeMap<String, BTreeSet<Digest>> {
        circuits_of(&self.keys)
    }
}

impl File {
    /// Reads the text and looks at its form alone.
    fn read(text: &str) -> Result<Self, BundleError> {
        check_length(STAGE, text, MAX_BYTES)?;
        let file: File = serde_json::from_str(text).map_err(BundleError::form(STAGE))?;
        if file.format != FORMAT {
            return Err(BundleError::expected(STAGE, format!("format {FORMAT}")));
        }
        if file.keys.len() != N_KEYS {
            let got = file.keys.len();
            let expected = format!("{N_KEYS} keys, the ones that its proofs use, got {got}");
            return Err(BundleError::expected(STAGE, expected));
        }
        if file.registration.len().max(file.claim.len()) > MAX_TRANSACTION {
            return Err(BundleError::expected(
                STAGE,
                "transactions of at most 8 MiB",
            ));
        }
        if serde_json_canonicalizer::to_string(&file).is_ok_and(|one| one == text) {
            return Ok(file);
        }
        Err(BundleError::NotCanonical { what: STAGE })
    }
}

fn part(name: &'static str, text: &str) -> Result<Vec<u8>, BundleError> {
    let expected = || BundleError::expected(STAGE, format!("base64 with padding in {name}"));
    STANDARD.decode(text).map_err(|_| expected())
}

fn circuits_of(keys: &[AnyVerifyingKey]) -> BTreeMap<String, BTreeSet<Digest>> {
    let mut circuits: BTreeMap<String, BTreeSet<Digest>> = BTreeMap::new();
    for key in keys {
        circuits
            .entry(key.circuit().to_owned())
            .or_default()
            .insert(key.digest());
    }
    circuits
}
