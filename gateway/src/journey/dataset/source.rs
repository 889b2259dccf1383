//! Rows from a holder's files, by a schema, and what is said of them.

use super::DatasetError;
use crate::infile;
use crate::progress::Progress;
use medveil_circuits::ids::Day;
use medveil_circuits::schema::Schema;
use medveil_source::{
    Cohort, DropCount, Fate, Input, Limits, PseudonymKey, Skipped, Views, default_fhir_schema,
    read_source,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Which files were read, and what was left out.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SourceSummary {
    /// Files that were read.
    pub files: usize,
    pub skipped: Vec<SkippedFile>,
    /// Values and rows that were left out.
    pub dropped: u64,
    pub dropped_because: Vec<DroppedValues>,
    /// What was kept and is worth a word: values that were changed as the schema says.
    pub kept: Vec<DroppedValues>,
    /// The header that was taken for the subject, where the schema names none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_header: Option<String>,
}

/// A file that was not read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkippedFile {
    pub file: String,
    pub why: String,
}

/// Values or rows that were left out for one reason.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DroppedValues {
    /// The column, where values were left out; none for rows and whole resources.
    pub column: Option<String>,
    pub reason: String,
    pub count: u64,
    /// Where the first of them stands.
    pub first: Option<String>,
    /// Whether a commit would stop there: values that do not fit a column which refuses such.
    #[serde(skip)]
    pub problem: bool,
}

impl From<&Cohort> for SourceSummary {
    fn from(cohort: &Cohort) -> Self {
        let skipped = |file: &Skipped| SkippedFile {
            file: file.path.display().to_string(),
            why: file.why.clone(),
        };
        let dropped = |drop: &DropCount| DroppedValues {
            column: drop.column.clone(),
            reason: drop.reason.clone(),
            count: drop.count,
            first: drop.first.clone(),
            problem: drop.fate == Fate::Refused,
        };
        let left_out = || cohort.counts.iter().filter(|c| c.fate != Fate::Kept);
        let kept = cohort.counts.iter().filter(|c| c.fate == Fate::Kept);
        SourceSummary {
            files: cohort.files.read.len(),
            skipped: cohort.files.skipped.iter().map(skipped).collect(),
            dropped: left_out().map(|c| c.count).sum(),
            dropped_because: left_out().map(dropped).collect(),
            kept: kept.map(dropped).collect(),
            subject_header: cohort.guessed_subject.clone(),
        }
    }
}

/// The schema of a file, or the one that ships for FHIR.
///
/// **Errors**: every problem of the file.
pub fn schema(file: Option<&Path>, source: &Path) -> Result<Schema, DatasetError> {
    match file {
        Some(path) => {
            let path = path.to_owned();
            match infile::text(&path) {
                Ok(text) => Schema::from_json(&text)
                    .map_err(|problems| DatasetError::Schema { path, problems }),
                Err(source) => Err(DatasetError::SchemaFile { path, source }),
            }
        }
        None if is_table(source) => Err(DatasetError::NoSchema),
        None => Ok(default_fhir_schema()?),
    }
}

/// Whether a file is a table or a query by its name.
fn is_table(source: &Path) -> bool {
    let name = source.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default().to_ascii_lowercase();
    let endings = [
        ".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz", ".sql",
    ];
    endings.iter().any(|ending| name.ends_with(ending))
}

/// The views of a file or folder (SQL on FHIR), or those that ship.
///
/// **Errors**: the views' problems.
pub fn views(path: Option<&Path>) -> Result<Views, DatasetError> {
    Ok(path.map_or_else(Views::shipped, Views::read)?)
}

/// What is read, and by which views and on which day.
#[derive(Clone, Copy)]
pub struct SourceInput<'a> {
    pub source: &'a Path,
    /// A file or folder of views (SQL on FHIR); none takes those that ship.
    pub views: Option<&'a Path>,
    pub today: Day,
    /// Whether values that their column refuses are gathered, and not the first alone.
    pub gather: bool,
}

/// Reads a source.
///
/// **Errors**: the views' or the source's problems.
pub fn rows(
    progress: &dyn Progress,
    input: SourceInput<'_>,
    schema: &Schema,
    key: &PseudonymKey,
) -> Result<Cohort, DatasetError> {
    rows_by(progress, input, &views(input.views)?, schema, key)
}

/// Reads a source, by views that are read already.
///
/// **Errors**: the source's problems.
pub fn rows_by(
    progress: &dyn Progress,
    input: SourceInput<'_>,
    views: &Views,
    schema: &Schema,
    key: &PseudonymKey,
) -> Result<Cohort, DatasetError> {
    let task = progress.begin("reading", Some(1));
    let read = Input {
        path: input.source,
        views,
        // Far below 2^31 days.
        today: i32::try_from(input.today.0).unwrap_or(i32::MAX),
        gather: input.gather,
    };
    let rows = read_source(
        &read,
        schema,
        key,
        &Limits::DEFAULT,
        &mut |p| match p.bytes {
            Some((read, all)) => task.set_bytes(read, all),
            None => task.set(p.done as u64, p.total as u64),
        },
    );
    Ok(rows?)
}
