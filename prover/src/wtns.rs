//! Witnesses as `.wtns` files of snarkjs and circom.
//!
//! Source: snarkjs' `wtns_utils.js`. Sections: 1 length of a number in bytes, modulus, how many; 2
//! the numbers, little-endian, the constant one first, then public inputs, then the witness.

use crate::binfile::{FormatError, Sections, Writer, number, take, to_bytes, words};
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, One, PrimeField};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Version 2 is what circom 2 writes.
const FORMAT: (&str, u32) = ("wtns", 2);
/// Sections 1 and 2.
const SECTIONS: u32 = 2;
/// Bytes of a number.
const NUMBER: usize = 32;

/// The values of all variables of a circuit, of which the first is one. They are overwritten when it
/// is dropped.
pub struct Witness(Zeroizing<Vec<Fr>>);

impl Witness {
    /// Reads a file.
    ///
    /// **Cost**: a conversion a number, on the current rayon pool; as much memory as the file.
    ///
    /// **Errors**: what is no witness over BN254's scalars, numbers that are not below the modulus, or
    /// a first one that is not one.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let sections = Sections::find(FORMAT, SECTIONS, bytes)?;
        let (header, mut at) = (sections.bytes(1, bytes)?, 0);
        let length = number(header, &mut at);
        let modulus = take(header, &mut at, NUMBER);
        if length != Some(NUMBER as u32) || modulus != Some(&to_bytes(Fr::MODULUS.0)) {
            return Err(sections.expected("numbers modulo the order of BN254 in section 1"));
        }
        let count = number(header, &mut at).filter(|_| at == header.len());
        let count = count.ok_or_else(|| sections.expected("how many numbers in section 1"))?;
        let numbers = sections.bytes(2, bytes)?;
        if (count as usize).checked_mul(NUMBER) != Some(numbers.len()) {
            return Err(sections.expected(format!("{count} numbers in section 2")));
        }
        let mut values = Zeroizing::new(vec![Fr::ZERO; count as usize]);
        // Straight into their place: nothing of them is left elsewhere.
        let read = values.par_iter_mut().zip(numbers.par_chunks_exact(NUMBER));
        let are_right = read.map(|(place, bytes)| match value(bytes) {
            Some(value) => {
                *place = value;
                true
            }
            None => false,
        });
        if !are_right.all(|is_right| is_right) {
            return Err(sections.expected("numbers below the modulus"));
        }
        match values.first().is_some_and(Fr::is_one) {
            true => Ok(Witness(values)),
            false => Err(sections.expected("one as the first number")),
        }
    }

    /// A copy of a proof's values, the constant one first.
    pub(crate) fn of(values: &[Fr]) -> Self {
        Witness(Zeroizing::new(values.to_vec()))
    }

    /// All values, the constant one first.
    pub fn values(&self) -> &[Fr] {
        &self.0
    }
}

fn value(bytes: &[u8]) -> Option<Fr> {
    Fr::from_bigint(BigInt(words(bytes)))
}

/// The file of the values of all variables, the constant one first.
///
/// **Security**: it holds the witness.
pub fn write(values: &[Fr]) -> Zeroizing<Vec<u8>> {
    let mut file = Writer::new(FORMAT, SECTIONS);
    file.section(1, |out| {
        out.extend((NUMBER as u32).to_le_bytes());
        out.extend(to_bytes(Fr::MODULUS.0));
        out.extend((values.len() as u32).to_le_bytes());
    });
    file.section(2, |out| {
        // No part of it is left behind by growing.
        out.reserve_exact(values.len() * NUMBER);
        for value in values {
            out.extend(to_bytes(value.into_bigint().0));
        }
    });
    Zeroizing::new(file.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        write(&[1u64, 7, 0].map(Fr::from)).to_vec()
    }

    #[track_caller]
    fn refused(bytes: &[u8], expected: &str) {
        let said = Witness::parse(bytes).err().unwrap().to_string();
        assert!(said.contains(expected), "{said}");
    }

    #[test]
    fn a_witness_is_read_as_it_was_written() {
        let read = Witness::parse(&file()).unwrap();
        assert_eq!(read.values(), [1u64, 7, 0].map(Fr::from));
        assert_eq!(*write(read.values()), file());
    }

    #[test]
    fn v4_what_is_no_witness_is_refused() {
        let whole = file();
        for keep in 0..whole.len() {
            assert!(Witness::parse(&whole[..keep]).is_err(), "{keep}");
        }
        let edit = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = whole.clone();
            change(&mut bytes);
            bytes
        };
        refused(&edit(&|b| b.push(0)), "nothing after the last section");
        refused(&edit(&|b| b[4] = 1), "version 2");
        refused(&edit(&|b| b[24] = 31), "modulo the order");
        refused(&edit(&|b| b[28] ^= 1), "modulo the order");
        refused(&edit(&|b| b[60] = 4), "4 numbers in section 2");
        refused(&edit(&|b| b[60..64].fill(0xff)), "4294967295 numbers");
        let values = whole.len() - 3 * NUMBER;
        refused(&edit(&|b| b[values] = 2), "one as the first number");
        let large = to_bytes(Fr::MODULUS.0);
        let other = |b: &mut Vec<u8>| b[values + NUMBER..][..NUMBER].copy_from_slice(&large);
        refused(&edit(&other), "below the modulus");
        refused(&write(&[]), "one as the first number");
    }
}
