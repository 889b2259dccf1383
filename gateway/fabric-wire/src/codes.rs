//! Fabric's verdicts on transactions.
//!
//! **Source**: `TxValidationCode` in Fabric's `peer/transaction.proto`.

use medveil_ledger::Verdict;

/// A validation code with Fabric's word for it.
pub fn verdict(code: i32) -> Verdict {
    Verdict {
        code,
        name: name(code),
    }
}

fn name(code: i32) -> &'static str {
    const NAMES: [&str; 26] = [
        "VALID",
        "NIL_ENVELOPE",
        "BAD_PAYLOAD",
        "BAD_COMMON_HEADER",
        "BAD_CREATOR_SIGNATURE",
        "INVALID_ENDORSER_TRANSACTION",
        "INVALID_CONFIG_TRANSACTION",
        "UNSUPPORTED_TX_PAYLOAD",
        "BAD_PROPOSAL_TXID",
        "DUPLICATE_TXID",
        "ENDORSEMENT_POLICY_FAILURE",
        "MVCC_READ_CONFLICT",
        "PHANTOM_READ_CONFLICT",
        "UNKNOWN_TX_TYPE",
        "TARGET_CHAIN_NOT_FOUND",
        "MARSHAL_TX_ERROR",
        "NIL_TXACTION",
        "EXPIRED_CHAINCODE",
        "CHAINCODE_VERSION_CONFLICT",
        "BAD_HEADER_EXTENSION",
        "BAD_CHANNEL_HEADER",
        "BAD_RESPONSE_PAYLOAD",
        "BAD_RWSET",
        "ILLEGAL_WRITESET",
        "INVALID_WRITESET",
        "INVALID_CHAINCODE",
    ];
    // 254 and 255 stand apart in Fabric's list.
    if code == 254 {
        return "NOT_VALIDATED";
    }
    usize::try_from(code)
        .ok()
        .and_then(|at| NAMES.get(at))
        .copied()
        .unwrap_or("INVALID_OTHER_REASON")
}

pub const VALID: i32 = 0;
/// Its id was used before.
pub const DUPLICATE_TXID: i32 = 9;
/// Its endorsements do not satisfy what it writes.
pub const ENDORSEMENT_POLICY_FAILURE: i32 = 10;
/// Another transaction wrote a key that this one read.
pub const MVCC_READ_CONFLICT: i32 = 11;
/// Another transaction wrote into a range that this one read.
pub const PHANTOM_READ_CONFLICT: i32 = 12;
/// Another transaction wrote what this one read: definitive, so the call may be endorsed again.
pub const MVCC_CONFLICTS: [i32; 2] = [MVCC_READ_CONFLICT, PHANTOM_READ_CONFLICT];
