//! What reading a source takes and gives, whatever its format.

use super::pseudonym::{Pseudonym, PseudonymKey};
use super::reduce::DropCount;
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

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// How many files were read.
    pub read: usize,
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
    pub dropped: Vec<DropCount>,
    pub files: Files,
}

/// One source that is read.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub path: &'a Path,
    pub key: &'a PseudonymKey,
    pub limits: &'a Limits,
}
