//! What reading a source takes and gives, whatever its format.

use super::kept::KeptRows;
use super::problems::Problems;
use super::pseudonym::PseudonymKey;
use super::reduce::DropCount;
use super::views::Views;
use std::path::{Path, PathBuf};

pub use medveil_fhir::Limits;

/// How far reading is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Files, or tables, that are read.
    pub done: usize,
    pub total: usize,
    /// The file that is read now.
    pub file: PathBuf,
    /// What is read of the bytes of all files, and these; a file that is read twice counts twice.
    /// None where the source has no files.
    pub bytes: Option<(u64, u64)>,
}

/// Rows or resources between two words of progress.
pub(crate) const STRIDE: u64 = 4096;

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

/// What was read, before the schema's criteria.
pub(crate) struct RawCohort {
    /// In one word.
    pub kind: &'static str,
    pub rows: KeptRows,
    pub counts: Vec<DropCount>,
    pub files: Files,
    /// The header that was taken for the subject, where the schema names none.
    pub guessed_subject: Option<String>,
    pub problems: Problems,
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

/// Bytes of a file; 0 of anything else.
pub(crate) fn size(path: &Path) -> u64 {
    let file = std::fs::metadata(path).ok();
    file.filter(|file| file.is_file())
        .map_or(0, |file| file.len())
}
