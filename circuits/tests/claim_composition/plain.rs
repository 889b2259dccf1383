//! Conditions as a person would think of them: their SQL, and what they say of a row.

use medveil_circuits::schema::{ColumnType, Schema};
use medveil_circuits::testing::CohortRow;
use std::collections::BTreeSet;

/// A condition as a person would think of it.
#[derive(Clone, Debug)]
pub enum Plain {
    Compare(usize, &'static str, Number),
    Between(usize, bool, Number, Number),
    In(usize, bool, Vec<Number>),
    Null(usize, bool),
    Flag(usize),
    Constant(bool),
    Not(Box<Plain>),
    And(Box<Plain>, Box<Plain>),
    Or(Box<Plain>, Box<Plain>),
}

/// Tenths of a column's unit, so that constants also fall between two values.
pub type Number = i64;

/// A constant as SQL, and the value in tenths that it stands for.
fn write_constant(schema: &Schema, column: usize, tenths: Number) -> String {
    match &schema.columns()[column].kind {
        ColumnType::Int { .. } => tenth(tenths),
        ColumnType::Decimal { scale: 1, .. } => {
            let sign = if tenths < 0 { "-" } else { "" };
            format!("{sign}{}.{:02}", tenths.abs() / 100, tenths.abs() % 100)
        }
        ColumnType::Code { codes } => format!("'{}'", codes[(tenths / 10) as usize]),
        ColumnType::Flag => if tenths == 0 { "FALSE" } else { "TRUE" }.to_owned(),
        ColumnType::Day { .. } => format!("'{}'", date(tenths / 10)),
        ColumnType::Decimal { .. } => unreachable!("the cohort's decimals have one digit"),
    }
}

fn tenth(tenths: Number) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    match tenths.abs() % 10 {
        0 => format!("{sign}{}", tenths.abs() / 10),
        rest => format!("{sign}{}.{rest}", tenths.abs() / 10),
    }
}

/// A date by counting days from 1800: slow and plain.
fn date(days: i64) -> String {
    let leap = |y: i64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    let (mut year, mut left) = (1800, days + 62_091);
    while left >= 365 + i64::from(leap(year)) {
        left -= 365 + i64::from(leap(year));
        year += 1;
    }
    let mut month = 1;
    for length in [
        31,
        28 + i64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ] {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", left + 1)
}

pub fn write(schema: &Schema, plain: &Plain) -> String {
    let name = |c: &usize| schema.columns()[*c].name.clone();
    let not = |negated: &bool| if *negated { "NOT " } else { "" };
    match plain {
        Plain::Compare(c, op, k) => format!("{} {op} {}", name(c), write_constant(schema, *c, *k)),
        Plain::Between(c, n, a, b) => {
            format!(
                "{} {}BETWEEN {} AND {}",
                name(c),
                not(n),
                write_constant(schema, *c, *a),
                write_constant(schema, *c, *b)
            )
        }
        Plain::In(c, n, items) => {
            let items: Vec<String> = items
                .iter()
                .map(|k| write_constant(schema, *c, *k))
                .collect();
            format!("{} {}IN ({})", name(c), not(n), items.join(", "))
        }
        Plain::Null(c, n) => format!("{} IS {}NULL", name(c), not(n)),
        Plain::Flag(c) => name(c),
        Plain::Constant(value) => value.to_string().to_uppercase(),
        Plain::Not(a) => format!("NOT ({})", write(schema, a)),
        Plain::And(a, b) => format!("({}) AND ({})", write(schema, a), write(schema, b)),
        Plain::Or(a, b) => format!("({}) OR ({})", write(schema, a), write(schema, b)),
    }
}

/// SQL's three values, by their truth tables.
pub fn evaluate(plain: &Plain, row: &CohortRow) -> Option<bool> {
    let value = |c: &usize| row.values[*c].map(|v| v * 10);
    match plain {
        Plain::Compare(c, op, k) => value(c).map(|v| match *op {
            "=" => v == *k,
            "<>" => v != *k,
            "<" => v < *k,
            "<=" => v <= *k,
            ">" => v > *k,
            ">=" => v >= *k,
            other => panic!("no operator {other}"),
        }),
        Plain::Between(c, negated, a, b) => value(c).map(|v| (v >= *a && v <= *b) != *negated),
        Plain::In(c, negated, items) => value(c).map(|v| items.contains(&v) != *negated),
        Plain::Null(c, negated) => Some(value(c).is_none() != *negated),
        Plain::Flag(c) => value(c).map(|v| v != 0),
        Plain::Constant(value) => Some(*value),
        Plain::Not(a) => evaluate(a, row).map(|v| !v),
        Plain::And(a, b) => match (evaluate(a, row), evaluate(b, row)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        Plain::Or(a, b) => match (evaluate(a, row), evaluate(b, row)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
    }
}

/// Rows and subjects hit, by going through the list.
pub fn counted(plain: &Plain, rows: &[CohortRow]) -> [u64; 2] {
    let hits: Vec<u128> = rows
        .iter()
        .filter(|row| evaluate(plain, row) == Some(true))
        .map(|row| row.subject)
        .collect();
    [
        hits.len() as u64,
        hits.iter().collect::<BTreeSet<_>>().len() as u64,
    ]
}
