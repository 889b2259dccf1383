//! Why a set of FHIR files cannot be read. Messages name file and entry, and never a value.

use crate::json::JsonError;
use std::path::{Path, PathBuf};

/// Why a set of files was refused. Nothing was handed over, or what was is to be thrown away.
#[derive(Debug, thiserror::Error)]
pub enum FhirError {
    #[error("{}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: expected at most {limit} bytes, got more", path.display())]
    TooLarge { path: PathBuf, limit: u64 },
    /// A file is not what its name says.
    #[error("{}: {what}", path.display())]
    Malformed { path: PathBuf, what: String },
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
    /// An entry of a Bundle is not one that is read.
    #[error("{}: entry {entry}: {why}", path.display())]
    JsonEntry {
        path: PathBuf,
        entry: u64,
        why: &'static str,
    },
    /// Another release of FHIR.
    #[error(
        "{place}: expected FHIR R4, R4B or R5, got {release} ({hint}): export the data as R4 or later"
    )]
    Release {
        place: String,
        release: &'static str,
        /// The field or statement that says so.
        hint: &'static str,
    },
    /// Two places of one set are of different releases.
    #[error(
        "{first} is FHIR {first_release} ({first_hint}) and {second} is FHIR {second_release} ({second_hint}): expected one release in a set: read them one release at a time"
    )]
    Releases {
        first: String,
        first_release: &'static str,
        first_hint: &'static str,
        second: String,
        second_release: &'static str,
        second_hint: &'static str,
    },
    /// Two states of one resource, and nothing says which is the later.
    #[error(
        "{first} and {second}: two states of one {resource_type}, and neither versionId, lastUpdated nor the exports say which is the later: leave one out, or export with meta"
    )]
    Unordered {
        resource_type: String,
        first: String,
        second: String,
    },
    /// Two people under one id.
    #[error(
        "{first} and {second}: one Patient id, and name, sex or birth date contradict: read them one server at a time, or export with full URLs"
    )]
    SamePatientId { first: String, second: String },
    /// One id with and without a server, in a set of several servers.
    #[error(
        "{first} and {second}: one {resource_type} id, once of a server and once of none, in a set of several servers: read them one server at a time"
    )]
    AmbiguousBase {
        resource_type: String,
        first: String,
        second: String,
    },
    #[error("{}: changed while it was read: read the set again", path.display())]
    Changed { path: PathBuf },
    #[error("{}: no patient to read: {why}", path.display())]
    Empty { path: PathBuf, why: String },
    #[error("{}: expected at most {limit} {what}", path.display())]
    TooMany {
        path: PathBuf,
        what: &'static str,
        limit: u64,
    },
}

impl FhirError {
    /// Whether it is of what stands in the files, so that others may stand beside it.
    pub(crate) fn is_of_data(&self) -> bool {
        !matches!(
            self,
            FhirError::Changed { .. } | FhirError::TooMany { .. } | FhirError::Empty { .. }
        )
    }

    /// Where it stands, and what is wrong there.
    pub fn place_and_words(&self) -> (String, String) {
        let of = |path: &Path| path.display().to_string();
        match self {
            FhirError::Io { path, source } => (of(path), source.to_string()),
            FhirError::Malformed { path, what } => (of(path), what.clone()),
            FhirError::Json { path, source } => (of(path), source.to_string()),
            FhirError::JsonLine { path, line, source } => (
                format!("{}, line {line}", of(path)),
                source.why().to_owned(),
            ),
            FhirError::JsonEntry { path, entry, why } => {
                (format!("{}, entry {entry}", of(path)), (*why).to_owned())
            }
            FhirError::Release { place, .. } => (place.clone(), self.behind(place)),
            FhirError::Releases { second, .. } => (second.clone(), self.to_string()),
            FhirError::Unordered { first, .. }
            | FhirError::SamePatientId { first, .. }
            | FhirError::AmbiguousBase { first, .. } => (first.clone(), self.to_string()),
            FhirError::TooLarge { path, .. }
            | FhirError::Changed { path }
            | FhirError::Empty { path, .. }
            | FhirError::TooMany { path, .. } => (of(path), self.behind(&of(path))),
        }
    }

    /// The words behind a place.
    fn behind(&self, place: &str) -> String {
        let words = self.to_string();
        let rest = words.strip_prefix(place).unwrap_or(&words);
        rest.trim_start_matches(": ").to_owned()
    }
}

/// What was met and not read.
#[derive(Debug)]
pub struct Fault {
    pub error: FhirError,
    /// Nothing behind it in its file was read.
    pub ends_file: bool,
}

/// The first of all faults listed, all counted.
#[derive(Debug, Default)]
pub struct Faults {
    /// At most a thousand.
    pub listed: Vec<Fault>,
    pub count: u64,
}

impl Faults {
    const MOST: usize = 1000;

    pub(crate) fn add(&mut self, error: FhirError, ends_file: bool) {
        self.count += 1;
        if self.listed.len() < Self::MOST {
            self.listed.push(Fault { error, ends_file });
        }
    }
}
