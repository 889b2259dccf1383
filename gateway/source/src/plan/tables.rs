//! Words for one table of several: `tables.NAME.WORD`.

use super::reader;
use medveil_tables::csv::CsvSettings;
use std::collections::BTreeMap;

/// How files of text are taken apart.
pub(super) const TEXT_FILES: &[&str] = &[
    "delimiter",
    "encoding",
    "quote",
    "skip_lines",
    "trailing_delimiter",
];

/// Words for one table each.
#[derive(Default)]
pub(crate) struct TableWords {
    /// By table and word.
    source: BTreeMap<String, BTreeMap<String, String>>,
    /// Headers of subjects.
    subjects: BTreeMap<String, String>,
    text_files: BTreeMap<String, CsvSettings>,
}

/// The table and the word; a table's name may hold points.
pub(super) fn split(key: &str) -> Option<(&str, &str)> {
    let (table, word) = key.strip_prefix("tables.")?.rsplit_once('.')?;
    (!table.is_empty()).then_some((table, word))
}

/// How a table's files of text are taken apart: its own words before those of all.
fn text_files<'a>(
    all: &'a BTreeMap<String, String>,
    own: Option<&'a BTreeMap<String, String>>,
) -> Result<CsvSettings, String> {
    let get = |word: &'static str| {
        let value = own.and_then(|own| own.get(word)).or_else(|| all.get(word));
        value.map(|value| (word, value.as_str()))
    };
    let words = TEXT_FILES.iter().filter_map(|word| get(word));
    CsvSettings::from_words(words).map_err(|error| error.to_string())
}

impl TableWords {
    pub fn new(
        source: &BTreeMap<String, String>,
        subject: &BTreeMap<String, String>,
        problems: &mut Vec<String>,
    ) -> (Self, CsvSettings) {
        let mut words = TableWords::default();
        for (key, value) in source {
            if let Some((table, word)) = split(key) {
                let own = words.source.entry(table.to_owned()).or_default();
                own.insert(word.to_owned(), value.clone());
            }
        }
        for (key, value) in subject {
            if let Some((table, "header")) = split(key) {
                words.subjects.insert(table.to_owned(), value.clone());
            }
        }
        let mut read = |at: String, own| {
            text_files(source, own).unwrap_or_else(|error| {
                problems.push(format!("{at}: {error}"));
                CsvSettings::default()
            })
        };
        let all = read("source".to_owned(), None);
        for (table, own) in &words.source {
            if own.keys().any(|word| TEXT_FILES.contains(&word.as_str())) {
                let settings = read(format!("source.tables.{table}"), Some(own));
                words.text_files.insert(table.clone(), settings);
            }
        }
        (words, all)
    }

    /// The tables that are named.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.source
            .keys()
            .chain(self.subjects.keys())
            .map(String::as_str)
    }

    /// How files of text are taken apart that have words of their own.
    pub fn text_files(&self) -> &BTreeMap<String, CsvSettings> {
        &self.text_files
    }

    /// Lets reading go on after a fault.
    pub fn gather(&mut self) {
        self.text_files
            .values_mut()
            .for_each(|own| own.gather = true);
    }

    /// The header of a table's subject.
    pub fn subject(&self, table: &str) -> Option<&str> {
        self.subjects.get(table).map(String::as_str)
    }

    /// Whether a header names the subject of some table.
    #[cfg(any(feature = "parquet", feature = "dicom"))]
    pub fn is_subject(&self, header: &str) -> bool {
        self.subjects.values().any(|own| own == header)
    }

    /// A table's texts that mean "no value".
    pub fn null(&self, table: &str) -> Option<Vec<String>> {
        let own = self.source.get(table)?.get("null")?;
        Some(reader::list(own))
    }
}
