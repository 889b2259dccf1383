//! How a database file is opened so that neither it nor the folder around it changes.

use crate::error::TableError;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Most bytes of one value.
const MAX_VALUE: i32 = 16 << 20;
const MARK: &[u8; 16] = b"SQLite format 3\0";

/// **Errors**: see [`super::SqliteDatabase::open`].
pub(super) fn open(path: &Path) -> Result<Connection, TableError> {
    check(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let failed = |source| TableError::Format {
        place: path.display().to_string(),
        source: Box::new(source),
    };
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    protect(&connection).map_err(failed)?;
    // A transaction that has read once holds its state for all tables.
    connection
        .execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")
        .map_err(failed)?;
    Ok(connection)
}

/// Rules for a database that others wrote: nothing in it runs by itself, nothing is written, no
/// other file is opened.
pub(crate) fn protect(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    // Else a misspelt "column" in double quotes would be a text of that name, in every row.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE)?;
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.execute_batch("PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;")?;
    connection.execute_batch("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;")
}

/// Reads the head of the file: its mark, and whether readers write beside it.
fn check(path: &Path) -> Result<(), TableError> {
    let io = |source| TableError::Io {
        path: path.to_owned(),
        source,
    };
    let refuse = |what: &str| {
        Err(TableError::Malformed {
            place: path.display().to_string(),
            what: what.to_owned(),
        })
    };
    let mut head = Vec::new();
    let file = File::open(path).map_err(io)?;
    file.take(20).read_to_end(&mut head).map_err(io)?;
    if !head.starts_with(MARK) || head.len() < 20 {
        return refuse("is no SQLite database");
    }
    // A reader of such a database makes the two files beside it where they are missing.
    let wal = head.get(18) == Some(&2) || head.get(19) == Some(&2);
    if wal && !(beside(path, "-wal").exists() && beside(path, "-shm").exists()) {
        return refuse(
            "uses a write-ahead log that is not open: reading would make files beside it; run \
             `PRAGMA journal_mode = DELETE` on it, or read a copy made with `VACUUM INTO`",
        );
    }
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
