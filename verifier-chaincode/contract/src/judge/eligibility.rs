//! Judges an access request: the whole instance is rebuilt from what the ledger says and what the
//! client asked for.

use super::{JudgeError, KeyRing};
use crate::call::{AccessTerms, AffirmAccess, RequestAccess};
use crate::model::RequestEntry;
use medveil_circuits::eligibility::{
    self, ContextParts, Eligibility, EligibilityPublic, RequestValues,
};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::{ConsortiumId, Day, IssuerRoot, LineageId, PolicyRoot, RequestId};
use medveil_circuits::proof::{Proof, RawProof};
use medveil_circuits::statement::Statement;
use medveil_circuits::verify::verify as verify_proof;
use medveil_collections_config::MspId;

/// The call whose name is in the context of a request's proof.
const REQUEST: &str = "RequestAccess";
/// The call whose name is in the context of an affirmation's proof.
const AFFIRM: &str = "AffirmAccess";

/// What the ledger says about a request, whoever asks for what.
#[derive(Clone, Copy, Debug)]
pub struct RequestFacts<'a> {
    pub consortium: ConsortiumId,
    pub chaincode: &'a str,
    /// The organisation that submits.
    pub submitter: &'a MspId,
    /// Scope of the nullifier: of today's period for a request, and the request's own for what
    /// follows from it.
    pub scope: Felt,
    /// The policy in force, or the request's own for an affirmation.
    pub policy: PolicyRoot,
    /// Digest of the active key of the policy's tier.
    pub circuit: Digest,
}

/// The scope of a nullifier that is first used on a day, where periods are so many days long.
pub fn scope(
    consortium: ConsortiumId,
    chaincode: &str,
    lineage: LineageId,
    (day, period_days): (Day, u32),
) -> Felt {
    let period = eligibility::period(day, period_days);
    eligibility::scope(consortium, chaincode, lineage, period)
}

/// The request id of these terms.
pub fn request_id(submitter: &MspId, terms: &AccessTerms) -> RequestId {
    eligibility::request_id(
        submitter.as_str(),
        terms.nullifier,
        &terms.recipient,
        u64::from(terms.extension),
    )
}

/// The values of a request of these terms.
pub fn values(submitter: &MspId, terms: &AccessTerms) -> RequestValues {
    RequestValues::new(
        terms.hidden_study,
        &terms.purpose,
        terms.disease,
        &terms.region,
        submitter.as_str(),
    )
}

/// The instance that a proof for these terms must be for.
pub fn instance(facts: &RequestFacts<'_>, terms: &AccessTerms) -> EligibilityPublic {
    let context = ContextParts {
        consortium: facts.consortium,
        chaincode: facts.chaincode,
        function: REQUEST,
        request_id: request_id(facts.submitter, terms),
        version: u64::from(terms.extension),
        recipient: terms.recipient,
        column_mask: terms.columns,
        body: terms.body,
        dataset: terms.dataset,
        policy: facts.policy,
        circuit_key: facts.circuit,
    };
    EligibilityPublic {
        policy_root: facts.policy,
        issuer_root: terms.issuer_root,
        day: terms.day,
        scope: facts.scope,
        request: values(facts.submitter, terms).hash(),
        context: context.hash(),
        nullifier: terms.nullifier,
        disclosure: Felt::ZERO,
    }
}

/// What an affirmation of a request speaks of.
#[derive(Clone, Copy, Debug)]
pub struct Affirmed {
    /// State version of the request.
    pub version: u64,
    pub day: Day,
    pub issuer_root: IssuerRoot,
    /// Digest of the key that it is proven with.
    pub circuit: Digest,
}

impl From<&AffirmAccess> for Affirmed {
    fn from(args: &AffirmAccess) -> Self {
        Affirmed {
            version: args.version,
            day: args.day,
            issuer_root: args.issuer_root,
            circuit: args.circuit,
        }
    }
}

/// The values of a recorded request.
pub fn recorded_values(entry: &RequestEntry) -> RequestValues {
    RequestValues::new(
        entry.hidden_study,
        &entry.purpose,
        entry.disease,
        &entry.region,
        entry.submitter.as_str(),
    )
}

/// The instance that a proof which affirms a recorded request must be for.
pub fn affirmation(
    consortium: ConsortiumId,
    chaincode: &str,
    entry: &RequestEntry,
    affirmed: &Affirmed,
) -> EligibilityPublic {
    let context = ContextParts {
        consortium,
        chaincode,
        function: AFFIRM,
        request_id: entry.request,
        version: affirmed.version,
        recipient: entry.recipient,
        column_mask: entry.columns,
        body: entry.body,
        dataset: entry.dataset,
        policy: entry.policy,
        circuit_key: affirmed.circuit,
    };
    EligibilityPublic {
        policy_root: entry.policy,
        issuer_root: affirmed.issuer_root,
        day: affirmed.day,
        scope: entry.scope,
        request: recorded_values(entry).hash(),
        context: context.hash(),
        nullifier: entry.nullifier,
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
    verify_proof_of(&instance(facts, &request.terms), tier, &request.proof, keys)
}

/// Verifies a proof of eligibility of this tier.
///
/// **Errors**: no such key, or the proof does not hold.
pub fn verify_proof_of(
    public: &EligibilityPublic,
    tier: u8,
    proof: &RawProof,
    keys: &KeyRing,
) -> Result<(), JudgeError> {
    match tier {
        1 => verify_tier::<1>(public, proof, keys),
        _ => verify_tier::<4>(public, proof, keys),
    }
}

fn verify_tier<const TIER: usize>(
    public: &EligibilityPublic,
    proof: &RawProof,
    keys: &KeyRing,
) -> Result<(), JudgeError> {
    Ok(verify_proof(
        keys.get::<Eligibility<TIER>>()?,
        public,
        &Proof::new(proof.clone()),
    )?)
}
