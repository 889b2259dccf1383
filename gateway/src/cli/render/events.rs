//! What a listener hears, in words.

use super::{Render, count, list};
use crate::journey::events::{BlockStartLine, EventLine, Listened, UnreadableLine};

impl Render for EventLine {
    fn lines(&self) -> Vec<String> {
        let (block, name, payload) = (self.block, &self.name, &self.payload);
        vec![format!("{block:>6}  {name}  {payload}")]
    }
}

impl Render for BlockStartLine {
    fn lines(&self) -> Vec<String> {
        let (number, hash, codes) = (self.number, &self.hash, list(&self.codes));
        vec![format!("{number:>6}  block {hash:.16}  {codes}")]
    }
}

impl Render for UnreadableLine {
    fn lines(&self) -> Vec<String> {
        let (block, tx_id, reason) = (self.block, &self.tx_id, &self.reason);
        vec![format!(
            "{block:>6}  transaction {tx_id} counts and is not the contract's: {reason}"
        )]
    }
}

impl Render for Listened {
    fn lines(&self) -> Vec<String> {
        let (events, block, tx) = (count(self.events, "event"), self.next_block, self.next_tx);
        let mut lines = vec![format!(
            "{events}; the next place is block {block}, transaction {tx}"
        )];
        if self.unreadable > 0 {
            lines.push(format!(
                "  counted, though not of the contract's form: {}",
                count(self.unreadable, "transaction")
            ));
        }
        lines
    }
}
