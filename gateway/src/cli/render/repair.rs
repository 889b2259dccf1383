//! A repair in words.

use super::{Render, count};
use crate::journey::repair::LedgerRepaired;

impl Render for LedgerRepaired {
    fn lines(&self) -> Vec<String> {
        let blocks = count(self.height, "block");
        let mut lines = vec![match self.mended.is_empty() {
            true => format!("{blocks}: nothing is damaged"),
            false => format!("{blocks}: mended"),
        }];
        let mended = self.mended.iter();
        lines.extend(mended.map(|m| format!("  {}: {}", m.place, m.what)));
        if !self.lost.is_empty() {
            let lost = count(self.lost.len() as u64, "private value");
            lines.push(format!(
                "  {lost} lost: `medveil ledger repair --from FOLDER` takes them from a copy that has them"
            ));
        }
        lines
    }
}
