//! Policies in words.

use super::{Render, count};
use crate::journey::policy::{PolicyChecked, PolicyExplained, PolicyPut};

impl Render for PolicyChecked {
    fn lines(&self) -> Vec<String> {
        let (file, policy) = (self.file.display(), &self.policy);
        let alternatives = count(policy.alternatives as u64, "alternative");
        let tier = policy.tier;
        let against = match &self.consortium {
            Some(name) => format!("  fits the consortium {name}"),
            None => "  not held against a consortium: this home has none".to_owned(),
        };
        let mut lines = vec![
            format!("{file} compiles: {alternatives}, circuit eligibility-{tier}"),
            format!("  policy root {}", policy.root),
            against,
        ];
        lines.extend(self.warnings.iter().map(|w| format!("  {w}")));
        lines
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
        let date = self.active_from.as_ref();
        lines.extend(date.map(|date| format!("  in force from {date} on")));
        lines.extend(self.warnings.iter().map(|w| format!("  {w}")));
        lines.push("  the contract compiled it by itself".to_owned());
        lines
    }
}
