//! Requests as they were made: kept in the person's vault before they are submitted, so that
//! whoever asks the same again sends the same bytes, or, where the ledger has them, gets the first
//! answer.

use super::AccessError;
use crate::actor::Actor;
use crate::keyring::{KeyringError, get_secret, put_secret};
use crate::session::Session;
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::field::Digest;
use medveil_circuits::ids::{PolicyRoot, RequestId};
use medveil_contract::call::RequestAccess;

const PREFIX: &str = "request-";

/// What was asked for, as far as a proof or a grant depends on it.
#[derive(Clone, BorshSerialize, BorshDeserialize, PartialEq, Eq)]
pub(super) struct RequestTerms {
    /// The grant that it extends.
    pub extends: Option<RequestId>,
    pub study: String,
    pub purpose: Option<String>,
    pub disease: Option<String>,
    pub region: Option<String>,
    pub columns: u16,
    /// `Letter::digest`.
    pub letter: Digest,
}

/// A request with its proof.
#[derive(BorshSerialize, BorshDeserialize)]
pub(super) struct StoredRequest {
    pub terms: RequestTerms,
    /// Policy that the proof satisfies.
    pub policy: PolicyRoot,
    /// Key that it was proven with.
    pub key: Digest,
    /// Visas that the alternative takes.
    pub visas: u8,
    /// Size of the circuit.
    pub tier: u8,
    /// The public arguments.
    pub call: RequestAccess,
    /// The body, in the clear.
    pub body: Vec<u8>,
}

fn name(request: RequestId) -> String {
    format!("{PREFIX}{}", &request.to_string()[..40])
}

impl StoredRequest {
    /// Keeps it.
    ///
    /// **Errors**: the vault does not open, or the file system refused; then it must not be
    /// submitted.
    pub fn keep(&self, session: &Session, person: &Actor) -> Result<(), KeyringError> {
        let vault = session.keyring.open(person)?;
        let name = name(self.call.terms.request);
        put_secret(&vault, &name, self, &mut session.rng())
    }

    /// A request that this person made.
    ///
    /// **Errors**: none of that id; the vault does not open.
    pub fn of(session: &Session, person: &Actor, request: RequestId) -> Result<Self, AccessError> {
        let (vault, name) = (session.keyring.open(person)?, name(request));
        if !vault.has(&name) {
            let person = person.clone();
            return Err(AccessError::NotRequester { person, request });
        }
        Ok(get_secret(&vault, &name)?)
    }

    /// Every request that this person made.
    ///
    /// **Errors**: the vault does not open, or a stored request is not of its form.
    pub fn all(session: &Session, person: &Actor) -> Result<Vec<Self>, AccessError> {
        let vault = session.keyring.open(person)?;
        let mut names = vault.names()?;
        names.retain(|name| name.starts_with(PREFIX));
        let stored = names.iter().map(|name| Ok(get_secret(&vault, name)?));
        stored.collect()
    }
}
