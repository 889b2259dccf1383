//! Rows from a holder's files, by a schema, and what is said of them.

use super::DatasetError;
use crate::progress::Progress;
use medveil_circuits::schema::Schema;
use medveil_source::{
    Cohort, DropCount, Limits, PseudonymKey, Skipped, default_fhir_schema, read_source,
};
use schemars::JsonSchema;
use serde::Serialize;
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
}

/// A file that was not read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SkippedFile {
    pub file: String,
    pub why: String,
}

/// Values or rows that were left out for one reason.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DroppedValues {
    /// The column, where values were left out; none for rows and whole resources.
    pub column: Option<String>,
    pub reason: String,
    pub count: u64,
    /// Where the first of them stands.
    pub first: Option<String>,
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
        };
        SourceSummary {
            files: cohort.files.read,
            skipped: cohort.files.skipped.iter().map(skipped).collect(),
            dropped: cohort.dropped.iter().map(|d| d.count).sum(),
            dropped_because: cohort.dropped.iter().map(dropped).collect(),
        }
    }
}

/// The schema of a file, or the one that ships for FHIR.
///
/// **Errors**: every problem of the file.
pub fn schema(file: Option<&Path>, source: &Path) -> Result<Schema, DatasetError> {
    let is_csv = |e: &std::ffi::OsStr| e.eq_ignore_ascii_case("csv");
    match file {
        Some(path) => {
            let path = path.to_owned();
            match std::fs::read_to_string(&path) {
                Ok(text) => Schema::from_json(&text)
                    .map_err(|problems| DatasetError::Schema { path, problems }),
                Err(source) => Err(DatasetError::SchemaFile { path, source }),
            }
        }
        None if source.extension().is_some_and(is_csv) => Err(DatasetError::NoSchema),
        None => Ok(default_fhir_schema()?),
    }
}

/// Reads a source.
///
/// **Errors**: the source's problems.
pub fn rows(
    progress: &dyn Progress,
    source: &Path,
    schema: &Schema,
    key: &PseudonymKey,
) -> Result<Cohort, DatasetError> {
    let task = progress.begin("reading", Some(1));
    let rows = read_source(source, schema, key, &Limits::DEFAULT, &mut |p| {
        task.set(p.done as u64, p.total as u64);
    });
    Ok(rows?)
}
