//! Who is trusted: the organisations of a channel, and the verdict on an identity.

use super::certificate::Certificate;
use super::chain::{Judgement, Period};
use super::error::MspError;
use super::identity::Creator;
use super::key::{BadSignature, PublicKey};
use super::organisation::Msp;
use medveil_collections_config::{MspId, Principal, Role};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// An identity whose certificate was checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Member {
    msp_id: MspId,
    role: Role,
    subject: String,
    key: PublicKey,
}

impl Member {
    pub fn msp_id(&self) -> &MspId {
        &self.msp_id
    }
    pub fn role(&self) -> Role {
        self.role
    }
    /// The name in its certificate.
    pub fn subject(&self) -> &str {
        &self.subject
    }
    /// What a signature policy asks for.
    pub fn principal(&self) -> Principal {
        Principal {
            msp_id: self.msp_id.clone(),
            role: self.role,
        }
    }
    /// Checks a signature.
    ///
    /// **Errors**: it is not this identity's over this message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), BadSignature> {
        self.key.verify(message, signature)
    }
}

/// An identity that its organisation's authorities certified, and when that holds.
#[derive(Clone)]
struct Verdict {
    member: Arc<Member>,
    periods: Vec<Period>,
}

impl Verdict {
    /// Checks an identity's certificate, except for the time.
    fn of(msp: &Msp, der: &[u8]) -> Result<Self, MspError> {
        let certificate = Certificate::from_der(der)?;
        if !certificate.is_leaf() {
            return Err(MspError::Certificate(
                "a certificate that signs and certifies nothing",
            ));
        }
        let periods = msp.periods(&certificate)?;
        let (role, subject) = (certificate.role()?, certificate.common_name().to_string());
        let member = Member {
            msp_id: msp.msp_id().clone(),
            role,
            subject,
            key: certificate.public_key().clone(),
        };
        Ok(Verdict {
            member: Arc::new(member),
            periods,
        })
    }

    fn at(self, at_ms: u64) -> Result<Arc<Member>, MspError> {
        let best = self.periods.iter().map(|s| s.at(at_ms)).max();
        match best {
            Some(Judgement::Good) => Ok(self.member),
            Some(Judgement::Revoked) => Err(MspError::Revoked(self.member.msp_id.clone())),
            Some(Judgement::Expired) | None => Err(MspError::Expired(self.member.msp_id.clone())),
        }
    }
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
            if map.insert(msp.msp_id().clone(), msp).is_some() {
                return Err(MspError::Certificate("each organisation once"));
            }
        }
        Ok(MspSet {
            msps: map,
            passed: Mutex::default(),
        })
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
    /// **Units**: milliseconds since 1970. **Errors**: unknown organisation, a certificate of
    /// another authority, expired or revoked then (itself or an authority above it), no NodeOU
    /// role.
    pub fn check(&self, creator: &Creator, at_ms: u64) -> Result<Arc<Member>, MspError> {
        let msp = self
            .msps
            .get(&creator.msp_id)
            .ok_or_else(|| MspError::Unknown(creator.msp_id.clone()))?;
        let mut hash = Sha256::new();
        hash.update(creator.msp_id.as_str());
        hash.update([0]);
        hash.update(&creator.certificate);
        let key: [u8; 32] = hash.finalize().into();
        let known = self
            .passed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        let verdict = match known {
            Some(verdict) => verdict,
            None => {
                let verdict = Verdict::of(msp, &creator.certificate)?;
                let mut passed = self.passed.lock().unwrap_or_else(PoisonError::into_inner);
                if passed.len() >= MEMORY {
                    passed.clear();
                }
                passed.insert(key, verdict.clone());
                verdict
            }
        };
        verdict.at(at_ms)
    }
}
