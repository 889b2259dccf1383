//! Rows of tables become rows of the dataset: one a subject, or one a record.
//!
//! **Memory**: 24 bytes a column and some 100 a subject (or a record), and no row of the source.

mod held;
mod ids;

use self::held::Held;
use self::ids::Ids;
use super::bind::{BoundColumn, BoundTable};
use super::column::{Bad, OnBad, ReadValue, SourceColumn};
use super::date::When;
use super::error::SourceError;
use super::pseudonym::{Pseudonym, PseudonymKey};
use super::reading::RawRow;
use super::reduce::Drops;
use medveil_circuits::schema::RowRule;
use medveil_tables::Scalar;
use std::collections::HashMap;

/// Whose row it is.
#[derive(Clone, Copy)]
pub(crate) enum Whose<'a> {
    /// The table's subject column says it.
    Cell,
    /// A person of the source, by what the source calls that person.
    Person(&'a str),
}

/// One row of a table.
pub(crate) struct TableRow<'a> {
    pub cells: &'a [Scalar],
    pub whose: Whose<'a>,
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
    /// The day of reading: what is dated later does not count.
    pub today: i32,
    /// Whether values that their column refuses are gathered.
    pub gather: bool,
}

/// Puts rows together.
pub(crate) struct Assembler<'a> {
    columns: &'a [SourceColumn],
    /// Texts that are no identity.
    null: &'a [String],
    /// Rows that each column's conditions let count.
    met: Vec<u64>,
    key: &'a PseudonymKey,
    rules: Rules,
    numbers: HashMap<Pseudonym, usize>,
    rows: Vec<(Pseudonym, Vec<Held>)>,
    pub drops: Drops,
    ids: Ids,
    order: u32,
}

impl<'a> Assembler<'a> {
    pub fn new(
        columns: &'a [SourceColumn],
        null: &'a [String],
        key: &'a PseudonymKey,
        rules: Rules,
    ) -> Self {
        Assembler {
            columns,
            null,
            met: vec![0; columns.len()],
            key,
            rules,
            numbers: HashMap::new(),
            rows: Vec::new(),
            drops: Drops::default(),
            ids: Ids::default(),
            order: 0,
        }
    }

    pub fn is_per_subject(&self) -> bool {
        self.rules.per_subject
    }

    /// A subject without a row of any table still has a row of the dataset.
    pub fn person(&mut self, identity: &str) {
        let pseudonym = self.key.pseudonym("fhir", identity);
        self.row(pseudonym);
    }

    fn row(&mut self, pseudonym: Pseudonym) -> usize {
        let (rows, n) = (&mut self.rows, self.columns.len());
        let mut new = || {
            rows.push((pseudonym, vec![Held::NOTHING; n]));
            rows.len() - 1
        };
        match self.rules.per_subject {
            true => *self.numbers.entry(pseudonym).or_insert_with(new),
            false => new(),
        }
    }

