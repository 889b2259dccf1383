//! This ledger's verdicts in Fabric's words.

use medveil_embedded_wire::ValidationCode;
use medveil_ledger::Verdict;

/// Fabric's validation code and its name.
///
/// **Source**: `TxValidationCode` in Fabric's `peer/transaction.proto`.
pub fn verdict(code: ValidationCode) -> Verdict {
    let (code, name) = match code {
        ValidationCode::Valid => (0, "VALID"),
        ValidationCode::Malformed => (2, "BAD_PAYLOAD"),
        ValidationCode::BadCreator => (4, "BAD_CREATOR_SIGNATURE"),
        ValidationCode::BadEndorsement => (5, "INVALID_ENDORSER_TRANSACTION"),
        ValidationCode::DuplicateTxId => (9, "DUPLICATE_TXID"),
        ValidationCode::EndorsementPolicy => (10, "ENDORSEMENT_POLICY_FAILURE"),
        ValidationCode::MvccConflict => (11, "MVCC_READ_CONFLICT"),
    };
    Verdict { code, name }
}
