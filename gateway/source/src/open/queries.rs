//! Query files: tables of PostgreSQL, of an SQLite file, or of the files of a folder.

use super::Opened;
use crate::error::SourceError;
use crate::plan::Plan;
#[cfg(feature = "sqlite")]
use medveil_tables::csv::CsvSettings;
use std::collections::BTreeSet;
use std::path::Path;

#[cfg(feature = "sqlite")]
use {
    super::OpenTable,
    medveil_tables::folder::{Folder, FolderSettings as Files},
    medveil_tables::{Database, FolderDatabase, FolderSettings, Query, QueryFile},
    medveil_tables::{SqliteDatabase, Table},
    std::collections::BTreeMap,
    std::path::PathBuf,
};

#[cfg(not(all(feature = "sqlite", feature = "postgres")))]
use super::left_out;

/// The tables of a query file. Settings of text are for the files of a folder.
///
/// **Errors**: it cannot be read; what the database says; settings of text where none is.
#[cfg(feature = "sqlite")]
pub(super) fn open(path: &Path, limit: u64, plan: &Plan) -> Result<Opened, SourceError> {
    let file = QueryFile::read(path)?;
    // What a statement is answered from is whole, or there is no answer.
    let whole = |settings: &CsvSettings| CsvSettings {
        gather: false,
        ..settings.clone()
    };
    let text = whole(&plan.text_files);
    let of_tables = plan.tables.text_files().iter();
    let of_tables: BTreeMap<String, CsvSettings> = of_tables
        .map(|(table, own)| (table.clone(), whole(own)))
        .collect();
    let is_folder = matches!(file.database, Database::Folder(_));
    let has_words = text != CsvSettings::default() || !of_tables.is_empty();
    if !is_folder && has_words {
        let words = "source: delimiter, encoding, quote, skip_lines and trailing_delimiter are of files of text, and these queries read a database";
        return Err(SourceError::Schema(vec![words.to_owned()]));
    }
    if plan.zone.is_some() && !matches!(file.database, Database::Postgres(_)) {
        let words = "source.zone: only PostgreSQL has instants (timestamptz) whose day a zone tells: of a text with an offset, substr(x, 1, 10) is the day that was written";
        return Err(SourceError::Schema(vec![words.to_owned()]));
    }
    let mut opened = Opened::default();
    let mut take = |table: Box<dyn Table>| {
        opened.tables.push(OpenTable {
            path: path.to_owned(),
            table,
        });
    };
    match &file.database {
        Database::Sqlite(sqlite) => {
            let database = SqliteDatabase::open(sqlite)?;
            for query in &file.queries {
                take(Box::new(database.table(&query.name, &query.sql)?));
            }
            opened.selected.push(sqlite.clone());
        }
        Database::Folder(folder) => {
            let mut settings = Files::new(text, limit);
            settings.csv_of = of_tables;
            let (database, files) = load(folder, settings, &file.queries)?;
            for query in &file.queries {
                take(Box::new(database.table(&query.name, &query.sql)?));
            }
            opened.selected = files;
        }
        Database::Postgres(address) => {
            for table in postgres(path, (address, plan.zone.as_deref()), &file.queries)? {
                take(table);
            }
        }
    }
    Ok(opened)
}

#[cfg(not(feature = "sqlite"))]
pub(super) fn open(path: &Path, _: u64, _: &Plan) -> Result<Opened, SourceError> {
    Err(left_out(path, "queries", "sqlite"))
}

/// What statements name of the tables of a folder, in memory; and the files that it came from.
#[cfg(feature = "sqlite")]
fn load(
    folder: &Path,
    settings: Files,
    queries: &[Query],
) -> Result<(FolderDatabase, Vec<PathBuf>), SourceError> {
    let listed = Folder::open(folder, settings)?;
    let (mut tables, mut files): (Vec<(String, Box<dyn Table>)>, _) = (Vec::new(), Vec::new());
    let names = |name: &str| queries.iter().any(|query| may_name(&query.sql, name));
    let takes_all = queries.iter().any(|query| may_take_all(&query.sql));
    let column = |name: &str| takes_all || names(name);
    for table in listed.tables().iter().filter(|table| names(&table.name)) {
        tables.push((table.name.clone(), listed.table(&table.name)?));
        files.push(table.path.clone());
    }
    #[cfg(feature = "parquet")]
    for path in crate::files::list(folder)?.files {
        if crate::kind::ending(&path).as_deref() == Some("parquet") {
            let table = medveil_tables::ParquetTable::open(&path)?;
            if names(table.name()) {
                let all = table.columns().iter().map(|column| column.name.clone());
                let wanted: Vec<String> = all.filter(|name| column(name)).collect();
                // Pages of others are not read.
                let table = match wanted.iter().map(String::as_str).collect::<Vec<_>>() {
                    none if none.is_empty() => table,
                    wanted => table.select(&wanted)?,
                };
                tables.push((table.name().to_owned(), Box::new(table)));
                files.push(path);
            }
        }
    }
    let settings = FolderSettings::default();
    let database = FolderDatabase::load_columns(folder, &mut tables, settings, &column)?;
    Ok((database, files))
}

