//! What is read of a folder of DICOM files: the level of a row, and the columns.

use super::path::Path;
use crate::error::TableError;
use crate::table::{Kind, TableColumn};
use std::collections::HashSet;

/// What one row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DicomLevel {
    /// By StudyInstanceUID.
    Study,
    /// By SeriesInstanceUID.
    Series,
    /// By SOPInstanceUID: one row a file.
    Instance,
}

/// What becomes of the values of a row's files. Files without a value do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DicomReduce {
    /// The value of the first file that has one, in the order of the paths.
    First,
    /// The smallest: numbers by size, dates and times by time, texts by their characters.
    Min,
    Max,
    /// How many different values; 0 where there is none.
    CountDistinct,
}

/// A column of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DicomColumn {
    pub name: String,
    /// Where the value stands, as `PatientID` or `ImageType[1]`; or `pixel_sha256`, `pixel_bytes`.
    pub path: String,
    /// None: all files of a row must have the same value, or all have none.
    pub reduce: Option<DicomReduce>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DicomSettings {
    pub level: DicomLevel,
    pub columns: Vec<DicomColumn>,
}

/// How much is read at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DicomLimits {
    /// Files of a folder, skipped ones too.
    pub files: usize,
    /// Folders inside each other.
    pub folders: usize,
    /// Bytes of an element that is a column.
    pub value_bytes: u32,
    /// Sequences and items inside each other, together.
    pub nesting: usize,
    /// Bytes of one deflated file after inflating.
    pub inflated_bytes: u64,
}

impl Default for DicomLimits {
    fn default() -> DicomLimits {
        DicomLimits {
            files: 1_000_000,
            folders: 16,
            value_bytes: 1 << 20,
            nesting: 32,
            inflated_bytes: 4 << 30,
        }
    }
}

impl DicomLevel {
    /// By the word of a settings file.
    pub fn of_word(word: &str) -> Option<DicomLevel> {
        match word {
            "study" => Some(DicomLevel::Study),
            "series" => Some(DicomLevel::Series),
            "instance" => Some(DicomLevel::Instance),
            _ => None,
        }
    }

    /// The word of a settings file.
    pub fn word(self) -> &'static str {
        match self {
            DicomLevel::Study => "study",
            DicomLevel::Series => "series",
            DicomLevel::Instance => "instance",
        }
    }
}

impl DicomReduce {
    /// By the word of a settings file.
    pub fn of_word(word: &str) -> Option<DicomReduce> {
        match word {
            "first" => Some(DicomReduce::First),
            "min" => Some(DicomReduce::Min),
            "max" => Some(DicomReduce::Max),
            "count_distinct" => Some(DicomReduce::CountDistinct),
            _ => None,
        }
    }
}

/// What a column is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Element(Path),
    PixelSha256,
    PixelBytes,
}

/// A column with its path read.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub name: String,
    pub source: Source,
    pub kind: Kind,
    pub reduce: Option<DicomReduce>,
}

/// Checks the settings. **Errors**: all that is wrong, at once.
pub(super) fn columns(settings: &DicomSettings) -> Result<Vec<Column>, TableError> {
    let mut wrong = Vec::new();
    let mut names = HashSet::new();
    let mut columns = Vec::new();
    if settings.columns.is_empty() {
        wrong.push("expected at least one column".to_owned());
    }
    for column in &settings.columns {
        let mut bad = |what: &str| wrong.push(format!("column {}: {what}", column.name));
        if column.name.trim().is_empty() {
            bad("expected a name");
        }
        if !names.insert(&column.name) {
            bad("expected a name that no other column has");
        }
        if column.reduce.is_some() && settings.level == DicomLevel::Instance {
            bad("nothing is reduced where each file is a row: leave `reduce` out");
        }
        match source(&column.path) {
            Ok((source, kind)) => columns.push(Column {
                name: column.name.clone(),
                source,
                kind,
                reduce: column.reduce,
            }),
            Err(what) => bad(&format!("path {}: {what}", column.path)),
        }
    }
    match wrong.is_empty() {
        true => Ok(columns),
        false => Err(TableError::Settings(wrong)),
    }
}

fn source(path: &str) -> Result<(Source, Kind), String> {
    Ok(match path {
        "pixel_sha256" => (Source::PixelSha256, Kind::Text),
        "pixel_bytes" => (Source::PixelBytes, Kind::Number),
        _ => {
            let path = Path::parse(path)?;
            let kind = if path.counts() {
                Kind::Number
            } else {
                path.kind
            };
            (Source::Element(path), kind)
        }
    })
}

impl Column {
    /// As the table shows it.
    pub(super) fn shown(&self) -> TableColumn {
        TableColumn {
            name: self.name.clone(),
            kind: match self.reduce {
                Some(DicomReduce::CountDistinct) => Kind::Number,
                _ => self.kind,
            },
        }
    }
}
