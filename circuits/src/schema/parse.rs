//! Reading a schema file, with all problems at once.

use super::day::day_of_text;
use super::decimal::decimal;
use super::file::{File, FileColumn};
use super::{
    COLUMN_SLOTS, Column, ColumnType, FORMAT, MAX_BYTES, MAX_CELLS, MAX_CODES, MAX_COLUMNS,
    Outsiders, RowRule, Rows, Schema, SchemaProblem, SchemaProblems,
};
use medveil_text::is_plain;
use serde_json::Value as Json;
use std::collections::BTreeSet;

struct Problems(Vec<SchemaProblem>);

impl Problems {
    fn add(&mut self, at: impl Into<String>, what: impl Into<String>) {
        self.0.push(SchemaProblem {
            at: at.into(),
            what: what.into(),
        });
    }
}

/// Reads a schema.
pub(super) fn schema(text: &str) -> Result<Schema, SchemaProblems> {
    let mut problems = Problems(Vec::new());
    if text.len() > MAX_BYTES {
        problems.add(
            "",
            format!("expected at most {MAX_BYTES} bytes, got {}", text.len()),
        );
        return Err(SchemaProblems(problems.0));
    }
    let file: File = match serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        Ok(file) => file,
        Err(e) => {
            problems.add("", format!("not a schema: {e}"));
            return Err(SchemaProblems(problems.0));
        }
    };
    let schema = build(file, &mut problems);
    if problems.0.is_empty() {
        Ok(schema)
    } else {
        Err(SchemaProblems(problems.0))
    }
}

const ROWS: [(&str, Rows); 2] = [
    ("per_subject", Rows::PerSubject),
    ("per_record", Rows::PerRecord),
];
const OUTSIDERS: [(&str, Outsiders); 2] = [
    ("refuse", Outsiders::Refuse),
    ("leave_out", Outsiders::LeaveOut),
];

/// One of two words; the first where there is none.
fn choice<T: Copy>(
    word: Option<&str>,
    at: &str,
    known: [(&str, T); 2],
    problems: &mut Problems,
) -> T {
    let [(first, default), (second, _)] = known;
    let found = known.into_iter().find(|(name, _)| word == Some(*name));
    if word.is_some() && found.is_none() {
        problems.add(at, format!("expected {first} or {second}"));
    }
    found.map_or(default, |(_, value)| value)
}

fn build(file: File, problems: &mut Problems) -> Schema {
    if file.format != FORMAT {
        problems.add("format", format!("expected \"{FORMAT}\""));
    }
    let rows = choice(file.rows.as_deref(), "rows", ROWS, problems);
    let outsiders = choice(file.outsiders.as_deref(), "outsiders", OUTSIDERS, problems);
    if !(1..=MAX_COLUMNS).contains(&file.columns.len()) {
        problems.add(
            "columns",
            format!("expected 1 to {MAX_COLUMNS}, got {}", file.columns.len()),
        );
    }
    let mut names = BTreeSet::new();
    let mut columns = Vec::new();
    for (i, column) in file.columns.into_iter().take(MAX_COLUMNS).enumerate() {
        let at = format!("columns[{i}]");
        if !names.insert(column.name.to_ascii_lowercase()) {
            problems.add(
                format!("{at}.name"),
                "stands twice (upper and lower case count as equal)",
            );
        }
        columns.extend(read_column(column, &at, problems));
    }
    let schema = Schema {
        rows,
        subject: file.subject.0,
        source: file.source.0,
        outsiders,
        columns,
    };
    for column in schema.columns.iter().filter(|c| c.group.is_none()) {
        if schema
            .columns
            .iter()
            .any(|other| other.group.as_ref() == Some(&column.name))
        {
            problems.add(
                format!("column {}", column.name),
                "a group has the name of a column outside it",
            );
        }
    }
    let cells: u32 = schema.columns.iter().map(Column::limbs).sum();
    if cells as usize > MAX_CELLS {
        problems.add("columns", format!("expected at most {MAX_CELLS} cells a row (one for each 24 bits of a value), got {cells}"));
    }
    let slots = schema.slots().len();
    if slots > COLUMN_SLOTS {
        problems.add(
            "columns",
            format!("expected at most {COLUMN_SLOTS} columns or groups with a key of their own, got {slots}: put columns into groups"),
        );
    }
    schema
}

fn read_column(column: FileColumn, at: &str, problems: &mut Problems) -> Option<Column> {
    let before = problems.0.len();
    for (what, name) in [
        ("name", Some(&column.name)),
        ("group", column.group.as_ref()),
    ] {
        if name.is_some_and(|name| !is_word(name)) {
            problems.add(
                format!("{at}.{what}"),
                "expected 1 to 64 letters, digits and underscores, first a letter",
            );
        }
    }
    let kind = read_kind(&column, at, problems);
    let rule = read_rule(column.rule.as_deref(), kind.as_ref(), at, problems);
    if column.inclusion_criterion && kind.as_ref().is_some_and(|kind| *kind != ColumnType::Flag) {
        let what = "only a flag can be one: it is TRUE in every row";
        problems.add(format!("{at}.inclusion_criterion"), what);
    }
    (problems.0.len() == before).then_some(())?;
    Some(Column {
        name: column.name,
        kind: kind?,
        rule: rule?,
        source: column.source.0,
        group: column.group,
        inclusion_criterion: column.inclusion_criterion,
        identifier: column.identifier,
        quasi_identifier: column.quasi_identifier,
    })
}

