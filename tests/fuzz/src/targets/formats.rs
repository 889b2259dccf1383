//! Files of circom and snarkjs: circuits and powers of tau.

use crate::target::{Form, Reading, Target};
use medveil_prover::{Ptau, R1cs};

pub(super) const TARGETS: &[Target] = &[
    Target::new("circuit_file", Form::Borsh, circuit_file).with_words(&["r1cs"]),
    Target::new("powers", Form::Borsh, powers).with_words(&["ptau"]),
];

fn circuit_file(input: &[u8]) -> Reading {
    let circuit = match R1cs::parse(input) {
        Ok(circuit) => circuit,
        Err(error) => return Reading::refused(error),
    };
    let again = R1cs::parse(&circuit.to_bytes());
    assert_eq!(again.as_ref(), Ok(&circuit), "bytes and back");
    let rows = circuit.matrices().iter().map(|matrix| matrix.n_rows());
    assert!(rows.eq([circuit.sizes().constraints; 3]), "as many rows");
    let _ = circuit.unsatisfied(&[]);
    Reading::Read
}

/// All sections of powers, whatever one of them says.
fn powers(input: &[u8]) -> Reading {
    let powers = match Ptau::parse(input.to_vec()) {
        Ok(powers) => powers,
        Err(error) => return Reading::refused(error),
    };
    let contributions = powers.contributions().map(|_| ());
    Reading::of(powers.check().and(contributions))
}
