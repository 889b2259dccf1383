//! What a client sends, and what became of it.

use crate::record::Verdict;
use medveil_collections_config::{CollectionName, MspId};
use std::collections::BTreeMap;

/// Private arguments by name.
pub type Transient = BTreeMap<String, Vec<u8>>;

/// One call to the contract.
#[derive(Clone, Default)]
pub struct Transaction {
    /// Function name and its arguments.
    pub args: Vec<Vec<u8>>,
    /// Private arguments: seen by the endorsers named below and by nobody else.
    pub transient: Transient,
    /// Organisations whose peers endorse. A query needs none.
    pub endorsers: Vec<MspId>,
    /// The private values that the call must write, where the caller knows them: compared with the
    /// prepared write set before anything is signed.
    pub expected: Vec<ExpectedWrite>,
}

impl Transaction {
    pub fn query(args: Vec<Vec<u8>>) -> Self {
        Transaction {
            args,
            ..Transaction::default()
        }
    }

    /// A call that these organisations endorse.
    pub fn call(args: Vec<Vec<u8>>, endorsers: Vec<MspId>) -> Self {
        Transaction {
            args,
            endorsers,
            ..Transaction::default()
        }
    }
}

/// A private value that a call must write.
#[derive(Clone, PartialEq, Eq)]
pub struct ExpectedWrite {
    pub collection: CollectionName,
    pub key: String,
    pub value: Vec<u8>,
}

/// A transaction that is part of the ledger and valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    pub tx_id: String,
    pub block: u64,
    /// Place in the block, where the ledger tells it.
    pub tx: Option<u32>,
    /// The contract's answer.
    pub payload: Vec<u8>,
}

/// A transaction that an earlier process left on its way, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    pub tx_id: String,
    /// The function that it called.
    pub function: String,
    /// Its block and verdict; none where the ordering service refused it.
    pub verdict: Option<(u64, Verdict)>,
}