    /// Takes a row of a table.
    ///
    /// **Errors**: a value that its column refuses; an identity that a spreadsheet changed.
    pub fn take(&mut self, table: &BoundTable, row: &TableRow<'_>) -> Result<(), SourceError> {
        let Some(pseudonym) = self.subject(table, row)? else {
            self.drops
                .add_unresolved("no subject", 1, || Some((row.place)()));
            return Ok(());
        };
        let number = self.row(pseudonym);
        // Fewer rows than 2^32: a source of more is refused long before.
        self.order = self.order.saturating_add(1);
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
            let Whose::Person(identity) = row.whose else {
                return Ok(None);
            };
            return Ok(Some(self.key.pseudonym("fhir", identity)));
        };
        let id = match row.cells.get(at) {
            Some(Scalar::Text(text)) => text.as_str(),
            Some(Scalar::Number(text)) => text.as_str(),
            Some(Scalar::Bool(_) | Scalar::Date(_) | Scalar::Time(_)) => {
                return Err(mangled(
                    row,
                    "an identity that is no text: a spreadsheet made a date or a truth value of it",
                ));
            }
            Some(Scalar::Null) | None => "",
        };
        if id.is_empty() || self.null.iter().any(|null| null == id) {
            return Ok(None);
        }
        match self.ids.check(id) {
            Ok(()) => Ok(Some(self.key.pseudonym("csv", id))),
            Err(what) => Err(mangled(row, what)),
        }
    }

    fn cell(
        &mut self,
        number: usize,
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
        let held = &mut self.rows[number].1[bound.index];
        let (rule, order) = (column.rule, self.order);
        let read = counts.and_then(|_| read(column, bound, row.cells));
        match read {
            Ok(None) => held.leave_open(),
            Ok(Some((_, Some(when)))) if when.day > self.rules.today => {
                let reason = "dated after the day of reading";
                held.leave_open();
                self.drops.add(Some(index), reason, 1, place);
            }
            Ok(Some((_, when))) if !column.counts(when) => {
                if when.is_none() {
                    held.leave_open();
                }
                let reason = match when {
                    None => "no date, but the column has a window",
                    Some(_) => "outside the column's window",
                };
                self.drops.add(Some(index), reason, 1, || None);
            }
            Ok(Some((read, when))) => {
                if let Some(change) = read.change {
                    self.drops.note(index, change.words());
                }
                held.take(rule, Some(read.value), when, order);
            }
            Err(bad) if column.on_bad == OnBad::Refuse && self.rules.gather => {
                self.drops.add_refused(index, bad.expected(), place);
            }
            Err(bad) if column.on_bad == OnBad::Refuse => {
                return Err(SourceError::Value {
                    place: (row.place)(),
                    column: column.name.clone(),
                    expected: bad.expected(),
                });
            }
            Err(bad) => {
                self.drops.add(Some(index), bad.expected(), 1, place);
                // The time that would put it in front of others, where it is not wholly known.
                let when = bound
                    .date
                    .and_then(|at| column.boundary(cell(row.cells, at)));
                held.take(rule, None, when, order);
            }
        }
        Ok(())
    }

    /// The rows, and what was left out.
    ///
    /// **Errors**: identities of which some lost their leading zeros; a count that its column cannot
    /// hold.
    pub fn finish(mut self, missing: &[bool]) -> Result<(Vec<RawRow>, Drops), SourceError> {
        self.ids.finish().map_err(|what| SourceError::Identity {
            place: "subjects".to_owned(),
            what,
        })?;
        let mut missing = missing.to_vec();
        for (index, met) in std::mem::take(&mut self.met).into_iter().enumerate() {
            if met == 0 && !self.rules.unordered {
                let reason = "no row meets what the column asks for";
                self.drops.add(Some(index as u16), reason, 1, || None);
                if let Some(may_stand) = missing.get_mut(index) {
                    *may_stand = false;
                }
            }
        }
        let missing = missing.as_slice();
        let mut rows = Vec::with_capacity(self.rows.len());
        for (pseudonym, held) in std::mem::take(&mut self.rows) {
            let mut cells = Vec::with_capacity(held.len());
            for (index, held) in held.into_iter().enumerate() {
                cells.push(self.value(index, held, missing)?);
            }
            rows.push(RawRow { pseudonym, cells });
        }
        Ok((rows, self.drops))
    }

    fn value(
        &mut self,
        index: usize,
        held: Held,
        missing: &[bool],
    ) -> Result<Option<i64>, SourceError> {
        let column = &self.columns[index];
        let at = index as u16;
        if held.hides_value(column.rule, self.rules.unordered) {
            let reason = "one of several could not be used, and may have decided";
            self.drops.add(Some(at), reason, 1, || None);
            return Ok(None);
        }
        if column.rule == RowRule::Count {
            return column
                .in_range(i64::from(held.n()))
                .map(Some)
                .map_err(|bad| SourceError::Value {
                    place: "count".to_owned(),
                    column: column.name.clone(),
                    expected: bad.expected(),
                });
        }
        if held.n() == 0 {
            if !held.is_absent() {
                return Ok(None);
            }
            let may_stand = missing.get(index).copied().unwrap_or(true);
            return Ok(column.missing.filter(|_| may_stand));
        }
        let others = u64::from(held.n()) - 1;
        self.drops
            .add(Some(at), held::others(column.rule), others, || None);
        if held.is_tied() && self.rules.unordered {
            let reason = "values of one time differ";
            self.drops.add(Some(at), reason, 1, || None);
            return Ok(None);
        }
        let value = held.value();
        if value.is_none() {
            let reason = "the chosen one of several could not be used";
            self.drops.add(Some(at), reason, 1, || None);
        }
        Ok(value)
    }
}

fn mangled(row: &TableRow<'_>, what: &'static str) -> SourceError {
    SourceError::Identity {
        place: (row.place)(),
        what,
    }
}

fn cell(cells: &[Scalar], at: usize) -> &Scalar {
    cells.get(at).unwrap_or(&Scalar::Null)
}

impl BoundColumn {
    /// Whether a row counts for the column.
    ///
    /// **Errors**: blanks that nobody allowed would decide.
    fn counts(&self, column: &SourceColumn, cells: &[Scalar]) -> Result<bool, Bad> {
        for (at, texts) in &self.conditions {
            let holds = match cell(cells, *at) {
                Scalar::Text(text) | Scalar::Number(text) => column.is_one_of(text, texts)?,
                Scalar::Bool(value) => texts.contains(&value.to_string()),
                Scalar::Null | Scalar::Date(_) | Scalar::Time(_) => false,
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The value of a column in a row, and when it was true.
fn read(
    column: &SourceColumn,
    bound: &BoundColumn,
    cells: &[Scalar],
) -> Result<Option<(ReadValue, Option<When>)>, Bad> {
    let value = cell(cells, bound.value);
    let is_bound = bound
        .comparator
        .is_some_and(|at| *cell(cells, at) != Scalar::Null);
    if is_bound && *value != Scalar::Null {
        return Err(Bad::Comparator);
    }
    let read = match (bound.unit, bound.until) {
        (Some(at), _) => {
            let unit = match cell(cells, at) {
                Scalar::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
                _ => None,
            };
            column.read_quantity(value, unit)?
        }
        (None, Some(at)) => column.read_aged(value, column.until(cell(cells, at))?)?,
        (None, None) => column.read_cell(value)?,
    };
    let when = bound
        .date
        .map(|at| column.date(cell(cells, at)))
        .transpose()?;
    Ok(read.map(|read| (read, when.flatten())))
}
