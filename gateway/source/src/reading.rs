//! What reading a source takes and gives, whatever its format.

use super::pseudonym::{Pseudonym, PseudonymKey};
use super::reduce::DropCount;
use super::views::Views;
use std::path::{Path, PathBuf};

/// How much is read at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest JSON file. **Units**: bytes.
    pub json_bytes: u64,
    /// Largest CSV or NDJSON file. **Units**: bytes.
    pub stream_bytes: u64,
    /// Longest line of an NDJSON file. **Units**: bytes.
    pub line_bytes: u64,
}

impl Limits {
    /// 1 GiB of JSON, 64 GiB of lines, 16 MiB a line.
    pub const DEFAULT: Limits = Limits {
        json_bytes: 1 << 30,
        stream_bytes: 1 << 36,
        line_bytes: 1 << 24,
    };

    pub(crate) fn fhir(&self) -> medveil_fhir::Limits {
        medveil_fhir::Limits {
            json_bytes: self.json_bytes,
            stream_bytes: self.stream_bytes,
            line_bytes: self.line_bytes,
        }
    }
}

/// How far reading is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: usize,
    pub total: usize,
    /// The file that is read now.
    pub file: PathBuf,
}

/// A file that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    pub path: PathBuf,
    pub why: String,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRead {
    pub path: PathBuf,
    /// SHA-256 of the file as it lies on disk.
    pub digest: [u8; 32],
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    pub read: Vec<FileRead>,
    pub skipped: Vec<Skipped>,
}

/// A row before its values take the schema's type. No `Debug`: it is somebody's.
pub(crate) struct RawRow {
    pub pseudonym: Pseudonym,
    pub cells: Vec<Option<i64>>,
}

/// What was read, before values take the schema's type.
pub(crate) struct RawCohort {
    pub rows: Vec<RawRow>,
    pub counts: Vec<DropCount>,
    pub files: Files,
    /// The header that was taken for the subject, where the schema names none.
    pub guessed_subject: Option<String>,
}

/// One source that is read.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub path: &'a Path,
    pub key: &'a PseudonymKey,
    pub limits: &'a Limits,
    pub views: &'a Views,
    /// The day of reading, in days since 1970-01-01.
    pub today: i32,
    /// Whether values that their column refuses are gathered.
    pub gather: bool,
}
