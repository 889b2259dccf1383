//! What every kind of source gives: a table with named columns, read row by row.

use crate::error::TableError;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One value, as the source carries it. **Security**: it is somebody's; no `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum Scalar {
    /// The source has no value.
    Null,
    /// A text. In a file without types, such as CSV, everything is one.
    Text(String),
    /// An exact decimal number in plain digits, as `-12.50`: no exponent, no sign `+`.
    Number(String),
    Bool(bool),
    /// A calendar date, as `2026-01-31`; `2026-01` or `2026` where the source says no more.
    Date(String),
    /// A date with a time, as `2026-01-31T10:00:00`, and an offset where the source has one.
    Time(String),
    /// Something stands there and is no value, such as `#N/A` in a workbook.
    Error(CellError),
}

/// What stands in a cell that has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CellError {
    /// As the source shows it, where it has a word for it: `#N/A`.
    pub word: &'static str,
    /// What was expected, and what to do.
    pub expected: &'static str,
}

/// The type that a source gives a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Texts, or the source has no types.
    Text,
    Number,
    Bool,
    Date,
    Time,
    /// Each value has a type of its own: spreadsheets, SQLite.
    Mixed,
}

/// A column as the source names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    pub name: String,
    pub kind: Kind,
}

/// One row.
pub struct Record<'a> {
    /// As many as the table has columns.
    pub cells: &'a [Scalar],
    /// Where the row begins: the line of a text file as an editor counts it, the row of a
    /// spreadsheet, the number of a record, from 1.
    pub row: u64,
}

/// A row that is not of its table's form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// Where it begins, as [`Record::row`].
    pub row: u64,
    /// Where one cell is meant.
    pub column: Option<String>,
    /// What was expected, and what to do. Never a value.
    pub what: String,
}

/// Rows that are not of their table's form. Such a row is left out, unless its cells are sure.
#[derive(Debug, Default)]
pub struct Faults {
    /// The first of them.
    pub listed: Vec<RowFault>,
    /// All of them.
    pub count: u64,
}

impl Faults {
    /// Most that are listed.
    const MOST: usize = 1000;

    pub(crate) fn add(&mut self, fault: impl FnOnce() -> RowFault) {
        self.count += 1;
        if self.listed.len() < Self::MOST {
            self.listed.push(fault());
        }
    }

    /// Adds others, in their order.
    #[cfg(feature = "excel")]
    pub(crate) fn append(&mut self, others: Faults) {
        let room = Self::MOST.saturating_sub(self.listed.len());
        self.listed.extend(others.listed.into_iter().take(room));
        self.count += others.count;
    }
}

/// How far the reading of a table is. It goes on while rows are handed over.
#[derive(Clone)]
pub struct Meter {
    done: Arc<AtomicU64>,
    total: u64,
}

impl Meter {
    pub(crate) fn new(total: u64) -> Self {
        Meter {
            done: Arc::default(),
            total,
        }
    }

    pub(crate) fn set(&self, done: u64) {
        self.done.store(done, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, more: u64) {
        self.done.fetch_add(more, Ordering::Relaxed);
    }

    /// What is read, and all of it, in a unit of the table's own.
    pub fn read(&self) -> (u64, u64) {
        (
            self.done.load(Ordering::Relaxed).min(self.total),
            self.total,
        )
    }
}

/// A table of a source. Names of columns are unique.
pub trait Table {
    /// The file's name without its ending, the sheet's, or the query's.
    fn name(&self) -> &str;

    /// The file, database or query that it comes from, for messages.
    fn place(&self) -> String;

    fn columns(&self) -> &[TableColumn];

    /// How far [`rows`](Table::rows) is; none where the format does not tell.
    fn meter(&self) -> Option<Meter> {
        None
    }

    /// Hands over every row, in the order of the source. Rows are read as they are handed over: the
    /// table is never whole in memory where its format allows that.
    ///
    /// **Errors**: the source cannot be read, or is not of its form; what `take` answers.
    fn rows(
        &mut self,
        take: &mut dyn FnMut(Record<'_>) -> Result<(), TableError>,
    ) -> Result<(), TableError>;

    /// The rows that the last reading found not to be of their form: of a table that was opened to
    /// gather its faults, and where it is sure where the next row begins. Any other fault ends a
    /// reading.
    fn take_faults(&mut self) -> Faults {
        Faults::default()
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Text => "text",
            Kind::Number => "number",
            Kind::Bool => "boolean",
            Kind::Date => "date",
            Kind::Time => "date with time",
            Kind::Mixed => "values of several types",
        })
    }
}
