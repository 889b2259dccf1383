//! Files of one study or series as one row.

use super::instance::{Instance, Plan};
use super::number;
use super::order::compare;
use super::settings::{Column, DicomLevel, DicomReduce};
use crate::error::TableError;
use crate::table::Scalar;
use sha2::{Digest, Sha256};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

/// What a row has of a column so far.
enum Cell {
    /// The value of every file so far, and the first file.
    Same(Scalar, usize),
    First(Scalar),
    /// Smallest or largest, by `Ordering`.
    Extreme(Scalar, Ordering),
    /// Digests of the values: a bounded size, whatever they are.
    Distinct(HashSet<[u8; 32]>),
}

/// Rows that grow file by file.
///
/// **Cost**: memory for one row a study or series, and 32 bytes a distinct value of
/// `CountDistinct`.
pub(super) struct Groups<'a> {
    plan: &'a Plan,
    files: &'a [PathBuf],
    /// Rows by identifier.
    places: HashMap<String, usize>,
    rows: Vec<Vec<Cell>>,
    /// The study of a series, and a file that says so.
    studies: HashMap<String, (String, usize)>,
    /// Two files that contradict each other, by column.
    contradictions: Vec<Option<(usize, usize)>>,
}

impl<'a> Groups<'a> {
    pub(super) fn new(plan: &'a Plan, files: &'a [PathBuf]) -> Groups<'a> {
        Groups {
            plan,
            files,
            places: HashMap::new(),
            rows: Vec::new(),
            studies: HashMap::new(),
            contradictions: vec![None; plan.columns.len()],
        }
    }

    /// Adds the file at a place of the list. **Errors**: a series of two studies, values of which
    /// none is the smallest.
    pub(super) fn add(&mut self, file: usize, instance: Instance) -> Result<(), TableError> {
        self.check_study(file, &instance)?;
        let key = match self.plan.level {
            DicomLevel::Study => instance.study,
            DicomLevel::Series => instance.series,
            DicomLevel::Instance => Some(instance.instance),
        };
        let next = self.rows.len();
        let place = *self.places.entry(key.unwrap_or_default()).or_insert(next);
        let columns = self.plan.columns.iter();
        if place == next {
            let cells = columns
                .zip(instance.cells)
                .map(|(column, value)| Cell::new(column, value, file));
            self.rows.push(cells.collect());
            return Ok(());
        }
        let cells = self.rows.get_mut(place).into_iter().flatten();
        let contradictions = self.contradictions.iter_mut();
        for (((cell, value), column), bad) in
            cells.zip(instance.cells).zip(columns).zip(contradictions)
        {
            match cell.add(value) {
                Ok(()) => {}
                Err(Refused::Contradiction(first)) => *bad = bad.or(Some((first, file))),
                Err(Refused::NoOrder) => {
                    let path = self.files.get(file).map(|p| p.display().to_string());
                    return Err(TableError::Malformed {
                        place: path.unwrap_or_default(),
                        what: format!(
                            "column {}: expected values of one type, precision and offset, of \
                             which one is the smallest",
                            column.name
                        ),
                    });
                }
            }
        }
        Ok(())
    }

    /// Identifiers are unique in the world, so a series is of one study.
    fn check_study(&mut self, file: usize, instance: &Instance) -> Result<(), TableError> {
        let (Some(series), Some(study)) = (&instance.series, &instance.study) else {
            return Ok(());
        };
        match self.studies.get(series) {
            Some((known, first)) if known != study => Err(TableError::Malformed {
                place: self.pair(*first, file),
                what: "expected one StudyInstanceUID in all files of a series".to_owned(),
            }),
            Some(_) => Ok(()),
            None => {
                self.studies.insert(series.clone(), (study.clone(), file));
                Ok(())
            }
        }
    }

    fn pair(&self, first: usize, second: usize) -> String {
        let name = |file| {
            self.files
                .get(file)
                .map_or(String::new(), |p: &PathBuf| p.display().to_string())
        };
        format!("{} and {}", name(first), name(second))
    }

    /// The rows, in the order of their first files. **Errors**: all columns with contradictions.
    pub(super) fn finish(self) -> Result<Vec<Vec<Scalar>>, TableError> {
        let level = self.plan.level.word();
        let columns = self.plan.columns.iter().zip(&self.contradictions);
        let wrong: Vec<String> = columns
            .filter_map(|(column, bad)| {
                let (first, second) = (*bad)?;
                let files = self.pair(first, second);
                Some(format!(
                    "column {}: expected one value in all files of a {level}, got two in \
                     {files}: reduce it by \"first\", \"min\", \"max\" or \"count_distinct\", \
                     or read it a level below",
                    column.name
                ))
            })
            .collect();
        if !wrong.is_empty() {
            return Err(TableError::Settings(wrong));
        }
        let rows = self.rows.into_iter();
        Ok(rows
            .map(|row| row.into_iter().map(Cell::finish).collect())
            .collect())
    }
}

