//! Judges an access request: the whole instance is rebuilt from what the ledger says and what the
//! client asked for.

use super::{JudgeError, KeyRing};
use crate::call::{AccessTerms, RequestAccess};
use medveil_circuits::eligibility::{
    self, ContextParts, Eligibility, EligibilityPublic, RequestValues,
};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{ConsortiumId, LineageId, PolicyRoot, RequestId};
use medveil_circuits::proof::Proof;
use medveil_circuits::statement::Statement;
use medveil_circuits::verify::verify as verify_proof;
use medveil_collections_config::MspId;

/// The call whose name is in the context of the proof.
pub const FUNCTION: &str = "RequestAccess";
/// State version that a first request's id is made with.
pub const FIRST_VERSION: u64 = 0;

/// What the ledger says about a request, whoever asks for what.
#[derive(Clone, Copy, Debug)]
pub struct RequestFacts<'a> {
    pub consortium: ConsortiumId,
    pub chaincode: &'a str,
    /// The dataset's lineage.
    pub lineage: LineageId,
    /// The organisation that submits.
    pub submitter: &'a MspId,
    /// Length of the lineage's periods.
    ///
    /// **Units**: days.
    pub period_days: u32,
    /// The policy in force.
    pub policy: PolicyRoot,
    /// Digest of the active key of the policy's tier.
    pub circuit: Digest,
}

/// The request id of these terms.
pub fn request_id(submitter: &MspId, terms: &AccessTerms) -> RequestId {
    eligibility::request_id(
        submitter.as_str(),
        terms.nullifier,
        &terms.recipient,
        FIRST_VERSION,
    )
}

/// The instance that a proof for these terms must be for.
pub fn instance(facts: &RequestFacts<'_>, terms: &AccessTerms) -> EligibilityPublic {
    let period = eligibility::period(terms.day, facts.period_days);
    let request = RequestValues::new(
        terms.hidden_study,
        &terms.purpose,
        terms.disease,
        &terms.region,
        facts.submitter.as_str(),
    );
    let context = ContextParts {
        consortium: facts.consortium,
        chaincode: facts.chaincode,
        function: FUNCTION,
        request_id: request_id(facts.submitter, terms),
        recipient: terms.recipient,
        column_mask: terms.columns,
        letter: terms.letter,
        dataset: terms.dataset,
        policy: facts.policy,
        circuit_key: facts.circuit,
    };
    EligibilityPublic {
        policy_root: facts.policy,
        issuer_root: terms.issuer_root,
        day: terms.day,
        scope: eligibility::scope(facts.consortium, facts.chaincode, facts.lineage, period),
        request: request.hash(),
        context: context.hash(),
        nullifier: terms.nullifier,
        disclosure: Felt::ZERO,
    }
}

/// The circuit that proves policies of this tier.
///
/// **Errors**: no such tier.
pub fn circuit_of(tier: u8) -> Result<String, JudgeError> {
    match tier {
        1 => Ok(Eligibility::<1>::CIRCUIT.to_string()),
        4 => Ok(Eligibility::<4>::CIRCUIT.to_string()),
        other => Err(JudgeError::input(
            "tier",
            format_args!("expected 1 or 4 visas, got {other}"),
        )),
    }
}

/// Digest of the ring's key of this tier.
///
/// **Errors**: no such tier, or no such key.
pub fn key_digest(tier: u8, keys: &KeyRing) -> Result<Digest, JudgeError> {
    match tier {
        1 => keys.digest::<Eligibility<1>>(),
        4 => keys.digest::<Eligibility<4>>(),
        other => Err(JudgeError::input(
            "tier",
            format_args!("expected 1 or 4 visas, got {other}"),
        )),
    }
}

/// Verifies the proof of a request under a policy of this tier.
///
/// **Errors**: the request id is not the one of these terms, the facts name another key than the
/// ring's, or the proof does not hold.
pub fn verify(
    facts: &RequestFacts<'_>,
    tier: u8,
    request: &RequestAccess,
    keys: &KeyRing,
) -> Result<(), JudgeError> {
    let expected = request_id(facts.submitter, &request.terms);
    if request.terms.request != expected {
        return Err(JudgeError::input(
            "request id",
            format_args!("expected {expected}, got {}", request.terms.request),
        ));
    }
    if key_digest(tier, keys)? != facts.circuit {
        return Err(JudgeError::Key(
            "expected the key that the facts name".to_owned(),
        ));
    }
    let public = instance(facts, &request.terms);
    match tier {
        1 => verify_tier::<1>(&public, request, keys),
        _ => verify_tier::<4>(&public, request, keys),
    }
}

fn verify_tier<const TIER: usize>(
    public: &EligibilityPublic,
    request: &RequestAccess,
    keys: &KeyRing,
) -> Result<(), JudgeError> {
    Ok(verify_proof(
        keys.get::<Eligibility<TIER>>()?,
        public,
        &Proof::new(request.proof.clone()),
    )?)
}
