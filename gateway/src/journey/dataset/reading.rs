//! The reading report of a dataset: what was read, what was left out and why.
//!
//! It says of a reading what no proof can: a holder is bound to it, since its root enters the dataset's
//! root. It opens part by part. A recipient gets the parts of its own columns with their keys; names
//! of files stay with the holder, who opens them to whom it likes.

mod content;
mod open;
mod sealed;
#[cfg(test)]
mod tests;

pub use content::{
    ColumnReading, FilesReading, Part, ReasonCount, SourceFile, ViewRead, WholeReading,
};
pub(super) use content::{Report, ReportInput};
pub(super) use open::leaves_of;
pub use open::{OpenPart, OpenReport};
pub(super) use sealed::{OwnPart, opened, sealed};

use crate::classify::{Classify, Kind};
use medveil_circuits::field::Digest;
use medveil_contract::judge::JudgeError;
use medveil_custody::sealing::SealingError;

/// Why a reading report cannot be made, read or opened.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("{part}: expected at most 64 KiB when sealed")]
    TooLong { part: String },
    #[error(
        "part {index}: does not open with the keys of the grant: the holder registered something else"
    )]
    Sealed { index: usize, source: SealingError },
    #[error("part {index}: does not open its commitment: the holder registered something else")]
    Commitment { index: usize },
    #[error("part {index}: expected the canonical JSON of a part of this place")]
    Content { index: usize },
    #[error("the parts lead to another root than {expected}: changed, or of another dataset")]
    Root { expected: Digest },
    #[error("expected the JSON of a reading report (`dataset report --out`)")]
    Form(#[source] serde_json::Error),
    #[error("JSON")]
    Json(#[source] serde_json::Error),
    #[error("no part of the name {0}: expected `whole`, `files` or `column:NAME`")]
    NoPart(String),
    /// What is stored is not what was registered.
    #[error(transparent)]
    Unbound(#[from] JudgeError),
}

impl Classify for ReportError {
    fn kind(&self) -> Kind {
        match self {
            ReportError::TooLong { .. } | ReportError::Form(_) | ReportError::NoPart(_) => {
                Kind::Input
            }
            ReportError::Sealed { .. }
            | ReportError::Commitment { .. }
            | ReportError::Content { .. }
            | ReportError::Root { .. }
            | ReportError::Unbound(_) => Kind::Refused,
            ReportError::Json(_) => Kind::Internal,
        }
    }
}
