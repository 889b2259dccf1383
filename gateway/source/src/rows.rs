//! Rows of tables become rows of the dataset: one a subject, or one a record.
//!
//! **Memory**: what `holding` says of each row, 6 to 11 bytes to find a subject's, and no row of the
//! source.

mod cell;
mod held;
mod holding;
mod ids;
mod last;
pub(crate) mod nobody;
pub(crate) mod shapes;
mod time;
pub(crate) mod words;

use self::cell::{cell, said};
pub(crate) use self::holding::Holding;
use self::ids::Ids;
use self::last::Last;
use self::nobody::Suspects;
use super::bind::{BoundColumn, BoundTable};
use super::column::{Bad, SourceColumn};
use super::error::SourceError;
use super::index::RowIndex;
use super::kept::KeptRows;
use super::pseudonym::{Pseudonym, PseudonymKey};
use super::reduce::Drops;
use medveil_tables::Scalar;

/// Whose row it is.
#[derive(Clone, Copy)]
pub(crate) enum Whose {
    /// The table's subject column says it.
    Cell,
    /// A person of the source: [`Assembler::person`] said which.
    Person(Pseudonym),
}

/// One row of a table.
pub(crate) struct TableRow<'a> {
    pub cells: &'a [Scalar],
    pub whose: Whose,
    /// Nobody can tell whether it is so: it says nothing, and may hide something.
    pub is_doubtful: bool,
    /// File and row.
    pub place: &'a dyn Fn() -> String,
}

/// How rows are put together.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    /// Whether a subject's rows become one.
    pub per_subject: bool,
    /// Whether the order of the source's rows means nothing.
    pub unordered: bool,
    /// Whether a row is a thing that has its values, so that one without a value stands for its time
    /// too: not so in a wide table, of which a row says what it has.
    pub rows_are_things: bool,
    /// Whether a column whose conditions no row meets is told, and stands for nobody's absence.
    pub met_by_none: bool,
    /// Whether identities have a type of their own, so that no spreadsheet was on the way.
    pub ids_are_typed: bool,
    /// Whether an identity of another shape than others, or on far more rows, is somebody's.
    pub keeps_words: bool,
    /// The day of reading: what is dated later does not count.
    pub today: i32,
    /// Whether values that their column refuses are gathered.
    pub gather: bool,
}

/// Puts rows together.
pub(crate) struct Assembler<'a> {
    columns: &'a [SourceColumn],
    /// Rows that each column's conditions let count.
    met: Vec<u64>,
    key: &'a PseudonymKey,
    /// The name space of the identities.
    space: &'a str,
    rules: Rules,
    numbers: RowIndex,
    rows: Holding,
    pub drops: Drops,
    ids: Ids,
    suspects: Suspects,
}

impl<'a> Assembler<'a> {
    pub fn new(
        columns: &'a [SourceColumn],
        (key, space): (&'a PseudonymKey, &'a str),
        (rules, rows): (Rules, Holding),
    ) -> Self {
        Assembler {
            columns,
            met: vec![0; columns.len()],
            key,
            space,
            rules,
            numbers: RowIndex::default(),
            rows,
            drops: Drops::default(),
            ids: Ids::new(rules.ids_are_typed),
            suspects: Suspects::default(),
        }
    }

    pub fn is_per_subject(&self) -> bool {
        self.rules.per_subject
    }

    /// A subject without a row of any table still has a row of the dataset, where subjects have rows.
    ///
    /// **Errors**: an identity that looks like another; too many.
    pub fn person(&mut self, identity: &str) -> Result<Pseudonym, SourceError> {
        ids::check_form(identity).map_err(|what| SourceError::Identity {
            place: "a patient".to_owned(),
            what,
        })?;
        let pseudonym = self.key.pseudonym(self.space, identity);
        // A record is a row; a person without one has none.
        if !self.rules.per_subject {
            return Ok(pseudonym);
        }
        match self.row(pseudonym) {
            Some(_) => Ok(pseudonym),
            None => Err(SourceError::TooMany {
                place: "subjects".to_owned(),
            }),
        }
    }

