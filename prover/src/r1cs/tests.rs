//! Circuits written and read again, and what is refused.

use super::*;
use ark_ff::{Field, PrimeField};
use medveil_circuits::testing::{Factors, Product};

fn fr(value: i64) -> Fr {
    Fr::from(value)
}

/// x^3 + x + 5 = y, with y the output and x a private input: wires 1, y, x, x^2, x^3.
pub(crate) fn cubic() -> R1cs {
    let sizes = Sizes {
        wires: 5,
        outputs: 1,
        public_inputs: 0,
        private_inputs: 1,
        labels: 5,
        constraints: 3,
    };
    let one = |wire| vec![(fr(1), wire)];
    let a = vec![one(2), one(3), vec![(fr(5), 0), (fr(1), 2), (fr(1), 4)]];
    let b = vec![one(2), one(2), one(0)];
    let c = vec![one(3), one(4), one(1)];
    R1cs::new(sizes, &[a, b, c]).unwrap()
}

#[track_caller]
fn refused(bytes: &[u8], expected: &str) {
    let said = R1cs::parse(bytes).unwrap_err().to_string();
    assert!(said.contains(expected), "{said}");
}

/// The file in the writer's order: header at 24, constraints, labels.
fn changed(change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = cubic().to_bytes();
    change(&mut bytes);
    bytes
}

/// Where the header's content, the constraints' and the labels' begin.
const BEGINS: [usize; 3] = [24, 24 + 64 + 12, 24 + 64 + 12 + 9 * 4 + 11 * 36 + 12];

#[test]
fn a_circuit_is_read_as_it_was_written() {
    let own = cubic();
    assert_eq!(R1cs::parse(&own.to_bytes()).unwrap(), own);
    let matrices = Matrices::of::<Factors>().unwrap();
    let of = R1cs::of(&matrices);
    assert_eq!(R1cs::parse(&of.to_bytes()).unwrap(), of);
    let sizes = of.sizes();
    assert_eq!(sizes.public(), matrices.n_instance() - 1);
    assert_eq!(sizes.domain(), 4);
    for (own, rows) in of.matrices().iter().zip(matrices.rows()) {
        for (own, row) in own.rows().zip(rows) {
            let own: Vec<_> = own.map(|(wire, value)| (*value, wire as usize)).collect();
            assert_eq!(own, *row);
        }
    }
}

#[test]
fn sections_may_stand_in_any_order() {
    let bytes = cubic().to_bytes();
    let [header, constraints, labels] = BEGINS.map(|at| at - 12);
    let parts = [
        &bytes[header..constraints],
        &bytes[constraints..labels],
        &bytes[labels..],
    ];
    for order in [[1, 0, 2], [2, 1, 0], [1, 2, 0]] {
        let file = [
            &bytes[..12],
            parts[order[0]],
            parts[order[1]],
            parts[order[2]],
        ]
        .concat();
        assert_eq!(R1cs::parse(&file).unwrap(), cubic());
    }
    let twice = [&bytes[..12], parts[0], parts[0], parts[1]].concat();
    refused(&twice, "each once");
}

#[test]
fn the_first_constraint_that_a_witness_breaks_is_found() {
    let circuit = cubic();
    let right = [1, 35, 3, 9, 27].map(fr);
    assert_eq!(circuit.unsatisfied(&right), None);
    for (wire, row) in [(0, 0), (1, 2), (2, 0), (3, 0), (4, 1)] {
        let mut wrong = right;
        wrong[wire] += Fr::ONE;
        assert_eq!(circuit.unsatisfied(&wrong), Some(row), "{wire}");
    }
    assert_eq!(circuit.unsatisfied(&right[..4]), Some(0));
    assert_eq!(circuit.unsatisfied(&[&right[..], &right].concat()), Some(0));
    let matrices = Matrices::of::<Factors>().unwrap();
    let (public, private) = (Product(fr(6)), (fr(2), fr(3)));
    let assignment = matrices.assign::<Factors>(&public, &private).unwrap();
    assert_eq!(R1cs::of(&matrices).unsatisfied(assignment.values()), None);
}

