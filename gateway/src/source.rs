//! From a hospital's files to typed rows: FHIR R4 and CSV, by the dataset schema.
//!
//! `read_source` is the only door: it reads everything or refuses, writes nothing, and says what it
//! dropped and why. Errors and counts name file, row or entry, and column, never a value. Which
//! people a dataset describes is the source's word; nothing here checks that it is true.

mod column;
mod csv;
pub(crate) mod date;
mod error;
mod fhir;
mod files;
mod json;
mod number;
mod plan;
mod pseudonym;
mod reduce;
mod schema;
pub mod synthetic;

use column::Column;
use plan::Spec;
use std::path::Path;

pub use error::SourceError;
pub use fhir::path::PathError;
pub use pseudonym::{PSEUDONYM_BITS, Pseudonym, PseudonymKey};
pub use reduce::DropCount;
pub use schema::{
    Cohort, Row, default_fhir_schema, default_fhir_schema_json, print_value, read_source,
};

use std::path::PathBuf;

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
    /// Files that were read.
    pub done: usize,
    /// Files there are.
    pub total: usize,
    /// The file that is read now.
    pub file: PathBuf,
}

/// A file that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Which file.
    pub path: PathBuf,
    /// Why.
    pub why: String,
}

/// Which files were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    /// How many.
    pub read: usize,
    /// Those that were not.
    pub skipped: Vec<Skipped>,
}

/// A row before its values take the schema's type. No `Debug`: it is somebody's.
struct RawRow {
    pseudonym: Pseudonym,
    cells: Vec<Option<i64>>,
}

/// What was read, before values take the schema's type.
struct RawCohort {
    rows: Vec<RawRow>,
    dropped: Vec<DropCount>,
    files: Files,
}

/// Reads a CSV file, or whatever else it is as FHIR; leaves out the patients who are to be left
/// out; sorts by pseudonym.
fn read_specs(
    path: &Path,
    specs: &[Spec<'_>],
    layout: &csv::Rows,
    key: &PseudonymKey,
    limits: &Limits,
    progress: &mut dyn FnMut(Progress),
) -> Result<RawCohort, SourceError> {
    let (columns, (mut rows, mut drops, files)): (Vec<Column>, _) =
        if files::Format::of(path) == Some(files::Format::Csv) {
            let columns = plan::csv(specs).map_err(SourceError::Schema)?;
            let found = csv::read(path, &columns, layout, key, limits, progress)?;
            (
                columns.into_iter().map(|(column, _)| column).collect(),
                found,
            )
        } else {
            let columns = plan::fhir(specs).map_err(SourceError::Schema)?;
            let found = fhir::read(path, &columns, key, limits, progress)?;
            (
                columns.into_iter().map(|(column, _)| column).collect(),
                found,
            )
        };
    for (index, column) in columns.iter().enumerate() {
        let Some(exclude) = column.exclude else {
            continue;
        };
        let before = rows.len();
        rows.retain(|row| row.cells.get(index) != Some(&Some(exclude)));
        drops.add(
            Some(index as u16),
            "row left out: the column's value excludes it",
            (before - rows.len()) as u64,
            || None,
        );
    }
    if rows.is_empty() {
        return Err(SourceError::Empty {
            path: path.to_owned(),
            why: "every row was left out".to_owned(),
        });
    }
    // Stable, so that several rows of one patient keep the order of the source.
    rows.sort_by_key(|row| row.pseudonym);
    Ok(RawCohort {
        rows,
        dropped: drops.finish(&columns),
        files,
    })
}

#[cfg(test)]
mod tests;
