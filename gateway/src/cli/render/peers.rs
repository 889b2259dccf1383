//! Provers side by side, as a table.

use super::Render;
use crate::journey::peers::PeersCompared;

impl Render for PeersCompared {
    fn lines(&self) -> Vec<String> {
        let mut lines = self.report.table();
        lines.push(format!(
            "written: {}, {} and {}",
            self.html, self.csv, self.json
        ));
        lines
    }
}
