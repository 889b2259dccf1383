//! A schema proposed from a source: types, ranges, signs and dates, each with its evidence, and what
//! the source leaves open.

mod columns;
mod dates;
mod files;
mod numbers;
mod profile;
mod propose;
mod shape;
mod words;

use self::profile::Profile;
use super::bind;
use super::error::SourceError;
use super::kind::Kind;
use super::open::{OpenTable, Opened, open};
use super::plan::Plan;
use super::reading::{Limits, Reading};
use super::schema::default_fhir_schema_json;
use super::{PseudonymKey, Views};
use medveil_circuits::schema::Schema;
use medveil_tables::{Scalar, TableError};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Settings that a draft takes, of all files or of one table (`tables.NAME.WORD`).
const WORDS: [&str; 7] = [
    "delimiter",
    "encoding",
    "level",
    "quote",
    "skip_lines",
    "trailing_delimiter",
    "zone",
];

/// What names the column with the subject's number: no word of the schema's `source`.
const SUBJECT: &str = "subject";

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

/// Proposes a schema for a source. FHIR gets the one that ships. `words` are settings of the schema's
/// `source`, such as `encoding`, with their values: they stand in the schema.
///
/// **Errors**: the source cannot be read; words that say nothing of it.
///
/// **Cost**: reads every row once. Each column keeps at most a hundred different values; one that may
/// name the subject, a hash of each.
pub fn draft(
    path: &Path,
    key: &PseudonymKey,
    limits: &Limits,
    words: &BTreeMap<String, String>,
) -> Result<Draft, SourceError> {
    let mut words = words.clone();
    let subject = words.remove(SUBJECT);
    let said = any(&words)?;
    let kind = Kind::of(path, &said)?;
    let mut plan = plan_of(&said, kind)?;
    if kind == Kind::Fhir {
        let evidence = vec!["FHIR: the schema that ships, for the views that ship".to_owned()];
        return Ok(Draft {
            schema: default_fhir_schema_json().to_owned(),
            evidence,
            open: Vec::new(),
        });
    }
    let mut settled = files::Settled::default();
    if kind == Kind::Text {
        settled = files::settle(path, (&plan, limits.stream_bytes), &mut words)?;
        plan = plan_of(&any(&words)?, kind)?;
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
    let Opened { tables, .. } = open(kind, reading, &plan)?;
    let profiled: Result<Vec<Profiled>, SourceError> = tables
        .into_iter()
        .map(|table| profiled(table, subject.as_deref()))
        .collect();
    let profiled = profiled?;
    let mut columns = profiled.iter().flat_map(|table| &table.columns);
    if let Some(name) = subject
        .as_ref()
        .filter(|name| columns.all(|c| c.name != **name))
    {
        let what = format!("subject: expected the name of a column, got {name}");
        return Err(SourceError::Schema(vec![what]));
    }
    let mut draft = propose::draft(&profiled, &words, subject.as_deref());
    draft.evidence.splice(..0, settled.evidence);
    draft.open.splice(..0, settled.open);
    Ok(draft)
}

/// Reads a table, and tells what its columns hold.
fn profiled(table: OpenTable, subject: Option<&str>) -> Result<Profiled, SourceError> {
    let OpenTable { mut table, .. } = table;
    let usual = bind::subjects(table.columns().iter().map(|c| c.name.as_str()));
    let is_subject = |name: &str| match subject {
        Some(named) => named == name,
        None => usual.contains(&name),
    };
    let columns = table.columns().iter();
    let subjects: Vec<bool> = columns.clone().map(|c| is_subject(&c.name)).collect();
    let columns = columns.zip(&subjects);
    let mut columns: Vec<Profile> = columns.map(|(c, own)| Profile::new(c, *own)).collect();
    table.rows(&mut |record| {
        let cells = || record.cells.iter().zip(&subjects);
        // A row of totals says nothing of the values of people.
        let is_nobodys = cells().any(|(cell, is_subject)| *is_subject && names_nobody(cell));
        for (column, (cell, is_subject)) in columns.iter_mut().zip(cells()) {
            if *is_subject || !is_nobodys {
                column.take(cell);
            }
        }
        Ok::<(), TableError>(())
    })?;
    let sure = columns.iter().flat_map(Profile::sure_nulls);
    let sure: BTreeSet<String> = sure.map(str::to_owned).collect();
    columns.iter_mut().for_each(|column| column.settle(&sure));
    Ok(Profiled {
        name: table.name().to_owned(),
        columns,
    })
}

fn names_nobody(cell: &Scalar) -> bool {
    matches!(cell, Scalar::Text(text) if profile::is_nobodys(text.trim()) && !text.trim().is_empty())
}

/// A schema that says nothing of its source but these words.
fn any(words: &BTreeMap<String, String>) -> Result<Schema, SourceError> {
    let is_known = |word: &String| WORDS.iter().any(|own| word.rsplit('.').next() == Some(own));
    if let Some(word) = words.keys().find(|word| !is_known(word)) {
        let expected = format!("{word}: expected one of {} and {SUBJECT}", WORDS.join(", "));
        return Err(SourceError::Schema(vec![expected]));
    }
    let any = json!({
        "format": "medveil-schema-1", "source": words, "columns": [{"name": "any", "type": "flag"}]
    });
    let schema = Schema::from_json(&any.to_string());
    schema.map_err(|problems| {
        let problems = problems.0.into_iter();
        SourceError::Schema(problems.map(|p| format!("{}: {}", p.at, p.what)).collect())
    })
}

/// A plan that takes every column, by the words of a schema.
fn plan_of(any: &Schema, kind: Kind) -> Result<Plan, SourceError> {
    let mut plan = Plan::of_everything();
    if any.source().is_empty() {
        return Ok(plan);
    }
    let said = Plan::new(any, kind).map_err(SourceError::Schema)?;
    plan.text_files = said.text_files;
    plan.zone = said.zone;
    plan.level = said.level;
    plan.subject = said.subject;
    plan.tables = said.tables;
    Ok(plan)
}

#[cfg(test)]
mod tests;
