//! Why a source could not be read. Never holds a value of it.

use std::path::PathBuf;

/// Why a source could not be read. Never holds a value of it.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("{}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The file is not of its format, or breaks a rule of it.
    #[error("{place}: {what}")]
    Malformed {
        /// File and row, as `visits.csv, row 12`.
        place: String,
        what: String,
    },
    /// A library that reads the format refused.
    #[error("{place}")]
    Format {
        place: String,
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Settings that do not fit the source, all at once.
    #[error("{}", .0.join("\n"))]
    Settings(Vec<String>),
    /// What the caller answered to a row.
    #[error(transparent)]
    Taken(Box<dyn std::error::Error + Send + Sync>),
}
