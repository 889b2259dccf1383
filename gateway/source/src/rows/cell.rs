//! What one row says of one column.

use super::held::by_time;
use super::{Rules, TableRow};
use crate::bind::BoundColumn;
use crate::column::{Bad, OnBad, ReadValue, SourceColumn};
use crate::date::When;
use medveil_circuits::schema::RowRule;
use medveil_tables::Scalar;

/// A value, and when it was true.
type Said = Result<Option<(ReadValue, Option<When>)>, Bad>;

/// What a row that counts says; none where it says nothing and hides nothing.
pub(super) fn said(
    column: &SourceColumn,
    bound: &BoundColumn,
    row: &TableRow<'_>,
    rules: Rules,
    counts: Result<bool, Bad>,
) -> Option<Said> {
    let counts_by =
        |when: Option<When>| column.counts(when) && when.is_none_or(|when| when.day <= rules.today);
    match counts.and_then(|_| read(column, bound, row.cells)) {
        // A resource that has the thing stands for its time, whatever form its value has.
        Ok(None) if rules.rows_are_things && by_time(column.rule) && bound.date.is_some() => {
            Some(Err(Bad::Absent))
        }
        Ok(Some((read, when))) if row.is_doubtful && counts_by(when) => {
            let decides = column.rule != RowRule::Any || read.value != 0;
            decides.then_some(Err(Bad::Doubtful))
        }
        said => Some(said),
    }
}

/// Whether a value that its column cannot hold refuses the source.
pub(super) fn is_refused(column: &SourceColumn, bad: Bad) -> bool {
    column.on_bad == OnBad::Refuse && !matches!(bad, Bad::Absent | Bad::Doubtful)
}

/// Why a value that cannot be used hides nothing.
pub(super) const UNCOUNTED: &str = "cannot be used, and its time would not count";

impl SourceColumn {
    /// Whether a row's time is known, and none at which a value counts.
    pub(super) fn leaves_out(&self, bound: &BoundColumn, cells: &[Scalar], today: i32) -> bool {
        let when = bound
            .date
            .and_then(|at| self.date(cell(cells, at)).ok().flatten());
        when.is_some_and(|when| when.day > today || !self.counts(Some(when)))
    }
}

/// Why a value of that time lies outside its column's window.
pub(super) fn left(when: Option<When>) -> &'static str {
    match when {
        None => "no date, but the column has a window",
        Some(_) => "outside the column's window",
    }
}

pub(super) fn cell(cells: &[Scalar], at: usize) -> &Scalar {
    cells.get(at).unwrap_or(&Scalar::Null)
}

impl BoundColumn {
    /// Whether a row counts for the column.
    ///
    /// **Errors**: blanks that nobody allowed would decide.
    pub(super) fn counts(&self, column: &SourceColumn, cells: &[Scalar]) -> Result<bool, Bad> {
        for (at, texts) in &self.conditions {
            let holds = match cell(cells, *at) {
                Scalar::Text(text) | Scalar::Number(text) => column.is_one_of(text, texts)?,
                Scalar::Bool(value) => texts.contains(&value.to_string()),
                Scalar::Error(error) => return Err(Bad::Cell(error.expected)),
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
fn read(column: &SourceColumn, bound: &BoundColumn, cells: &[Scalar]) -> Said {
    let value = cell(cells, bound.value);
    let is_bound = bound
        .comparator
        .is_some_and(|at| *cell(cells, at) != Scalar::Null);
    if is_bound && !matches!(value, Scalar::Null | Scalar::Error(_)) {
        return Err(Bad::Comparator);
    }
    let read = match (bound.unit, bound.until) {
        (Some(at), _) => {
            let unit = match cell(cells, at) {
                Scalar::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
                Scalar::Error(error) => return Err(Bad::Cell(error.expected)),
                _ => None,
            };
            column.read_quantity(value, unit)?
        }
        (None, Some(at)) => column.read_aged(value, column.until(cell(cells, at))?)?,
        (None, None) => column.read_cell(value)?,
    };
    // Where nothing is, it does not matter when.
    if read.is_none() {
        return Ok(None);
    }
    let when = bound.date.map(|at| {
        let cell = cell(cells, at);
        match column.date(cell) {
            // Where no order decides, a year is enough to tell that it has begun.
            Err(Bad::Partial) if !by_time(column.rule) && column.window.is_none() => {
                Ok(column.boundary(cell))
            }
            read => read,
        }
    });
    let when = when.transpose()?.flatten();
    Ok(read.map(|read| (read, when)))
}