fn is_word(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    text.len() <= 64
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
        && text.bytes().all(inner)
}

fn read_rule(
    rule: Option<&str>,
    kind: Option<&ColumnType>,
    at: &str,
    problems: &mut Problems,
) -> Option<RowRule> {
    let rule = match rule {
        None if kind == Some(&ColumnType::Flag) => RowRule::Any,
        None | Some("last") => RowRule::Last,
        Some("first") => RowRule::First,
        Some("min") => RowRule::Min,
        Some("max") => RowRule::Max,
        Some("any") => RowRule::Any,
        Some("count") => RowRule::Count,
        Some(_) => {
            problems.add(
                format!("{at}.rule"),
                "expected first, last, min, max, any or count",
            );
            return None;
        }
    };
    if rule == RowRule::Count && !matches!(kind, Some(ColumnType::Int { .. })) {
        problems.add(format!("{at}.rule"), "count needs the type int");
    }
    Some(rule)
}

fn read_kind(column: &FileColumn, at: &str, problems: &mut Problems) -> Option<ColumnType> {
    let (bounded, scaled, listed) = (
        matches!(column.kind.as_str(), "int" | "day" | "decimal"),
        column.kind == "decimal",
        column.kind == "code",
    );
    let present = [
        ("min", column.min.is_some(), bounded),
        ("max", column.max.is_some(), bounded),
        ("scale", column.scale.is_some(), scaled),
        ("codes", column.codes.is_some(), listed),
    ];
    for (name, there, wanted) in present {
        if there && !wanted {
            problems.add(
                format!("{at}.{name}"),
                format!("means nothing for the type {}", column.kind),
            );
        } else if !there && wanted {
            problems.add(format!("{at}.{name}"), "missing");
        }
    }
    let scale = column.scale.unwrap_or(0);
    match column.kind.as_str() {
        "flag" => Some(ColumnType::Flag),
        "code" => codes(column.codes.as_deref()?, at, problems),
        "int" => bounds(column, at, problems, |v| decimal(v, 0))
            .map(|(min, max)| ColumnType::Int { min, max }),
        "decimal" if !(1..=9).contains(&scale) => {
            problems.add(
                format!("{at}.scale"),
                format!("expected 1 to 9, got {scale}"),
            );
            None
        }
        "decimal" => bounds(column, at, problems, |v| decimal(v, scale))
            .map(|(min, max)| ColumnType::Decimal { scale, min, max }),
        "day" => bounds(column, at, problems, day).map(|(min, max)| ColumnType::Day {
            min: min as i32,
            max: max as i32,
        }),
        _ => {
            problems.add(
                format!("{at}.type"),
                "expected int, code, day, decimal or flag",
            );
            None
        }
    }
}

fn codes(codes: &[String], at: &str, problems: &mut Problems) -> Option<ColumnType> {
    let at = format!("{at}.codes");
    if !(1..=MAX_CODES).contains(&codes.len()) {
        problems.add(
            &at,
            format!("expected 1 to {MAX_CODES}, got {}", codes.len()),
        );
        return None;
    }
    let mut known = BTreeSet::new();
    for code in codes {
        let is_some = (1..=256).contains(&code.len());
        if !is_some || code.contains('`') || !is_plain(code) {
            problems.add(&at, "expected codes of 1 to 256 bytes, without backquotes, hidden characters, two spaces in a row or spaces at the ends");
        }
        if !known.insert(code) {
            problems.add(&at, "a code stands twice");
        }
    }
    Some(ColumnType::Code {
        codes: codes.to_vec(),
    })
}

fn bounds(
    column: &FileColumn,
    at: &str,
    problems: &mut Problems,
    read: impl Fn(&Json) -> Option<i64>,
) -> Option<(i64, i64)> {
    let mut bound = |name: &str, value: &Option<Json>| {
        let value = value.as_ref()?;
        let read = read(value);
        if read.is_none() {
            problems.add(
                format!("{at}.{name}"),
                format!("expected a value of the type {}", column.kind),
            );
        }
        read
    };
    let (min, max) = (bound("min", &column.min), bound("max", &column.max));
    let (min, max) = (min?, max?);
    if min >= max {
        problems.add(format!("{at}.max"), "expected more than min");
        return None;
    }
    Some((min, max))
}

/// Days since 1970-01-01 of `2026-11-23`, years 1800 to 2999 (proleptic Gregorian).
fn day(value: &Json) -> Option<i64> {
    day_of_text(value.as_str()?)
}
