//! From a dataset schema to what the readers do: the words of its `source` objects, checked, all
//! problems at once. What they mean stands in `SCHEMA.md`.

mod reader;

use self::reader::Reader;
use super::column::{OnBad, SourceColumn};
use super::date::Order;
use super::kind::{Kind, LEVEL};
use medveil_circuits::schema::{Column, ColumnType, RowRule, Schema};
use medveil_tables::csv::CsvSettings;
use std::collections::BTreeMap;

/// What stands once for all columns, or for one.
const VALUES: &[&str] = &[
    "blanks",
    "dates",
    "decimal",
    "false",
    "null",
    "numbers",
    "on_bad",
    "partial",
    "round",
    "thousands",
    "true",
];
/// What stands for one column.
const COLUMN: &[&str] = &[
    "age_on",
    "comparator_header",
    "date_header",
    "exclude",
    "from",
    "header",
    "map",
    "missing",
    "molar_mass",
    "table",
    "to",
    "unit",
    "unit_header",
    "until_header",
    "where",
];
/// What names the subject of DICOM files where the schema does not.
const PATIENT_ID: &str = "PatientID";
/// How files of text are taken apart.
const TEXT_FILES: &[&str] = &["delimiter", "encoding", "quote"];

/// A condition on a row: the column has one of these texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub header: String,
    pub one_of: Vec<String>,
}

/// Where a column's values are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// None is the only table.
    pub table: Option<String>,
    pub header: String,
    /// Where the date is that orders several values.
    pub date: Option<String>,
    pub unit: Option<String>,
    pub comparator: Option<String>,
    /// Where it is written until when an age grows.
    pub until: Option<String>,
    /// All hold for a row that counts.
    pub conditions: Vec<Condition>,
}

/// How a source is read by a schema.
pub(crate) struct Plan {
    pub columns: Vec<(SourceColumn, Place)>,
    pub text_files: CsvSettings,
    /// Header of the subject; none looks for a usual one.
    pub subject: Option<String>,
    /// Texts that mean "no value", of the subject too.
    pub null: Vec<String>,
    /// Whether every column is read, as for a draft.
    #[cfg_attr(not(feature = "parquet"), allow(dead_code))]
    pub everything: bool,
    /// What a row of DICOM is.
    #[cfg_attr(not(feature = "dicom"), allow(dead_code))]
    pub level: Option<String>,
}

impl Place {
    /// Every header that is read.
    #[cfg(any(feature = "parquet", feature = "dicom"))]
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        let own = [&self.date, &self.unit, &self.comparator, &self.until];
        let own = own.into_iter().flatten().map(String::as_str);
        let conditions = self.conditions.iter().map(|c| c.header.as_str());
        std::iter::once(self.header.as_str())
            .chain(own)
            .chain(conditions)
    }
}

impl Plan {
    /// Reads every column, and means nothing by it.
    pub fn of_everything() -> Self {
        Plan {
            columns: Vec::new(),
            text_files: CsvSettings::default(),
            subject: None,
            null: Vec::new(),
            everything: true,
            level: None,
        }
    }

    /// Every header that is read, each once, the subject's among them.
    #[cfg(feature = "dicom")]
    pub fn headers(&self) -> Vec<String> {
        let columns = self.columns.iter().flat_map(|(_, place)| place.headers());
        let all = columns.chain(self.subject.as_deref());
        let all: std::collections::BTreeSet<&str> = all.collect();
        all.into_iter().map(str::to_owned).collect()
    }

    /// **Errors**: all problems of all columns.
    pub fn new(schema: &Schema, kind: Kind) -> Result<Self, Vec<String>> {
        let mut problems = Vec::new();
        let all = schema.source();
        for word in all.keys() {
            let is_known = VALUES.contains(&word.as_str()) || TEXT_FILES.contains(&word.as_str());
            if word == LEVEL {
                continue;
            }
            if !is_known {
                problems.push(unknown("source", word, [VALUES, TEXT_FILES].concat()));
            } else if TEXT_FILES.contains(&word.as_str()) && !kind.is_text() {
                problems.push(format!("source.{word}: {kind} has no such thing"));
            }
        }
        for word in schema.subject().keys().filter(|word| *word != "header") {
            problems.push(unknown("subject", word, vec!["header"]));
        }
        let words = all
            .iter()
            .filter(|(word, _)| TEXT_FILES.contains(&word.as_str()));
        let text_files = CsvSettings::from_words(words.map(|(k, v)| (k.as_str(), v.as_str())));
        let text_files = text_files.unwrap_or_else(|error| {
            problems.push(format!("source: {error}"));
            CsvSettings::default()
        });
        let mut columns = Vec::with_capacity(schema.columns().len());
        for column in schema.columns() {
            for word in column.source.keys() {
                if ![VALUES, COLUMN].concat().contains(&word.as_str()) {
                    let at = format!("column {}, source", column.name);
                    problems.push(unknown(&at, word, [VALUES, COLUMN].concat()));
                }
            }
            let mut reader = Reader::new(column, all, &mut problems);
            columns.push((source_column(&mut reader, kind), place(&mut reader)));
        }
        match problems.is_empty() {
            true => Ok(Plan {
                columns,
                text_files,
                subject: match (schema.subject().get("header"), kind) {
                    (None, Kind::Dicom) => Some(PATIENT_ID.to_owned()),
                    (named, _) => named.cloned(),
                },
                null: reader::list(all.get("null").map_or("", String::as_str)),
                everything: false,
                level: all.get(LEVEL).cloned(),
            }),
            false => Err(problems),
        }
    }
}

