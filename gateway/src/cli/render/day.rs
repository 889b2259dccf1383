//! The ledger's day in words.

use super::Render;
use crate::journey::day::Ticked;

impl Render for Ticked {
    fn lines(&self) -> Vec<String> {
        let voters: Vec<String> = self.voters.iter().map(ToString::to_string).collect();
        vec![match voters.as_slice() {
            [] => format!("the ledger's day is {} already", self.day),
            _ => format!(
                "the ledger's day is {}, by {}",
                self.day,
                voters.join(" and ")
            ),
        }]
    }
}
