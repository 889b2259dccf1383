//! Dataset schemas: typed, bounded columns, where their values come from, and how several source
//! rows become one.
//!
//! A schema exists only if it is valid. Its canonical JSON (RFC 8785, defaults written out) is
//! hashed into the dataset root, so that one schema has one byte form. What a column's `source`
//! object means is the business of whoever reads sources; here it is opaque text.

mod canonical;
mod day;
mod decimal;
mod file;
mod parse;
mod value;

use crate::domain::Label;
use crate::field::{Felt, bytes_to_field};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

pub use day::FIRST_YEAR;
pub(crate) use day::{day_of_text, print_day};
pub(crate) use decimal::print_decimal;
pub use value::{Value, ValueError};

/// The value of `format`.
pub const FORMAT: &str = "medveil-schema-1";
/// Largest schema file. **Units**: bytes.
pub const MAX_BYTES: usize = 1 << 20;
pub const MAX_COLUMNS: usize = MAX_CELLS;
/// Most cells of a row: 16 blocks of ten columns.
pub const MAX_CELLS: usize = 160;
/// Most codes of one column.
pub const MAX_CODES: usize = 65_536;
/// Bits of one cell.
pub const CELL_BITS: u32 = 24;
/// Key slots of columns and column groups; slots 0 and 1 hold the flags and the pseudonyms.
pub const COLUMN_SLOTS: usize = 13;

/// One thing that is wrong with a schema, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaProblem {
    /// Path inside the file, such as `columns[2].max`.
    pub at: String,
    /// What was expected and what came.
    pub what: String,
}

/// Everything that is wrong with a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaProblems(pub Vec<SchemaProblem>);

impl fmt::Display for SchemaProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self
            .0
            .iter()
            .map(|p| {
                if p.at.is_empty() {
                    p.what.clone()
                } else {
                    format!("{}: {}", p.at, p.what)
                }
            })
            .collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for SchemaProblems {}

/// What becomes a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    /// Everything about one subject.
    PerSubject,
    /// Each record of the source.
    PerRecord,
}

/// What happens to rows of the source that do not satisfy every inclusion criterion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outsiders {
    /// Nothing is committed.
    Refuse,
    /// They are left out and counted.
    LeaveOut,
}

/// How several source values become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RowRule {
    First,
    Last,
    Min,
    Max,
    /// A flag: true if one is; otherwise the first in the order of the source.
    Any,
    /// How many there are.
    Count,
}

/// What a column holds. Bounds are inclusive; decimals are integers of 10^-scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// A bounded integer.
    Int { min: i64, max: i64 },
    /// One code of a list.
    Code {
        /// The codes; a value is the index of one.
        codes: Vec<String>,
    },
    /// A bounded day. **Units**: days since 1970-01-01.
    Day { min: i32, max: i32 },
    /// A bounded decimal.
    Decimal {
        /// Digits after the point.
        scale: u32,
        /// Smallest, times 10^scale.
        min: i64,
        /// Largest, times 10^scale.
        max: i64,
    },
    /// True or false.
    Flag,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name: what queries call it.
    pub name: String,
    /// What it holds.
    pub kind: ColumnType,
    /// How several source values become one.
    pub rule: RowRule,
    /// Where its values come from: opaque here.
    pub source: BTreeMap<String, String>,
    /// Columns of one group are handed over together; a column without one is a group of its own.
    pub group: Option<String>,
    /// A flag that is TRUE in every row: registration proves it.
    pub inclusion_criterion: bool,
    /// It names a person.
    pub identifier: bool,
    /// With others it may name a person.
    pub quasi_identifier: bool,
}

/// A dataset schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    pub(crate) rows: Rows,
    pub(crate) subject: BTreeMap<String, String>,
    pub(crate) source: BTreeMap<String, String>,
    pub(crate) outsiders: Outsiders,
    pub(crate) columns: Vec<Column>,
}

impl Column {
    /// Smallest and largest value as an integer.
    pub fn bounds(&self) -> (i64, i64) {
        match &self.kind {
            ColumnType::Int { min, max } | ColumnType::Decimal { min, max, .. } => (*min, *max),
            ColumnType::Day { min, max } => (i64::from(*min), i64::from(*max)),
            // At most `MAX_CODES`, and at least one.
            ColumnType::Code { codes } => (0, codes.len() as i64 - 1),
            ColumnType::Flag => (0, 1),
        }
    }

    /// Bits that hold every value: at least one.
    pub fn bits(&self) -> u32 {
        let (min, max) = self.bounds();
        (64 - max.abs_diff(min).leading_zeros()).max(1)
    }

    /// Cells that one value takes.
    pub fn limbs(&self) -> u32 {
        self.bits().div_ceil(CELL_BITS)
    }
}

impl Schema {
    /// Reads a schema file as people write it.
    ///
    /// **Errors**: all problems.
    pub fn from_json(text: &str) -> Result<Self, SchemaProblems> {
        parse::schema(text)
    }

    /// Reads canonical bytes, as the ledger holds them.
    ///
    /// **Errors**: all problems, also when the bytes are valid but not canonical.
    pub fn from_canonical(bytes: &[u8]) -> Result<Self, SchemaProblems> {
        let problem = |what: &str| {
            SchemaProblems(vec![SchemaProblem {
                at: String::new(),
                what: what.to_owned(),
            }])
        };
        let text = std::str::from_utf8(bytes).map_err(|_| problem("expected utf-8"))?;
        let schema = Schema::from_json(text)?;
        if schema.to_canonical() == bytes {
            Ok(schema)
        } else {
            Err(problem(
                "expected canonical bytes (RFC 8785, defaults written)",
            ))
        }
    }

    /// The canonical bytes.
    pub fn to_canonical(&self) -> Vec<u8> {
        canonical::bytes(self)
    }

    /// F("schema", canonical JSON).
    pub fn hash(&self) -> Felt {
        bytes_to_field(Label::Schema, &self.to_canonical())
    }

    /// What becomes a row.
    pub fn rows(&self) -> Rows {
        self.rows
    }

    /// Where the subject's number comes from: opaque here.
    pub fn subject(&self) -> &BTreeMap<String, String> {
        &self.subject
    }

    /// How all columns are read from their source: opaque here.
    pub fn source(&self) -> &BTreeMap<String, String> {
        &self.source
    }

    /// What happens to rows that do not satisfy every inclusion criterion.
    pub fn outsiders(&self) -> Outsiders {
        self.outsiders
    }

    /// Names of the columns that are TRUE in every row.
    pub fn criteria(&self) -> Vec<&str> {
        let criteria = self.columns.iter().filter(|c| c.inclusion_criterion);
        criteria.map(|c| c.name.as_str()).collect()
    }

    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// A column and its index, by name.
    pub fn column(&self, name: &str) -> Option<(usize, &Column)> {
        self.columns
            .iter()
            .enumerate()
            .find(|(_, c)| c.name == name)
    }

    /// Names of what is handed over, in the order of key slots 2, 3, ..: groups, and columns
    /// without one.
    pub fn slots(&self) -> Vec<&str> {
        let mut slots: Vec<&str> = Vec::new();
        for column in &self.columns {
            let name = column.group.as_deref().unwrap_or(&column.name);
            if !slots.contains(&name) {
                slots.push(name);
            }
        }
        slots
    }
}

#[cfg(test)]
mod tests;