    /// Of a person, something may stand in a table that nobody can tell.
    ///
    /// **Errors**: too many.
    pub fn leave_open(&mut self, table: &BoundTable, person: Pseudonym) -> Result<(), SourceError> {
        if !self.rules.per_subject {
            return Ok(());
        }
        let too_many = || SourceError::TooMany {
            place: "subjects".to_owned(),
        };
        let number = self.row(person).ok_or_else(too_many)?;
        for bound in &table.columns {
            let mut held = self.rows.cell(number, bound.index);
            held.leave_open();
            // Value and time stay what they were, so that they fit.
            if !self.rows.set(number, bound.index, held) {
                return Err(too_many());
            }
        }
        Ok(())
    }

    /// The row of a subject, or a new one; none where there are too many.
    fn row(&mut self, pseudonym: Pseudonym) -> Option<u32> {
        if !self.rules.per_subject {
            return self.rows.push(pseudonym);
        }
        let whose = |row| self.rows.pseudonym(row);
        if let Some(row) = self.numbers.find(pseudonym, whose) {
            return Some(row);
        }
        let row = self.rows.push(pseudonym)?;
        let whose = |row| self.rows.pseudonym(row);
        self.numbers.insert(pseudonym, row, whose);
        Some(row)
    }

    /// Takes a row of a table.
    ///
    /// **Errors**: a value that its column refuses; an identity that a spreadsheet changed.
    pub fn take(&mut self, table: &BoundTable, row: &TableRow<'_>) -> Result<(), SourceError> {
        let subject = match self.subject(table, row) {
            Err(SourceError::Identity { place, what }) if self.rules.gather => {
                self.drops.add_refused_row(what, place);
                return Ok(());
            }
            other => other?,
        };
        let Some(pseudonym) = subject else {
            self.drops
                .add_unresolved("no subject", 1, || Some((row.place)()));
            return Ok(());
        };
        if row.is_doubtful && !self.rules.per_subject {
            return Ok(());
        }
        let number = self.row(pseudonym).ok_or_else(|| SourceError::TooMany {
            place: (row.place)(),
        })?;
        for bound in &table.columns {
            self.cell(number, bound, row)?;
        }
        Ok(())
    }

    fn subject(
        &mut self,
        table: &BoundTable,
        row: &TableRow<'_>,
    ) -> Result<Option<Pseudonym>, SourceError> {
        let (Whose::Cell, Some(at)) = (row.whose, table.subject) else {
            let Whose::Person(pseudonym) = row.whose else {
                return Ok(None);
            };
            return Ok(Some(pseudonym));
        };
        let id = match row.cells.get(at) {
            Some(Scalar::Text(text)) => text.as_str(),
            Some(Scalar::Number(text)) => text.as_str(),
            Some(Scalar::Bool(_) | Scalar::Date(_) | Scalar::Time(_)) => {
                return Err(mangled(
                    row,
                    "an identity that is no text: a spreadsheet made a date or a truth value of it: export it as text",
                ));
            }
            Some(Scalar::Error(error)) if table.null.iter().any(|null| null == error.word) => "",
            Some(Scalar::Error(error)) => return Err(mangled(row, error.expected)),
            Some(Scalar::Null) | None => "",
        };
        if id.is_empty() || table.null.iter().any(|null| null == id) {
            return Ok(None);
        }
        let word = self.ids.check(id).map_err(|what| mangled(row, what))?;
        if !self.rules.keeps_words {
            self.ids.compare(id, word, row.place);
        }
        self.suspects.take(id, table, row, self.columns);
        Ok(Some(self.key.pseudonym(self.space, id)))
    }

