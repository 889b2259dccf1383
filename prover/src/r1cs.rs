//! Circuits as `.r1cs` files of circom and snarkjs (version 1, BN254, without custom gates).
//!
//! Source: `r1cs_bin_format.md` of iden3's r1csfile. Sections, in any order: 1 header, 2
//! constraints, 3 labels of wires. A row is its number of entries (u32), then for each a wire (u32)
//! and a canonical coefficient (32 bytes, little-endian); a constraint is a row of A, one of B and
//! one of C. Wires: the constant one, public outputs, public inputs, private inputs, the others.

mod read;
#[cfg(test)]
mod tests;
mod write;

use crate::binfile::FormatError;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, One};
use medveil_circuits::shape::{Matrices, Row};

const FORMAT: (&str, u32) = ("r1cs", 1);

mod section {
    pub const HEADER: u32 = 1;
    pub const CONSTRAINTS: u32 = 2;
    pub const LABELS: u32 = 3;
    /// List and uses of custom gates.
    pub const GATES: [u32; 2] = [4, 5];
}

/// How large a circuit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Wires, the constant one included.
    pub wires: usize,
    /// Outputs, which a verifier is given too.
    pub outputs: usize,
    /// Inputs that a verifier is given.
    pub public_inputs: usize,
    /// Inputs that only the prover knows.
    pub private_inputs: usize,
    /// Labels of the source, of which wires have some.
    pub labels: u64,
    pub constraints: usize,
}

impl Sizes {
    /// Public outputs and inputs: what a verifier is given.
    pub fn public(&self) -> usize {
        self.outputs + self.public_inputs
    }

    /// Rows of a key's domain: one for each constraint, each public value and the constant one, and
    /// up to a power of two.
    pub fn domain(&self) -> usize {
        // snarkjs' smallest is two.
        (self.constraints + self.public() + 1)
            .next_power_of_two()
            .max(2)
    }
}

/// One matrix, row by row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matrix {
    /// Where rows end.
    ends: Vec<u32>,
    wires: Vec<u32>,
    values: Vec<Fr>,
}

impl Matrix {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.ends.len()
    }

    /// Number of entries.
    pub fn n_entries(&self) -> usize {
        self.values.len()
    }

    /// Wires and coefficients of a row; nothing behind the last.
    pub fn row(&self, row: usize) -> impl Iterator<Item = (u32, &Fr)> + Clone {
        let end = self.ends.get(row).map_or(0, |end| *end as usize);
        let before = row.checked_sub(1).and_then(|row| self.ends.get(row));
        let range = before.map_or(0, |end| *end as usize).min(end)..end;
        let wires = self.wires.get(range.clone()).unwrap_or_default();
        let values = self.values.get(range).unwrap_or_default();
        wires.iter().copied().zip(values)
    }

    /// All rows.
    pub fn rows(&self) -> impl Iterator<Item = impl Iterator<Item = (u32, &Fr)> + Clone> {
        (0..self.n_rows()).map(|row| self.row(row))
    }

    fn of(rows: &[Row]) -> Self {
        let count = rows.iter().map(Vec::len).sum();
        let mut matrix = Matrix::with_room(rows.len(), count);
        for row in rows {
            let mut entries: Vec<_> = row.iter().collect();
            // The format wants ascending wires.
            entries.sort_by_key(|(_, wire)| *wire);
            for (value, wire) in entries {
                matrix.wires.push(*wire as u32);
                matrix.values.push(*value);
            }
            matrix.ends.push(matrix.wires.len() as u32);
        }
        matrix
    }

    fn with_room(rows: usize, entries: usize) -> Self {
        Matrix {
            ends: Vec::with_capacity(rows),
            wires: Vec::with_capacity(entries),
            values: Vec::with_capacity(entries),
        }
    }

    /// Wires of all entries, row by row.
    pub(crate) fn wires(&self) -> &[u32] {
        &self.wires
    }

    /// Their coefficients.
    pub(crate) fn values(&self) -> &[Fr] {
        &self.values
    }

    /// A row times values, whose first is of wire zero.
    pub(crate) fn dot(&self, row: usize, values: &[Fr]) -> Fr {
        let value = |wire: u32| values.get(wire as usize).copied().unwrap_or(Fr::ZERO);
        self.row(row)
            .fold(Fr::ZERO, |sum, (wire, factor)| sum + value(wire) * factor)
    }
}

/// A circuit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct R1cs {
    sizes: Sizes,
    matrices: [Matrix; 3],
    labels: Vec<u64>,
}

impl R1cs {
    /// The circuit of a statement: its instance are public inputs, and wires are their own labels.
    pub fn of(matrices: &Matrices) -> Self {
        let wires = matrices.n_instance() + matrices.n_witness();
        let [a, b, c] = matrices.rows();
        R1cs {
            sizes: Sizes {
                wires,
                outputs: 0,
                public_inputs: matrices.n_instance() - 1,
                private_inputs: 0,
                labels: wires as u64,
                constraints: matrices.n_constraints(),
            },
            matrices: [a, b, c].map(|rows| Matrix::of(rows)),
            labels: (0..wires as u64).collect(),
        }
    }

    /// A circuit of rows whose wires are their own labels.
    ///
    /// **Errors**: as [`R1cs::parse`].
    pub fn new(sizes: Sizes, rows: &[Vec<Row>; 3]) -> Result<Self, FormatError> {
        let made = R1cs {
            sizes,
            matrices: rows.each_ref().map(|rows| Matrix::of(rows)),
            labels: (0..sizes.wires as u64).collect(),
        };
        R1cs::parse(&made.to_bytes())
    }

    /// Reads a file.
    ///
    /// **Cost**: as much memory again as the file.
    ///
    /// **Errors**: sections that are missing, repeated, unknown or of other lengths than their
    /// counts say; another field; custom gates; wires, labels or coefficients out of range, or a
    /// wire twice in a row.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        read::read(bytes)
    }

    /// The file.
    pub fn to_bytes(&self) -> Vec<u8> {
        write::write(self)
    }

    /// How large it is.
    pub fn sizes(&self) -> Sizes {
        self.sizes
    }

    /// A, B and C.
    pub fn matrices(&self) -> &[Matrix; 3] {
        &self.matrices
    }

    /// The label of each wire.
    pub fn labels(&self) -> &[u64] {
        &self.labels
    }

    /// The first constraint that values of all wires break: the first of all where there are more or
    /// fewer values than wires, or they do not begin with one.
    ///
    /// **Security**: variable time.
    pub fn unsatisfied(&self, values: &[Fr]) -> Option<usize> {
        let [a, b, c] = &self.matrices;
        let holds = |row| a.dot(row, values) * b.dot(row, values) == c.dot(row, values);
        if values.len() != self.sizes.wires || values.first().is_none_or(|one| !one.is_one()) {
            return Some(0);
        }
        (0..self.sizes.constraints).find(|row| !holds(*row))
    }
}
