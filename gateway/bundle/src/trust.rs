//! The trust file: what an outsider gets out of band and believes, so that a bundle need not be
//! believed.
//!
//! It names the consortium (its exact Bootstrap bytes), the authorities of every member, the
//! endorsement policy, the keys that circuits use, and the genesis of the ledger. NodeOU rules are
//! those of `msp`: the role is the one of four words among the subject's organisational units. A
//! member's authorities are PEM blocks one after another, roots first, in the one order of [`Msp`];
//! most members have one root and nothing else. Revocation lists are not in it: what a bundle holds
//! was judged by the members' own lists when it was endorsed. The file has one byte form (RFC
//! 8785), so that people can compare a fingerprint of it.

use crate::error::{BundleError, check_length, read_text};
use medveil_circuits::eligibility::consortium_id;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::ConsortiumId;
use medveil_collections_config::{Consortium, MspId};
use medveil_msp::{Msp, MspSet};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The value of `format`.
pub const FORMAT: &str = "medveil-trust-1";
/// Largest file that is read.
///
/// **Units**: bytes.
pub const MAX_BYTES: u64 = 2 << 20;
/// The one endorsement policy there is: more than half of the members.
pub const MAJORITY: &str = "majority";
const STAGE: &str = "trust file";

/// Which ledger's transactions a trust speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LedgerKind {
    /// The embedded ledger's own format.
    Embedded,
    /// Fabric's own format.
    Fabric,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    ledger: LedgerKind,
    channel: String,
    chaincode: String,
    consortium: String,
    endorsement: String,
    genesis: Digest,
    roots: BTreeMap<String, String>,
    circuits: BTreeMap<String, BTreeSet<Digest>>,
}

/// A trust file that was read: consortium valid, every member's authorities and nobody else's.
pub struct Trust {
    file: File,
    consortium: Consortium,
    roots: Vec<Msp>,
}

/// What a trust file says, before it is written.
pub struct TrustParts<'a> {
    pub ledger: LedgerKind,
    pub channel: &'a str,
    pub chaincode: &'a str,
    pub consortium: &'a Consortium,
    /// SHA-256 of the ledger's genesis.
    pub genesis: Digest,
    /// Every member's authorities.
    pub roots: &'a [Msp],
    /// Keys in use, by circuit name and version.
    pub circuits: BTreeMap<String, BTreeSet<Digest>>,
}

impl Trust {
    /// Joins the parts.
    ///
    /// **Errors**: a member without authorities, or authorities of nobody; a circuit without a name
    /// or a key.
    pub fn new(parts: TrustParts<'_>) -> Result<Self, BundleError> {
        let consortium = String::from_utf8_lossy(&parts.consortium.to_canonical()).into_owned();
        let file = File {
            format: FORMAT.to_owned(),
            ledger: parts.ledger,
            channel: parts.channel.to_owned(),
            chaincode: parts.chaincode.to_owned(),
            consortium,
            endorsement: MAJORITY.to_owned(),
            genesis: parts.genesis,
            roots: parts
                .roots
                .iter()
                .map(|msp| (msp.msp_id().to_string(), msp.authorities_pem()))
                .collect(),
            circuits: parts.circuits,
        };
        Trust::check(file)
    }

    /// Reads a trust file.
    ///
    /// **Errors**: another format, anything but the canonical bytes, an invalid consortium, a
    /// member without authorities, or authorities of nobody.
    ///
    /// **Security**: canonical; two different texts are never the same trust.
    pub fn from_json(text: &str) -> Result<Self, BundleError> {
        check_length(STAGE, text, MAX_BYTES)?;
        let file: File = serde_json::from_str(text).map_err(BundleError::form(STAGE))?;
        let trust = Trust::check(file)?;
        if trust.to_json() == text.strip_suffix('\n').unwrap_or(text) {
            return Ok(trust);
        }
        Err(BundleError::NotCanonical { what: STAGE })
    }

    /// Reads a trust file from disk.
    ///
    /// **Errors**: no such file, too long, or as [`Trust::from_json`].
    pub fn read(path: &Path) -> Result<Self, BundleError> {
        Trust::from_json(&read_text(STAGE, path, MAX_BYTES)?)
    }

