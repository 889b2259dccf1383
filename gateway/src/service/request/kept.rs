//! Requests as they were made: kept in the person's vault before they are submitted, so that
//! whoever asks the same again sends the same bytes, or, where the ledger has them, gets the first
//! answer.

use super::{Ask, Frame};
use crate::desk::Desk;
use crate::error::GatewayError;
use crate::home::Actor;
use crate::office::{get_secret, put_secret};
use crate::output::Step;
use borsh::{BorshDeserialize, BorshSerialize};
use circuits::field::Digest;
use circuits::ids::{PolicyRoot, RequestId};
use serde::Deserialize;
use verifier_chaincode::Code;
use verifier_chaincode::call::{Query, RequestAccess};

const PREFIX: &str = "request-";

/// What was asked for, as far as a proof or a grant depends on it.
#[derive(BorshSerialize, BorshDeserialize, PartialEq, Eq)]
pub struct Wish {
    study: String,
    purpose: Option<String>,
    disease: Option<String>,
    region: Option<String>,
    columns: u16,
    letter: Digest,
}

impl Wish {
    /// An ask with its columns as key slots and its letter's text.
    pub fn new(ask: &Ask, columns: u16, letter: &[u8]) -> Self {
        let Ask {
            study,
            purpose,
            disease,
            region,
            ..
        } = ask;
        let (study, purpose, disease, region) = (
            study.clone(),
            purpose.clone(),
            disease.clone(),
            region.clone(),
        );
        Wish {
            study,
            purpose,
            disease,
            region,
            columns,
            letter: Digest::of(letter),
        }
    }
}

/// A request with its proof.
#[derive(BorshSerialize, BorshDeserialize)]
pub struct Kept {
    /// What was asked for.
    pub wish: Wish,
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

impl Kept {
    /// Keeps it.
    ///
    /// **Errors**: the vault does not open, or the file system refused; then it must not be
    /// submitted.
    pub fn keep(&self, desk: &Desk, person: &Actor) -> Result<(), GatewayError> {
        put_secret(
            &*desk.offices.open(person)?,
            &name(self.call.terms.request),
            self,
            &mut *desk.rng(),
        )
    }

    /// Whether the ledger still takes it: it speaks of the current day, registry, version, policy
    /// and circuit.
    fn is_current(&self, frame: &Frame<'_>) -> bool {
        let terms = &self.call.terms;
        terms.day == frame.day
            && terms.issuer_root == frame.context.registry.root
            && terms.dataset == frame.dataset
            && self.policy == frame.context.policy.active.root
            && self.key == frame.key
    }

    /// The answer that the first submit gave, or would have given, where the ledger has it.
    ///
    /// **Errors**: the ledger cannot be read.
    fn recorded(&self, desk: &Desk, person: &Actor) -> Result<Option<Step>, GatewayError> {
        #[derive(Deserialize)]
        struct Answer {
            request: Recorded,
        }
        #[derive(Deserialize)]
        struct Recorded {
            state: String,
            tx_id: String,
        }
        let request = self.call.terms.request;
        let Recorded { state, tx_id } =
            match desk.query::<Answer>(&person.org, &Query::GetRequest { request }) {
                Ok(answer) => answer.request,
                Err(e) if e.facts().refusal == Some(Code::NotFound) => return Ok(None),
                Err(e) => return Err(e),
            };
        let step = Step::new("access.request")
            .line(format!(
                "request {request} is on the ledger already, by transaction {tx_id}: {state}"
            ))
            .field("request", request.to_string())
            .field("tier", self.tier)
            .field("state", state);
        Ok(Some(step.field("tx_id", tx_id)))
    }
}

/// A request of before that serves again.
pub enum Found {
    /// The ledger has it: the first answer.
    Recorded(Step),
    /// The ledger takes it still.
    Current(Kept),
}

/// What this person made under the frame's nullifier for the same wish and can be used again.
///
/// **Errors**: the vault does not open, a kept request is not of its form, or the ledger cannot be
/// read.
pub fn find(
    desk: &Desk,
    person: &Actor,
    frame: &Frame<'_>,
    wish: &Wish,
) -> Result<Option<Found>, GatewayError> {
    let vault = desk.offices.open(person)?;
    let mut current = None;
    for name in vault.names()?.iter().filter(|n| n.starts_with(PREFIX)) {
        let kept: Kept = get_secret(&vault, name)?;
        if kept.call.terms.nullifier != frame.nullifier || kept.wish != *wish {
            continue;
        }
        if let Some(answer) = kept.recorded(desk, person)? {
            return Ok(Some(Found::Recorded(answer)));
        }
        if kept.is_current(frame) {
            current = Some(kept);
        }
    }
    Ok(current.map(Found::Current))
}
