//! What reading a source takes and gives, whatever its format.

use super::pseudonym::{Pseudonym, PseudonymKey};
use super::reduce::DropCount;
use super::views::Views;
use std::path::{Path, PathBuf};

pub use medveil_fhir::Limits;

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
