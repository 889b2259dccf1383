//! Proofs of any circuit in words.

use super::{Render, count};
use crate::journey::groth16::{CircuitProven, CircuitVerified, KeyExported, KeyInfo};

impl Render for CircuitProven {
    fn lines(&self) -> Vec<String> {
        let CircuitProven {
            key,
            variables,
            domain,
            inputs,
            threads,
            prove_ms,
            checked,
        } = self;
        let threads = count(*threads as u64, "thread");
        let inputs = count(*inputs as u64, "public input");
        let mut lines = vec![
            format!("proved in {prove_ms:.0} ms on {threads}, and verified"),
            format!("  {variables} variables, {inputs}, a domain of {domain} rows"),
            format!("  key {key}"),
        ];
        if *checked {
            lines.push("  the key was new here: it was checked, and is kept".to_owned());
        }
        lines
    }
}

impl Render for CircuitVerified {
    fn lines(&self) -> Vec<String> {
        let CircuitVerified {
            key,
            proofs,
            inputs,
        } = self;
        let holds = match proofs {
            1 => "the proof holds".to_owned(),
            many => format!("all {many} proofs hold"),
        };
        let inputs = count(*inputs as u64, "public input");
        vec![format!("{holds}: {inputs}, verifying key {key}")]
    }
}

impl Render for KeyInfo {
    fn lines(&self) -> Vec<String> {
        let KeyInfo {
            digest,
            bytes,
            variables,
            inputs,
            domain,
            insecure,
        } = self;
        let inputs = count(*inputs as u64, "public input");
        let mut lines = vec![
            format!(
                "Groth16 over bn128: {variables} variables, {inputs}, a domain of {domain} rows"
            ),
            format!("  {bytes} bytes, SHA-256 {digest}"),
        ];
        lines.extend(forgeable(insecure));
        lines
    }
}

impl Render for KeyExported {
    fn lines(&self) -> Vec<String> {
        let KeyExported {
            key,
            inputs,
            out,
            insecure,
        } = self;
        let inputs = count(*inputs as u64, "public input");
        let mut lines = vec![format!(
            "wrote the verifying key {key} of {inputs} to {}",
            out.display()
        )];
        lines.extend(forgeable(insecure));
        lines
    }
}

fn forgeable(why: &Option<String>) -> Option<String> {
    let why = why.as_ref()?;
    Some(format!(
        "  INSECURE: anybody may be able to forge proofs: {why}"
    ))
}
