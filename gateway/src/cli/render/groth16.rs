//! Proofs of any circuit in words.

use super::{Render, count, quoted};
use crate::journey::groth16::{
    CircuitExported, CircuitInfo, CircuitProven, CircuitVerified, Contributor, KeyExported,
    KeyInfo, KeySetUp, KeyVerified, PowersInfo, WitnessChecked,
};
use crate::journey::witness::WitnessExported;

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
        let mut lines = vec![
            format!("proved in {prove_ms:.0} ms on {threads}, and verified"),
            format!("  {}", size(*variables, *inputs, *domain)),
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
            contributions,
            insecure,
        } = self;
        let size = size(*variables, *inputs, *domain);
        let mut lines = vec![
            format!("Groth16 over bn128: {size}"),
            format!("  {bytes} bytes, SHA-256 {digest}"),
        ];
        lines.extend(contributors(contributions));
        lines.extend(forgeable(insecure));
        lines
    }
}

impl Render for KeySetUp {
    fn lines(&self) -> Vec<String> {
        let KeySetUp {
            out,
            digest,
            constraints,
            variables,
            inputs,
            domain,
            from_powers,
            insecure: _,
        } = self;
        let constraints = count(*constraints as u64, "constraint");
        let size = size(*variables, *inputs, *domain);
        let how = match from_powers {
            true => "by one contribution to powers of tau",
            false => "without powers of tau, so nobody can check it",
        };
        vec![
            format!("wrote the key {digest} to {}", out.display()),
            format!("  {constraints}, {size}"),
            format!("  INSECURE: one party made it, {how}"),
        ]
    }
}

impl Render for KeyVerified {
    fn lines(&self) -> Vec<String> {
        let KeyVerified {
            contributions,
            insecure,
        } = self;
        let mut lines = vec!["the key is what circuit, powers and contributions make".to_owned()];
        lines.extend(contributors(contributions));
        if *insecure {
            let why = match contributions.is_empty() {
                true => "nobody contributed",
                false => "the linter refuses its verifying key, and `zkey info` says why",
            };
            lines.push(format!("  INSECURE: anybody can forge proofs: {why}"));
        }
        lines
    }
}

impl Render for CircuitInfo {
    fn lines(&self) -> Vec<String> {
        let CircuitInfo {
            constraints,
            variables,
            outputs,
            public_inputs,
            private_inputs,
            labels,
            domain,
            entries: [a, b, c],
        } = self;
        let constraints = count(*constraints as u64, "constraint");
        vec![
            format!("{constraints} over bn128: {variables} variables, {labels} labels"),
            format!(
                "  {outputs} public outputs, {public_inputs} public inputs, {private_inputs} private inputs"
            ),
            format!("  entries: {a} in A, {b} in B, {c} in C; a domain of {domain} rows"),
        ]
    }
}

impl Render for CircuitExported {
    fn lines(&self) -> Vec<String> {
        let CircuitExported {
            circuit,
            out,
            constraints,
            variables,
            public_inputs,
        } = self;
        let constraints = count(*constraints as u64, "constraint");
        let inputs = count(*public_inputs as u64, "public input");
        vec![format!(
            "wrote {circuit} to {}: {constraints}, {variables} variables, {inputs}",
            out.display()
        )]
    }
}

impl Render for WitnessChecked {
    fn lines(&self) -> Vec<String> {
        let WitnessChecked {
            constraints,
            values,
        } = self;
        let constraints = count(*constraints as u64, "constraint");
        vec![format!(
            "the witness satisfies the circuit: {constraints}, {values} values"
        )]
    }
}

impl Render for WitnessExported {
    fn lines(&self) -> Vec<String> {
        let WitnessExported {
            circuit,
            values,
            out,
        } = self;
        vec![
            format!(
                "wrote a witness of {circuit}, {values} values, to {}",
                out.display()
            ),
            "  everything private stands in it in the clear: only your user can read it".to_owned(),
        ]
    }
}

impl Render for PowersInfo {
    fn lines(&self) -> Vec<String> {
        let PowersInfo {
            power,
            ceremony_power,
            prepared,
            insecure,
            contributions,
        } = self;
        let ready = match prepared {
            true => "prepared for set-ups",
            false => "not prepared: `snarkjs powersoftau prepare phase2 IN.ptau OUT.ptau`",
        };
        let mut lines = vec![
            format!("powers of tau over bn128 for circuits of up to 2^{power} rows"),
            format!("  of a ceremony of 2^{ceremony_power}; {ready}"),
        ];
        lines.extend(contributors(contributions));
        lines.extend(forgeable(insecure));
        lines
    }
}

fn contributors(all: &[Contributor]) -> Vec<String> {
    if all.is_empty() {
        return vec![
            "  no contributions: whoever made it alone can forge proofs, if the secret was kept"
                .to_owned(),
        ];
    }
    let line = |(number, own): (usize, &Contributor)| {
        let name = own
            .name
            .as_deref()
            .map_or("without a name".to_owned(), quoted);
        let kind = if own.beacon { "beacon" } else { "contribution" };
        format!("  {kind} {}: {name}, {}", number + 1, own.hash)
    };
    all.iter().enumerate().map(line).collect()
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

/// How large a key is.
fn size(variables: usize, inputs: usize, domain: usize) -> String {
    let inputs = count(inputs as u64, "public input");
    format!("{variables} variables, {inputs}, a domain of {domain} rows")
}

fn forgeable(why: &Option<String>) -> Option<String> {
    let why = why.as_ref()?;
    Some(format!(
        "  INSECURE: anybody may be able to forge proofs: {why}"
    ))
}
