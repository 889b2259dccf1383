//! Why a source cannot be read. Messages name file, row or entry, and column; never a value.

use super::json::JsonError;
use medveil_circuits::schema::ValueError;
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
    /// A file is not what its name says.
    #[error("{}: {what}", path.display())]
    Malformed {
        path: PathBuf,
        /// What is wrong, and at which line.
        what: String,
    },
    /// A file is not JSON, or more of it than is read.
    #[error("{}", path.display())]
    Json { path: PathBuf, source: JsonError },
    /// A line of a file is not JSON, or more of it than is read.
    #[error("{}: line {line}", path.display())]
    JsonLine {
        path: PathBuf,
        line: u64,
        source: JsonError,
    },
    /// A value does not fit its column, and the column refuses such values.
    #[error("{place}, column {column}: {expected}")]
    Value {
        /// File and row, or file and entry.
        place: String,
        column: String,
        expected: &'static str,
    },
    /// A value does not fit the schema.
    #[error("{}: a value does not fit the schema", path.display())]
    Unrepresentable { path: PathBuf, source: ValueError },
    /// Two files hold different people under one id.
    #[error("{} and {}: different patients share an id, and no full URL tells their servers apart: read them one server at a time", first.display(), second.display())]
    SamePatientId { first: PathBuf, second: PathBuf },
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
