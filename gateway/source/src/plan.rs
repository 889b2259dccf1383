//! From a dataset schema to what the readers do: each column's `source` object, checked, all
//! problems at once.
//!
//! Names of a `source` object, all optional unless said:
//! - both: `from`, `to` (days of the window), `missing` (value of a patient who has none),
//!   `exclude` (patients with this value are left out), `on_bad` (`refuse` or `drop`), `round`
//!   (`true`: fractions of integers are rounded), `age_on` (day), `map` (`their text=our code;
//!   ...`), `null` (`NA; -`), `unit` (`%; mmol/mol*0.09148+2.152`), `dates` (`iso`, `dmy`, `mdy`),
//!   `partial` (`first`, `middle`, `drop`), `decimal` (`point`, `comma`);
//! - FHIR: `resource` (needed), `path` (without one, existence is the value), `codes`
//!   (`system|code; ...`), `code_path`, `where` and `false_if` (`path=literal,literal; ...`),
//!   `date`;
//! - CSV: `header` (default: the column's name), `date_header`.

use super::column::{Bad, OnBad, SourceColumn, Unit};
use super::date::{self, Order, Partial};
use super::fhir::path::Path;
use super::fhir::resource::{CODES, Condition, DATES, FhirColumn};
use super::number;
use medveil_circuits::schema::{Column, ColumnType, RowRule};
use std::collections::BTreeMap;

const COMMON: &[&str] = &[
    "from",
    "to",
    "missing",
    "exclude",
    "on_bad",
    "round",
    "age_on",
    "map",
    "null",
    "unit",
    "dates",
    "partial",
    "decimal",
    "resource",
    "path",
    "codes",
    "code_path",
    "where",
    "false_if",
    "date",
    "header",
    "date_header",
];

const ON_BAD: [(&str, OnBad); 2] = [("refuse", OnBad::Refuse), ("drop", OnBad::Drop)];
const ORDERS: [(&str, Order); 3] = [
    ("iso", Order::Iso),
    ("dmy", Order::DayMonthYear),
    ("mdy", Order::MonthDayYear),
];
const PARTIALS: [(&str, Partial); 3] = [
    ("first", Partial::First),
    ("middle", Partial::Middle),
    ("drop", Partial::Drop),
];

/// How a column is read from CSV.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CsvColumn {
    pub header: String,
    /// Header of the date that orders several rows of one patient.
    pub date_header: Option<String>,
}

/// Collects problems of one column.
struct Reader<'a> {
    column: &'a Column,
    problems: &'a mut Vec<String>,
}

impl<'a> Reader<'a> {
    fn get(&self, key: &str) -> Option<&'a str> {
        self.column.source.get(key).map(String::as_str)
    }

    fn problem(&mut self, key: &str, what: impl std::fmt::Display) {
        self.problems
            .push(format!("column {}, source.{key}: {what}", self.column.name));
    }

    fn word<T: Copy>(&mut self, key: &str, words: &[(&str, T)], default: T) -> T {
        let Some(text) = self.get(key) else {
            return default;
        };
        match words.iter().find(|(word, _)| *word == text) {
            Some((_, value)) => *value,
            None => {
                let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
                self.problem(key, format!("expected one of {}", names.join(", ")));
                default
            }
        }
    }

    fn day(&mut self, key: &str) -> Option<i32> {
        let text = self.get(key)?;
        match date::parse(text, Order::Iso, Partial::Drop) {
            Ok(when) => Some(when.day),
            Err(_) => {
                self.problem(key, "expected a day such as 2026-01-31");
                None
            }
        }
    }

    fn list(&self, key: &str) -> Vec<String> {
        let items = self.get(key).unwrap_or("").split(';').map(str::trim);
        items
            .filter(|item| !item.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn path(&mut self, key: &str, default: Option<&str>) -> Option<Path> {
        let text = self.get(key).or(default)?;
        match Path::parse(text) {
            Ok(path) => Some(path),
            Err(e) => {
                self.problem(key, e);
                None
            }
        }
    }

    fn conditions(&mut self, key: &str) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for item in self.list(key) {
            // The path may hold `where(a='b')`, so the last `=` outside parentheses counts.
            let Some((path, literals)) = split_outside(&item) else {
                self.problem(key, "expected path=literal,literal; ...");
                continue;
            };
            match Path::parse(path) {
                Ok(path) => {
                    let one_of = literals
                        .split(',')
                        .map(|l| l.trim().to_owned())
                        .filter(|l| !l.is_empty())
                        .collect();
                    conditions.push(Condition { path, one_of });
                }
                Err(e) => self.problem(key, e),
            }
        }
        conditions
    }

    fn map(&mut self) -> BTreeMap<String, String> {
        let mut map = BTreeMap::new();
        for item in self.list("map") {
            match item.rsplit_once('=') {
                Some((from, to)) => {
                    if map
                        .insert(from.trim().to_owned(), to.trim().to_owned())
                        .is_some()
                    {
                        self.problem("map", "a text stands twice");
                    }
                }
                None => self.problem("map", "expected their text=our code; ..."),
            }
        }
        map
    }

    fn units(&mut self) -> Vec<Unit> {
        let mut units = Vec::new();
        for item in self.list("unit") {
            match unit(&item) {
                Some(unit) => units.push(unit),
                None => self.problem(
                    "unit",
                    "expected UCUM codes, each with *factor+offset where it is another unit",
                ),
            }
        }
        units
    }
}

