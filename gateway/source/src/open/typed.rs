//! Sources with types of their own. Each kind is a feature of the build.

use super::{OpenTable, Opened};
use crate::error::SourceError;
use crate::plan::Plan;
use std::path::Path;

#[cfg(not(all(
    feature = "excel",
    feature = "parquet",
    feature = "sqlite",
    feature = "dicom"
)))]
use super::left_out;

/// The sheets of a workbook.
#[cfg(feature = "excel")]
pub(super) fn workbook(path: &Path) -> Result<Vec<OpenTable>, SourceError> {
    use medveil_tables::excel::{ExcelLimits, Workbook};
    let book = Workbook::open(path, ExcelLimits::default())?;
    let mut tables = Vec::new();
    for sheet in book.sheets() {
        tables.push(OpenTable {
            path: path.to_owned(),
            table: Box::new(book.table(sheet)?),
        });
    }
    Ok(tables)
}

#[cfg(not(feature = "excel"))]
pub(super) fn workbook(path: &Path) -> Result<Vec<OpenTable>, SourceError> {
    Err(left_out(path, "workbooks", "excel"))
}

/// A Parquet or Arrow file: of its columns those that are read.
#[cfg(feature = "parquet")]
pub(super) fn columnar(path: &Path, plan: &Plan) -> Result<OpenTable, SourceError> {
    use medveil_tables::{ArrowTable, ParquetTable, Table};
    fn wanted(table: &dyn Table, plan: &Plan) -> Vec<String> {
        let names = table.columns().iter().map(|column| column.name.clone());
        names
            .filter(|name| plan.everything || plan.wants(name))
            .collect()
    }
    let table: Box<dyn Table> = match crate::kind::ending(path).as_deref() {
        Some("parquet") => {
            let table = ParquetTable::open(path)?;
            let names = wanted(&table, plan);
            Box::new(table.select(&names.iter().map(String::as_str).collect::<Vec<_>>())?)
        }
        _ => {
            let table = ArrowTable::open(path)?;
            let names = wanted(&table, plan);
            Box::new(table.select(&names.iter().map(String::as_str).collect::<Vec<_>>())?)
        }
    };
    Ok(OpenTable {
        path: path.to_owned(),
        table,
    })
}

#[cfg(not(feature = "parquet"))]
pub(super) fn columnar(path: &Path, _: &Plan) -> Result<OpenTable, SourceError> {
    Err(left_out(path, "Parquet and Arrow", "parquet"))
}

/// The tables of a query file: of PostgreSQL, of an SQLite file, or of the files beside it.
#[cfg(feature = "sqlite")]
pub(super) fn queries(path: &Path, limit: u64) -> Result<Opened, SourceError> {
    use medveil_tables::{Database, QueryFile, SqliteDatabase, Table};
    let file = QueryFile::read(path)?;
    let mut opened = Opened::default();
    let mut take = |table: Box<dyn Table>| {
        opened.tables.push(OpenTable {
            path: path.to_owned(),
            table,
        });
    };
    match &file.database {
        Database::Sqlite(database) => {
            let database = SqliteDatabase::open(database)?;
            for query in &file.queries {
                take(Box::new(database.table(&query.name, &query.sql)?));
            }
        }
        Database::Folder(folder) => {
            let database = folder_database(folder, limit)?;
            for query in &file.queries {
                take(Box::new(database.table(&query.name, &query.sql)?));
            }
        }
        Database::Postgres(address) => {
            for table in postgres(path, address, &file.queries)? {
                take(table);
            }
        }
    }
    Ok(opened)
}

#[cfg(not(feature = "sqlite"))]
pub(super) fn queries(path: &Path, _: u64) -> Result<Opened, SourceError> {
    Err(left_out(path, "queries", "sqlite"))
}

