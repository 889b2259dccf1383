//! A schema proposed from a source: types, ranges, signs and dates, each with its evidence, and what
//! the source leaves open.

mod columns;
mod dates;
mod numbers;
mod profile;
mod propose;
mod shape;

use self::profile::Profile;
use super::error::SourceError;
use super::kind::Kind;
use super::open::{OpenTable, Opened, open};
use super::plan::Plan;
use super::reading::{Limits, Reading};
use super::schema::default_fhir_schema_json;
use super::{PseudonymKey, Views};
use medveil_circuits::schema::Schema;
use medveil_tables::TableError;
use std::path::Path;

/// A proposed schema.
pub struct Draft {
    /// The schema's file.
    pub schema: String,
    /// What was seen, column by column.
    pub evidence: Vec<String>,
    /// What the source does not tell: somebody who knows it does.
    pub open: Vec<String>,
}

/// A table and what its columns hold.
struct Profiled {
    name: String,
    columns: Vec<Profile>,
}

/// Proposes a schema for a source. FHIR gets the one that ships.
///
/// **Errors**: the source cannot be read.
///
/// **Cost**: reads every row once. Each column keeps a hash of each different value, and at most a
/// hundred of the values themselves.
pub fn draft(path: &Path, key: &PseudonymKey, limits: &Limits) -> Result<Draft, SourceError> {
    let any = Schema::from_json(ANY).map_err(|_| SourceError::Schema(Vec::new()))?;
    let kind = Kind::of(path, &any)?;
    if kind == Kind::Fhir {
        let evidence = vec!["FHIR: the schema that ships, for the views that ship".to_owned()];
        return Ok(Draft {
            schema: default_fhir_schema_json().to_owned(),
            evidence,
            open: Vec::new(),
        });
    }
    let views = Views::shipped()?;
    let reading = Reading {
        path,
        key,
        limits,
        views: &views,
        today: 0,
        gather: false,
    };
    let Opened { tables, .. } = open(kind, reading, &Plan::of_everything())?;
    let mut profiled = Vec::with_capacity(tables.len());
    for OpenTable { mut table, .. } in tables {
        let columns = table.columns().iter().map(Profile::new);
        let mut columns: Vec<Profile> = columns.collect();
        table.rows(&mut |record| {
            for (column, cell) in columns.iter_mut().zip(record.cells) {
                column.take(cell);
            }
            Ok::<(), TableError>(())
        })?;
        columns.iter_mut().for_each(Profile::settle);
        profiled.push(Profiled {
            name: table.name().to_owned(),
            columns,
        });
    }
    Ok(propose::draft(&profiled))
}

/// A schema that says nothing of its source.
const ANY: &str = r#"{"format":"medveil-schema-1","columns":[{"name":"any","type":"flag"}]}"#;

#[cfg(test)]
mod tests;
