//! Blocks, transactions and what is on its way, in words.

use super::{Render, count, list};
use crate::journey::ledger::{
    BlockLine, BlockTransaction, Calls, LedgerBlocks, LedgerTransaction, OutboxSettled, SettledLine,
};
use medveil_collections_config::MspId;

impl Render for LedgerBlocks {
    fn lines(&self) -> Vec<String> {
        if self.blocks.is_empty() {
            let (height, from) = (count(self.height, "block"), self.from);
            return vec![match from < self.height {
                true => format!("the ledger has {height}: none was asked for (`--limit 0`)"),
                false => format!("the ledger has {height}: none from number {from} on"),
            }];
        }
        let line = |block: &BlockLine| {
            let calls: Vec<String> = block.transactions.iter().map(call_words).collect();
            let (number, hash) = (block.number, &block.hash);
            format!("{number:>6}  {hash:.16}  {}", list(&calls))
        };
        self.blocks.iter().map(line).collect()
    }
}

/// What a transaction calls and its verdict, such as `Tick by HospitalA VALID`.
fn call_words(transaction: &BlockTransaction) -> String {
    let code = transaction.code;
    match transaction.calls {
        Calls::Contract => {
            let function = transaction.function.as_deref().unwrap_or("?");
            let submitter = transaction.submitter.as_ref().map_or("?", MspId::as_str);
            format!("{function} by {submitter} {code}")
        }
        Calls::Chaincode => {
            let name = transaction.chaincode.as_deref().unwrap_or("?");
            format!("chaincode {name} {code}")
        }
        Calls::Configuration => format!("configuration {code}"),
        Calls::Unreadable => format!("? {code}"),
    }
}

impl Render for LedgerTransaction {
    fn lines(&self) -> Vec<String> {
        let called = match (&self.function, &self.submitter) {
            (Some(function), Some(submitter)) => format!("{function} by {submitter}"),
            _ => "not a call of the contract".to_owned(),
        };
        let (id, block, code) = (&self.tx_id, self.block, &self.code);
        let mut lines = vec![
            format!("{id}: {called} in block {block}, {code}"),
            format!("  endorsed by {}", list(&self.endorsers)),
        ];
        let writes = self.writes.iter();
        lines.extend(writes.map(|w| format!("  wrote {} ({} bytes)", w.key, w.bytes)));
        let collections = self.collections.iter();
        lines.extend(
            collections.map(|name| {
                format!("  wrote private values of {name}; everybody sees their hashes")
            }),
        );
        lines
    }
}

impl Render for OutboxSettled {
    fn lines(&self) -> Vec<String> {
        if self.settled.is_empty() {
            return vec!["nothing is on its way".to_owned()];
        }
        let line = |s: &SettledLine| {
            let fate = match (s.code, s.block) {
                (Some(code), Some(block)) => format!("{code} in block {block}"),
                _ => "refused by the ordering service".to_owned(),
            };
            let (id, function) = (&s.tx_id, &s.function);
            format!("transaction {id} ({function}) of an earlier process: {fate}")
        };
        self.settled.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use medveil_ledger::{Settled, Verdict};
    use serde_json::json;

    #[test]
    fn what_earlier_processes_left_is_a_line_each() {
        let verdict = Verdict {
            code: 11,
            name: "MVCC_READ_CONFLICT",
        };
        let settled = |verdict| Settled {
            tx_id: "ab".to_owned(),
            function: "Tick".to_owned(),
            verdict,
        };
        let outbox = OutboxSettled::new(vec![settled(Some((7, verdict))), settled(None)]);
        assert_eq!(
            outbox.lines(),
            [
                "transaction ab (Tick) of an earlier process: MVCC_READ_CONFLICT in block 7",
                "transaction ab (Tick) of an earlier process: refused by the ordering service",
            ]
        );
        let known = json!({"tx_id": "ab", "function": "Tick", "block": 7, "code": "MVCC_READ_CONFLICT", "validation_code": 11});
        let refused = json!({"tx_id": "ab", "function": "Tick", "block": null, "code": null, "validation_code": null});
        let json = serde_json::to_value(&outbox).unwrap();
        assert_eq!(json, json!({"settled": [known, refused]}));
        let none = OutboxSettled::new(Vec::new());
        assert_eq!(none.lines(), ["nothing is on its way"]);
    }

    #[test]
    fn no_blocks_are_said_to_be_none() {
        let none = LedgerBlocks {
            height: 1,
            from: 9,
            blocks: Vec::new(),
        };
        assert_eq!(
            none.lines(),
            ["the ledger has 1 block: none from number 9 on"]
        );
        let not_asked = LedgerBlocks { from: 0, ..none };
        assert_eq!(
            not_asked.lines(),
            ["the ledger has 1 block: none was asked for (`--limit 0`)"]
        );
    }
}
