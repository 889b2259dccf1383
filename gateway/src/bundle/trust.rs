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

use crate::error::{Context, GatewayError};
use crate::msp::{Msp, MspSet};
use circuits::eligibility::consortium_id;
use circuits::field::Digest;
use circuits::ids::ConsortiumId;
use collections_config::{Consortium, MspId};
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
    /// Fabric's format.
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
    /// Which ledger.
    pub ledger: LedgerKind,
    /// Channel name.
    pub channel: &'a str,
    /// Chaincode name.
    pub chaincode: &'a str,
    /// The consortium.
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
    pub fn new(parts: TrustParts<'_>) -> Result<Self, GatewayError> {
        let consortium = String::from_utf8(parts.consortium.to_canonical()).internal(STAGE)?;
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
        Trust::checked(file)
    }

    /// Reads a trust file.
    ///
    /// **Errors**: another format, anything but the canonical bytes, an invalid consortium, a
    /// member without authorities, or authorities of nobody.
    ///
    /// **Security**: canonical; two different texts are never the same trust.
    pub fn from_json(text: &str) -> Result<Self, GatewayError> {
        let place = |e: serde_json::Error| {
            format!(
                "not of the form of a trust file at line {}, column {}",
                e.line(),
                e.column()
            )
        };
        let file: File =
            serde_json::from_str(text).map_err(|e| GatewayError::input(STAGE, place(e)))?;
        let trust = Trust::checked(file)?;
        if trust.to_json() == text.strip_suffix('\n').unwrap_or(text) {
            return Ok(trust);
        }
        Err(GatewayError::input(
            STAGE,
            "expected canonical json (rfc 8785): was it edited by hand?",
        ))
    }

    /// Reads a trust file from disk.
    ///
    /// **Errors**: no such file, too long, or as [`Trust::from_json`].
    pub fn read(path: &Path) -> Result<Self, GatewayError> {
        let at = |e: std::io::Error| format!("{}: {e}", path.display());
        let size = std::fs::metadata(path)
            .map_err(|e| GatewayError::not_found(STAGE, at(e)))?
            .len();
        if size > MAX_BYTES {
            return Err(GatewayError::input(
                STAGE,
                format!(
                    "{}: expected at most {MAX_BYTES} bytes, got {size}",
                    path.display()
                ),
            ));
        }
        Trust::from_json(
            &std::fs::read_to_string(path).map_err(|e| GatewayError::input(STAGE, at(e)))?,
        )
    }

    fn checked(file: File) -> Result<Self, GatewayError> {
        if file.format != FORMAT {
            return Err(GatewayError::input(
                STAGE,
                format!("expected format {FORMAT}"),
            ));
        }
        if file.endorsement != MAJORITY {
            return Err(GatewayError::input(
                STAGE,
                format!("expected endorsement {MAJORITY}"),
            ));
        }
        let consortium = Consortium::from_canonical(file.consortium.as_bytes()).input(STAGE)?;
        let mut roots = Vec::new();
        for (name, pem) in &file.roots {
            let msp = Msp::from_pem(MspId::new(name).input(STAGE)?, pem).input(STAGE)?;
            if msp.authorities_pem() != *pem {
                let form = "lines of 64 characters, roots before intermediates, each sorted by its bytes, and no other text";
                return Err(GatewayError::input(
                    STAGE,
                    format!("authorities of {name}: expected {form}"),
                ));
            }
            roots.push(msp);
        }
        let members: BTreeSet<&MspId> = consortium.members().iter().map(|m| &m.msp_id).collect();
        if members != roots.iter().map(Msp::msp_id).collect() {
            return Err(GatewayError::input(
                STAGE,
                "expected the authorities of each member of the consortium and none besides",
            ));
        }
        if file
            .circuits
            .iter()
            .any(|(name, keys)| name.is_empty() || keys.is_empty())
        {
            return Err(GatewayError::input(
                STAGE,
                "expected a name and at least one key for each circuit",
            ));
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
    /// Channel name.
    pub fn channel(&self) -> &str {
        &self.file.channel
    }
    /// Chaincode name.
    pub fn chaincode(&self) -> &str {
        &self.file.chaincode
    }
    /// The consortium.
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
    pub fn msps(&self) -> Result<MspSet, GatewayError> {
        MspSet::new(self.roots.iter().cloned()).internal(STAGE)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::msp::testing::{Ca, NOW, plain};
    use crate::msp::{Authority, Creator, Validity};
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    fn consortium() -> Consortium {
        Consortium::from_json(
            &include_str!("../../data/quickstart/consortium.json")
                .replace("@NONCE@", &"5a".repeat(16)),
        )
        .unwrap()
    }

    fn trust(seed: u64) -> Trust {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let consortium = consortium();
        let validity = Validity::years_from(1_800_000_000_000, 10);
        let root = |m: &collections_config::Member| {
            Authority::create(&m.msp_id, validity, &mut rng)
                .unwrap()
                .msp()
                .unwrap()
        };
        with(
            &consortium,
            &consortium.members().iter().map(root).collect::<Vec<_>>(),
        )
    }

    fn with(consortium: &Consortium, roots: &[Msp]) -> Trust {
        let circuits =
            BTreeMap::from([("handover/v1".to_owned(), BTreeSet::from([Digest([1; 32])]))]);
        let parts = TrustParts {
            ledger: LedgerKind::Embedded,
            channel: "c",
            chaincode: "medveil",
            consortium,
            genesis: Digest([2; 32]),
            roots,
            circuits,
        };
        Trust::new(parts).unwrap()
    }

    fn refused(from: &str, to: &str) -> String {
        let text = trust(1).to_json();
        let changed = text.replacen(from, to, 1);
        assert_ne!(text, changed, "{from}");
        Trust::from_json(&changed)
            .err()
            .unwrap()
            .message()
            .to_owned()
    }

    #[test]
    fn reads_back_and_judges() {
        let trust = trust(1);
        let again = Trust::from_json(&trust.to_json()).unwrap();
        assert_eq!(again.fingerprint(), trust.fingerprint());
        assert!(again.accepts_key("handover/v1", Digest([1; 32])));
        assert!(
            !again.accepts_key("handover/v1", Digest([3; 32]))
                && !again.accepts_key("handover/v2", Digest([1; 32]))
        );
        assert_eq!(again.msps().unwrap().ids().count(), 4);
        let orgs = |names: &[&str]| {
            names
                .iter()
                .map(|n| MspId::new(*n).unwrap())
                .collect::<BTreeSet<_>>()
        };
        assert!(again.is_endorsed_by(&orgs(&["HospitalA", "HospitalB", "University"])));
        assert!(!again.is_endorsed_by(&orgs(&["HospitalA", "HospitalB"])));
        assert!(!again.is_endorsed_by(&orgs(&["HospitalA", "HospitalB", "Stranger"])));
    }

    #[test]
    fn another_authority_changes_the_fingerprint() {
        assert_ne!(trust(1).fingerprint(), trust(2).fingerprint());
    }

    #[test]
    fn v9_changed_files_are_refused() {
        assert!(refused(FORMAT, "medveil-trust-2").contains("format"));
        assert!(refused(MAJORITY, "any").contains("endorsement"));
        assert!(refused("{\"chaincode\"", "{ \"chaincode\"").contains("canonical"));
        assert!(refused("{\"chaincode\"", "{\"more\":1,\"chaincode\"").contains("form"));
        assert!(
            refused("\"HospitalA\":\"-----", "\"HospitalZ\":\"-----")
                .contains("the authorities of each member")
        );
        assert!(refused("\\\"nonce\\\":\\\"5a", "\\\"nonce\\\":\\\"5A").contains("nonce"));
        assert!(refused(&"01".repeat(32), &"01".repeat(31)).contains("form"));
    }

    #[test]
    fn every_member_has_authorities() {
        let mut file = trust(1).file;
        file.roots.remove("HospitalA");
        assert!(
            Trust::checked(file)
                .err()
                .unwrap()
                .message()
                .contains("the authorities of each member")
        );
    }

    #[test]
    fn a_member_with_one_root_has_the_form_it_always_had() {
        let trust = trust(1);
        for msp in trust.roots() {
            assert_eq!(
                trust.file.roots.get(msp.msp_id().as_str()),
                Some(&msp.root().to_pem())
            );
        }
    }

    #[test]
    fn a_member_may_have_several_roots_and_intermediates() {
        let (old, new) = (Ca::root("ca", &plain), Ca::root("ca", &plain));
        let one = new.below("one", &plain);
        let (client, gone) = (one.client(), new.client());
        let mut roots = trust(1).roots().to_vec();
        let id = roots[0].msp_id().clone();
        let lists = vec![new.revoke(&[&gone.certificate], NOW)];
        roots[0] = Msp::of(
            id.clone(),
            vec![old.certificate(), new.certificate()],
            vec![one.certificate()],
            lists,
        )
        .unwrap();
        let made = with(&consortium(), &roots);
        let text = made.to_json();
        let again = Trust::from_json(&text).unwrap();
        assert_eq!(
            (again.fingerprint(), again.to_json()),
            (made.fingerprint(), text.clone())
        );
        let creator = |leaf: &crate::msp::testing::Leaf| Creator {
            msp_id: id.clone(),
            certificate: leaf.certificate.der().to_vec(),
        };
        let msps = again.msps().unwrap();
        assert!(msps.check(&creator(&client), NOW).is_ok());
        // Judged when it endorsed, by the lists of that day.
        assert!(msps.check(&creator(&gone), NOW).is_ok());
        let pems: Vec<String> = again.roots()[0]
            .authorities()
            .map(|c| c.to_pem().replace('\n', "\\n"))
            .collect();
        let swapped = text.replace(&pems.concat(), &[&*pems[1], &pems[0], &pems[2]].concat());
        assert_ne!(text, swapped);
        assert!(
            Trust::from_json(&swapped)
                .err()
                .unwrap()
                .message()
                .contains("roots before intermediates")
        );
        let listed = text.replace(
            &pems[2],
            &(pems[2].clone() + &new.revoke(&[], NOW).to_pem().replace('\n', "\\n")),
        );
        assert!(Trust::from_json(&listed).is_err(), "a revocation list");
    }
}
