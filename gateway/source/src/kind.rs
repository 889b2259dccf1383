//! What a source is, by the names of its files and by what the schema says.

use super::error::SourceError;
use super::files;
use medveil_circuits::schema::Schema;
use std::fmt;
use std::path::Path;

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Tables, some of them files of text.
    Text,
    /// Tables of files with types: Parquet, Arrow, workbooks.
    Typed,
    /// A file of SQL queries.
    Query,
    /// Headers of DICOM files.
    Dicom,
    /// FHIR Bundles and bulk exports.
    Fhir,
}

/// The word of a schema that says that its source is DICOM.
pub(crate) const LEVEL: &str = "level";

/// What a file holds, by its name; what is packed has another ending before `.gz`.
pub(crate) fn ending(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.rsplit_once('.').map(|(_, ending)| ending.to_owned())
}

impl Kind {
    /// What it is, in one word.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Text => "csv",
            Kind::Typed => "tables",
            Kind::Query => "sql",
            Kind::Dicom => "dicom",
            Kind::Fhir => "fhir",
        }
    }

    /// Whether its files may be text whose form settings tell.
    pub fn is_text(self) -> bool {
        matches!(self, Kind::Text | Kind::Query)
    }

    /// What a file or folder is.
    ///
    /// **Errors**: it cannot be read; a folder with tables and FHIR; a file of another kind.
    pub fn of(path: &Path, schema: &Schema) -> Result<Self, SourceError> {
        if schema.source().contains_key(LEVEL) {
            return Ok(Kind::Dicom);
        }
        let of_file = |path: &Path| match ending(path)?.as_str() {
            "json" | "ndjson" | "jsonl" => Some(Kind::Fhir),
            "csv" | "tsv" | "txt" => Some(Kind::Text),
            "xlsx" | "xls" | "ods" | "xlsb" => Some(Kind::Typed),
            "parquet" | "arrow" | "arrows" | "feather" | "ipc" => Some(Kind::Typed),
            "sql" if path.is_file() => Some(Kind::Query),
            _ => None,
        };
        if path.is_file() {
            return of_file(path).ok_or_else(|| unsuitable(path, EXPECTED));
        }
        let files = files::list(path)?.files;
        let kinds: Vec<Kind> = files.iter().filter_map(|file| of_file(file)).collect();
        let has = |kind: Kind| kinds.contains(&kind);
        match (has(Kind::Fhir), has(Kind::Text), has(Kind::Typed)) {
            (true, false, false) => Ok(Kind::Fhir),
            (false, true, _) => Ok(Kind::Text),
            (false, false, true) => Ok(Kind::Typed),
            (true, _, _) => Err(unsuitable(
                path,
                "expected FHIR or tables, got files of both: name a folder with one of them",
            )),
            (false, false, false) => Err(unsuitable(path, EXPECTED)),
        }
    }
}

const EXPECTED: &str = "expected FHIR (.json, .ndjson, .jsonl), tables (.csv, .tsv, .txt, .parquet, .arrow, .feather, .xlsx, .xls, .ods, .xlsb) or queries (.sql); text also with .gz; DICOM where the schema's `source` names a `level`, as `schema draft FOLDER --set level=study` does";

fn unsuitable(path: &Path, what: &str) -> SourceError {
    SourceError::Unsuitable {
        path: path.to_owned(),
        what: what.to_owned(),
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Text => "a table of text",
            Kind::Typed => "a file with types",
            Kind::Query => "a query",
            Kind::Dicom => "DICOM",
            Kind::Fhir => "FHIR",
        })
    }
}
