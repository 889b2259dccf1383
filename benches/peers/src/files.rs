//! Circuits in the format that the peers read, `.r1cs` 1: written for them, and read back for
//! ark-groth16, which wants matrices.
//!
//! Source: circom's description of `.r1cs` (sections 1 header, 2 constraints, 3 labels of wires).
//! Numbers are little-endian. Only what this crate wrote is read.

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use medveil_circuits::shape::{Matrices, Row};
use std::io::{self, Write};

const MAGIC: &[u8; 4] = b"r1cs";
/// Bytes of a number.
const BYTES: usize = 32;

/// A circuit's matrices.
pub struct R1cs {
    /// A, B and C.
    pub rows: [Vec<Row>; 3],
    /// Public inputs and the constant one.
    pub instance: usize,
}

fn number(value: Fr) -> [u8; BYTES] {
    bytes(value.into_bigint())
}

fn bytes(value: BigInt<4>) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    for (place, word) in bytes.chunks_exact_mut(8).zip(value.0) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    bytes
}

/// Writes a circuit.
///
/// **Errors**: the system's.
pub fn write_r1cs(matrices: &Matrices, out: &mut impl Write) -> io::Result<()> {
    let wires = matrices.n_instance() + matrices.n_witness();
    out.write_all(MAGIC)?;
    write_numbers(out, &[1, 3])?;
    section(out, 1, 4 + BYTES + 4 * 4 + 8 + 4)?;
    write_numbers(out, &[BYTES])?;
    out.write_all(&bytes(Fr::MODULUS))?;
    write_numbers(out, &[wires, 0, matrices.n_instance() - 1])?;
    write_numbers(out, &[matrices.n_witness()])?;
    out.write_all(&(wires as u64).to_le_bytes())?;
    write_numbers(out, &[matrices.n_constraints()])?;
    let [a, b, c] = matrices.rows();
    let entries: usize = matrices.rows().iter().flatten().map(Vec::len).sum();
    section(out, 2, 12 * a.len() + entries * (4 + BYTES))?;
    for row in a.iter().zip(b).zip(c) {
        let ((a, b), c) = row;
        for sum in [a, b, c] {
            write_numbers(out, &[sum.len()])?;
            for (value, wire) in sum {
                write_numbers(out, &[*wire])?;
                out.write_all(&number(*value))?;
            }
        }
    }
    section(out, 3, 8 * wires)?;
    for wire in 0..wires as u64 {
        out.write_all(&wire.to_le_bytes())?;
    }
    out.flush()
}

fn write_numbers(out: &mut impl Write, numbers: &[usize]) -> io::Result<()> {
    for number in numbers {
        let number = u32::try_from(*number).map_err(io::Error::other)?;
        out.write_all(&number.to_le_bytes())?;
    }
    Ok(())
}

fn section(out: &mut impl Write, number: usize, length: usize) -> io::Result<()> {
    write_numbers(out, &[number])?;
    out.write_all(&(length as u64).to_le_bytes())
}

/// What is left to read.
struct Rest<'b>(&'b [u8]);

impl<'b> Rest<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        let bytes = self.take(4)?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes) as usize)
    }

    fn value(&mut self) -> Option<Fr> {
        let mut words = [0; 4];
        for (word, bytes) in words.iter_mut().zip(self.take(BYTES)?.chunks_exact(8)) {
            *word = u64::from_le_bytes(bytes.try_into().ok()?);
        }
        Fr::from_bigint(BigInt(words))
    }

    /// The next section, which must be the one of this number.
    fn section(&mut self, number: usize) -> Option<Rest<'b>> {
        let found = self.number()?;
        let length = u64::from_le_bytes(self.take(8)?.try_into().ok()?);
        let bytes = self.take(usize::try_from(length).ok()?)?;
        (found == number).then_some(Rest(bytes))
    }

    /// A sum of wires below `wires`.
    fn sum(&mut self, wires: usize) -> Option<Row> {
        let count = self.number()?;
        // Nothing is allocated for what is not there.
        let mut row = Vec::with_capacity(count.min(self.0.len() / (4 + BYTES)));
        for _ in 0..count {
            let wire = self.number().filter(|wire| *wire < wires)?;
            row.push((self.value()?, wire));
        }
        Some(row)
    }
}

/// Reads a circuit that [`write_r1cs`] wrote; `None` for anything else.
pub fn read_r1cs(bytes: &[u8]) -> Option<R1cs> {
    let mut rest = Rest(bytes);
    if rest.take(4)? != MAGIC || (rest.number()?, rest.number()?) != (1, 3) {
        return None;
    }
    let (mut header, mut rows) = (rest.section(1)?, rest.section(2)?);
    if header.number()? != BYTES || header.take(BYTES)? != self::bytes(Fr::MODULUS) {
        return None;
    }
    let (wires, outputs, inputs) = (header.number()?, header.number()?, header.number()?);
    let _private = header.number()?;
    let _labels = header.take(8)?;
    let count = header.number()?;
    let instance = outputs.checked_add(inputs)?.checked_add(1)?;
    if instance > wires || count > rows.0.len() / 12 {
        return None;
    }
    let mut matrices = [(); 3].map(|()| Vec::with_capacity(count));
    for _ in 0..count {
        for matrix in &mut matrices {
            matrix.push(rows.sum(wires)?);
        }
    }
    rows.0.is_empty().then_some(R1cs {
        rows: matrices,
        instance,
    })
}
