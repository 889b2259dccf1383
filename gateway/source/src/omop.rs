//! OMOP CDM 5.4: the schema that ships for it and the queries that make its tables, cut to what a
//! source has.
//!
//! Both stand whole in `data/omop`. A statement of the queries names the tables that it needs; where
//! a source lacks one, the statement is left out with the columns that come of it, and that is told:
//! such a column is not there, instead of empty or FALSE.

use super::error::SourceError;
use super::open;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::path::PathBuf;

const SCHEMA: &str = include_str!("../data/omop/omop.schema.json");
const FOLDER: &str = include_str!("../data/omop/folder.sql");
const POSTGRES: &str = include_str!("../data/omop/postgres.sql");
/// What a statement starts with.
const TABLE: &str = "\n-- table: ";
const NEEDS: &str = "-- needs: ";
/// What parts the columns of the schema.
const NEXT_COLUMN: &str = ",\n    {\"name\"";

/// Where the tables of OMOP are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OmopPlace {
    /// A folder of CSV or Parquet files, and how it is named from where the queries will lie; none
    /// is the same folder.
    Folder {
        folder: PathBuf,
        named: Option<String>,
    },
    /// Address of a PostgreSQL database; the environment completes it.
    Postgres(String),
}

/// A schema and a query file for one source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Omop {
    pub schema: String,
    pub queries: String,
    pub left_out: Vec<LeftOut>,
}

/// Columns that a source has no tables for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    pub columns: Vec<String>,
    /// The tables that are missing.
    pub tables: Vec<String>,
}

/// One statement of the queries.
struct Statement {
    name: &'static str,
    needs: Vec<&'static str>,
    text: &'static str,
}

/// The schema and the queries for a source.
///
/// **Errors**: the source cannot be read, or has no table `person`.
pub fn omop(place: &OmopPlace) -> Result<Omop, SourceError> {
    let shipped = match place {
        OmopPlace::Folder { .. } => FOLDER,
        OmopPlace::Postgres(_) => POSTGRES,
    };
    let (head, statements) = statements(shipped);
    let wanted: BTreeSet<&str> = statements.iter().flat_map(|s| s.needs.clone()).collect();
    let (there, path, advice) = match place {
        OmopPlace::Folder { folder, .. } => (open::names(folder)?, folder.clone(), IN_FOLDER),
        OmopPlace::Postgres(address) => {
            let names: Vec<&str> = wanted.iter().copied().collect();
            (
                open::names_in(address, &names)?,
                address.into(),
                IN_POSTGRES,
            )
        }
    };
    if !there.contains("person") {
        let what = format!("expected the tables of OMOP CDM, found no `person`: {advice}");
        return Err(SourceError::Unsuitable { path, what });
    }
    let is_there = |statement: &&Statement| statement.needs.iter().all(|n| there.contains(*n));
    let (kept, lost): (Vec<_>, Vec<_>) = statements.iter().partition(is_there);
    let mut queries = head.replace(database(shipped), &database_of(place));
    for statement in &kept {
        queries.push_str(TABLE);
        queries.push_str(statement.text);
    }
    let columns_of = |statement: &&Statement| LeftOut {
        columns: columns()
            .filter(|c| c.table == statement.name)
            .map(|c| c.name)
            .collect(),
        tables: missing(statement, &there),
    };
    Ok(Omop {
        schema: schema(&kept),
        queries,
        left_out: lost.iter().map(columns_of).collect(),
    })
}

const IN_FOLDER: &str =
    "name the folder in which each table is a file of its name, as person.csv or PERSON.parquet";
const IN_POSTGRES: &str = "tables outside the schema `public` are found by the role's search path: `ALTER ROLE reader SET search_path = cdm, vocabulary`; the role must be allowed to read them";

fn missing(statement: &Statement, there: &BTreeSet<String>) -> Vec<String> {
    let needs = statement.needs.iter().filter(|n| !there.contains(**n));
    needs.map(|n| (*n).to_owned()).collect()
}

/// The line that names the database.
fn database(queries: &str) -> &str {
    let mut lines = queries.lines();
    lines
        .find(|line| line.starts_with("-- database: "))
        .unwrap_or_default()
}

fn database_of(place: &OmopPlace) -> String {
    match place {
        OmopPlace::Folder { named: None, .. } => "-- database: folder".to_owned(),
        OmopPlace::Folder {
            named: Some(named), ..
        } => format!("-- database: folder {named}"),
        OmopPlace::Postgres(address) => format!("-- database: {address}"),
    }
}

/// What stands before the first statement, and all statements.
fn statements(queries: &'static str) -> (&'static str, Vec<Statement>) {
    let mut parts = queries.split(TABLE);
    let head = parts.next().unwrap_or_default();
    let statement = |text: &'static str| {
        let needs = text.lines().find_map(|line| line.strip_prefix(NEEDS));
        Statement {
            name: text.lines().next().unwrap_or_default(),
            needs: needs.unwrap_or_default().split(", ").collect(),
            text,
        }
    };
    (head, parts.map(statement).collect())
}

/// A column of the schema that ships.
struct ShippedColumn {
    name: String,
    table: String,
    text: String,
}

/// What of a column's text tells where it comes from.
#[derive(Default, Deserialize)]
struct Words {
    name: String,
    source: Source,
}

#[derive(Default, Deserialize)]
struct Source {
    table: String,
}

/// The columns, each with its text.
fn columns() -> impl Iterator<Item = ShippedColumn> {
    let (_, rest) = SCHEMA.split_once("\n    {\"name\"").unwrap_or_default();
    let (columns, _) = rest.rsplit_once("\n  ]").unwrap_or_default();
    columns.split(NEXT_COLUMN).map(|rest| {
        let text = format!("{{\"name\"{rest}");
        let words: Words = serde_json::from_str(&text).unwrap_or_default();
        ShippedColumn {
            name: words.name,
            table: words.source.table,
            text,
        }
    })
}

/// The schema with the columns of these statements.
fn schema(kept: &[&Statement]) -> String {
    let is_kept = |column: &ShippedColumn| kept.iter().any(|s| s.name == column.table);
    let columns: Vec<String> = columns().filter(is_kept).map(|c| c.text).collect();
    let head = SCHEMA.split_once("\n    {\"name\"").unwrap_or_default().0;
    format!("{head}\n    {}\n  ]\n}}\n", columns.join(",\n    "))
}

#[cfg(test)]
mod tests;
