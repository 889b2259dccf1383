//! Why a source cannot be read. Messages name file, row or entry, and column; never a value.

use medveil_circuits::schema::ValueError;
use medveil_fhir::FhirError;
use medveil_sql_on_fhir::{RowError, ViewProblems};
use medveil_tables::TableError;
use std::path::PathBuf;

/// Why a source was refused. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("{}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The source does not fit this reader.
    #[error("{}: {what}", path.display())]
    Unsuitable { path: PathBuf, what: String },
    #[error("{}: expected at most {limit} bytes, got {size}", path.display())]
    TooLarge {
        path: PathBuf,
        limit: u64,
        size: u64,
    },
    #[error(transparent)]
    Table(TableError),
    #[error(transparent)]
    Fhir(#[from] FhirError),
    /// A file is no view, or not one that is read here.
    #[error("view {}", path.display())]
    ViewProblems {
        path: PathBuf,
        #[source]
        problems: ViewProblems,
    },
    /// A view has no answer for a resource.
    #[error("{place}: view {view}")]
    View {
        place: String,
        view: String,
        source: RowError,
    },
    /// What names a subject is not what its source had.
    #[error("{place}: {what}")]
    Identity { place: String, what: &'static str },
    /// A value does not fit its column, and the column refuses such values.
    #[error("{place}, column {column}: {expected}")]
    Value {
        /// File and row, or file and entry.
        place: String,
        column: String,
        expected: &'static str,
    },
    /// More rows than are numbered here.
    #[error("{place}: expected fewer than 4294967295 rows: share fewer")]
    TooMany { place: String },
    /// A value does not fit the schema.
    #[error("{}: a value does not fit the schema", path.display())]
    Unrepresentable { path: PathBuf, source: ValueError },
    /// Rows that the schema refuses.
    #[error(
        "{}: column {column}: expected TRUE in every row, because it is an inclusion criterion, got {rows} rows where it is not: \"outsiders\": \"leave_out\" in the schema leaves them out", path.display()
    )]
    Criterion {
        path: PathBuf,
        column: String,
        rows: usize,
    },
    #[error("{}: no row is left: {why}", path.display())]
    Empty { path: PathBuf, why: String },
    /// The schema cannot be read from this kind of source.
    #[error("schema: {}", .0.join("; "))]
    Schema(Vec<String>),
}

impl From<TableError> for SourceError {
    /// What a row met here comes back as it was.
    fn from(error: TableError) -> Self {
        match error {
            TableError::Taken(taken) => match taken.downcast::<SourceError>() {
                Ok(own) => *own,
                Err(other) => SourceError::Table(TableError::Taken(other)),
            },
            other => SourceError::Table(other),
        }
    }
}
