//! Judges an access request: the whole instance is rebuilt from what the ledger says and what the client asked for.

use crate::call::AccessTerms;
use circuits::eligibility::{self, ContextParts, EligibilityPublic, RequestValues};
use circuits::field::{Digest, Felt};
use circuits::ids::{ConsortiumId, LineageId, PolicyRoot, RequestId};
use collections_config::MspId;

/// The call whose name is in the context of the proof.
pub const FUNCTION: &str = "RequestAccess";
/// State version that a first request's id is made with.
pub const FIRST_VERSION: u64 = 0;

/// What the ledger says about a request, whoever asks for what.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Consortium.
    pub consortium: ConsortiumId,
    /// Chaincode name.
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
    eligibility::request_id(submitter.as_str(), terms.nullifier, &terms.recipient, FIRST_VERSION)
}

/// The instance that a proof for these terms must be for.
pub fn instance(frame: &Frame<'_>, terms: &AccessTerms) -> EligibilityPublic {
    let period = eligibility::period(terms.day, frame.period_days);
    let request = RequestValues::new(terms.hidden_study, &terms.purpose, terms.disease, &terms.region, frame.submitter.as_str());
    let context = ContextParts {
        consortium: frame.consortium,
        chaincode: frame.chaincode,
        function: FUNCTION,
        request_id: request_id(frame.submitter, terms),
        recipient: terms.recipient,
        column_mask: terms.columns,
        letter: terms.letter,
        dataset: terms.dataset,
        policy: frame.policy,
        circuit_key: frame.circuit,
    };
    EligibilityPublic {
        policy_root: frame.policy,
        issuer_root: terms.issuer_root,
        day: terms.day,
        scope: eligibility::scope(frame.consortium, frame.chaincode, frame.lineage, period),
        request: request.hash(),
        context: context.hash(),
        nullifier: terms.nullifier,
        disclosure: Felt::ZERO,
    }
}
