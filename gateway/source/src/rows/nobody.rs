//! Numbers that stand for nobody in the place of an identity: rows of many people would become one
//! person.
//!
//! A number such as `0` or `999999` may be somebody's: it is refused where it contradicts itself
//! (several dates of birth, or sexes), where it alone is on several rows, or on far more rows than
//! others are, unless its neighbours are there too.

use super::TableRow;
use crate::bind::BoundTable;
use crate::column::SourceColumn;
use medveil_tables::Scalar;
use std::collections::BTreeMap;

/// Numbers that people type without thinking.
const TYPED: [&str; 9] = [
    "-1", "-9", "-99", "-999", "1234", "12345", "123456", "1234567", "12345678",
];
/// Rows beyond this many times the mean of others are far more.
const FAR_MORE: u64 = 4;
/// Parts of names of columns of which a person has one value, in languages that are met.
const OF_A_PERSON: [&str; 14] = [
    "birth",
    "birthdate",
    "birthday",
    "born",
    "dob",
    "geboren",
    "geburtsdatum",
    "geburtstag",
    "gender",
    "geschlecht",
    "naissance",
    "nacimiento",
    "sex",
    "sexe",
];

pub(super) const SEVERAL_PEOPLE: &str = "one number with several dates of birth or sexes: where it means nobody, `subject.null` \
     names it";
pub(super) const MANY_ROWS: &str = "a number such as 0 or 999999 on far more rows than others: where it means nobody, \
     `subject.null` names it, and where somebody, `subject.words` is `keep`";

/// Whether a number may stand for nobody: zeros, one digit three times and more, and what is typed
/// without thinking.
pub(crate) fn is_suspect(id: &str) -> bool {
    let Some(first) = id.bytes().next() else {
        return false;
    };
    let is_one_digit = first.is_ascii_digit() && id.bytes().all(|byte| byte == first);
    (is_one_digit && (first == b'0' || id.len() > 2)) || TYPED.contains(&id)
}

/// What is known of a suspect number. No `Debug`: it is somebody's.
struct Suspect {
    rows: u64,
    place: String,
    /// The first value of each column of which a person has one.
    said: BTreeMap<usize, Scalar>,
    contradicts: bool,
}

/// The suspect numbers of a source.
#[derive(Default)]
pub(super) struct Suspects {
    of: BTreeMap<String, Suspect>,
    /// Rows of whoever.
    rows: u64,
}

impl Suspects {
    /// Counts a row that names its subject.
    pub fn take(
        &mut self,
        id: &str,
        table: &BoundTable,
        row: &TableRow<'_>,
        columns: &[SourceColumn],
    ) {
        self.rows += 1;
        if !is_suspect(id) {
            return;
        }
        let own = self.of.entry(id.to_owned()).or_insert_with(|| Suspect {
            rows: 0,
            place: (row.place)(),
            said: BTreeMap::new(),
            contradicts: false,
        });
        own.rows += 1;
        for bound in &table.columns {
            let is_one = columns.get(bound.index).is_some_and(is_of_a_person);
            let cell = row
                .cells
                .get(bound.value)
                .filter(|cell| **cell != Scalar::Null);
            if let (true, Some(cell)) = (is_one, cell) {
                let first = own.said.entry(bound.index).or_insert_with(|| cell.clone());
                own.contradicts |= first != cell;
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Those that stand for several people, with the place of the first row; `subjects` says how many
    /// people have rows, `keeps` whether one may have any number of them, `has` whether another number
    /// is one of theirs.
    pub fn refused(
        &self,
        subjects: u64,
        keeps: bool,
        has: impl Fn(&str) -> bool,
    ) -> Vec<(String, &'static str)> {
        let suspects = self.of.iter().filter_map(|(id, own)| {
            let (rows, others) = (self.rows - own.rows, subjects.saturating_sub(1));
            let is_alone = own.rows > 1 && rows == others && others > 0;
            let is_far_more = own.rows > 2 && own.rows * others > FAR_MORE * rows && others > 0;
            let what = if own.contradicts {
                SEVERAL_PEOPLE
            } else if (is_alone || is_far_more) && !keeps && !has_neighbours(id, &has) {
                MANY_ROWS
            } else {
                return None;
            };
            Some((own.place.clone(), what))
        });
        suspects.collect()
    }
}

/// Whether a number stands between its neighbours, as numbers do that are given in turn.
fn has_neighbours(id: &str, has: &impl Fn(&str) -> bool) -> bool {
    let Some(number) = id.parse::<u64>().ok().filter(|number| *number > 0) else {
        return false;
    };
    let width = id.len();
    [number - 1, number.saturating_add(1)]
        .iter()
        .all(|other| has(&format!("{other:0width$}")) || has(&other.to_string()))
}

/// Whether a person has one value of a column.
fn is_of_a_person(column: &SourceColumn) -> bool {
    let name = column.name.to_lowercase();
    let mut parts = name.split(|c: char| !c.is_alphanumeric());
    column.age_on.is_some() || parts.any(|part| OF_A_PERSON.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b7_numbers_that_may_be_nobodys() {
        for id in [
            "0", "00", "000000", "999", "999999", "111111", "-1", "123456",
        ] {
            assert!(is_suspect(id), "{id}");
        }
        for id in ["1", "9", "99", "10", "9990", "P000", "", "1235"] {
            assert!(!is_suspect(id), "{id}");
        }
    }
}