    fn check(file: File) -> Result<Self, BundleError> {
        if file.format != FORMAT {
            return Err(BundleError::expected(STAGE, format!("format {FORMAT}")));
        }
        if file.endorsement != MAJORITY {
            return Err(BundleError::expected(
                STAGE,
                format!("endorsement {MAJORITY}"),
            ));
        }
        let consortium = Consortium::from_canonical(file.consortium.as_bytes())?;
        let mut roots = Vec::new();
        for (name, pem) in &file.roots {
            roots.push(authorities(name, pem)?);
        }
        let members: BTreeSet<&MspId> = consortium.members().iter().map(|m| &m.msp_id).collect();
        if members != roots.iter().map(Msp::msp_id).collect() {
            let each = "the authorities of each member of the consortium and none besides";
            return Err(BundleError::expected(STAGE, each));
        }
        let mut circuits = file.circuits.iter();
        if circuits.any(|(name, keys)| name.is_empty() || keys.is_empty()) {
            let each = "a name and at least one key for each circuit";
            return Err(BundleError::expected(STAGE, each));
        }
        Ok(Trust {
            file,
            consortium,
            roots,
        })
    }

    /// The one text of the file.
    pub fn to_json(&self) -> String {
        // Texts and lists of them always serialise.
        serde_json_canonicalizer::to_string(&self.file).unwrap_or_default()
    }

    /// The same trust with these circuits only.
    pub fn with_circuits(&self, circuits: BTreeMap<String, BTreeSet<Digest>>) -> Trust {
        Trust {
            file: File {
                circuits,
                ..self.file.clone()
            },
            consortium: self.consortium.clone(),
            roots: self.roots.clone(),
        }
    }

    /// SHA-256 of the text without its circuits: what people compare when they have no trust file.
    /// Circuits change with time, and every entry that the members endorse names the keys it
    /// was verified with.
    pub fn fingerprint(&self) -> Digest {
        Digest::of(self.with_circuits(BTreeMap::new()).to_json().as_bytes())
    }

    /// Which ledger's transactions it speaks of.
    pub fn ledger(&self) -> LedgerKind {
        self.file.ledger
    }
    pub fn channel(&self) -> &str {
        &self.file.channel
    }
    pub fn chaincode(&self) -> &str {
        &self.file.chaincode
    }
    pub fn consortium(&self) -> &Consortium {
        &self.consortium
    }
    /// The consortium's id: what every proof is bound to.
    pub fn consortium_id(&self) -> ConsortiumId {
        consortium_id(self.file.consortium.as_bytes())
    }
    /// SHA-256 of the ledger's genesis.
    pub fn genesis(&self) -> Digest {
        self.file.genesis
    }
    /// Every member's authorities, sorted by MSP id.
    pub fn roots(&self) -> &[Msp] {
        &self.roots
    }

    /// The authorities as a set that judges certificates.
    ///
    /// **Errors**: none that a trust file that was read can cause.
    pub fn msps(&self) -> Result<MspSet, BundleError> {
        Ok(MspSet::new(self.roots.iter().cloned())?)
    }

    /// Keys that a circuit (name and version) may use.
    pub fn keys(&self, circuit: &str) -> impl Iterator<Item = Digest> + '_ {
        self.file
            .circuits
            .get(circuit)
            .into_iter()
            .flatten()
            .copied()
    }

    /// Keys of all circuits.
    pub(crate) fn all_keys(&self) -> BTreeSet<Digest> {
        self.file.circuits.values().flatten().copied().collect()
    }

    /// Whether a key of a circuit is trusted.
    pub fn accepts_key(&self, circuit: &str, key: Digest) -> bool {
        self.keys(circuit).any(|known| known == key)
    }

    /// Whether these organisations satisfy the endorsement policy.
    pub fn is_endorsed_by(&self, msps: &BTreeSet<MspId>) -> bool {
        let members = msps
            .iter()
            .filter(|msp| self.consortium.is_member(msp))
            .count();
        members >= self.consortium.majority() as usize
    }
}

/// A member's authorities in their one form.
fn authorities(name: &str, pem: &str) -> Result<Msp, BundleError> {
    let msp = Msp::from_pem(MspId::new(name)?, pem)?;
    if msp.authorities_pem() == pem {
        return Ok(msp);
    }
    let form = "lines of 64 characters, roots before intermediates, each sorted by its bytes, and no other text";
    let expected = format!("authorities of {name} in {form}");
    Err(BundleError::expected(STAGE, expected))
}

#[cfg(test)]
mod tests;