/// `path=literals` at the first `=` that stands in no parentheses.
fn split_outside(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0i32;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '=' if depth == 0 => return Some((text.get(..at)?, text.get(at + 1..)?)),
            _ => {}
        }
    }
    None
}

fn unit(text: &str) -> Option<Unit> {
    let Some((code, sum)) = text.split_once('*').filter(|(_, rest)| {
        rest.bytes().next().is_some_and(|b| b.is_ascii_digit()) && rest.contains('.')
    }) else {
        return Some(Unit {
            code: text.to_owned(),
            factor: 1_000_000,
            offset: 0,
        });
    };
    let (factor, offset) = sum.split_once('+').unwrap_or((sum, "0"));
    let exact = |text: &str| {
        number::scaled(text.trim(), 6)
            .filter(|n| n.exact)
            .map(|n| n.value)
    };
    Some(Unit {
        code: code.trim().to_owned(),
        factor: exact(factor)?,
        offset: exact(offset)?,
    })
}

/// The plan for FHIR sources.
///
/// **Errors**: all problems of all columns.
pub(crate) fn fhir(columns: &[Column]) -> Result<Vec<(SourceColumn, FhirColumn)>, Vec<String>> {
    build(columns, OnBad::Drop, |reader, column| {
        column.round |= reader.get("round").is_none();
        let resource = reader.get("resource");
        if resource.is_none() {
            reader.problem(
                "resource",
                "missing: expected a FHIR resource type, such as Observation",
            );
        }
        let path = reader.path("path", None);
        if reader.get("path").is_none()
            && column.rule != RowRule::Count
            && column.kind != ColumnType::Flag
        {
            reader.problem("path", "missing: only a flag or a count can do without");
        }
        let mut conditions = reader.conditions("where");
        let codes = reader.list("codes");
        if !codes.is_empty() {
            conditions.extend(reader.path("code_path", Some(CODES)).map(|path| Condition {
                path,
                one_of: codes,
            }));
        }
        let false_if = reader.conditions("false_if");
        if !false_if.is_empty() && column.kind != ColumnType::Flag {
            reader.problem("false_if", "expected a column of type flag");
        }
        let date = reader.path("date", Some(DATES))?;
        Some(FhirColumn {
            resource: resource?.to_owned(),
            path,
            conditions,
            false_if,
            date,
        })
    })
}

/// The plan for CSV sources.
///
/// **Errors**: all problems of all columns.
pub(crate) fn csv(columns: &[Column]) -> Result<Vec<(SourceColumn, CsvColumn)>, Vec<String>> {
    build(columns, OnBad::Refuse, |reader, _| {
        let header = reader
            .get("header")
            .unwrap_or(&reader.column.name)
            .to_owned();
        Some(CsvColumn {
            header,
            date_header: reader.get("date_header").map(str::to_owned),
        })
    })
}

