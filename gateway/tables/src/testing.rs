//! What tests of several readers use: rows as texts, and damage of files.

use crate::{Scalar, Table, TableError};
use std::error::Error;
use std::path::Path;

/// A cell as its type's first letter and what it says.
pub(crate) fn cell(cell: &Scalar) -> String {
    match cell {
        Scalar::Null => "-".to_owned(),
        Scalar::Text(text) => format!("t {text}"),
        Scalar::Number(text) => format!("n {text}"),
        Scalar::Bool(value) => format!("b {value}"),
        Scalar::Date(text) => format!("d {text}"),
        Scalar::Time(text) => format!("m {text}"),
        Scalar::Error(error) => format!("! {}", error.expected),
    }
}

pub(crate) fn rows(table: &mut dyn Table) -> Result<Vec<Vec<String>>, TableError> {
    let mut rows = Vec::new();
    table.rows(&mut |record| {
        assert_eq!(record.row, rows.len() as u64 + 1);
        rows.push(record.cells.iter().map(cell).collect());
        Ok(())
    })?;
    Ok(rows)
}

/// An error with its sources, as a person reads it.
pub(crate) fn words(error: &TableError) -> String {
    let (mut text, mut source) = (error.to_string(), error.source());
    while let Some(inner) = source {
        text = format!("{text}: {inner}");
        source = inner.source();
    }
    text
}

/// Numbers that look random and are the same in each run (SplitMix64).
pub(crate) struct Seeded(pub u64);

impl Seeded {
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }
}

/// Cuts, flips and overwrites a file `times` times, and reads what came of it. Answers how many
/// were refused: whether a mutation hurts is up to chance, that nothing worse happens is not.
pub(crate) fn damage(
    bytes: &[u8],
    times: usize,
    at: &Path,
    read: &mut dyn FnMut(&Path) -> Result<(), TableError>,
) -> usize {
    let (mut random, mut refused) = (Seeded(2026), 0);
    for round in 0..times {
        let mut file = bytes.to_vec();
        match round % 4 {
            0 => file.truncate(random.below(bytes.len())),
            1 => {
                let at = random.below(file.len());
                file[at] ^= 1 << random.below(8);
            }
            2 => {
                for _ in 0..4 {
                    let at = random.below(file.len());
                    file[at] = [0, 0xff, 0x7f, 0x80][random.below(4)];
                }
            }
            _ => {
                // Near the end stand the lengths of most forms.
                let tail = file.len().min(600);
                let at = file.len() - 1 - random.below(tail);
                file[at] = random.below(256) as u8;
            }
        }
        std::fs::write(at, &file).unwrap();
        refused += usize::from(read(at).is_err());
    }
    refused
}

/// Most memory that this process had at a time. **Units**: bytes; zero where it is not known.
pub(crate) fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    number.unwrap_or(0) * 1024
}
