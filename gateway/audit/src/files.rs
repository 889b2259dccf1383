//! The audit of an embedded ledger: replay the chain, run the contract again, and compare with what
//! every organisation keeps.
//!
//! From the genesis on it checks the links, every signature and endorsement policy, gives every
//! transaction its verdict anew, and rebuilds the public state and the hashes of private values. It
//! executes every valid call again on the rebuilt state, which verifies every recorded proof again;
//! private arguments are taken from the members' stores where those still hold what was sent. Then
//! it compares each organisation's signed head, public state and private values. What it cannot see
//! is in the report: calls it could not run again. A rollback of the whole folder cannot be seen.

mod compare;
mod replay;
mod stores;
mod transient;

use crate::error::AuditError;
use crate::report::Report;
use medveil_embedded::{Layout, LockedHome, MakeChaincode, OpenError};
use medveil_ledger::Hash;
use std::path::Path;

/// Audits the ledger at `root`. Nothing is written: a store that was not closed properly is repaired
/// in memory.
///
/// `expected` is the genesis hash that a trust file pins, where there is one.
///
/// **Errors**: there is nothing that could be audited. What is wrong with a ledger that can be read
/// is in the report.
pub fn audit(
    root: &Path,
    chaincode: &MakeChaincode,
    expected: Option<&Hash>,
) -> Result<Report, AuditError> {
    let layout = Layout::new(root);
    if layout.lost_chain() {
        return Err(OpenError::Gone(layout.chain()).with_advice().into());
    }
    if !layout.exists() {
        return Err(OpenError::Presence {
            path: root.to_owned(),
            expected: "an existing ledger",
        }
        .into());
    }
    let _lock = LockedHome::take(&layout)?;
    let mut replay = replay::Replay::open(&layout, chaincode)?;
    if let Some(expected) = expected.filter(|e| **e != replay.anchor) {
        return Err(AuditError::Anchor {
            expected: hex::encode(expected),
            got: hex::encode(replay.anchor),
        });
    }
    let stores = stores::Stores::open(&layout, &replay.rules, &mut replay.report);
    replay.run(&stores);
    compare::compare(&stores, &mut replay);
    replay.report.findings.sort();
    replay.report.findings.dedup();
    Ok(replay.report)
}

#[cfg(test)]
mod tests;