enum Refused {
    /// With the first file.
    Contradiction(usize),
    NoOrder,
}

impl Cell {
    fn new(column: &Column, value: Scalar, file: usize) -> Cell {
        match column.reduce {
            None => Cell::Same(value, file),
            Some(DicomReduce::First) => Cell::First(value),
            Some(DicomReduce::Min) => Cell::Extreme(value, Ordering::Less),
            Some(DicomReduce::Max) => Cell::Extreme(value, Ordering::Greater),
            Some(DicomReduce::CountDistinct) => {
                Cell::Distinct(digest(&value).into_iter().collect())
            }
        }
    }

    fn add(&mut self, value: Scalar) -> Result<(), Refused> {
        match self {
            Cell::Same(known, first) if !is_same(known, &value) => {
                return Err(Refused::Contradiction(*first));
            }
            Cell::Same(..) => {}
            Cell::First(known @ Scalar::Null) => *known = value,
            Cell::First(_) => {}
            Cell::Extreme(known @ Scalar::Null, _) => *known = value,
            Cell::Extreme(..) if value == Scalar::Null => {}
            Cell::Extreme(known, wanted) => {
                if compare(&value, known).ok_or(Refused::NoOrder)? == *wanted {
                    *known = value;
                }
            }
            Cell::Distinct(seen) => seen.extend(digest(&value)),
        }
        Ok(())
    }

    fn finish(self) -> Scalar {
        match self {
            Cell::Same(value, _) | Cell::First(value) | Cell::Extreme(value, _) => value,
            Cell::Distinct(seen) => Scalar::Number(seen.len().to_string()),
        }
    }
}

/// `1.5` and `1.50` are one number; the first file's digits stay.
fn is_same(one: &Scalar, other: &Scalar) -> bool {
    match (one, other) {
        (Scalar::Number(a), Scalar::Number(b)) => number::compare(a, b).is_eq(),
        _ => one == other,
    }
}

/// A value's digest: equal numbers have one. None for `Null`.
fn digest(value: &Scalar) -> Option<[u8; 32]> {
    let (kind, text) = match value {
        Scalar::Null => return None,
        Scalar::Number(text) => {
            let bare = match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.'),
                false => text,
            };
            (b'n', bare)
        }
        Scalar::Text(text) => (b't', text.as_str()),
        Scalar::Date(text) => (b'd', text.as_str()),
        Scalar::Time(text) => (b'z', text.as_str()),
        Scalar::Bool(true) => (b'b', "1"),
        Scalar::Bool(false) => (b'b', "0"),
        Scalar::Error(error) => (b'e', error.expected),
    };
    let hash = Sha256::new().chain_update([kind]).chain_update(text);
    Some(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_count_once() {
        let number = |text: &str| digest(&Scalar::Number(text.to_owned()));
        assert_eq!(number("1.50"), number("1.5"));
        assert_eq!(number("1.0"), number("1"));
        assert_ne!(number("10"), number("1"));
        assert_ne!(number("1"), digest(&Scalar::Text("1".to_owned())));
        assert_eq!(digest(&Scalar::Null), None);
    }
}
