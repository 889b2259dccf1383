//! What every kind of source gives: a table with named columns, read row by row.

use crate::error::TableError;
use std::fmt;

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

/// A table of a source. Names of columns are unique.
pub trait Table {
    /// The file's name without its ending, the sheet's, or the query's.
    fn name(&self) -> &str;

    /// The file, database or query that it comes from, for messages.
    fn place(&self) -> String;

    fn columns(&self) -> &[TableColumn];

    /// Hands over every row, in the order of the source. Rows are read as they are handed over: the
    /// table is never whole in memory where its format allows that.
    ///
    /// **Errors**: the source cannot be read, or is not of its form; what `take` answers.
    fn rows(
        &mut self,
        take: &mut dyn FnMut(Record<'_>) -> Result<(), TableError>,
    ) -> Result<(), TableError>;
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
