//! Why a source cannot be read. Messages name file, row or entry, and column; never a value.

use std::path::PathBuf;

/// Why a source was refused. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The source does not fit this reader.
    #[error("{}: {what}", path.display())]
    Unsuitable {
        /// Which file or folder.
        path: PathBuf,
        /// What was expected.
        what: String,
    },
    /// A file is too large.
    #[error("{}: expected at most {limit} bytes, got {size}", path.display())]
    TooLarge {
        /// Which file.
        path: PathBuf,
        /// The limit.
        limit: u64,
        /// Its size.
        size: u64,
    },
    /// A file is not what its name says.
    #[error("{}: {what}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// What is wrong, and at which line.
        what: String,
    },
    /// A value does not fit its column, and the column refuses such values.
    #[error("{place}, column {column}: {expected}")]
    Value {
        /// File and row, or file and entry.
        place: String,
        /// Which column.
        column: String,
        /// What was expected.
        expected: &'static str,
    },
    /// Two files hold different people under one id.
    #[error("{} and {}: different patients share an id, and no full URL tells their servers apart: read them one server at a time", first.display(), second.display())]
    SamePatientId {
        /// One file.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// Nothing is left.
    #[error("{}: no row is left: {why}", path.display())]
    Empty {
        /// Which file or folder.
        path: PathBuf,
        /// What was found instead.
        why: String,
    },
    /// The schema cannot be read from this kind of source.
    #[error("schema: {}", .0.join("; "))]
    Schema(Vec<String>),
}
