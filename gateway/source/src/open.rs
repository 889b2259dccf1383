//! Opens the tables of a source that is not FHIR.

mod queries;
mod typed;

use super::error::SourceError;
use super::files;
use super::kind::{Kind, ending};
use super::plan::Plan;
use super::reading::{Reading, Skipped};
use medveil_tables::csv::{CsvSettings, CsvTable};
use medveil_tables::folder::{Folder, FolderSettings};
use medveil_tables::{Table, TableError};
use std::collections::BTreeSet;
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
    /// Files that statements select from.
    pub selected: Vec<PathBuf>,
    pub skipped: Vec<Skipped>,
    /// Tables that are refused, where that is gathered.
    pub refused: Vec<(String, TableError)>,
}

/// Opens every table.
///
/// **Errors**: a source that cannot be read, or of a kind that this program was built without.
pub(crate) fn open(kind: Kind, reading: Reading<'_>, plan: &Plan) -> Result<Opened, SourceError> {
    match kind {
        Kind::Query => queries::open(reading.path, reading.limits.stream_bytes, plan),
        Kind::Dicom => typed::dicom(reading.path, plan),
        Kind::Fhir => Ok(Opened::default()),
        Kind::Text | Kind::Typed if reading.path.is_file() => file(reading, plan),
        Kind::Text | Kind::Typed => folder(reading, plan),
    }
}

/// The tables of a folder by their names, in small letters. Nothing is read of them.
///
/// **Errors**: the folder cannot be read; two tables have one name.
pub(crate) fn names(folder: &Path) -> Result<BTreeSet<String>, SourceError> {
    let settings = FolderSettings::new(CsvSettings::default(), 0);
    let listed = Folder::open(folder, settings)?;
    let mut names: BTreeSet<String> = listed
        .tables()
        .iter()
        .map(|t| t.name.to_lowercase())
        .collect();
    let files = files::list(folder)?.files;
    let parquet = files
        .iter()
        .filter(|path| ending(path).as_deref() == Some("parquet"));
    names.extend(parquet.filter_map(|path| Some(path.file_stem()?.to_str()?.to_lowercase())));
    Ok(names)
}

/// Which of these tables a PostgreSQL database has.
///
/// **Errors**: it is not reached; this program was built without PostgreSQL.
pub(crate) fn names_in(address: &str, wanted: &[&str]) -> Result<BTreeSet<String>, SourceError> {
    queries::names(address, wanted)
}

fn file(reading: Reading<'_>, plan: &Plan) -> Result<Opened, SourceError> {
    let (path, mut opened) = (reading.path, Opened::default());
    match ending(path).as_deref() {
        Some("csv" | "tsv" | "txt") => {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let settings = plan.text_file(medveil_tables::folder::table_name(&name));
            let table = CsvTable::open(path, settings, reading.limits.stream_bytes)?;
            opened.tables.push(OpenTable {
                path: path.to_owned(),
                table: Box::new(table),
            });
        }
        Some("xlsx" | "xls" | "ods" | "xlsb") => return typed::workbook(path, reading.gather),
        _ => opened.tables.push(typed::columnar(path, plan)?),
    }
    Ok(opened)
}

fn folder(reading: Reading<'_>, plan: &Plan) -> Result<Opened, SourceError> {
    let mut settings = FolderSettings::new(plan.text_files.clone(), reading.limits.stream_bytes);
    settings.csv_of = plan.tables.text_files().clone();
    let folder = Folder::open(reading.path, settings)?;
    let mut opened = Opened::default();
    for table in folder.tables() {
        let (path, place) = (table.path.clone(), table.path.display().to_string());
        match folder.table(&table.name) {
            Ok(table) => opened.tables.push(OpenTable { path, table }),
            Err(error) if reading.gather => opened.refused.push((place, error)),
            Err(error) => return Err(error.into()),
        }
    }
    let is_columnar = |path: &Path| {
        matches!(
            ending(path).as_deref(),
            Some("parquet" | "arrow" | "arrows" | "feather" | "ipc")
        )
    };
    let listed = files::list(reading.path)?;
    for path in listed.files.iter().filter(|p| is_columnar(p)) {
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
    let is_text =
        |open: &&OpenTable| matches!(ending(&open.path).as_deref(), Some("csv" | "tsv" | "txt"));
    for open in opened.tables.iter().filter(|open| !is_text(open)) {
        let name = open.table.name();
        if plan.tables.text_files().contains_key(name) {
            let what = "no file of text: delimiter, encoding, quote, skip_lines and trailing_delimiter say nothing of it";
            return Err(SourceError::Schema(vec![format!(
                "source.tables.{name}: {what}"
            )]));
        }
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
    for file in listed.skipped {
        if !opened.skipped.iter().any(|known| known.path == file.path) {
            opened.skipped.push(file);
        }
    }
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
            _ if self.tables.is_subject(header) => true,
            Some(subject) => subject == header,
            None => super::bind::may_be_subject(header),
        };
        is_subject || self.columns.iter().any(|(_, place)| of_column(place))
    }
}
