//! The official test suite of SQL on FHIR v2, from the folder `SQL_ON_FHIR_TESTS` or
//! `shared/sql-on-fhir` beside the project.
//!
//! Rows are compared without regard to their order: the suite itself is not of one mind about it.
//! In `foreach.json` the first of two selects moves faster, in `basic.json` the second.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use medveil_sql_on_fhir::{Cell, ViewDefinition, json};
use serde_json::Value;
use std::path::PathBuf;

/// Tests that do not pass, with the reason. Each entry is `file: title`.
const NOT_SUPPORTED: &[(&str, &str)] = &[];

fn folder() -> PathBuf {
    let given = std::env::var_os("SQL_ON_FHIR_TESTS").map(PathBuf::from);
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/sql-on-fhir");
    given.unwrap_or_else(beside)
}

fn plain(cell: &Cell) -> Value {
    match cell {
        Cell::Null | Cell::SeveralForms => Value::Null,
        Cell::Bool(value) => Value::Bool(*value),
        Cell::Number(text) => {
            let number: f64 = text.parse().unwrap();
            serde_json::json!(number)
        }
        Cell::Text(text) | Cell::Date(text) | Cell::DateTime(text) | Cell::Miswritten(text) => {
            Value::String(text.clone())
        }
        Cell::List(list) => list.iter().map(plain).collect(),
    }
}

/// Numbers of one form, so that 5 and 5.0 are one.
fn uniform(value: &Value) -> Value {
    match value {
        Value::Number(n) => serde_json::json!(n.to_string().parse::<f64>().unwrap()),
        Value::Array(list) => list.iter().map(uniform).collect(),
        other => other.clone(),
    }
}

/// Rows as objects, without absent values, sorted.
fn sorted(rows: impl Iterator<Item = serde_json::Map<String, Value>>) -> Vec<String> {
    let mut rows: Vec<String> = rows
        .map(|row| {
            let mut cells: Vec<(String, Value)> = row.into_iter().collect();
            cells.sort_by(|a, b| a.0.cmp(&b.0));
            format!("{cells:?}")
        })
        .collect();
    rows.sort();
    rows
}

/// What the view makes of the resources; `Err` with the reason where it refuses.
fn run(view: &str, resources: &[Value]) -> Result<(Vec<String>, Vec<Vec<Cell>>), String> {
    let view = ViewDefinition::parse(view).map_err(|e| e.to_string())?;
    let names = view.columns().iter().map(|c| c.name().to_owned()).collect();
    let mut rows = Vec::new();
    for resource in resources {
        let node = json::parse(resource.to_string().as_bytes()).map_err(|e| e.to_string())?;
        rows.extend(view.rows(&node).map_err(|e| e.to_string())?);
    }
    Ok((names, rows))
}

fn check(test: &Value, resources: &[Value]) -> Result<(), String> {
    let result = run(&test["view"].to_string(), resources);
    if test["expectError"] == true {
        return result
            .err()
            .map(|_| ())
            .ok_or("an error expected".to_owned());
    }
    let (names, rows) = result?;
    if let Some(count) = test["expectCount"].as_u64()
        && count != rows.len() as u64
    {
        return Err(format!("{count} rows expected, got {}", rows.len()));
    }
    if let Some(columns) = test["expectColumns"].as_array()
        && *columns != names
    {
        return Err(format!("columns {columns:?} expected, got {names:?}"));
    }
    if let Some(expected) = test["expect"].as_array() {
        let expected = sorted(expected.iter().map(|row| {
            let cells = row.as_object().unwrap().iter();
            cells
                .map(|(name, value)| (name.clone(), uniform(value)))
                .collect()
        }));
        let got = sorted(rows.iter().map(|row| {
            let cells = names.iter().zip(row);
            cells
                .map(|(name, cell)| (name.clone(), plain(cell)))
                .collect()
        }));
        if expected != got {
            return Err(format!("expected {expected:#?}\ngot {got:#?}"));
        }
    }
    Ok(())
}

#[test]
fn the_official_suite_passes() {
    let folder = folder();
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!(
            "the official suite is not at {}: nothing was checked",
            folder.display()
        );
        return;
    };
    let mut files: Vec<PathBuf> = files.map(|f| f.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "json"));
    files.sort();
    let (mut total, mut failed) = (0, Vec::new());
    for file in files {
        let suite: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        for test in suite["tests"].as_array().unwrap() {
            total += 1;
            let title = format!("{name}: {}", test["title"].as_str().unwrap());
            let supported = !NOT_SUPPORTED.iter().any(|(t, _)| *t == title);
            let result = check(test, suite["resources"].as_array().unwrap());
            match (supported, result) {
                (true, Err(why)) => failed.push(format!("{title}: {why}")),
                (false, Ok(())) => failed.push(format!("{title}: passes, but is listed")),
                _ => {}
            }
        }
    }
    println!(
        "official suite: {} of {total} pass",
        total - failed.len() - NOT_SUPPORTED.len()
    );
    assert!(total > 0 && failed.is_empty(), "{}", failed.join("\n"));
}
