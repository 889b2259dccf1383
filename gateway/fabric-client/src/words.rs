//! What Fabric says in words only.
//!
//! Peers and orderers answer some questions by free text: there is no code or field to read. Every
//! decision on what they say is made here. The only others in this workspace are on the output of
//! tools: `medveil-fabric-net` reads versions of Fabric's programs, and osnadmin's `Status: 201`.

use super::failure::Failure;
use medveil_contract::{Code as Refusal, ContractError};
use tonic::Code;

/// What a peer writes before a contract's ERROR message (`core/endorser/endorser.go`).
const REFUSED: &str = "transaction returned with failure: ";
/// What the gateway says where endorsers read other versions (`internal/pkg/gateway/endorse.go`).
const OUT_OF_STEP: &str = "ProposalResponsePayloads do not match";
/// What it says where a peer cannot run a chaincode: every such text names it.
const CHAINCODE: &str = "chaincode";
/// What a peer says where its chain holds no such transaction
/// (`common/ledger/blkstorage/blockindex.go`).
const NO_TRANSACTION: &str = "no such transaction";
/// What orderers say of a transaction that none of them will ever take.
const DEFINITIVE: [&str; 4] = [
    "status=BAD_REQUEST",
    "status=FORBIDDEN",
    "status=NOT_FOUND",
    "status=REQUEST_ENTITY_TOO_LARGE",
];

/// The contract's refusal within what a peer said.
pub(super) fn refusal(message: &str) -> Option<ContractError> {
    let (_, text) = message.split_once(REFUSED)?;
    ContractError::parse(text)
}

/// Whether a contract verifies as much as it takes at once: then nothing was executed, and the same
/// proposal may be sent again.
pub(super) fn is_busy(failure: &Failure) -> bool {
    let mut refusals = failure.texts().filter_map(refusal);
    refusals.any(|error| error.code() == Refusal::Busy)
}

/// Whether a peer says that its chain does not hold the transaction that it was asked for.
pub(super) fn is_unknown_transaction(failure: &Failure) -> bool {
    failure.messages().any(|text| text.contains(NO_TRANSACTION))
}

/// Whether peers stand at different blocks.
pub(super) fn is_out_of_step(failure: &Failure) -> bool {
    failure.messages().any(|text| text.contains(OUT_OF_STEP))
}

/// Whether the peer of `own` answered that it could not run the contract: a refusal is the
/// contract's own word and stays.
pub(super) fn has_no_contract(own: &str, failure: &Failure) -> bool {
    let said_by_own = failure.details.iter().all(|(msp, _)| msp == own);
    let is_refusal = failure.texts().any(|text| refusal(text).is_some());
    let code = matches!(
        failure.code,
        Code::Aborted | Code::FailedPrecondition | Code::Internal | Code::Unknown
    );
    code && said_by_own && !is_refusal && failure.messages().any(|text| text.contains(CHAINCODE))
}

/// Whether the ordering service refused for good.
pub(super) fn is_refused(failure: &Failure) -> bool {
    let definitive = |text: &str| DEFINITIVE.iter().any(|status| text.contains(status));
    let wrong = matches!(failure.code, Code::InvalidArgument | Code::PermissionDenied);
    let all = failure.details.iter().all(|(_, text)| definitive(text));
    wrong || definitive(&failure.message) || (!failure.details.is_empty() && all)
}
