//! The audit of a ledger. `fabric` audits a channel; what follows is the embedded ledger's: replay
//! the chain, run the contract again, and compare with what every organisation keeps.
//!
//! It believes nothing but signatures. From the genesis on it checks the links, every signature and
//! endorsement policy, gives every transaction its verdict anew, and rebuilds the public state and
//! the hashes of private values. It executes every valid call again on the rebuilt state, which
//! verifies every recorded proof again; private arguments are taken from the members' stores where
//! those still hold what was sent. Then it compares: each organisation's signed head, public state
//! and private values. Whatever differs is named. What it cannot see is said in the report: calls
//! it could not run again, and a rollback of the whole folder.

mod compare;
mod fabric;
mod replay;
mod transient;

pub use fabric::{FabricAudit, FabricReport, Frame, Source, audit as audit_fabric};

use crate::backend::embedded::{
    ChainError, GenesisError, Hash, Layout, LockedHome, MakeChaincode, OpenError, ValidationCode,
};
use std::fmt;
use std::path::Path;

/// Why an audit could not be made at all.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// No ledger there, or in use.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The chain file cannot be read from its start.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The genesis is not one.
    #[error(transparent)]
    Genesis(#[from] GenesisError),
    /// The contract does not accept its configuration.
    #[error("contract: {0}")]
    Contract(String),
    /// The genesis is not the one that was expected.
    #[error("genesis: expected {expected}, got {got}")]
    Anchor {
        /// Expected hash.
        expected: String,
        /// Hash of the genesis on disk.
        got: String,
    },
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Where: `chain`, or an organisation.
    pub place: String,
    /// Which block, transaction or entry.
    pub entry: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.entry, self.what)
    }
}

/// What an audit came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Hash of the genesis.
    pub anchor: Hash,
    /// Blocks replayed.
    pub blocks: u64,
    /// Transactions that count.
    pub valid: u64,
    /// Transactions that were ordered and do not count: id, where one could be read, and verdict.
    pub invalid: Vec<(String, ValidationCode)>,
    /// Proofs verified again from public arguments.
    pub proofs: u64,
    /// Calls executed again, with equal results.
    pub executed: u64,
    /// Calls that could not be executed again: transaction id and reason. Their signatures and
    /// write sets were checked all the same.
    pub not_executed: Vec<(String, &'static str)>,
    /// Entries compared, over all organisations.
    pub compared: u64,
    /// Everything that differs.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing differs.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, place: impl ToString, entry: impl ToString, what: impl ToString) {
        self.findings.push(Finding {
            place: place.to_string(),
            entry: entry.to_string(),
            what: what.to_string(),
        });
    }
}

/// Audits the ledger at `root`. Nothing is written, except that a store which was not closed
/// properly repairs itself when it is opened.
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
    if !layout.exists() {
        return Err(OpenError::Presence {
            path: root.to_owned(),
            expected: "an existing ledger",
        }
        .into());
    }
    let _lock = LockedHome::take(&layout)?;
    let mut replay = replay::Replay::open(&layout, chaincode)?;
    if let Some(expected) = expected.filter(|e| **e != replay.report.anchor) {
        return Err(AuditError::Anchor {
            expected: hex::encode(expected),
            got: hex::encode(replay.report.anchor),
        });
    }
    let stores = compare::Stores::open(&layout, &mut replay);
    replay.run(&stores);
    compare::compare(&stores, &mut replay);
    replay.report.findings.sort();
    replay.report.findings.dedup();
    Ok(replay.report)
}

#[cfg(test)]
mod tests;