/// What a word of an earlier release became.
fn advice(word: &str) -> &'static str {
    match word {
        "resource" | "path" | "codes" | "code_path" | "false_if" | "date" => {
            "; a view (SQL on FHIR) says where values are in a resource, and `table` and `header` name its columns"
        }
        _ => "",
    }
}

fn unknown(at: &str, word: &str, mut known: Vec<&str>) -> String {
    known.sort_unstable();
    let (known, advice) = (known.join(", "), advice(word));
    format!("{at}.{word}: unknown word, expected one of {known}{advice}")
}

fn source_column(reader: &mut Reader<'_>, kind: Kind) -> SourceColumn {
    let (from, to) = (reader.day("from"), reader.day("to"));
    let window = (from.is_some() || to.is_some())
        .then(|| (from.unwrap_or(i32::MIN), to.unwrap_or(i32::MAX)));
    let schema = reader.column;
    let on_bad = match kind {
        Kind::Fhir => OnBad::Drop,
        _ => OnBad::Refuse,
    };
    let mut column = SourceColumn {
        name: schema.name.clone(),
        kind: schema.kind.clone(),
        rule: schema.rule,
        window,
        missing: None,
        exclude: None,
        on_bad: reader.word(
            "on_bad",
            &[("refuse", OnBad::Refuse), ("drop", OnBad::Drop)],
            on_bad,
        ),
        round: reader.word("round", &[("true", true), ("false", false)], false),
        age_on: reader.day("age_on"),
        words: reader.words(),
        units: reader.units(),
    };
    let fixed = SourceColumn {
        age_on: None,
        units: None,
        words: {
            let mut words = column.words.clone();
            words.map = BTreeMap::new();
            words.order = Order::Iso;
            words
        },
        ..column.clone()
    };
    column.missing = fixed_value(reader, "missing", &fixed);
    column.exclude = fixed_value(reader, "exclude", &fixed);
    check(reader, &column);
    column
}

/// A value that the schema itself names.
fn fixed_value(reader: &mut Reader<'_>, word: &str, column: &SourceColumn) -> Option<i64> {
    match column.read(reader.own(word)?) {
        Ok(Some(read)) => return Some(read.value),
        Ok(None) => reader.problem(word, "expected a value"),
        Err(bad) => reader.problem(word, bad.expected()),
    }
    None
}

/// What does not fit together.
fn check(reader: &mut Reader<'_>, column: &SourceColumn) {
    let is_int = matches!(column.kind, ColumnType::Int { .. });
    if column.age_on.is_some() && !is_int {
        reader.problem("age_on", "expected a column of type int");
    }
    if reader.own("until_header").is_some() && column.age_on.is_none() {
        reader.problem("until_header", "needs `age_on`: an age that stops growing");
    }
    if column.rule == RowRule::Count && !is_int {
        reader.problem("header", "the row rule count needs a column of type int");
    }
    let is_code = matches!(column.kind, ColumnType::Code { .. });
    if matches!(column.rule, RowRule::Min | RowRule::Max) && is_code {
        reader.problem("map", "the row rules min and max mean nothing for codes");
    }
    if column.units.is_some() && reader.own("unit_header").is_none() {
        reader.problem("unit", "needs `unit_header`: where the unit is");
    }
    if column.units.is_none() && reader.own("unit_header").is_some() {
        reader.problem("unit_header", "needs `unit`: which units are accepted");
    }
    let plain = SourceColumn {
        words: {
            let mut words = column.words.clone();
            words.map = BTreeMap::new();
            words.null = Vec::new();
            words.flags = None;
            words
        },
        ..column.clone()
    };
    let is_listed = is_code || column.kind == ColumnType::Flag;
    for to in column.words.map.values().filter(|_| is_listed) {
        let is_own = plain.read(to).is_ok();
        let is_word = column.words.flags.is_some() && column.read(to).is_ok();
        if !is_own && !is_word {
            reader.problem("map", format!("{to} is none of the column's values"));
        }
    }
}

fn place(reader: &mut Reader<'_>) -> Place {
    let column: &Column = reader.column;
    let own = |word: &str| column.source.get(word).cloned();
    Place {
        table: own("table"),
        header: own("header").unwrap_or_else(|| column.name.clone()),
        date: own("date_header"),
        unit: own("unit_header"),
        comparator: own("comparator_header"),
        until: own("until_header"),
        conditions: reader.conditions(),
    }
}

#[cfg(test)]
mod tests;
