//! SQLite database files, read by one statement a table, and never written.
//!
//! Every value has the type that SQLite stores it with (integer, real, text or nothing), whatever
//! the column was declared as: a date is a text or a number, as whoever wrote it chose. A statement
//! may sort or group: that happens in memory, so that nothing of a patient reaches a temporary
//! file.

mod open;

use crate::error::TableError;
use crate::guard::guarded;
use crate::plain;
use crate::query::reads_only;
use crate::table::{CellError, Kind, Record, Scalar, Table, TableColumn};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Statement};
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, TryLockError};

pub(crate) use open::protect;

/// What the functions `number` and `day`, which statements over a folder may use, say of a text that
/// is none: no value is in it.
pub(crate) const NO_NUMBER: &str = "number(): expected digits, as -12.5";
pub(crate) const NO_DAY: &str = "day(): expected a day, as 2026-01-31, alone or before a time";

/// What stands for NaN, which SQLite does not have, in tables of a folder.
pub(crate) const NAN: &[u8] = b"NaN";

/// A step of the program that SQLite makes of a statement.
pub(crate) struct Opcode {
    pub name: String,
    pub p1: i64,
    pub p2: i64,
    pub p3: i64,
    pub p4: String,
}

/// An opened database. All tables of it see one state, that of the moment it was opened.
pub struct SqliteDatabase {
    shared: Arc<Shared>,
}

struct Shared {
    place: String,
    connection: Mutex<Connection>,
}

impl SqliteDatabase {
    /// Opens a file for reading, and holds its state until the last table is dropped.
    ///
    /// **Errors**: the file cannot be read, is no SQLite database, or is of the form that readers
    /// must write beside (WAL) while nobody has it open.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let place = path.display().to_string();
        Ok(Self::over(place, open::open(path)?))
    }

    pub(crate) fn over(place: String, connection: Connection) -> Self {
        let connection = Mutex::new(connection);
        Self {
            shared: Arc::new(Shared { place, connection }),
        }
    }

    /// A table of what one statement selects.
    ///
    /// **Errors**: SQLite refuses the statement; it is none that only reads; it has parameters; two
    /// of its columns have one name.
    pub fn table(&self, name: &str, sql: &str) -> Result<SqliteTable, TableError> {
        let shared = self.shared.clone();
        let place = format!("{}, table {name}", shared.place);
        let connection = shared.lock()?;
        let statement = shared.prepare(&connection, sql, &place)?;
        // The library takes it for granted that names are UTF-8.
        let columns = guarded(&place, || columns(&statement, &place))??;
        drop(statement);
        drop(connection);
        Ok(SqliteTable {
            shared,
            place,
            name: name.to_owned(),
            sql: sql.to_owned(),
            columns,
        })
    }
}

impl SqliteDatabase {
    /// The program of a statement.
    ///
    /// **Errors**: SQLite refuses the statement.
    pub(crate) fn opcodes(&self, sql: &str) -> Result<Vec<Opcode>, TableError> {
        let failed = |source| TableError::Format {
            place: self.shared.place.clone(),
            source: Box::new(source),
        };
        let connection = self.shared.lock()?;
        let explain = format!("EXPLAIN {sql}");
        let mut statement = connection.prepare(&explain).map_err(failed)?;
        let steps = statement.query_map([], |row| {
            Ok(Opcode {
                name: row.get(1)?,
                p1: row.get(2)?,
                p2: row.get(3)?,
                p3: row.get(4)?,
                p4: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
            })
        });
        steps
            .map_err(failed)?
            .collect::<Result<_, _>>()
            .map_err(failed)
    }
}

impl Shared {
    fn lock(&self) -> Result<MutexGuard<'_, Connection>, TableError> {
        match self.connection.try_lock() {
            Ok(guard) => Ok(guard),
            Err(TryLockError::Poisoned(poisoned)) => Ok(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => Err(TableError::Settings(vec![format!(
                "{}: a table of it is being read; read one after the other",
                self.place
            )])),
        }
    }