    fn cell(
        &mut self,
        number: u32,
        bound: &BoundColumn,
        row: &TableRow<'_>,
    ) -> Result<(), SourceError> {
        let counts = bound.counts(&self.columns[bound.index], row.cells);
        if counts == Ok(false) {
            return Ok(());
        }
        self.met[bound.index] += 1;
        let (column, index) = (&self.columns[bound.index], bound.index as u16);
        let place = || Some((row.place)());
        let mut held = self.rows.cell(number, bound.index);
        let rule = column.rule;
        let Some(read) = said(column, bound, row, self.rules, counts) else {
            return Ok(());
        };
        match read {
            Ok(None) => held.leave_open(),
            Ok(Some((_, Some(when)))) if when.day > self.rules.today => {
                let reason = "dated after the day of reading";
                held.leave_open();
                self.drops.add(Some(index), reason, 1, place);
            }
            Ok(Some((_, when))) if !column.counts(when) => {
                // Of no time, it may lie inside the window.
                if when.is_none() {
                    held.take(rule, None, None);
                }
                self.drops.add(Some(index), cell::left(when), 1, || None);
            }
            Ok(Some((read, when))) => {
                if let Some(change) = read.change {
                    self.drops.note(index, change.words());
                }
                held.take(rule, Some(read.value), when);
            }
            Err(bad) if cell::is_refused(column, bad) => return self.refuse(bad, bound, row),
            Err(_) if column.leaves_out(bound, row.cells, self.rules.today) => {
                self.drops.add(Some(index), cell::UNCOUNTED, 1, place);
            }
            Err(bad) => {
                self.drops.add(Some(index), bad.expected(), 1, place);
                // The time that would put it in front of others, where it is not wholly known.
                let when = bound
                    .date
                    .and_then(|at| column.boundary(cell(row.cells, at)));
                held.take(rule, None, when);
            }
        }
        match self.rows.set(number, bound.index, held) {
            true => Ok(()),
            false => Err(refused(column, Bad::Range, row)),
        }
    }

    /// Refuses a value, or lists it.
    fn refuse(
        &mut self,
        bad: Bad,
        bound: &BoundColumn,
        row: &TableRow<'_>,
    ) -> Result<(), SourceError> {
        let (column, index) = (&self.columns[bound.index], bound.index as u16);
        if self.rules.gather {
            let value = Some(cell(row.cells, bound.value));
            let (drops, expected) = (&mut self.drops, bad.expected());
            drops.add_refused((index, column), expected, value, row.place);
            return Ok(());
        }
        Err(refused(column, bad, row))
    }

    /// Numbers under which several people stand, with the place of the first row.
    fn nobodies(&self) -> Vec<(String, &'static str)> {
        if self.suspects.is_empty() {
            return Vec::new();
        }
        let rows = 0..self.rows.len() as u32;
        let mut people: Vec<Pseudonym> = rows.map(|row| self.rows.pseudonym(row)).collect();
        people.sort_unstable();
        people.dedup();
        let has = |id: &str| {
            let pseudonym = self.key.pseudonym_of(self.space, id);
            people.binary_search(&pseudonym).is_ok()
        };
        let keeps = self.rules.keeps_words;
        self.suspects.refused(people.len() as u64, keeps, has)
    }

    /// Puts the rows into `kept`; gives what was left out.
    ///
    /// **Errors**: identities of which some lost their leading zeros, or that are nobody's beside the
    /// others; a count that its column cannot hold.
    pub fn finish(mut self, missing: &[bool], kept: &mut KeptRows) -> Result<Drops, SourceError> {
        let refused = self.ids.refused();
        for (place, what) in refused.into_iter().chain(self.nobodies()) {
            match self.rules.gather {
                true => self.drops.add_refused_row(what, place),
                false => return Err(SourceError::Identity { place, what }),
            }
        }
        let mut missing = missing.to_vec();
        for (index, met) in self.met.into_iter().enumerate() {
            if met == 0 && self.rules.met_by_none {
                let reason = "no row meets what the column asks for";
                self.drops.add(Some(index as u16), reason, 1, || None);
                if let Some(may_stand) = missing.get_mut(index) {
                    *may_stand = false;
                }
            }
        }
        let mut last = Last {
            columns: self.columns,
            unordered: self.rules.unordered,
            gather: self.rules.gather,
            missing: &missing,
            drops: self.drops,
        };
        let mut values = Vec::with_capacity(self.columns.len());
        self.rows.drain(|pseudonym, cells| {
            values.clear();
            for (index, held) in cells.iter().enumerate() {
                values.push(last.value(index, *held)?);
            }
            match kept.push(pseudonym, &values) {
                true => Ok(()),
                false => Err(SourceError::TooMany {
                    place: "rows".to_owned(),
                }),
            }
        })?;
        Ok(last.drops)
    }
}

fn refused(column: &SourceColumn, bad: Bad, row: &TableRow<'_>) -> SourceError {
    SourceError::Value {
        place: (row.place)(),
        column: column.name.clone(),
        expected: bad.expected(),
    }
}

fn mangled(row: &TableRow<'_>, what: &'static str) -> SourceError {
    SourceError::Identity {
        place: (row.place)(),
        what,
    }
}
