//! What `net doctor` found, in words.

use super::Render;
use crate::journey::doctor::{Diagnosis, Finding, Level};

impl Render for Diagnosis {
    fn lines(&self) -> Vec<String> {
        let bad = self.findings.iter().filter(|f| f.level != Level::Good);
        let mut lines: Vec<String> = bad.flat_map(finding).collect();
        lines.push(self.summary());
        lines
    }
}

fn finding(finding: &Finding) -> [String; 2] {
    let level = match finding.level {
        Level::Problem => "problem",
        Level::Warning => "warning",
        Level::Good => "good",
    };
    let (at, found, expected) = (&finding.at, &finding.found, &finding.expected);
    [
        format!("{level:<8} {at}: found {found}, expected {expected}"),
        format!("         {}", finding.why),
    ]
}
