//! The schema file: reading with all problems at once, and the one canonical form.

use super::{
    COLUMN_SLOTS, Column, ColumnType, FORMAT, MAX_BYTES, MAX_CELLS, MAX_CODES, MAX_COLUMNS,
    RowRule, Rows, Schema, SchemaProblem, SchemaProblems,
};
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    #[serde(default)]
    rows: Option<String>,
    #[serde(default)]
    subject: Texts,
    columns: Vec<FileColumn>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct FileColumn {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    min: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max: Option<Json>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scale: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    codes: Option<Vec<String>>,
    #[serde(default)]
    rule: Option<String>,
    #[serde(default)]
    source: Texts,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(default)]
    inclusion_criterion: bool,
    #[serde(default)]
    identifier: bool,
    #[serde(default)]
    quasi_identifier: bool,
}

/// Names and texts, none twice.
#[derive(Default, Serialize)]
#[serde(transparent)]
struct Texts(BTreeMap<String, String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = Texts;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of texts")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Texts, A::Error> {
                let mut texts = BTreeMap::new();
                while let Some((name, text)) = map.next_entry::<String, String>()? {
                    if texts.insert(name, text).is_some() {
                        return Err(A::Error::custom("a name stands twice in one object"));
                    }
                }
                Ok(Texts(texts))
            }
        }
        deserializer.deserialize_map(V)
    }
}

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

fn build(file: File, problems: &mut Problems) -> Schema {
    if file.format != FORMAT {
        problems.add("format", format!("expected \"{FORMAT}\""));
    }
    let rows = match file.rows.as_deref() {
        None | Some("per_subject") => Rows::PerSubject,
        Some("per_record") => Rows::PerRecord,
        Some(_) => {
            problems.add("rows", "expected per_subject or per_record");
            Rows::PerSubject
        }
    };
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
        if code.is_empty()
            || code.len() > 256
            || code.trim() != code
            || code.chars().any(char::is_control)
        {
            problems.add(&at, "expected codes of 1 to 256 bytes, without control characters or spaces at the ends");
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

/// A number (or its text) as an integer of 10^-scale, exactly.
fn decimal(value: &Json, scale: u32) -> Option<i64> {
    let text = match value {
        Json::Number(number) => number.to_string(),
        Json::String(text) => text.clone(),
        _ => return None,
    };
    let (negative, digits) = text
        .strip_prefix('-')
        .map_or((false, text.as_str()), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |t: &str| (1..=19).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let missing = scale.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let value = format!("{whole}{fraction}")
        .parse::<i128>()
        .ok()?
        .checked_mul(10i128.checked_pow(missing)?)?;
    i64::try_from(if negative { -value } else { value }).ok()
}

pub(crate) fn print_decimal(value: i64, scale: u32) -> Json {
    let power = 10u64.pow(scale);
    let (whole, fraction) = (value.unsigned_abs() / power, value.unsigned_abs() % power);
    let sign = if value < 0 { "-" } else { "" };
    Json::String(format!(
        "{sign}{whole}.{fraction:0width$}",
        width = scale as usize
    ))
}

/// Days since 1970-01-01 of `2026-11-23`, years 1800 to 2999 (proleptic Gregorian).
fn day(value: &Json) -> Option<i64> {
    day_of_text(value.as_str()?)
}

/// Days since 1970-01-01 of a text like `2026-01-31`, years 1800 to 2999.
pub(crate) fn day_of_text(text: &str) -> Option<i64> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| {
            if i == 4 || i == 7 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
    let days = civil_to_days(year, month, day);
    let real = shape
        && (1800..3000).contains(&year)
        && (1..=12).contains(&month)
        && days_to_civil(days) == (year, month, day);
    real.then_some(days)
}

fn civil_to_days(year: i64, month: i64, day: i64) -> i64 {
    // Years run from March, so that the leap day is the last of a year; eras are 400 years.
    let y = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn days_to_civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (
        era * 400 + yoe + i64::from(month <= 2),
        month,
        doy - (153 * mp + 2) / 5 + 1,
    )
}

pub(crate) fn print_day(days: i32) -> Json {
    let (year, month, day) = days_to_civil(i64::from(days));
    Json::String(format!("{year:04}-{month:02}-{day:02}"))
}

#[derive(Serialize)]
struct Canonical {
    columns: Vec<FileColumn>,
    format: &'static str,
    rows: Rows,
    subject: Texts,
}

/// The canonical bytes of a schema.
pub(super) fn canonical(schema: &Schema) -> Vec<u8> {
    let canonical = Canonical {
        columns: schema.columns.iter().map(file_column).collect(),
        format: FORMAT,
        rows: schema.rows,
        subject: Texts(schema.subject.clone()),
    };
    // Texts, truth values, one small integer and lists of them always serialise.
    serde_json_canonicalizer::to_vec(&canonical).unwrap_or_default()
}

fn file_column(column: &Column) -> FileColumn {
    let (min, max, scale, codes) = match &column.kind {
        ColumnType::Int { min, max } => (
            Some(Json::String(min.to_string())),
            Some(Json::String(max.to_string())),
            None,
            None,
        ),
        ColumnType::Decimal { scale, min, max } => (
            Some(print_decimal(*min, *scale)),
            Some(print_decimal(*max, *scale)),
            Some(*scale),
            None,
        ),
        ColumnType::Day { min, max } => (Some(print_day(*min)), Some(print_day(*max)), None, None),
        ColumnType::Code { codes } => (None, None, None, Some(codes.clone())),
        ColumnType::Flag => (None, None, None, None),
    };
    let rule = match column.rule {
        RowRule::First => "first",
        RowRule::Last => "last",
        RowRule::Min => "min",
        RowRule::Max => "max",
        RowRule::Any => "any",
        RowRule::Count => "count",
    };
    FileColumn {
        name: column.name.clone(),
        kind: column.kind.word().to_owned(),
        min,
        max,
        scale,
        codes,
        rule: Some(rule.to_owned()),
        source: Texts(column.source.clone()),
        group: column.group.clone(),
        inclusion_criterion: column.inclusion_criterion,
        identifier: column.identifier,
        quasi_identifier: column.quasi_identifier,
    }
}