    fn prepare<'a>(
        &self,
        connection: &'a Connection,
        sql: &str,
        place: &str,
    ) -> Result<Statement<'a>, TableError> {
        let refuse = |what: &str| TableError::Malformed {
            place: place.to_owned(),
            what: what.to_owned(),
        };
        if !reads_only(sql) {
            return Err(refuse(
                "expected a statement that starts with SELECT, WITH or VALUES",
            ));
        }
        // What is said here is about the statement: no value was read yet.
        let statement = connection.prepare(sql).map_err(|source| match source {
            Error::MultipleStatement => refuse("expected one statement, got several"),
            source => TableError::Format {
                place: place.to_owned(),
                source: Box::new(source),
            },
        })?;
        if !statement.readonly() {
            return Err(refuse(
                "expected a statement that only reads, got one that writes",
            ));
        }
        if statement.parameter_count() != 0 {
            return Err(refuse(
                "expected a statement without parameters: write the values out",
            ));
        }
        Ok(statement)
    }
}

fn columns(statement: &Statement<'_>, place: &str) -> Result<Vec<TableColumn>, TableError> {
    let (mut seen, mut columns) = (HashSet::new(), Vec::new());
    for name in statement.column_names() {
        if !seen.insert(name) {
            return Err(TableError::Malformed {
                place: place.to_owned(),
                what: format!("two columns are named {name:?}: rename one with AS"),
            });
        }
        let (name, kind) = (name.to_owned(), Kind::Mixed);
        columns.push(TableColumn { name, kind });
    }
    Ok(columns)
}

/// What a statement selects.
pub struct SqliteTable {
    shared: Arc<Shared>,
    place: String,
    name: String,
    sql: String,
    columns: Vec<TableColumn>,
}

impl SqliteTable {
    /// What SQLite says may quote a value, so only its code is passed on, and the words of this
    /// program's own functions.
    fn failed(&self, row: u64, source: &Error) -> TableError {
        if let Error::SqliteFailure(_, Some(said)) = source
            && let Some(own) = [NO_NUMBER, NO_DAY].into_iter().find(|own| own == said)
        {
            return TableError::Malformed {
                place: format!("{}, row {row} or one that it is made of", self.place),
                what: own.to_owned(),
            };
        }
        let code = source.sqlite_error().map(|error| error.extended_code);
        let text = code.map_or("SQLite refused", rusqlite::ffi::code_to_str);
        TableError::Malformed {
            place: format!("{}, row {row}", self.place),
            what: format!("cannot be read: {text} (code {})", code.unwrap_or(-1)),
        }
    }
}

impl Table for SqliteTable {
    fn name(&self) -> &str {
        &self.name
    }

    fn place(&self) -> String {
        self.place.clone()
    }

    fn columns(&self) -> &[TableColumn] {
        &self.columns
    }

    fn rows(
        &mut self,
        take: &mut dyn FnMut(Record<'_>) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let connection = self.shared.lock()?;
        let mut statement = self.shared.prepare(&connection, &self.sql, &self.place)?;
        let mut rows = statement.raw_query();
        let mut cells = vec![Scalar::Null; self.columns.len()];
        for row in 1.. {
            let Some(found) = rows.next().map_err(|source| self.failed(row, &source))? else {
                break;
            };
            for (index, cell) in cells.iter_mut().enumerate() {
                let value = found
                    .get_ref(index)
                    .map_err(|source| self.failed(row, &source))?;
                *cell = scalar(value);
            }
            take(Record { cells: &cells, row })?;
        }
        Ok(())
    }
}

/// A value, or what stands in its place: an infinite number, bytes, a text that is none.
fn scalar(value: ValueRef<'_>) -> Scalar {
    let no_value = |expected| CellError { word: "", expected };
    match value {
        ValueRef::Null => Scalar::Null,
        ValueRef::Integer(number) => Scalar::Number(number.to_string()),
        ValueRef::Real(number) => plain::number64(number),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Scalar::Text(text.to_owned()),
            Err(_) => Scalar::Error(no_value("expected a text of UTF-8")),
        },
        ValueRef::Blob(NAN) => plain::no_number(f64::NAN),
        ValueRef::Blob(_) => Scalar::Error(no_value(
            "expected a number or a text, got bytes: leave it out, or select hex(...)",
        )),
    }
}

#[cfg(test)]
mod tests;
