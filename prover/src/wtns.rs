//! Witnesses as `.wtns` files of snarkjs and circom.
//!
//! Source: snarkjs' `wtns_utils.js`. Sections: 1 length of a number in bytes, modulus, how many; 2
//! the numbers, little-endian, the constant one first, then public inputs, then the witness.

use crate::binfile::{Writer, to_bytes};
use ark_bn254::Fr;
use ark_ff::PrimeField;
use medveil_circuits::shape::Assignment;
use zeroize::Zeroizing;

/// Version 2 is what circom 2 writes.
const FORMAT: (&str, u32) = ("wtns", 2);

/// The file of an assignment.
///
/// **Security**: it holds the witness.
pub fn write(assignment: &Assignment) -> Zeroizing<Vec<u8>> {
    let values = assignment.values();
    let mut file = Writer::new(FORMAT, 2);
    file.section(1, |out| {
        out.extend(32u32.to_le_bytes());
        out.extend(to_bytes(Fr::MODULUS.0));
        out.extend((values.len() as u32).to_le_bytes());
    });
    file.section(2, |out| {
        // No part of it is left behind by growing.
        out.reserve_exact(values.len() * 32);
        for value in values {
            out.extend(to_bytes(value.into_bigint().0));
        }
    });
    Zeroizing::new(file.finish())
}
