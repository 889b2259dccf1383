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

    /// The transaction behind it, where there is one.
    fn transaction(&self) -> Option<&Transaction> {
        None
    }
}

/// The transaction behind an answer: this command's, or an earlier one's that did just the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Transaction {
    /// Transaction id, 64 hex digits. Absent where the same was done before, and the ledger does not
    /// say by which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx_id: Option<String>,
    /// The block that holds it. Absent where the same was done before: nothing was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
}

impl Transaction {
    /// Of an earlier command that did the same.
    pub fn earlier(tx_id: Option<String>) -> Self {
        Transaction { tx_id, block: None }
    }

    /// What people are told where nothing was sent.
    pub fn done_before(&self) -> Option<String> {
        match (&self.tx_id, self.block) {
            (_, Some(_)) => None,
            (Some(tx_id), None) => Some(format!(
                "  done before, by transaction {tx_id}: nothing was sent"
            )),
            (None, None) => Some("  done before: nothing was sent".to_owned()),
        }
    }
}

impl From<&medveil_ledger::Committed> for Transaction {
    fn from(committed: &medveil_ledger::Committed) -> Self {
        Transaction {
            tx_id: Some(committed.tx_id.clone()),
            block: Some(committed.block),
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
