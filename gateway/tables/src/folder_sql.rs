//! SQL over the files of a folder: their tables are copied into a database in memory.
//!
//! - Texts, dates and times become texts; booleans 1 and 0; nothing stays nothing.
//! - A number becomes an integer where it is whole and fits 64 bits, else a real where that says it
//!   back in the same digits (`0.1` does; zeros at the end are dropped). Any other number is
//!   refused, or kept as a text when that is asked for: it then comes out unchanged, and SQL
//!   compares it as a text.
//! - NaN and the infinities stay what they are, and come out as errors of their cells. No statement
//!   calculates with NaN.
//! - Files without types, such as CSV, give texts, and SQL compares them as texts: `'9' > '10'`.
//!   `number(x)` reads a text as a number, and fails where it is none; `CAST` would make it 0.
//!   `day(x)` is the day of a date with or without a time, to be compared; it fails likewise.
//!
//! **Cost**: about 1 byte a cell and what it holds: 0 to 8 bytes for a number, the bytes of a text;
//! and about 10 bytes a row (measured: 11 bytes a cell in all). The sum is
//! bounded by [`FolderSettings::bytes`].

mod nan;
mod values;

use crate::error::TableError;
use crate::sqlite::{SqliteDatabase, SqliteTable, protect};
use crate::table::{Kind, Scalar, Table, TableColumn};
use rusqlite::{Connection, ErrorCode, params_from_iter};
use std::collections::{BTreeSet, HashSet};
use std::path::Path;

const PAGE: u64 = 4096;

/// What happens to a number that neither 64-bit form of SQLite says exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LongNumbers {
    #[default]
    Refuse,
    /// Kept as a text, in every digit; SQL compares it as a text.
    Text,
}

/// How tables are loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FolderSettings {
    /// Most memory that the tables take.
    ///
    /// **Units**: bytes.
    pub bytes: u64,
    pub long_numbers: LongNumbers,
}

impl Default for FolderSettings {
    fn default() -> Self {
        Self {
            bytes: 4 << 30,
            long_numbers: LongNumbers::Refuse,
        }
    }
}

/// Tables in memory, to be selected from.
pub struct FolderDatabase {
    database: SqliteDatabase,
    place: String,
    /// Columns of any table that have NaN.
    nan: BTreeSet<String>,
}

impl FolderDatabase {
    /// Copies every table under its name. `folder` is for messages.
    ///
    /// **Errors**: two tables, or two columns of one, whose names differ in case at most; a number
    /// that is refused; more memory than the settings allow; what a table says.
    pub fn load(
        folder: &Path,
        tables: &mut [(String, Box<dyn Table>)],
        settings: FolderSettings,
    ) -> Result<Self, TableError> {
        Self::load_columns(folder, tables, settings, &|_| true)
    }