/// The tables of a folder in memory.
#[cfg(feature = "sqlite")]
fn folder_database(
    folder: &Path,
    limit: u64,
) -> Result<medveil_tables::FolderDatabase, SourceError> {
    use medveil_tables::csv::CsvSettings;
    use medveil_tables::{FolderDatabase, Table};
    let settings = medveil_tables::folder::FolderSettings::new(CsvSettings::default(), limit);
    let listed = medveil_tables::folder::Folder::open(folder, settings)?;
    let mut tables: Vec<(String, Box<dyn Table>)> = Vec::new();
    for table in listed.tables() {
        tables.push((table.name.clone(), listed.table(&table.name)?));
    }
    #[cfg(feature = "parquet")]
    for path in crate::files::list(folder)? {
        if crate::kind::ending(&path).as_deref() == Some("parquet") {
            let table = medveil_tables::ParquetTable::open(&path)?;
            tables.push((table.name().to_owned(), Box::new(table)));
        }
    }
    let settings = medveil_tables::FolderSettings::default();
    Ok(FolderDatabase::load(folder, &mut tables, settings)?)
}

/// The tables of a PostgreSQL database, in one read-only transaction. The password comes from
/// `PGPASSWORD` or a password file.
#[cfg(all(feature = "sqlite", feature = "postgres"))]
fn postgres(
    _: &Path,
    address: &str,
    queries: &[medveil_tables::Query],
) -> Result<Vec<Box<dyn medveil_tables::Table>>, SourceError> {
    use medveil_tables::{Password, PostgresAddress, PostgresDatabase, Table};
    /// Longest portion of a statement.
    const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3600);
    let environment = |name: &str| std::env::var(name).ok();
    let home = environment("HOME").map(std::path::PathBuf::from);
    let address = PostgresAddress::read(address, &environment)?;
    let password = Password::find(&address, &environment, home.as_deref())?;
    let database = PostgresDatabase::connect(&address, password.as_ref(), PATIENCE)?;
    let table = |query: &medveil_tables::Query| {
        let table = database.table(&query.name, &query.sql)?;
        Ok(Box::new(table) as Box<dyn Table>)
    };
    queries.iter().map(table).collect()
}

#[cfg(all(feature = "sqlite", not(feature = "postgres")))]
fn postgres(
    path: &Path,
    _: &str,
    _: &[medveil_tables::Query],
) -> Result<Vec<Box<dyn medveil_tables::Table>>, SourceError> {
    Err(super::left_out(path, "PostgreSQL", "postgres"))
}

/// The headers of DICOM files as one table: its columns are the tags that the schema names.
#[cfg(feature = "dicom")]
pub(super) fn dicom(path: &Path, plan: &Plan) -> Result<Opened, SourceError> {
    use crate::reading::Skipped;
    use medveil_tables::dicom::{DicomColumn, DicomLevel, DicomLimits, DicomSettings, DicomTable};
    let level = plan.level.as_deref().and_then(DicomLevel::of_word);
    let level = level.ok_or_else(|| {
        let expected = "source.level: expected study, series or instance".to_owned();
        SourceError::Schema(vec![expected])
    })?;
    let column = |header: String| DicomColumn {
        name: header.clone(),
        path: header,
        reduce: None,
    };
    let settings = DicomSettings {
        level,
        columns: plan.headers().into_iter().map(column).collect(),
    };
    let table = DicomTable::open(path, &settings, DicomLimits::default())?;
    let skipped = table.skipped().iter().map(|file| Skipped {
        path: file.path.clone(),
        why: file.reason.to_string(),
    });
    let skipped = skipped.collect();
    let table = OpenTable {
        path: path.to_owned(),
        table: Box::new(table),
    };
    Ok(Opened {
        tables: vec![table],
        skipped,
    })
}

#[cfg(not(feature = "dicom"))]
pub(super) fn dicom(path: &Path, _: &Plan) -> Result<Opened, SourceError> {
    Err(left_out(path, "DICOM", "dicom"))
}