fn build<T>(
    columns: &[Column],
    on_bad: OnBad,
    mut special: impl FnMut(&mut Reader<'_>, &mut SourceColumn) -> Option<T>,
) -> Result<Vec<(SourceColumn, T)>, Vec<String>> {
    let (mut problems, mut planned) = (Vec::new(), Vec::new());
    for column in columns {
        let mut reader = Reader {
            column,
            problems: &mut problems,
        };
        for key in column.source.keys() {
            if !COMMON.contains(&key.as_str()) {
                reader.problem(key, "unknown name");
            }
        }
        let mut source = common(&mut reader, on_bad);
        if let Some(special) = special(&mut reader, &mut source) {
            planned.push((source, special));
        }
    }
    if problems.is_empty() {
        Ok(planned)
    } else {
        Err(problems)
    }
}

fn common(reader: &mut Reader<'_>, on_bad: OnBad) -> SourceColumn {
    let (from, to) = (reader.day("from"), reader.day("to"));
    let window = (from.is_some() || to.is_some())
        .then(|| (from.unwrap_or(i32::MIN), to.unwrap_or(i32::MAX)));
    let mut column = SourceColumn {
        name: reader.column.name.clone(),
        kind: reader.column.kind.clone(),
        rule: reader.column.rule,
        window,
        missing: None,
        exclude: None,
        on_bad: reader.word("on_bad", &ON_BAD, on_bad),
        round: reader.word("round", &[("true", true), ("false", false)], false),
        age_on: reader.day("age_on"),
        map: reader.map(),
        null: reader.list("null"),
        units: reader.units(),
        order: reader.word("dates", &ORDERS, Order::Iso),
        partial: reader.word("partial", &PARTIALS, Partial::Middle),
        comma: reader.word("decimal", &[("point", false), ("comma", true)], false),
    };
    let fixed = SourceColumn {
        age_on: None,
        map: BTreeMap::new(),
        order: Order::Iso,
        ..column.clone()
    };
    column.missing = fixed_value(reader, "missing", &fixed);
    column.exclude = fixed_value(reader, "exclude", &fixed);
    check(reader, &column);
    column
}

/// A value that the schema itself names.
fn fixed_value(reader: &mut Reader<'_>, key: &str, column: &SourceColumn) -> Option<i64> {
    match column.read(reader.get(key)?) {
        Ok(Some(value)) => return Some(value),
        Ok(None) => reader.problem(key, "expected a value"),
        Err(bad) => reader.problem(key, bad.expected()),
    }
    None
}

/// What does not fit together.
fn check(reader: &mut Reader<'_>, column: &SourceColumn) {
    let is_int = matches!(column.kind, ColumnType::Int { .. });
    if column.age_on.is_some() && !is_int {
        reader.problem("age_on", "expected a column of type int");
    }
    if column.rule == RowRule::Count && !is_int {
        reader.problem("header", "the row rule count needs a column of type int");
    }
    if matches!(column.rule, RowRule::Min | RowRule::Max)
        && matches!(column.kind, ColumnType::Code { .. })
    {
        reader.problem("map", "the row rules min and max mean nothing for codes");
    }
    let unknown: Vec<String> = match &column.kind {
        ColumnType::Code { .. } | ColumnType::Flag => {
            let plain = SourceColumn {
                map: BTreeMap::new(),
                null: Vec::new(),
                ..column.clone()
            };
            column
                .map
                .values()
                .filter(|to| matches!(plain.read(to), Err(Bad::Code | Bad::Flag)))
                .cloned()
                .collect()
        }
        ColumnType::Int { .. } | ColumnType::Decimal { .. } | ColumnType::Day { .. } => Vec::new(),
    };
    for to in unknown {
        reader.problem("map", format!("{to} is none of the column's codes"));
    }
}

#[cfg(test)]
mod tests;
