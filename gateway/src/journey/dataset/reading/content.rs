//! What a reading report says, part by part.

use super::super::{DatasetError, SkippedFile};
use super::ReportError;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::Day;
use medveil_circuits::schema::Schema;
use medveil_contract::judge::reading::{FILES, FIRST_COLUMN, WHOLE};
use medveil_source::{Cohort, DropCount, Fate, FileRead, PseudonymKey, Skipped, VERSIONS, Views};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// One part of a reading report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "part", rename_all = "snake_case", deny_unknown_fields)]
pub enum Part {
    Whole(WholeReading),
    Files(FilesReading),
    Column(ColumnReading),
}

/// What was read as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WholeReading {
    /// The day of reading, in days since 1970-01-01: what is dated later did not count.
    #[schemars(with = "u32")]
    pub day: Day,
    /// `fhir`, `csv`, `tables`, `sql` or `dicom`.
    pub kind: String,
    /// Versions of what decided about values.
    pub versions: BTreeMap<String, String>,
    /// Views (SQL on FHIR) that made tables of FHIR.
    pub views: Vec<ViewRead>,
    /// Files that were read.
    pub files: u64,
    /// Files that were not read.
    pub skipped: u64,
    pub rows: u64,
    /// Different people.
    pub subjects: u64,
    /// The header that was taken for the subject, where the schema names none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub subject_header: Option<String>,
    /// Rows, resources and people that were left out.
    pub counts: Vec<ReasonCount>,
    /// Losses that were accepted: `skipped`, `subjects`.
    pub accepted: Vec<String>,
}

/// A view, and the SHA-256 of its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ViewRead {
    pub name: String,
    #[schemars(with = "String")]
    pub sha256: Digest,
}

/// What became of a column's values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ColumnReading {
    pub column: String,
    /// Rows that have a value.
    pub present: u64,
    pub counts: Vec<ReasonCount>,
    /// Whether no value is left, and that was accepted.
    pub accepted: bool,
}

/// How often something became of values, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReasonCount {
    /// `left_out`, `unresolved` (nobody's) or `kept` (changed as the schema says).
    pub fate: String,
    pub reason: String,
    pub count: u64,
}

/// Names of files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilesReading {
    pub read: Vec<SourceFile>,
    pub skipped: Vec<SkippedFile>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceFile {
    pub file: String,
    /// Keyed digest of its SHA-256: the holder alone can say which file it was.
    #[schemars(with = "String")]
    pub digest: Digest,
}

impl Part {
    /// The name that commands know it by: `whole`, `files`, `column:NAME`.
    pub fn name(&self) -> String {
        match self {
            Part::Whole(_) => "whole".to_owned(),
            Part::Files(_) => "files".to_owned(),
            Part::Column(column) => format!("column:{}", column.column),
        }
    }

    /// Reads a part that stands in a place.
    ///
    /// **Errors**: another form, another place, or not canonical.
    pub fn read(index: usize, content: &[u8]) -> Result<Self, ReportError> {
        let refuse = || ReportError::Content { index };
        let part: Part = serde_json::from_slice(content).map_err(|_| refuse())?;
        let fits = match part {
            Part::Whole(_) => index == WHOLE,
            Part::Files(_) => index == FILES,
            Part::Column(_) => index >= FIRST_COLUMN,
        };
        match fits && part.to_canonical()? == content {
            true => Ok(part),
            false => Err(refuse()),
        }
    }

    fn to_canonical(&self) -> Result<Vec<u8>, ReportError> {
        serde_json_canonicalizer::to_vec(self).map_err(ReportError::Json)
    }
}

/// What a report is made of.
pub struct ReportInput<'a> {
    pub source: &'a Path,
    pub schema: &'a Schema,
    pub cohort: &'a Cohort,
    pub views: &'a Views,
    pub key: &'a PseudonymKey,
    pub today: Day,
    /// The losses that were accepted.
    pub accepted: &'a [String],
}

