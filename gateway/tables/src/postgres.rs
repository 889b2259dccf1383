//! PostgreSQL: what statements select in one read-only transaction.
//!
//! All tables of a [`PostgresDatabase`] see one state of the database. Rows arrive in portions of
//! some thousands, and are passed on one at a time. A thread of its own talks with the server, so
//! that callers need no asynchronous code, and may have some.
//!
//! The transaction writes nothing, but a function that the server offers may do more than read:
//! connect as a role that may only select.

mod address;
mod decode;
mod password;
mod session;
mod tls;

use crate::error::TableError;
use crate::table::{Record, Table, TableColumn};
use crate::zone::Clock;
pub use address::PostgresAddress;
pub use password::Password;
use session::{Prepared, Session};
use std::sync::Arc;
use std::time::Duration;

/// A connection with an open transaction, closed with the last of its tables.
pub struct PostgresDatabase {
    session: Arc<Session>,
    place: String,
}

impl PostgresDatabase {
    /// Connects, and begins a transaction: `REPEATABLE READ, READ ONLY`. `statement_timeout` is
    /// how long the server works on one portion of rows before it gives up; zero is no bound.
    /// `zone`, as `Europe/Berlin`, says whose clocks tell the day of an instant (`timestamptz`): in the
    /// values that arrive, and in what statements make of them. Without it such columns are refused.
    ///
    /// **Errors**: a zone that is not known; the server is not reached, or refuses; encryption is
    /// asked for and not had.
    pub fn connect(
        address: &PostgresAddress,
        password: Option<&Password>,
        statement_timeout: Duration,
        zone: Option<&str>,
    ) -> Result<Self, TableError> {
        let place = address.place();
        let zone = zone.map(|name| named(name, &place)).transpose()?;
        let session = Session::start(address, password, statement_timeout, zone)?;
        let session = Arc::new(session);
        Ok(Self { session, place })
    }

    /// A table of what one statement selects.
    ///
    /// **Errors**: the server refuses the statement; it is none that only reads; it has parameters;
    /// two of its columns have one name; columns of types that cannot be read, all at once.
    pub fn table(&self, name: &str, sql: &str) -> Result<PostgresTable, TableError> {
        let place = format!("{}, table {name}", self.place);
        let Prepared { number, columns } = self.session.prepare(sql, &place)?;
        Ok(PostgresTable {
            session: self.session.clone(),
            number,
            name: name.to_owned(),
            place,
            columns,
        })
    }
}

/// A zone and its name.
///
/// **Errors**: it is not known.
fn named(name: &str, place: &str) -> Result<(String, Clock), TableError> {
    let clock = Clock::of_place(name).ok_or_else(|| {
        TableError::Settings(vec![format!(
            "{place}: zone: expected the name of a zone, such as Europe/Berlin or UTC"
        )])
    })?;
    Ok((name.to_owned(), clock))
}

/// What a statement selects.
pub struct PostgresTable {
    session: Arc<Session>,
    number: usize,
    name: String,
    place: String,
    columns: Vec<TableColumn>,
}

impl Table for PostgresTable {
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
        let portions = self.session.rows(self.number, &self.place)?;
        let width = self.columns.len().max(1);
        let mut row = 0;
        loop {
            let Some(portion) = session::next(&portions, &self.place)? else {
                return Ok(());
            };
            for cells in portion.chunks_exact(width) {
                row += 1;
                take(Record { cells, row })?;
            }
        }
    }
}

#[cfg(test)]
mod tests;
