//! What a command answers: a value whose JSON is documented.

use schemars::JsonSchema;
use serde::Serialize;

/// The answer of a command. Its JSON is one line: the fields of the type, and `step`, `ok` and
/// `version` before them.
pub trait Step: Serialize + JsonSchema {
    /// The command, such as `dataset.register`.
    const NAME: &'static str;
    /// Goes up when a field changes its meaning or goes away; new fields do not change it.
    const VERSION: u32 = 1;
}

/// A transaction that was committed, as part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Transaction {
    /// Transaction id, 64 hex digits.
    pub tx_id: String,
    /// The block that holds it.
    pub block: u64,
}

impl From<&medveil_ledger::Committed> for Transaction {
    fn from(committed: &medveil_ledger::Committed) -> Self {
        Transaction {
            tx_id: committed.tx_id.clone(),
            block: committed.block,
        }
    }
}

/// `1 vote`, `2 votes`.
pub(crate) fn count(n: impl Into<u64>, one: &str) -> String {
    match n.into() {
        1 => format!("1 {one}"),
        n => format!("{n} {one}s"),
    }
}
