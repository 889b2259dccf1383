//! The words of a schema that say how a source is read: which there are, and which kinds of sources
//! can honour them.

use super::tables;
pub(super) use super::tables::TEXT_FILES;
use crate::kind::{Kind, LEVEL};
use medveil_circuits::schema::Schema;

/// What stands once for all columns, or for one.
pub(super) const VALUES: &[&str] = &[
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
/// What stands once for a database: whose clocks tell the day of an instant.
pub(super) const ZONE: &str = "zone";
/// What stands for one column.
pub(super) const COLUMN: &[&str] = &[
    "age_on",
    "comparator_header",
    "date_header",
    "exclude",
    "from",
    "header",
    "map",
    "missing",
    "molar_mass",
    "reduce",
    "table",
    "to",
    "unit",
    "unit_header",
    "until_header",
    "where",
];
/// What stands for the subject.
const SUBJECT: &[&str] = &["header", "identifier", "null", "words"];
/// What names the subject of DICOM files where the schema does not.
pub(super) const PATIENT_ID: &str = "PatientID";
/// What says how texts are written: nothing where a source gives types.
pub(crate) const OF_TEXTS: [&str; 7] = [
    "blanks",
    "dates",
    "decimal",
    "false",
    "numbers",
    "thousands",
    "true",
];

/// Words that are unknown, or that a kind of source cannot honour.
pub(super) fn check(schema: &Schema, kind: Kind) -> Vec<String> {
    let mut problems = Vec::new();
    let all = schema.source().keys().map(String::as_str);
    for word in all.filter(|word| *word != LEVEL) {
        let (at, word) = match tables::split(word) {
            Some((table, _)) if kind == Kind::Dicom => {
                problems.push(format!("source.tables.{table}: {kind} is one table"));
                continue;
            }
            Some((table, word)) => (format!("source.tables.{table}"), word),
            None => ("source".to_owned(), word),
        };
        let is_zone = word == ZONE && at == "source";
        let cannot = TEXT_FILES.contains(&word) && !kind.is_text();
        if cannot || (is_zone && kind != Kind::Query) {
            problems.push(format!("{at}.{word}: {kind} has no such thing"));
        } else if !is_zone && ![VALUES, TEXT_FILES].concat().contains(&word) {
            problems.push(unknown(&at, word, [VALUES, TEXT_FILES, &[ZONE]].concat()));
        }
    }
    problems.extend(subject(schema, kind));
    for column in schema.columns() {
        let at = format!("column {}, source", column.name);
        for word in column.source.keys() {
            if ![VALUES, COLUMN].concat().contains(&word.as_str()) {
                problems.push(unknown(&at, word, [VALUES, COLUMN].concat()));
            } else if word == "reduce" && kind != Kind::Dicom {
                problems.push(format!(
                    "{at}.{word}: {kind} has no such thing: `rule` joins rows"
                ));
            }
        }
    }
    problems
}

/// What is wrong with the words of the subject.
fn subject(schema: &Schema, kind: Kind) -> Vec<String> {
    let mut problems = Vec::new();
    for (word, value) in schema.subject() {
        match (word.as_str(), tables::split(word)) {
            ("header", _) | (_, Some((_, "header"))) if kind == Kind::Fhir => problems.push(
                format!("subject.{word}: FHIR says itself whom a resource is about: `identifier` names the system of their numbers"),
            ),
            (_, Some((table, "header"))) if kind == Kind::Dicom => {
                problems.push(format!("subject.tables.{table}: {kind} is one table"));
            }
            ("header", _) | (_, Some((_, "header"))) => {}
            ("null" | "words", _) if kind == Kind::Fhir => problems.push(format!("subject.{word}: {kind} has no such thing")),
            ("null", _) => {}
            ("words", _) if value == "keep" => {}
            ("words", _) => problems.push("subject.words: expected `keep`".to_owned()),
            ("identifier", _) if is_system(value) => {}
            ("identifier", _) => problems.push("subject.identifier: expected the system of an identifier, such as urn:oid:1.2.3 or https://hospital.example/mrn".to_owned()),
            _ => problems.push(unknown("subject", word, SUBJECT.to_vec())),
        }
    }
    problems
}

/// Whether a text is a URI as far as it matters here: two that look alike are one.
fn is_system(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    is_plain
        && text
            .split_once(':')
            .is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty())
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
