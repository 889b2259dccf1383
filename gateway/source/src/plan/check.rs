//! Words of a column that do not fit together, or that say nothing of such a column. What stands for
//! the whole source is a default, and may say nothing of some.

use super::reader::Reader;
use crate::column::SourceColumn;
use crate::kind::Kind;
use medveil_circuits::schema::{ColumnType, RowRule};
use std::collections::{BTreeMap, BTreeSet};

/// Finds everything that does not fit.
pub(super) fn check(reader: &mut Reader<'_>, column: &SourceColumn, kind: Kind) {
    ages(reader, column);
    units(reader, column);
    texts(reader, column);
    dates(reader, column);
    map(reader, column, kind);
    rules(reader, column);
    conditions(reader);
}

fn is_number(column: &SourceColumn) -> bool {
    let is_number = matches!(
        column.kind,
        ColumnType::Int { .. } | ColumnType::Decimal { .. }
    );
    is_number && column.age_on.is_none()
}

/// Refuses the column's own ones of some words.
fn refuse(reader: &mut Reader<'_>, words: &[&str], what: &str) {
    for word in words {
        if reader.own(word).is_some() {
            reader.problem(word, what);
        }
    }
}

fn ages(reader: &mut Reader<'_>, column: &SourceColumn) {
    if column.age_on.is_some() {
        if !matches!(column.kind, ColumnType::Int { .. }) {
            reader.problem("age_on", "expected a column of type int");
        }
        let what = "the column is an age, which has no unit: leave `age_on` or this out";
        refuse(
            reader,
            &["unit", "unit_header", "molar_mass", "comparator_header"],
            what,
        );
    } else {
        let what = "needs `age_on`: an age that stops growing";
        refuse(reader, &["until_header"], what);
    }
}

fn units(reader: &mut Reader<'_>, column: &SourceColumn) {
    if !is_number(column) && column.age_on.is_none() {
        let what = "only numbers have one";
        refuse(
            reader,
            &["unit", "unit_header", "molar_mass", "comparator_header"],
            what,
        );
        return;
    }
    if column.units.is_some() && reader.own("unit_header").is_none() {
        reader.problem("unit", "needs `unit_header`: where the unit is");
    }
    if column.units.is_none() && reader.own("unit_header").is_some() {
        reader.problem("unit_header", "needs `unit`: which units are accepted");
    }
}

fn texts(reader: &mut Reader<'_>, column: &SourceColumn) {
    if !is_number(column) {
        let what = "says how numbers are written, and the column has none";
        refuse(reader, &["decimal", "thousands", "numbers", "round"], what);
    }
    if column.kind != ColumnType::Flag {
        refuse(reader, &["true", "false"], "only flags are true or false");
    }
    let flags = column.words.flags.iter().flatten().flatten();
    if flags
        .into_iter()
        .any(|word| column.words.null.contains(word))
    {
        reader.problem(
            "true",
            "a word of `true` or `false` that `null` takes for no value",
        );
    }
}

fn dates(reader: &mut Reader<'_>, column: &SourceColumn) {
    let is_dated = reader.own("date_header").is_some();
    let has_dates =
        is_dated || column.age_on.is_some() || matches!(column.kind, ColumnType::Day { .. });
    if !has_dates {
        let what = "says how dates are written, and the column has none";
        refuse(reader, &["dates", "partial"], what);
    }
    if !is_dated {
        let what = "needs `date_header`: when a value was true";
        refuse(reader, &["from", "to"], what);
    }
    if column.window.is_some_and(|(from, to)| from > to) {
        reader.problem("from", "expected a day that is not after `to`");
    }
}

fn map(reader: &mut Reader<'_>, column: &SourceColumn, kind: Kind) {
    let map = &column.words.map;
    if map.contains_key("") && matches!(kind, Kind::Fhir | Kind::Dicom) {
        let what = format!(
            "\"\" is an empty text, and {kind} has none: `missing` is for patients of whom nothing is said"
        );
        reader.problem("map", what);
    }
    for from in map.keys().filter(|from| column.words.null.contains(from)) {
        reader.problem("map", format!("{from}: `null` takes it for no value"));
    }
    if column.words.trim && map.keys().any(|from| from.trim() != from) {
        reader.problem("map", "expected texts without blanks at their ends");
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
    for to in map.values() {
        let is_own = matches!(plain.read(to), Ok(Some(_)));
        let is_word = column.words.flags.is_some() && matches!(column.read(to), Ok(Some(_)));
        if !is_own && !is_word {
            reader.problem("map", format!("{to} is none of the column's values"));
        }
    }
}

fn rules(reader: &mut Reader<'_>, column: &SourceColumn) {
    if column.rule == RowRule::Count && !matches!(column.kind, ColumnType::Int { .. }) {
        reader.problem("header", "the row rule count needs a column of type int");
    }
    let is_code = matches!(column.kind, ColumnType::Code { .. });
    if matches!(column.rule, RowRule::Min | RowRule::Max) && is_code {
        reader.problem("map", "the row rules min and max mean nothing for codes");
    }
    let (missing, exclude) = (column.missing, column.exclude);
    if missing.is_some() && missing == exclude {
        reader.problem(
            "exclude",
            "leaves out everybody whom `missing` gives a value",
        );
    }
}

/// A row has one text in a column.
fn conditions(reader: &mut Reader<'_>) {
    let items = reader.own("where").unwrap_or_default().split(';');
    let headers = items.filter_map(|item| Some(item.split_once('=')?.0.trim()));
    let mut seen = BTreeSet::new();
    for header in headers.filter(|header| !seen.insert(*header)) {
        let what = format!("{header} stands twice: `{header}=one,other` takes both");
        reader.problem("where", what);
    }
}
