//! The one canonical form of a schema.

use super::day::print_day;
use super::decimal::print_decimal;
use super::file::{FileColumn, Texts};
use super::{Column, ColumnType, FORMAT, Outsiders, RowRule, Rows, Schema};
use serde::Serialize;
use serde_json::Value as Json;

#[derive(Serialize)]
struct Canonical {
    columns: Vec<FileColumn>,
    format: &'static str,
    outsiders: Outsiders,
    rows: Rows,
    source: Texts,
    subject: Texts,
}

/// The canonical bytes of a schema.
pub(super) fn bytes(schema: &Schema) -> Vec<u8> {
    let canonical = Canonical {
        columns: schema.columns.iter().map(file_column).collect(),
        format: FORMAT,
        outsiders: schema.outsiders,
        rows: schema.rows,
        source: Texts(schema.source.clone()),
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
