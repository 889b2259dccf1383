//! Circuits in words.

use super::{Render, list};
use crate::journey::circuit::{CircuitActivated, CircuitApproved, CircuitList, CircuitProposed};

impl Render for CircuitProposed {
    fn lines(&self) -> Vec<String> {
        let (org, circuit, key) = (&self.org, &self.circuit, self.key);
        let mut lines = vec![format!("{org} proposed {circuit} with key {key}")];
        if self.insecure {
            let warning = "  insecure development key: whoever made it could forge proofs";
            lines.push(warning.to_owned());
        }
        lines
    }
}

impl Render for CircuitApproved {
    fn lines(&self) -> Vec<String> {
        let (org, circuit) = (&self.org, &self.circuit);
        vec![format!(
            "{org} approved {circuit} after recomputing its matrices"
        )]
    }
}

impl Render for CircuitActivated {
    fn lines(&self) -> Vec<String> {
        let (org, circuit) = (&self.org, &self.circuit);
        vec![format!(
            "{org} activated {circuit}: proofs under this key are accepted from now on"
        )]
    }
}

impl Render for CircuitList {
    fn lines(&self) -> Vec<String> {
        if self.circuits.is_empty() {
            return vec!["no circuit was proposed yet: `medveil circuit propose NAME`".to_owned()];
        }
        let line = |c: &crate::journey::circuit::CircuitLine| {
            let approvals = list(&c.approvals);
            format!(
                "{:<22} {:<10} key {}  approved by {approvals}",
                c.circuit,
                c.standing.to_string(),
                c.key
            )
        };
        self.circuits.iter().map(line).collect()
    }
}
