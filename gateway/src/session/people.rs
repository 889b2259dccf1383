//! Who asks the own organisation's peer: the person who acts, where that person was enrolled.

use super::{Session, SessionError};
use crate::actor::Actor;
use crate::infile;
use crate::keyring::get_secret;
use medveil_circuits::ids::Day;
use medveil_collections_config::{MspId, Role};
use medveil_msp::{Certificate, Identity, SecretKey};
use std::sync::Arc;
use zeroize::Zeroizing;

/// Name of the secret that signs for a person: certificate (DER) and key.
pub const PERSON_KEY: &str = "msp-client";

impl Session {
    /// Whether this person has a key of their own for the institution's peer.
    pub fn is_enrolled(&self, person: &Actor) -> bool {
        self.home.person_certificate(person).is_file()
    }

    /// Whether a person acts, and not an organisation.
    pub fn is_personal(&self) -> bool {
        self.person.is_some()
    }

    /// The identity that public queries are asked with: the acting person's, else one that needs
    /// no passphrase, where the ledger knows one, else the organisation's client.
    ///
    /// **Errors**: a vault does not open.
    pub(crate) fn reader(&self, org: &MspId) -> Result<Arc<Identity>, SessionError> {
        match (self.acting_person(org), self.ledger.reader(org)) {
            (Some(person), _) => self.person_identity(person),
            (None, Some(identity)) => Ok(identity),
            (None, None) => self.identity(org, Role::Client),
        }
    }

    /// The identity that private values are asked for with, at the own organisation's peer alone.
    ///
    /// **Errors**: a vault does not open.
    pub(super) fn private_reader(&self, org: &MspId) -> Result<Arc<Identity>, SessionError> {
        match self.acting_person(org) {
            Some(person) => self.person_identity(person),
            None => self.identity(org, Role::Client),
        }
    }

    /// The person of this organisation who acts and was enrolled.
    fn acting_person(&self, org: &MspId) -> Option<&Actor> {
        let person = self.person.as_ref()?;
        (person.org == *org && person.person.is_some() && self.is_enrolled(person))
            .then_some(person)
    }

    fn person_identity(&self, person: &Actor) -> Result<Arc<Identity>, SessionError> {
        let (certificate, identity) = self.kept_identity(person)?;
        let path = self.home.person_certificate(person);
        if !infile::text(&path).is_ok_and(|kept| kept == certificate.to_pem()) {
            let what = "not the certificate that this person's vault has: put it back from a backup, or run `medveil member enrol` again";
            return Err(SessionError::Differs { path, what });
        }
        if certificate.last_valid_ms() < self.ledger.now_ms() {
            return Err(SessionError::PersonExpired {
                person: person.clone(),
                last: Day::of_millis(certificate.last_valid_ms()),
            });
        }
        Ok(Arc::new(identity))
    }

    /// The certificate and key of their own that a person's vault has, valid or not.
    ///
    /// **Errors**: there is none, or it is not of its form; the vault does not open.
    pub(crate) fn kept_identity(
        &self,
        person: &Actor,
    ) -> Result<(Certificate, Identity), SessionError> {
        let vault = self.keyring.open(person)?;
        let (certificate, key): (Vec<u8>, Vec<u8>) = get_secret(&vault, PERSON_KEY)?;
        let key = SecretKey::from_bytes(&Zeroizing::new(key))?;
        let certificate = Certificate::from_der(&certificate)?;
        let identity = Identity::new(person.org.clone(), &certificate, key)?;
        Ok((certificate, identity))
    }
}
