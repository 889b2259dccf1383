//! Requests as they were made: kept in the person's vault before they are submitted, so that
//! whoever asks the same again sends the same bytes, or, where the ledger has them, gets the first
//! answer.

use super::inputs::RequestInputs;
use super::{AccessError, AccessOptions};
use crate::actor::Actor;
use crate::keyring::{KeyringError, get_secret, put_secret};
use crate::session::{Session, SessionError};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::field::Digest;
use medveil_circuits::ids::{PolicyRoot, RequestId};
use medveil_contract::Code;
use medveil_contract::call::RequestAccess;
use medveil_contract::call::request::GetRequest;
use medveil_contract::model::RequestEntry;

const PREFIX: &str = "request-";

/// What was asked for, as far as a proof or a grant depends on it.
#[derive(BorshSerialize, BorshDeserialize, PartialEq, Eq)]
pub(super) struct RequestTerms {
    study: String,
    purpose: Option<String>,
    disease: Option<String>,
    region: Option<String>,
    columns: u16,
    letter: Digest,
}

impl RequestTerms {
    /// Options with their columns as key slots and their letter's text.
    pub fn new(options: &AccessOptions, columns: u16, letter: &[u8]) -> Self {
        RequestTerms {
            study: options.study.clone(),
            purpose: options.purpose.clone(),
            disease: options.disease.clone(),
            region: options.region.clone(),
            columns,
            letter: Digest::of(letter),
        }
    }
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
    /// The sealed letter.
    pub letter: Vec<u8>,
}

fn name(request: RequestId) -> String {
    format!("{PREFIX}{}", &request.to_string()[..40])
}

/// A request of before that serves again.
pub(super) enum EarlierRequest {
    /// The ledger has it.
    Recorded(StoredRequest, Box<RequestEntry>),
    /// The ledger takes it still.
    Current(StoredRequest),
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

    /// Whether the ledger still takes it: it speaks of the current day, registry, version, policy
    /// and circuit.
    fn is_current(&self, inputs: &RequestInputs<'_>) -> bool {
        let terms = &self.call.terms;
        let context = &inputs.context;
        terms.day == context.day.current
            && terms.issuer_root == context.registry.root
            && terms.dataset == inputs.dataset
            && self.policy == context.policy.active.root
            && self.key == inputs.key
    }

    /// What this person made under the same nullifier for the same terms and can be used again.
    ///
    /// **Errors**: the vault does not open, a stored request is not of its form, or the ledger
    /// cannot be read.
    pub async fn find(
        session: &Session,
        inputs: &RequestInputs<'_>,
        terms: &RequestTerms,
    ) -> Result<Option<EarlierRequest>, AccessError> {
        let vault = session.keyring.open(inputs.person)?;
        let mut names = vault.names()?;
        names.retain(|name| name.starts_with(PREFIX));
        let mut current = None;
        for name in &names {
            let stored: StoredRequest = get_secret(&vault, name)?;
            if stored.call.terms.nullifier != inputs.nullifier || stored.terms != *terms {
                continue;
            }
            let request = stored.call.terms.request;
            if let Some(entry) = find_recorded(session, inputs.person, request).await? {
                return Ok(Some(EarlierRequest::Recorded(stored, Box::new(entry))));
            }
            if stored.is_current(inputs) {
                current = Some(stored);
            }
        }
        Ok(current.map(EarlierRequest::Current))
    }
}

/// The request on the ledger, where it is there.
async fn find_recorded(
    session: &Session,
    person: &Actor,
    request: RequestId,
) -> Result<Option<RequestEntry>, SessionError> {
    match session.ask(&person.org, GetRequest { request }).await {
        Ok(status) => Ok(Some(status.request)),
        Err(e) if e.code() == Some(Code::NotFound) => Ok(None),
        Err(e) => Err(e),
    }
}
