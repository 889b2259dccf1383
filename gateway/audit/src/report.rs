//! The result of an audit, on either ledger.

use medveil_collections_config::MspId;
use medveil_ledger::Verdict;
use std::fmt;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// `chain`, or an organisation.
    pub place: String,
    /// Which block, transaction or entry.
    pub entry: String,
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.entry, self.what)
    }
}

/// The result of an audit. A count that a ledger does not have is 0 there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Hash of the genesis, or of the first block's header, in hex.
    pub genesis: String,
    pub blocks: u64,
    /// Blocks that there are, as far as the auditor knows.
    pub height: u64,
    /// Transactions of the contract that count.
    pub valid: u64,
    /// Transactions of the contract that were ordered and do not count: id, where one could be
    /// read, and verdict.
    pub invalid: Vec<(String, Verdict)>,
    /// Transactions that do not count, for a reason that does not follow from what is on the chain.
    pub underived: Vec<(String, Verdict)>,
    /// Other transactions: configuration and lifecycle.
    pub other: u64,
    /// Proofs verified again from public arguments.
    pub proofs: u64,
    /// Calls executed again, with equal results.
    pub executed: u64,
    /// Calls that could not be executed again: transaction id and reason. Their signatures and
    /// write sets were checked all the same.
    pub not_executed: Vec<(String, &'static str)>,
    /// Entries compared with what organisations keep, over all of them (embedded).
    pub compared: u64,
    /// Orderers' signatures that hold (Fabric).
    pub orderer_signatures: u64,
    /// Hashes of private values that the chain holds and nothing was compared with (Fabric).
    pub private_hashes: u64,
    /// Organisations whose peers signed blocks (Fabric).
    pub peers: Vec<MspId>,
    /// Organisations that were asked and did not give every block: the last reason (Fabric).
    pub silent: Vec<(MspId, String)>,
    /// Everything that is not as it should be.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing differs.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    pub fn find(&mut self, place: impl ToString, entry: impl ToString, what: impl ToString) {
        self.findings.push(Finding {
            place: place.to_string(),
            entry: entry.to_string(),
            what: what.to_string(),
        });
    }
}
