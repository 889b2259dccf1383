//! What was left out or changed on the way, counted by column and reason.

use super::column::SourceColumn;
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
pub(crate) struct Drops(BTreeMap<Key, Tally>);

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
            let entry = self.0.entry((column, reason, Fate::LeftOut));
            entry.or_insert_with(|| (0, first())).0 += n;
        }
    }

    /// Counts a value that its column refuses.
    pub(crate) fn add_refused(
        &mut self,
        column: u16,
        reason: &'static str,
        first: impl FnOnce() -> Option<String>,
    ) {
        let entry = self.0.entry((Some(column), reason, Fate::Refused));
        entry.or_insert_with(|| (0, first())).0 += 1;
    }

    /// Counts what is nobody's.
    pub(crate) fn add_unresolved(
        &mut self,
        reason: &'static str,
        n: u64,
        first: impl FnOnce() -> Option<String>,
    ) {
        let entry = self.0.entry((None, reason, Fate::Unresolved));
        entry.or_insert_with(|| (0, first())).0 += n;
    }

    /// Counts a value that was changed as the schema says.
    pub(crate) fn note(&mut self, column: u16, reason: &'static str) {
        self.0
            .entry((Some(column), reason, Fate::Kept))
            .or_default()
            .0 += 1;
    }

    /// Counts whole things that were kept.
    pub(crate) fn note_whole(&mut self, reason: &'static str, n: u64) {
        self.0.entry((None, reason, Fate::Kept)).or_default().0 += n;
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
        self.0.into_iter().map(count).collect()
    }
}
