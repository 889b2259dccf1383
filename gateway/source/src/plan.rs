//! From a dataset schema to what the readers do: the words of its `source` objects, checked, all
//! problems at once. What they mean stands in `SCHEMA.md`.

mod check;
#[cfg(feature = "dicom")]
mod dicom;
mod reader;
mod tables;
mod words;

use self::reader::Reader;
use self::tables::TableWords;
pub(crate) use self::words::OF_TEXTS;
use self::words::PATIENT_ID;
use super::column::{OnBad, SourceColumn};
use super::date::Order;
use super::kind::{Kind, LEVEL};
use medveil_circuits::schema::{Column, Schema};
use medveil_tables::csv::CsvSettings;
use std::collections::BTreeMap;

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
    /// What becomes of the values of a row's files of DICOM: the element, and the word.
    #[cfg_attr(not(feature = "dicom"), allow(dead_code))]
    pub reduce: Option<(String, String)>,
    /// The column's own words that say how texts are written.
    pub of_texts: Vec<&'static str>,
}

/// How a source is read by a schema.
pub(crate) struct Plan {
    pub columns: Vec<(SourceColumn, Place)>,
    pub text_files: CsvSettings,
    /// Whose clocks tell the day of a database's instants.
    #[cfg_attr(not(feature = "sqlite"), allow(dead_code))]
    pub zone: Option<String>,
    /// Words for one table each.
    pub tables: TableWords,
    /// Header of the subject; none looks for a usual one.
    pub subject: Option<String>,
    /// The system that numbers of subjects belong to, so that sources of any kind mean one person.
    pub identifier: Option<String>,
    /// Texts that mean "no value", of the subject too.
    null: Vec<String>,
    /// Texts that are no identity.
    nobody: Vec<String>,
    /// Whether words among numbers are somebody's.
    pub keeps_words: bool,
    /// Words for all columns that say how texts are written.
    pub of_texts: Vec<&'static str>,
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
            zone: None,
            tables: TableWords::default(),
            of_texts: Vec::new(),
            subject: None,
            identifier: None,
            null: Vec::new(),
            nobody: Vec::new(),
            keeps_words: false,
            everything: true,
            level: None,
        }
    }

    /// Every column of DICOM that is read, each once, the subject's among them: its name, the element,
    /// and what becomes of several files' values.
    #[cfg(feature = "dicom")]
    pub fn elements(&self) -> Vec<(String, String, Option<String>)> {
        let columns = self.columns.iter().flat_map(|(_, place)| place.headers());
        let usual = self.level.as_deref().filter(|_| self.everything);
        let usual: Vec<&str> = usual.map(dicom::usual).into_iter().flatten().collect();
        let all = columns.chain(usual).chain(self.subject.as_deref());
        let all: std::collections::BTreeSet<&str> = all.collect();
        let reduced = |name: &str| {
            let places = self.columns.iter().map(|(_, place)| place);
            let mut own = places.filter(|place| place.header == name);
            own.find_map(|place| place.reduce.clone())
        };
        let element = |name: &str| match reduced(name) {
            Some((path, word)) => (name.to_owned(), path, Some(word)),
            None => (name.to_owned(), name.to_owned(), None),
        };
        all.into_iter().map(element).collect()
    }

    /// The name space of identities: sources that name the same system share one.
    pub fn space(&self, kind: Kind) -> String {
        match (&self.identifier, kind) {
            (Some(system), _) => format!("identifier {system}"),
            (None, Kind::Fhir) => "fhir".to_owned(),
            (None, _) => "csv".to_owned(),
        }
    }

    /// **Errors**: all problems of all columns.
    pub fn new(schema: &Schema, kind: Kind) -> Result<Self, Vec<String>> {
        let mut problems = words::check(schema, kind);
        let (all, subject) = (schema.source(), schema.subject());
        let (tables, text_files) = TableWords::new(all, subject, &mut problems);
        let mut columns = Vec::with_capacity(schema.columns().len());
        for column in schema.columns() {
            let mut reader = Reader::new(column, all, &mut problems);
            columns.push((source_column(&mut reader, kind), place(&mut reader)));
        }
        let level = all.get(LEVEL).cloned();
        if level.as_deref() == Some("instance") {
            let reduced = columns.iter().filter(|(_, place)| place.reduce.is_some());
            let what = |(column, _): &(SourceColumn, Place)| {
                format!(
                    "column {}, source.reduce: nothing is reduced where each file is a row",
                    column.name
                )
            };
            problems.extend(reduced.map(what));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(Plan {
            columns,
            text_files,
            zone: all.get(words::ZONE).cloned(),
            tables,
            subject: match (subject.get("header"), kind) {
                (None, Kind::Dicom) => Some(PATIENT_ID.to_owned()),
                (named, _) => named.cloned(),
            },
            identifier: subject.get("identifier").cloned(),
            null: reader::list(all.get("null").map_or("", String::as_str)),
            nobody: reader::list(subject.get("null").map_or("", String::as_str)),
            keeps_words: subject.contains_key("words"),
            of_texts: OF_TEXTS
                .iter()
                .copied()
                .filter(|word| all.contains_key(*word))
                .collect(),
            everything: false,
            level,
        })
    }

    /// A table's texts that are no identity: those that mean "no value", and those of the subject.
    pub fn null(&self, table: &str) -> Vec<String> {
        let null = self.tables.null(table).unwrap_or_else(|| self.null.clone());
        null.into_iter()
            .chain(self.nobody.iter().cloned())
            .collect()
    }

    /// How a file of text is taken apart.
    pub fn text_file(&self, table: &str) -> &CsvSettings {
        self.tables
            .text_files()
            .get(table)
            .unwrap_or(&self.text_files)
    }

    /// Lets reading go on after a fault.
    pub fn gather(&mut self) {
        self.text_files.gather = true;
        self.tables.gather();
    }
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
    check::check(reader, &column, kind);
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

fn place(reader: &mut Reader<'_>) -> Place {
    let column: &Column = reader.column;
    let own = |word: &str| column.source.get(word).cloned();
    let header = own("header").unwrap_or_else(|| column.name.clone());
    const REDUCE: [&str; 4] = ["first", "min", "max", "count_distinct"];
    let reduce = reader.word("reduce", &REDUCE.map(|word| (word, Some(word))), None);
    let reduce = reduce.map(|word| (header.clone(), word.to_owned()));
    let of_texts = OF_TEXTS.iter().copied();
    Place {
        table: own("table"),
        header: match &reduce {
            Some((path, word)) => format!("{path} by {word}"),
            None => header,
        },
        date: own("date_header"),
        unit: own("unit_header"),
        comparator: own("comparator_header"),
        until: own("until_header"),
        conditions: reader.conditions(),
        reduce,
        of_texts: of_texts
            .filter(|word| column.source.contains_key(*word))
            .collect(),
    }
}

#[cfg(test)]
mod tests;
