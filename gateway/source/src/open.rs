//! Opens the tables of a source that is not FHIR.

mod typed;

use super::error::SourceError;
use super::files;
use super::kind::{Kind, ending};
use super::plan::Plan;
use super::reading::{Reading, Skipped};
use medveil_tables::Table;
use medveil_tables::csv::CsvTable;
use medveil_tables::folder::{Folder, FolderSettings};
use std::path::{Path, PathBuf};

/// A table, with the file that it comes from.
pub(crate) struct OpenTable {
    pub path: PathBuf,
    pub table: Box<dyn Table>,
}

/// What was opened.
#[derive(Default)]
pub(crate) struct Opened {
    pub tables: Vec<OpenTable>,
    pub skipped: Vec<Skipped>,
}

/// Opens every table.
///
/// **Errors**: a source that cannot be read, or of a kind that this program was built without.
pub(crate) fn open(kind: Kind, reading: Reading<'_>, plan: &Plan) -> Result<Opened, SourceError> {
    match kind {
        Kind::Query => typed::queries(reading.path, reading.limits.stream_bytes),
        Kind::Dicom => typed::dicom(reading.path, plan),
        Kind::Fhir => Ok(Opened::default()),
        Kind::Text | Kind::Typed if reading.path.is_file() => file(reading, plan),
        Kind::Text | Kind::Typed => folder(reading, plan),
    }
}

fn file(reading: Reading<'_>, plan: &Plan) -> Result<Opened, SourceError> {
    let (path, mut opened) = (reading.path, Opened::default());
    match ending(path).as_deref() {
        Some("csv" | "tsv" | "txt") => {
            let table = CsvTable::open(path, &plan.text_files, reading.limits.stream_bytes)?;
            opened.tables.push(OpenTable {
                path: path.to_owned(),
                table: Box::new(table),
            });
        }
        Some("xlsx" | "xls" | "ods" | "xlsb") => opened.tables = typed::workbook(path)?,
        _ => opened.tables.push(typed::columnar(path, plan)?),
    }
    Ok(opened)
}

fn folder(reading: Reading<'_>, plan: &Plan) -> Result<Opened, SourceError> {
    let settings = FolderSettings::new(plan.text_files.clone(), reading.limits.stream_bytes);
    let folder = Folder::open(reading.path, settings)?;
    let mut opened = Opened::default();
    for table in folder.tables() {
        opened.tables.push(OpenTable {
            path: table.path.clone(),
            table: folder.table(&table.name)?,
        });
    }
    let is_columnar = |path: &Path| {
        matches!(
            ending(path).as_deref(),
            Some("parquet" | "arrow" | "arrows" | "feather" | "ipc")
        )
    };
    for path in files::list(reading.path)?.iter().filter(|p| is_columnar(p)) {
        let table = typed::columnar(path, plan)?;
        let is_known =
            |known: &OpenTable| known.table.name().eq_ignore_ascii_case(table.table.name());
        if opened.tables.iter().any(is_known) {
            return Err(SourceError::Unsuitable {
                path: path.clone(),
                what: format!("a second table of the name {}", table.table.name()),
            });
        }
        opened.tables.push(table);
    }
    let skipped = folder
        .skipped()
        .iter()
        .filter(|file| !is_columnar(&file.path));
    opened.skipped = skipped
        .map(|file| Skipped {
            path: file.path.clone(),
            why: file.why.clone(),
        })
        .collect();
    Ok(opened)
}

/// A kind of source that this program was built without.
#[cfg(not(all(
    feature = "excel",
    feature = "parquet",
    feature = "sqlite",
    feature = "postgres",
    feature = "dicom"
)))]
fn left_out(path: &Path, what: &str, feature: &str) -> SourceError {
    SourceError::Unsuitable {
        path: path.to_owned(),
        what: format!(
            "this program was built without {what}: the released one has it, and `--features {feature}` (or `sources` for all) builds it"
        ),
    }
}

impl Plan {
    /// The headers that are read, where nothing is said of the subject with the usual ones.
    #[cfg(any(feature = "parquet", feature = "dicom"))]
    pub(crate) fn wants(&self, header: &str) -> bool {
        let of_column = |place: &super::plan::Place| place.headers().any(|own| own == header);
        let is_subject = match &self.subject {
            Some(subject) => subject == header,
            None => super::bind::is_usual_subject(header),
        };
        is_subject || self.columns.iter().any(|(_, place)| of_column(place))
    }
}