/// Whether a statement may name a table or a column, in letters of any case.
#[cfg(feature = "sqlite")]
fn may_name(sql: &str, name: &str) -> bool {
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let (sql, name) = (sql.to_lowercase(), name.to_lowercase());
    match name.chars().all(is_of_word) {
        true => sql.split(|c| !is_of_word(c)).any(|word| word == name),
        // In quotes, where a quote may stand doubled.
        false => sql.contains(&name) || sql.contains(&name.replace('"', "\"\"")),
    }
}

/// Whether a statement may take columns that it does not name.
#[cfg(feature = "sqlite")]
fn may_take_all(sql: &str) -> bool {
    let sql = sql.to_lowercase().replace("count(*)", "");
    sql.contains('*') || may_name(&sql, "natural") || may_name(&sql, "table")
}

/// The tables of a PostgreSQL database, in one read-only transaction.
#[cfg(all(feature = "sqlite", feature = "postgres"))]
fn postgres(
    _: &Path,
    (address, zone): (&str, Option<&str>),
    queries: &[Query],
) -> Result<Vec<Box<dyn Table>>, SourceError> {
    let database = connect(address, zone)?;
    let table = |query: &Query| {
        let table = database.table(&query.name, &query.sql)?;
        Ok(Box::new(table) as Box<dyn Table>)
    };
    queries.iter().map(table).collect()
}

/// The password comes from `PGPASSWORD` or a password file.
#[cfg(all(feature = "sqlite", feature = "postgres"))]
fn connect(
    address: &str,
    zone: Option<&str>,
) -> Result<medveil_tables::PostgresDatabase, SourceError> {
    use medveil_tables::{Password, PostgresAddress, PostgresDatabase};
    /// Longest portion of a statement.
    const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3600);
    let environment = |name: &str| std::env::var(name).ok();
    let home = environment("HOME").map(PathBuf::from);
    let address = PostgresAddress::read(address, &environment)?;
    let password = Password::find(&address, &environment, home.as_deref())?;
    let database = PostgresDatabase::connect(&address, password.as_ref(), PATIENCE, zone)?;
    Ok(database)
}

#[cfg(all(feature = "sqlite", not(feature = "postgres")))]
fn postgres(
    path: &Path,
    _: (&str, Option<&str>),
    _: &[Query],
) -> Result<Vec<Box<dyn Table>>, SourceError> {
    Err(left_out(path, "PostgreSQL", "postgres"))
}

/// Which of these tables the role's search path finds.
#[cfg(all(feature = "sqlite", feature = "postgres"))]
pub(super) fn names(address: &str, wanted: &[&str]) -> Result<BTreeSet<String>, SourceError> {
    use medveil_tables::Scalar;
    let list: Vec<String> = wanted.iter().map(|name| format!("('{name}')")).collect();
    let list = list.join(", ");
    let sql =
        format!("SELECT name FROM (VALUES {list}) v (name) WHERE to_regclass(name) IS NOT NULL");
    let (mut names, mut table) = (
        BTreeSet::new(),
        connect(address, None)?.table("names", &sql)?,
    );
    table.rows(&mut |record| {
        if let [Scalar::Text(name)] = record.cells {
            names.insert(name.clone());
        }
        Ok(())
    })?;
    Ok(names)
}

#[cfg(not(all(feature = "sqlite", feature = "postgres")))]
pub(super) fn names(address: &str, _: &[&str]) -> Result<BTreeSet<String>, SourceError> {
    Err(left_out(address.as_ref(), "PostgreSQL", "postgres"))
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;

    #[test]
    fn what_a_statement_may_name_is_never_left_out() {
        let sql = "SELECT Visit_ID, count(*) FROM \"my \"\"visits\" v WHERE v.kind=1";
        for name in ["visit_id", "VISIT_ID", "my \"visits", "kind", "v"] {
            assert!(may_name(sql, name), "{name}");
        }
        for name in ["visit", "id", "visits2", "kin"] {
            assert!(!may_name(sql, name), "{name}");
        }
        assert!(!may_take_all(sql));
        for sql in [
            "SELECT * FROM t",
            "SELECT a.* FROM a",
            "SELECT 1 FROM a NATURAL JOIN b",
            "TABLE t",
        ] {
            assert!(may_take_all(sql), "{sql}");
        }
    }
}
