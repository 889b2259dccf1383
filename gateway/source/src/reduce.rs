//! What was left out or changed on the way, counted by column and reason.

use super::column::SourceColumn;
use super::problems::{Problem, Problems, class};
use medveil_tables::{Faults, Scalar};
use std::collections::BTreeMap;

/// What was left out, or changed: how often, and where first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropCount {
    /// The column, when one value was meant; none for whole resources, rows, patients and files.
    pub column: Option<String>,
    pub reason: String,
    pub count: u64,
    /// Where the first of them stands: file and entry or row.
    pub first: Option<String>,
    pub fate: Fate,
}

/// What became of what was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    LeftOut,
    /// Left out, since it is not known whose it is.
    Unresolved,
    /// Does not fit a column that refuses such values.
    Refused,
    /// Kept: changed as the schema says, or worth a word.
    Kept,
}

/// Which column, why, and what became of it.
type Key = (Option<u16>, &'static str, Fate);
/// How often, and where first.
type Tally = (u64, Option<String>);

/// Counts by column and reason.
#[derive(Default)]
pub(crate) struct Drops {
    counts: BTreeMap<Key, Tally>,
    /// What is refused, and gathered.
    pub problems: Problems,
}

impl Drops {
    /// Counts `n` that were left out.
    pub(crate) fn add(
        &mut self,
        column: Option<u16>,
        reason: &'static str,
        n: u64,
        first: impl FnOnce() -> Option<String>,
    ) {
        if n > 0 {
            let entry = self.counts.entry((column, reason, Fate::LeftOut));
            entry.or_insert_with(|| (0, first())).0 += n;
        }
    }

    /// Counts a value that its column refuses, and lists it.
    pub(crate) fn add_refused(
        &mut self,
        (index, column): (u16, &SourceColumn),
        reason: &'static str,
        cell: Option<&Scalar>,
        place: impl Fn() -> String,
    ) {
        let key = (Some(index), reason, Fate::Refused);
        let entry = self.counts.entry(key);
        entry.or_insert_with(|| (0, Some(place()))).0 += 1;
        self.problems.add(|| Problem {
            place: place(),
            column: Some(column.name.clone()),
            found: cell.map(class),
            expected: reason.to_owned(),
        });
    }

    /// Counts a row that is refused for what names its subject, and lists it.
    pub(crate) fn add_refused_row(&mut self, what: &'static str, place: String) {
        let entry = self.counts.entry((None, what, Fate::Refused));
        entry.or_insert_with(|| (0, Some(place.clone()))).0 += 1;
        self.problems.add(|| Problem {
            place,
            column: None,
            found: None,
            expected: what.to_owned(),
        });
    }

    /// Counts rows that are not of their table's form, and lists them.
    pub(crate) fn add_faults(&mut self, place: &str, faults: Faults) {
        let n_listed = faults.listed.len() as u64;
        let at = |row: u64| format!("{place}, row {row}");
        if let Some(first) = faults.listed.first() {
            let reason = "a row that is not of its table's form";
            let entry = self.counts.entry((None, reason, Fate::Refused));
            entry.or_insert_with(|| (0, Some(at(first.row)))).0 += faults.count;
        }
        for fault in faults.listed {
            self.problems.add(|| Problem {
                place: at(fault.row),
                column: fault.column,
                found: None,
                expected: fault.what,
            });
        }
        self.problems.add_unlisted(faults.count - n_listed);
    }

    /// Counts what is nobody's.
    pub(crate) fn add_unresolved(
        &mut self,
        reason: &'static str,
        n: u64,
        first: impl FnOnce() -> Option<String>,
    ) {
        let entry = self.counts.entry((None, reason, Fate::Unresolved));
        entry.or_insert_with(|| (0, first())).0 += n;
    }

    /// Counts a value that was changed as the schema says.
    pub(crate) fn note(&mut self, column: u16, reason: &'static str) {
        self.counts
            .entry((Some(column), reason, Fate::Kept))
            .or_default()
            .0 += 1;
    }

    /// Counts whole things that were kept.
    pub(crate) fn note_whole(&mut self, reason: &'static str, n: u64) {
        self.counts.entry((None, reason, Fate::Kept)).or_default().0 += n;
    }

    /// The counts, whole things first, then by column.
    pub(crate) fn finish(self, columns: &[SourceColumn]) -> Vec<DropCount> {
        let name = |i: u16| columns.get(usize::from(i)).map(|c| c.name.clone());
        let count = |((column, reason, fate), (count, first)): (Key, Tally)| DropCount {
            column: column.and_then(name),
            reason: reason.to_owned(),
            count,
            first,
            fate,
        };
        self.counts.into_iter().map(count).collect()
    }
}