    /// The same of some columns of every table: the others are not there for SQL. A table of which
    /// none is wanted keeps all.
    ///
    /// **Errors**: see [`Self::load`].
    pub fn load_columns(
        folder: &Path,
        tables: &mut [(String, Box<dyn Table>)],
        settings: FolderSettings,
        wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Self, TableError> {
        let place = folder.display().to_string();
        names(tables, &place)?;
        let failed = |source| failed(&place, &source);
        let connection = Connection::open_in_memory().map_err(failed)?;
        let pages = (settings.bytes / PAGE).clamp(16, 4_294_967_294);
        let pragmas = format!(
            "PRAGMA page_size = {PAGE}; PRAGMA max_page_count = {pages}; PRAGMA journal_mode = OFF;"
        );
        connection.execute_batch(&pragmas).map_err(failed)?;
        values::functions(&connection).map_err(failed)?;
        let mut nan = BTreeSet::new();
        for (name, table) in tables {
            nan.extend(copy(&connection, name, table.as_mut(), settings, wanted)?);
        }
        protect(&connection).map_err(failed)?;
        Ok(Self {
            database: SqliteDatabase::over(place.clone(), connection),
            place,
            nan,
        })
    }

    /// A table of what one statement selects; its columns are [`Kind::Mixed`].
    ///
    /// **Errors**: see [`SqliteDatabase::table`]; the statement calculates with a column that has NaN.
    pub fn table(&self, name: &str, sql: &str) -> Result<SqliteTable, TableError> {
        let table = self.database.table(name, sql)?;
        self.check_nan(name, sql)?;
        Ok(table)
    }
}

/// SQL does not tell large letters from small ones.
fn names(tables: &[(String, Box<dyn Table>)], place: &str) -> Result<(), TableError> {
    let (mut seen, mut wrong) = (HashSet::new(), Vec::new());
    for (name, table) in tables {
        if !seen.insert(name.to_lowercase()) {
            wrong.push(format!(
                "{place}: two tables are named {name:?} in SQL: rename one"
            ));
        }
        if name.to_lowercase().starts_with("sqlite_") || name.contains('\0') {
            wrong.push(format!(
                "{place}: SQL cannot name a table {name:?}: rename it"
            ));
        }
        if table.columns().is_empty() || table.columns().len() > 2000 {
            let count = table.columns().len();
            wrong.push(format!(
                "{}: expected 1 to 2000 columns, got {count}",
                table.place()
            ));
        }
        let mut columns = HashSet::new();
        for column in table.columns() {
            if !columns.insert(column.name.to_lowercase()) || column.name.contains('\0') {
                let (place, name) = (table.place(), &column.name);
                wrong.push(format!(
                    "{place}: two columns are named {name:?} in SQL: rename one"
                ));
            }
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(TableError::Settings(wrong))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The declared type says how SQL compares a column with one of another type, and stores what it is
/// given: see "affinity" in SQLite's manual.
fn declared(column: &TableColumn, settings: FolderSettings) -> String {
    let kind = match column.kind {
        Kind::Number if settings.long_numbers == LongNumbers::Refuse => "NUMERIC",
        Kind::Bool => "INTEGER",
        Kind::Text | Kind::Date | Kind::Time => "TEXT",
        Kind::Number | Kind::Mixed => "BLOB",
    };
    format!("{} {kind}", quoted(&column.name))
}

/// Copies a table, and says which of its columns have NaN.
fn copy(
    connection: &Connection,
    name: &str,
    table: &mut dyn Table,
    settings: FolderSettings,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<BTreeSet<String>, TableError> {
    let place = table.place();
    let all = table.columns().iter().cloned().enumerate();
    let mut columns: Vec<(usize, TableColumn)> = all.clone().collect();
    columns.retain(|(_, column)| wanted(&column.name));
    if columns.is_empty() {
        columns = all.collect();
    }
    let declared: Vec<_> = columns.iter().map(|(_, c)| declared(c, settings)).collect();
    let marks = vec!["?"; columns.len()].join(", ");
    let create = format!(
        "CREATE TABLE {} ({}); BEGIN",
        quoted(name),
        declared.join(", ")
    );
    let insert = format!("INSERT INTO {} VALUES ({marks})", quoted(name));
    connection
        .execute_batch(&create)
        .map_err(|e| failed(&place, &e))?;
    let mut insert = connection
        .prepare(&insert)
        .map_err(|e| failed(&place, &e))?;
    let (mut bound, mut nan) = (Vec::with_capacity(columns.len()), BTreeSet::new());
    table.rows(&mut |record| {
        bound.clear();
        let place = || format!("{place}, row {}", record.row);
        for (at, column) in &columns {
            let cell = record.cells.get(*at).unwrap_or(&Scalar::Null);
            let value = values::bind(cell, column.kind, settings.long_numbers);
            let value = value.map_err(|what| TableError::Malformed {
                place: place(),
                what: format!("column {:?}: {what}", column.name),
            })?;
            if value.is_nan() && !nan.contains(&column.name) {
                nan.insert(column.name.clone());
            }
            bound.push(value);
        }
        let done = insert.execute(params_from_iter(&bound));
        done.map(|_| ()).map_err(|source| failed(&place(), &source))
    })?;
    connection
        .execute_batch("COMMIT")
        .map_err(|e| failed(&place, &e))?;
    Ok(nan)
}

/// What SQLite says may quote a value, so only its code is passed on.
fn failed(place: &str, source: &rusqlite::Error) -> TableError {
    let what = match source.sqlite_error() {
        Some(error) if error.code == ErrorCode::DiskFull => {
            "the tables of the folder need more memory than allowed: raise the bound, or leave \
             columns out"
                .to_owned()
        }
        Some(error) => {
            let text = rusqlite::ffi::code_to_str(error.extended_code);
            format!("cannot be loaded: {text} (code {})", error.extended_code)
        }
        None => "cannot be loaded".to_owned(),
    };
    let place = place.to_owned();
    TableError::Malformed { place, what }
}

#[cfg(test)]
mod tests;
