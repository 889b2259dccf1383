//! The rows of A and B of a key, as the quotient multiplies them.
//!
//! A key has its entries in any order, each with its coefficient in a form of its own. Here they are
//! in the order of rows, and coefficients, of which a circuit has few different ones, stand once.

use crate::binfile::FormatError;
use crate::fft::Column;
use crate::zkey::{Stored, Zkey};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, Field};
use rayon::prelude::*;
use std::collections::HashMap;
use zeroize::Zeroizing;

/// Rows of one thread's piece of work.
const PIECE: usize = 1 << 9;
/// Places of 1 and -1 among the coefficients: no product is needed.
const ONE: u32 = 0;
const MINUS_ONE: u32 = 1;

/// Memory: 8 bytes an entry, and 32 for each coefficient that is not another's equal.
pub(crate) struct Rows {
    coefficients: Vec<Fr>,
    a: Matrix,
    b: Matrix,
}

#[derive(Default)]
struct Matrix {
    /// Where the entries of each row of the domain end.
    ends: Vec<u32>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy, Default)]
struct Entry {
    column: u32,
    coefficient: u32,
}

impl Rows {
    /// Those of a key, whose entries lie within its size.
    ///
    /// **Errors**: entries that do not.
    pub fn of(key: &Zkey) -> Result<Self, FormatError> {
        let mut coefficients = Coefficients::new();
        let domain = key.size().domain;
        let mut ends = [vec![0u32; domain + 1], vec![0u32; domain + 1]];
        key.each_coefficient(|is_b, row, _, _| ends[usize::from(is_b)][row + 1] += 1)?;
        let mut matrices = ends.map(|mut ends| {
            let mut sum = 0;
            for end in &mut ends {
                sum += *end;
                *end = sum;
            }
            // Where the next entry of each row goes; at last where it ends.
            ends.truncate(domain);
            let entries = vec![Entry::default(); sum as usize];
            Matrix { ends, entries }
        });
        key.each_coefficient(|is_b, row, column, value| {
            let matrix = &mut matrices[usize::from(is_b)];
            matrix.entries[matrix.ends[row] as usize] = Entry {
                column,
                coefficient: coefficients.place(value),
            };
            matrix.ends[row] += 1;
        })?;
        let [a, b] = matrices;
        let coefficients = coefficients.all;
        Ok(Rows { coefficients, a, b })
    }

    /// The products of the rows of A and of B with values, and those of C, which are theirs
    /// multiplied.
    pub fn products(&self, values: &[Fr]) -> [Column; 3] {
        let (a, b) = rayon::join(
            || self.column(&self.a, values),
            || self.column(&self.b, values),
        );
        let both = a.par_iter().zip(b.par_iter()).with_min_len(PIECE);
        let c = Zeroizing::new(both.map(|(a, b)| *a * b).collect());
        [a, b, c]
    }

    fn column(&self, matrix: &Matrix, values: &[Fr]) -> Column {
        let mut column = Zeroizing::new(vec![Fr::ZERO; matrix.ends.len()]);
        let pieces = column.par_chunks_mut(PIECE).enumerate();
        pieces.for_each(|(number, piece)| {
            let first = number * PIECE;
            let mut begin = match first.checked_sub(1) {
                Some(before) => matrix.ends[before] as usize,
                None => 0,
            };
            for (out, end) in piece.iter_mut().zip(&matrix.ends[first..]) {
                *out = self.product(&matrix.entries[begin..*end as usize], values);
                begin = *end as usize;
            }
        });
        column
    }

    fn product(&self, row: &[Entry], values: &[Fr]) -> Fr {
        let mut sum = Fr::ZERO;
        for entry in row {
            let value = &values[entry.column as usize];
            match entry.coefficient {
                ONE => sum += value,
                MINUS_ONE => sum -= value,
                other => sum += self.coefficients[other as usize] * value,
            }
        }
        sum
    }
}

/// Most coefficients that are looked for: more of them are another's equal in no circuit that is
/// known, and looking would take longer than reading them twice.
const SHARED: usize = 1 << 12;

/// Coefficients, and where those that are shared stand, by what stands in the key.
struct Coefficients {
    all: Vec<Fr>,
    places: HashMap<Stored, u32>,
    /// The last one: circuits repeat themselves.
    last: Option<(Stored, u32)>,
}

impl Coefficients {
    fn new() -> Self {
        let mut own = Coefficients {
            all: Vec::new(),
            places: HashMap::new(),
            last: None,
        };
        for value in [Fr::ONE, -Fr::ONE] {
            own.place(Stored::of(&value));
        }
        own
    }

    fn place(&mut self, stored: Stored) -> u32 {
        match self.last {
            Some((last, place)) if last == stored => place,
            _ => {
                let known = self.places.get(&stored).copied();
                let place = known.unwrap_or_else(|| self.put(stored));
                self.last = Some((stored, place));
                place
            }
        }
    }

    fn put(&mut self, stored: Stored) -> u32 {
        let place = self.all.len() as u32;
        self.all.push(stored.value());
        if self.places.len() < SHARED {
            self.places.insert(stored, place);
        }
        place
    }
}