#[test]
fn a_file_that_is_cut_or_longer_is_refused_at_every_place() {
    let bytes = cubic().to_bytes();
    assert_eq!(bytes.len(), BEGINS[2] + 5 * 8);
    for keep in 0..bytes.len() {
        assert!(R1cs::parse(&bytes[..keep]).is_err(), "{keep}");
    }
    refused(
        &[&bytes[..], &[0]].concat(),
        "nothing after the last section",
    );
}

#[test]
fn other_files_are_refused() {
    let [header, constraints, labels] = BEGINS;
    refused(&changed(|b| b[0] = b'x'), "\"r1cs\"");
    refused(&changed(|b| b[4] = 2), "version 1");
    refused(&changed(|b| b[8] = 2), "nothing after");
    refused(&changed(|b| b[8..12].fill(0xff)), "number of sections");
    for gates in [4, 5] {
        refused(&changed(|b| b[labels - 12] = gates), "custom gates");
    }
    let with = |uses: u32| {
        let mut bytes = cubic().to_bytes();
        bytes[8] = 5;
        for gates in [4u32, 5] {
            bytes.extend(gates.to_le_bytes());
            bytes.extend(4u64.to_le_bytes());
            bytes.extend(uses.to_le_bytes());
        }
        bytes
    };
    // Allowed by a pragma, and not used.
    R1cs::parse(&with(0)).unwrap();
    refused(&with(1), "custom gates");
    refused(&changed(|b| b[labels - 12] = 6), "not 6");
    refused(&changed(|b| b[labels - 12] = 2), "each once");
    refused(
        &changed(|b| b[constraints - 8..constraints].fill(0xff)),
        "whole",
    );
    // The prime of BLS12-381 has 255 bits.
    refused(&changed(|b| b[header + 35] = 0x73), "255 bits");
    refused(&changed(|b| b[header] = 31), "bits");
    refused(&changed(|b| b[header..header + 4].fill(0xff)), "a prime");
    refused(
        &changed(|b| b[header + 4..header + 36].fill(0)),
        "of 0 bits",
    );
}

#[test]
fn counts_and_numbers_out_of_range_are_refused() {
    let [header, constraints, labels] = BEGINS;
    let sizes = header + 36;
    let huge = |at: usize| changed(|b| b[at..at + 4].fill(0xff));
    refused(&huge(sizes), "labels in section 3");
    for named in [4, 8] {
        refused(&huge(sizes + named), "wires for one");
    }
    // circom counts private inputs too that no constraint uses, and that have no wires.
    R1cs::parse(&huge(sizes + 12)).unwrap();
    refused(&huge(sizes + 24), "constraints in section 2");
    refused(&changed(|b| b[sizes + 24] = 2), "rows as long");
    refused(&huge(constraints), "rows as long");
    refused(&changed(|b| b[constraints + 4] = 5), "wires that there are");
    let large = |b: &mut Vec<u8>| {
        let modulus = crate::binfile::to_bytes(Fr::MODULUS.0);
        b[constraints + 8..constraints + 40].copy_from_slice(&modulus);
    };
    refused(&changed(large), "coefficients below");
    refused(&changed(|b| b[labels] = 5), "labels below 5");
    // The third row of A has wires 0, 2 and 4.
    let third = constraints + 6 * 40 + 4;
    refused(
        &changed(|b| b[third] = 2),
        "each wire once in the row of A of constraint 2",
    );
    let swapped = changed(|b| {
        let (first, second) = b[third..third + 72].split_at_mut(36);
        first.swap_with_slice(second);
    });
    let read = R1cs::parse(&swapped).unwrap();
    let wires: Vec<_> = read.matrices()[0].row(2).map(|(wire, _)| wire).collect();
    assert_eq!(wires, [2, 0, 4], "the file's order is kept");
}
