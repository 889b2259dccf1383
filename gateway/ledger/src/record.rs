//! Blocks and transactions as readers see them, on either ledger.

use medveil_collections_config::{CollectionName, MspId};
use std::collections::BTreeSet;
use std::fmt;

/// Whether an ordered transaction counts: Fabric's validation code and its name.
///
/// **Source**: `TxValidationCode` in Fabric's `peer/transaction.proto`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Verdict {
    /// 0 is valid.
    pub code: i32,
    /// Such as `MVCC_READ_CONFLICT`.
    pub name: &'static str,
}

impl Verdict {
    /// Whether the transaction counts.
    pub fn is_valid(self) -> bool {
        self.code == 0
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What an envelope calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Called {
    /// A function of the contract.
    Contract {
        function: String,
        /// The organisation that sent it.
        submitter: MspId,
    },
    Chaincode(String),
    Configuration,
    /// Nothing that could be read.
    Unreadable,
}

/// One line of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionSummary {
    pub called: Called,
    pub verdict: Verdict,
}

/// A block with the verdicts on its transactions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockRecord {
    pub number: u64,
    /// Hash of its header, in hex.
    pub hash: String,
    pub transactions: Vec<TransactionSummary>,
}

/// A transaction as the chain holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransactionRecord {
    pub tx_id: String,
    pub block: u64,
    pub verdict: Verdict,
    pub called: Called,
    /// Organisations whose peers' endorsements hold.
    pub endorsers: BTreeSet<MspId>,
    /// Public keys that it writes, with the length of each value in bytes.
    pub writes: Vec<(String, usize)>,
    /// Collections that it writes private values into.
    pub collections: BTreeSet<CollectionName>,
    /// Its bytes, in the ledger's own form.
    pub envelope: Vec<u8>,
}
