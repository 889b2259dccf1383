//! Who is trusted: an organisation's authority, the organisations of a channel, and the verdict on an identity.

use super::key::BadSignature;
use super::{Certificate, Creator, MspError, PublicKey};
use borsh::{BorshDeserialize, BorshSerialize};
use collections_config::{MspId, Principal, Role};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::io::{Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// One organisation as others know it: its MSP id and its authority's certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Msp {
    msp_id: MspId,
    root: Certificate,
}

impl Msp {
    /// An organisation.
    ///
    /// **Errors**: the certificate is not a self-signed authority's.
    pub fn new(msp_id: MspId, root: Certificate) -> Result<Self, MspError> {
        if !root.is_authority() || !root.is_issued_by(&root) {
            return Err(MspError::Certificate("a self-signed authority"));
        }
        Ok(Msp { msp_id, root })
    }

    /// Its MSP id.
    pub fn msp_id(&self) -> &MspId {
        &self.msp_id
    }

    /// Its authority's certificate.
    pub fn root(&self) -> &Certificate {
        &self.root
    }

    /// Checks an identity's certificate, except for the time.
    fn check(&self, der: &[u8]) -> Result<Verdict, MspError> {
        let certificate = Certificate::from_der(der)?;
        if !certificate.is_leaf() {
            return Err(MspError::Certificate("a certificate that signs and certifies nothing"));
        }
        if !certificate.is_issued_by(&self.root) {
            return Err(MspError::NotIssued(self.msp_id.clone()));
        }
        let role = certificate.role()?;
        let subject = certificate.common_name().to_string();
        Ok(Verdict {
            member: Arc::new(Member { msp_id: self.msp_id.clone(), role, subject, key: certificate.public_key().clone() }),
            certificate,
        })
    }
}

impl BorshSerialize for Msp {
    fn serialize<W: Write>(&self, writer: &mut W) -> std::io::Result<()> {
        self.msp_id.serialize(writer)?;
        self.root.der().to_vec().serialize(writer)
    }
}

impl BorshDeserialize for Msp {
    fn deserialize_reader<R: Read>(reader: &mut R) -> std::io::Result<Self> {
        let invalid = |e: MspError| std::io::Error::new(std::io::ErrorKind::InvalidData, e);
        let msp_id = MspId::deserialize_reader(reader)?;
        let der = Vec::<u8>::deserialize_reader(reader)?;
        Msp::new(msp_id, Certificate::from_der(&der).map_err(invalid)?).map_err(invalid)
    }
}

/// An identity whose certificate was checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Member {
    msp_id: MspId,
    role: Role,
    subject: String,
    key: PublicKey,
}

impl Member {
    /// Its organisation.
    pub fn msp_id(&self) -> &MspId {
        &self.msp_id
    }
    /// Its role.
    pub fn role(&self) -> Role {
        self.role
    }
    /// Its name.
    pub fn subject(&self) -> &str {
        &self.subject
    }
    /// What a signature policy asks for.
    pub fn principal(&self) -> Principal {
        Principal { msp_id: self.msp_id.clone(), role: self.role }
    }
    /// Checks a signature.
    ///
    /// **Errors**: it is not this identity's over this message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.key.verify(message, signature)
    }
}

#[derive(Clone)]
struct Verdict {
    member: Arc<Member>,
    certificate: Certificate,
}

/// The organisations of a channel, with a memory of certificates that passed.
pub struct MspSet {
    msps: BTreeMap<MspId, Msp>,
    passed: Mutex<HashMap<[u8; 32], Verdict>>,
}

/// Certificates remembered before the memory is emptied.
const MEMORY: usize = 4096;

impl MspSet {
    /// A set of organisations.
    ///
    /// **Errors**: one MSP id twice.
    pub fn new(msps: impl IntoIterator<Item = Msp>) -> Result<Self, MspError> {
        let mut map = BTreeMap::new();
        for msp in msps {
            if map.insert(msp.msp_id.clone(), msp).is_some() {
                return Err(MspError::Certificate("each organisation once"));
            }
        }
        Ok(MspSet { msps: map, passed: Mutex::default() })
    }

    /// The organisations, sorted by MSP id.
    pub fn iter(&self) -> impl Iterator<Item = &Msp> {
        self.msps.values()
    }

    /// The MSP ids, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &MspId> {
        self.msps.keys()
    }

    /// Whether the organisation is one of them.
    pub fn contains(&self, msp_id: &MspId) -> bool {
        self.msps.contains_key(msp_id)
    }

    /// Checks an identity at a moment.
    ///
    /// **Units**: milliseconds since 1970. **Errors**: unknown organisation, a certificate of another authority, expired, no NodeOU role.
    pub fn check(&self, creator: &Creator, at_ms: u64) -> Result<Arc<Member>, MspError> {
        let msp = self.msps.get(&creator.msp_id).ok_or_else(|| MspError::Unknown(creator.msp_id.clone()))?;
        let mut hash = Sha256::new();
        hash.update(creator.msp_id.as_str());
        hash.update([0]);
        hash.update(&creator.certificate);
        let key: [u8; 32] = hash.finalize().into();
        let known = self.passed.lock().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        let verdict = match known {
            Some(verdict) => verdict,
            None => {
                let verdict = msp.check(&creator.certificate)?;
                let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
                if passed.len() >= MEMORY {
                    passed.clear();
                }
                passed.insert(key, verdict.clone());
                verdict
            }
        };
        if verdict.certificate.is_valid_at(at_ms) { Ok(verdict.member) } else { Err(MspError::Expired(creator.msp_id.clone())) }
    }
}
