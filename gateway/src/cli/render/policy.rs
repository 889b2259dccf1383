//! Policies in words.

use super::{Render, count};
use crate::journey::policy::{PolicyChecked, PolicyExplained, PolicyPut};

impl Render for PolicyChecked {
    fn lines(&self) -> Vec<String> {
        let (file, policy) = (self.file.display(), &self.policy);
        let alternatives = count(policy.alternatives as u64, "alternative");
        let tier = policy.tier;
        vec![
            format!("{file} compiles: {alternatives}, circuit eligibility-{tier}"),
            format!("  policy root {}", policy.root),
        ]
    }
}

impl Render for PolicyExplained {
    fn lines(&self) -> Vec<String> {
        self.explanation.clone()
    }
}

impl Render for PolicyPut {
    fn lines(&self) -> Vec<String> {
        let (holder, dataset, root) = (&self.holder, &self.dataset, self.policy.root);
        let mut lines = vec![format!("{holder} put the policy of {dataset}: root {root}")];
        let day = self
            .active_from
            .map(|day| format!("  in force from day {day}"));
        lines.extend(day);
        lines.push("  the contract compiled it by itself".to_owned());
        lines
    }
}