/// A report before it is sealed.
pub struct Report {
    /// All parts, in order, as canonical JSON.
    pub parts: Vec<Vec<u8>>,
    /// SHA-256 of what was read: of all parts but for the day of reading.
    pub source: Digest,
}

impl Report {
    /// What is to be said of a reading.
    ///
    /// **Errors**: JSON.
    pub fn of(input: &ReportInput<'_>) -> Result<Self, DatasetError> {
        let whole = whole(input);
        let timeless = WholeReading {
            day: Day(0),
            ..whole.clone()
        };
        let columns = 0..input.schema.columns().len();
        let columns = columns.map(|i| Part::Column(column(input, i)));
        let rest = std::iter::once(Part::Files(files(input))).chain(columns);
        let mut parts = vec![Part::Whole(whole).to_canonical()?];
        let mut source = Part::Whole(timeless).to_canonical()?;
        for part in rest {
            let part = part.to_canonical()?;
            source.extend_from_slice(&part);
            parts.push(part);
        }
        let source = Digest::of(&source);
        Ok(Report { parts, source })
    }
}

fn whole(input: &ReportInput<'_>) -> WholeReading {
    let cohort = input.cohort;
    let own = ("medveil", env!("CARGO_PKG_VERSION"));
    let versions = VERSIONS.into_iter().chain([own]);
    let view = |(name, digest): (&str, [u8; 32])| ViewRead {
        name: name.to_owned(),
        sha256: Digest(digest),
    };
    let is_whole = |loss: &&String| !loss.starts_with("column:");
    WholeReading {
        day: input.today,
        kind: cohort.kind.to_owned(),
        versions: versions
            .map(|(name, version)| (name.to_owned(), version.to_owned()))
            .collect(),
        views: match cohort.kind {
            "fhir" => input.views.digests().map(view).collect(),
            _ => Vec::new(),
        },
        files: cohort.files.read.len() as u64,
        skipped: cohort.files.skipped.len() as u64,
        rows: cohort.rows.len() as u64,
        subjects: cohort.subjects() as u64,
        subject_header: cohort.guessed_subject.clone(),
        counts: counts(cohort, None),
        accepted: input.accepted.iter().filter(is_whole).cloned().collect(),
    }
}

fn column(input: &ReportInput<'_>, at: usize) -> ColumnReading {
    let name = &input.schema.columns()[at].name;
    ColumnReading {
        column: name.clone(),
        present: input.cohort.rows.present(at) as u64,
        counts: counts(input.cohort, Some(name)),
        accepted: input.accepted.contains(&format!("column:{name}")),
    }
}

fn counts(cohort: &Cohort, column: Option<&String>) -> Vec<ReasonCount> {
    let count = |c: &DropCount| ReasonCount {
        fate: match c.fate {
            Fate::LeftOut | Fate::Refused => "left_out",
            Fate::Unresolved => "unresolved",
            Fate::Kept => "kept",
        }
        .to_owned(),
        reason: c.reason.clone(),
        count: c.count,
    };
    let own = cohort.counts.iter().filter(|c| c.column.as_ref() == column);
    own.map(count).collect()
}

fn files(input: &ReportInput<'_>) -> FilesReading {
    let name = |path: &Path| {
        let inside = path.strip_prefix(input.source).unwrap_or(path);
        let is_source = inside.as_os_str().is_empty();
        let own = path.file_name().map(Path::new).filter(|_| is_source);
        own.unwrap_or(inside).display().to_string()
    };
    let read = |file: &FileRead| SourceFile {
        file: name(&file.path),
        digest: Digest(input.key.file_digest(&file.digest)),
    };
    let skipped = |file: &Skipped| SkippedFile {
        file: name(&file.path),
        why: file.why.clone(),
    };
    let files = &input.cohort.files;
    FilesReading {
        read: files.read.iter().map(read).collect(),
        skipped: files.skipped.iter().map(skipped).collect(),
    }
}
