//! A circuit, written.

use super::{FORMAT, R1cs, section};
use crate::binfile::{Writer, to_bytes};
use ark_bn254::Fr;
use ark_ff::PrimeField;

pub(super) fn write(r1cs: &R1cs) -> Vec<u8> {
    let (sizes, mut file) = (r1cs.sizes, Writer::new(FORMAT, 3));
    file.section(section::HEADER, |out| {
        out.extend(32u32.to_le_bytes());
        out.extend(to_bytes(Fr::MODULUS.0));
        let named = [sizes.outputs, sizes.public_inputs, sizes.private_inputs];
        for size in [sizes.wires].into_iter().chain(named) {
            out.extend((size as u32).to_le_bytes());
        }
        out.extend(sizes.labels.to_le_bytes());
        out.extend((sizes.constraints as u32).to_le_bytes());
    });
    file.section(section::CONSTRAINTS, |out| constraints(r1cs, out));
    file.section(section::LABELS, |out| {
        let labels = r1cs.labels.iter();
        out.extend(labels.flat_map(|label| label.to_le_bytes()));
    });
    file.finish()
}

fn constraints(r1cs: &R1cs, out: &mut Vec<u8>) {
    for row in 0..r1cs.sizes.constraints {
        for matrix in &r1cs.matrices {
            let entries = matrix.row(row);
            out.extend((entries.clone().count() as u32).to_le_bytes());
            for (wire, value) in entries {
                out.extend(wire.to_le_bytes());
                out.extend(to_bytes(value.into_bigint().0));
            }
        }
    }
}
