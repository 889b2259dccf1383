//! A file, read.

use super::{FORMAT, Matrix, R1cs, Sizes, section};
use crate::binfile::{FormatError, Sections, number, take, to_bytes, words};
use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};

/// A wire and its coefficient.
const ENTRY: usize = 4 + 32;
/// The counts of the three rows of a constraint.
const CONSTRAINT: usize = 12;

pub(super) fn read(bytes: &[u8]) -> Result<R1cs, FormatError> {
    let sections = Sections::all(FORMAT, bytes)?;
    for gates in section::GATES.into_iter().filter(|own| sections.has(*own)) {
        // Where custom gates are allowed and none is used, circom writes a count of none.
        if sections.bytes(gates, bytes)? != [0; 4] {
            return Err(
                sections.expected("no custom gates, as circom writes for `custom` templates")
            );
        }
    }
    if let Some(unknown) = sections.numbers().find(|n| !(1..=5).contains(n)) {
        return Err(sections.expected(format!("sections 1, 2 and 3, not {unknown}")));
    }
    let sizes = header(sections.bytes(section::HEADER, bytes)?, &sections)?;
    let labels = labels(sections.bytes(section::LABELS, bytes)?, &sizes, &sections)?;
    let constraints = sections.bytes(section::CONSTRAINTS, bytes)?;
    let matrices = constraints_of(constraints, &sizes, &sections)?;
    Ok(R1cs {
        sizes,
        matrices,
        labels,
    })
}

fn header(bytes: &[u8], sections: &Sections) -> Result<Sizes, FormatError> {
    let mut at = 0;
    modulus(bytes, &mut at, sections)?;
    let sizes = sizes(bytes, &mut at).filter(|_| at == bytes.len());
    let sizes = sizes.ok_or_else(|| sections.expected("six sizes in section 1"))?;
    // circom counts private inputs too that no constraint uses, and which have no wires.
    let named = [sizes.outputs, sizes.public_inputs];
    let named = named
        .into_iter()
        .try_fold(1usize, |sum, count| sum.checked_add(count));
    match named.is_some_and(|named| named <= sizes.wires) {
        true => Ok(sizes),
        false => Err(sections
            .expected("wires for one, all outputs and all public inputs that section 1 counts")),
    }
}

/// Passes the field's prime.
fn modulus(bytes: &[u8], at: &mut usize, sections: &Sections) -> Result<(), FormatError> {
    let length = number(bytes, at).map(|length| length as usize);
    let prime = length.and_then(|length| take(bytes, at, length));
    let prime = prime.ok_or_else(|| sections.expected("a prime in section 1"))?;
    if prime == to_bytes(Fr::MODULUS.0) {
        return Ok(());
    }
    let top = prime.iter().rposition(|byte| *byte != 0);
    let bits = top.map_or(0, |top| {
        let byte = prime.get(top).copied().unwrap_or_default();
        top * 8 + (8 - byte.leading_zeros() as usize)
    });
    let ours = Fr::MODULUS_BIT_SIZE;
    Err(sections.expected(format!(
        "the scalar field of BN254 ({ours} bits), not another of {bits} bits"
    )))
}

fn sizes(bytes: &[u8], at: &mut usize) -> Option<Sizes> {
    let mut next = || Some(number(bytes, at)? as usize);
    let [wires, outputs, public_inputs, private_inputs] = [next()?, next()?, next()?, next()?];
    let [labels] = words(take(bytes, at, 8)?);
    Some(Sizes {
        wires,
        outputs,
        public_inputs,
        private_inputs,
        labels,
        constraints: number(bytes, at)? as usize,
    })
}

fn labels(bytes: &[u8], sizes: &Sizes, sections: &Sections) -> Result<Vec<u64>, FormatError> {
    let wires = sizes.wires;
    if wires.checked_mul(8) != Some(bytes.len()) {
        return Err(sections.expected(format!("{wires} labels in section 3")));
    }
    let labels = bytes.chunks_exact(8).map(|bytes| {
        let [label] = words(bytes);
        label
    });
    let labels: Vec<u64> = labels.collect();
    match labels.iter().all(|label| *label < sizes.labels) {
        true => Ok(labels),
        false => Err(sections.expected(format!("labels below {} in section 3", sizes.labels))),
    }
}

fn constraints_of(
    bytes: &[u8],
    sizes: &Sizes,
    sections: &Sections,
) -> Result<[Matrix; 3], FormatError> {
    let count = sizes.constraints;
    let least = count.checked_mul(CONSTRAINT);
    if least.is_none_or(|least| least > bytes.len()) {
        return Err(sections.expected(format!("{count} constraints in section 2")));
    }
    let mut matrices = entries(bytes, count)
        .ok_or_else(|| sections.expected("rows as long as they say in section 2"))?
        .map(|entries| Matrix::with_room(count, entries));
    let mut at = 0;
    for row in 0..count {
        for (name, matrix) in ["A", "B", "C"].into_iter().zip(&mut matrices) {
            let added = add(bytes, &mut at, sizes, matrix);
            added.map_err(|what| {
                sections.expected(format!("{what} in the row of {name} of constraint {row}"))
            })?;
        }
    }
    Ok(matrices)
}

/// How many entries each matrix has, if they fill the section.
fn entries(bytes: &[u8], constraints: usize) -> Option<[usize; 3]> {
    let (mut counts, mut at) = ([0usize; 3], 0);
    for _ in 0..constraints {
        for count in &mut counts {
            let own = number(bytes, &mut at)? as usize;
            take(bytes, &mut at, own.checked_mul(ENTRY)?)?;
            *count += own;
        }
    }
    let fit = counts.iter().all(|count| u32::try_from(*count).is_ok());
    (fit && at == bytes.len()).then_some(counts)
}

/// Adds the next row; what was expected where it is wrong.
fn add(
    bytes: &[u8],
    at: &mut usize,
    sizes: &Sizes,
    matrix: &mut Matrix,
) -> Result<(), &'static str> {
    let begin = matrix.wires.len();
    let count = number(bytes, at).ok_or("a number of entries")?;
    for _ in 0..count {
        let wire = number(bytes, at).filter(|wire| (*wire as usize) < sizes.wires);
        matrix.wires.push(wire.ok_or("wires that there are")?);
        let value = take(bytes, at, 32).and_then(|value| Fr::from_bigint(BigInt(words(value))));
        let value = value.ok_or("coefficients below the field's prime")?;
        matrix.values.push(value);
    }
    matrix.ends.push(matrix.wires.len() as u32);
    let wires = matrix.wires.get(begin..).unwrap_or_default();
    match is_distinct(wires) {
        true => Ok(()),
        false => Err("each wire once"),
    }
}

fn is_distinct(wires: &[u32]) -> bool {
    let ascends = |wires: &[u32]| wires.iter().zip(wires.iter().skip(1)).all(|(a, b)| a < b);
    ascends(wires) || {
        let mut sorted = wires.to_vec();
        sorted.sort_unstable();
        ascends(&sorted)
    }
}
