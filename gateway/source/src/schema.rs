//! The dataset schema on one side, the readers on the other: the only file here that knows both.

use super::error::SourceError;
use super::kept::KeptRows;
use super::problems::{Problem, Problems};
use super::pseudonym::PseudonymKey;
use super::read::read;
use super::reading::{Files, Limits, Progress, Reading};
use super::reduce::{DropCount, Fate};
use super::views::Views;
use medveil_circuits::schema::{Column, ColumnType, Outsiders, Schema, Value};
use std::path::Path;

/// The schema that ships for FHIR R4: ten columns, one row per patient.
const DEFAULT_FHIR: &str = include_str!("../data/fhir-default.schema.json");

/// A source as rows of a schema.
pub struct Cohort {
    /// What the source is: `fhir`, `csv`, `tables`, `sql` or `dicom`.
    pub kind: &'static str,
    pub rows: KeptRows,
    /// What was left out or changed, by column and reason.
    pub counts: Vec<DropCount>,
    pub files: Files,
    /// The header that was taken for the subject, where the schema names none.
    pub guessed_subject: Option<String>,
    /// What does not fit, where that is gathered.
    pub problems: Problems,
}

/// Prints a value as its column's source would have written it: for tables and CSV files of a
/// recipient.
pub fn print_value(column: &Column, value: Value) -> String {
    match (&column.kind, value) {
        (ColumnType::Decimal { scale, .. }, Value::Decimal(v)) => {
            let power = 10u64.pow((*scale).min(19));
            let sign = if v < 0 { "-" } else { "" };
            format!(
                "{sign}{}.{:0width$}",
                v.unsigned_abs() / power,
                v.unsigned_abs() % power,
                width = *scale as usize
            )
        }
        (ColumnType::Code { codes }, Value::Code(v)) => {
            codes.get(v as usize).cloned().unwrap_or_default()
        }
        (_, Value::Day(v)) => super::date::print(v).unwrap_or_default(),
        (_, Value::Flag(v)) => v.to_string(),
        (_, value) => value.to_integer().to_string(),
    }
}

impl Cohort {
    /// How many patients the rows speak of.
    pub fn subjects(&self) -> usize {
        let mut last = 0;
        self.rows
            .pseudonyms()
            .filter(|own| std::mem::replace(&mut last, *own) != *own)
            .count()
    }
}

/// The schema that ships for FHIR R4, as text.
pub fn default_fhir_schema_json() -> &'static str {
    DEFAULT_FHIR
}

/// The schema that ships for FHIR R4.
///
/// **Errors**: none in a released build; a test reads it.
pub fn default_fhir_schema() -> Result<Schema, SourceError> {
    Schema::from_json(DEFAULT_FHIR).map_err(|problems| {
        SourceError::Schema(
            problems
                .0
                .into_iter()
                .map(|p| format!("{}: {}", p.at, p.what))
                .collect(),
        )
    })
}

/// What is read.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// A file or a folder.
    pub path: &'a Path,
    /// What makes tables of FHIR resources.
    pub views: &'a Views,
    /// The day of reading, in days since 1970-01-01: what is dated later does not count.
    pub today: i32,
    /// Whether values that their column refuses are counted ([`Fate::Refused`]), and do not end the
    /// reading.
    pub gather: bool,
}

/// Reads FHIR or tables, from a file or a folder. Nothing is written.
///
/// **Errors**: the source or one of its files is refused; the error names the place.
pub fn read_source(
    input: &Input<'_>,
    schema: &Schema,
    key: &PseudonymKey,
    limits: &Limits,
    progress: &mut dyn FnMut(Progress),
) -> Result<Cohort, SourceError> {
    let path = input.path;
    let reading = Reading {
        path,
        key,
        limits,
        views: input.views,
        today: input.today,
        gather: input.gather,
    };
    let raw = read(reading, schema, progress)?;
    let mut rows = raw.rows;
    let (mut counts, mut problems) = (raw.counts, raw.problems);
    let gathered = input.gather.then_some(&mut problems);
    counts.extend(apply_criteria(path, schema, &mut rows, gathered)?);
    Ok(Cohort {
        kind: raw.kind,
        rows,
        counts,
        files: raw.files,
        guessed_subject: raw.guessed_subject,
        problems,
    })
}

/// Leaves out rows in which a criterion is not TRUE, or refuses them, as the schema says; or lists
/// what it would refuse.
///
/// **Errors**: the first criterion that rows do not satisfy, with their number; or no row is left.
fn apply_criteria(
    path: &Path,
    schema: &Schema,
    rows: &mut KeptRows,
    mut gathered: Option<&mut Problems>,
) -> Result<Vec<DropCount>, SourceError> {
    let mut dropped = Vec::new();
    for (i, column) in schema.columns().iter().enumerate() {
        if !column.inclusion_criterion {
            continue;
        }
        let satisfies = |value: Option<i64>| value == Some(1);
        let count = match schema.outsiders() {
            Outsiders::LeaveOut => rows.retain(i, satisfies) as u64,
            Outsiders::Refuse => {
                let n = rows.values(i).filter(|value| !satisfies(*value)).count();
                let refusal = SourceError::Criterion {
                    path: path.to_owned(),
                    column: column.name.clone(),
                    rows: n,
                };
                match &mut gathered {
                    _ if n == 0 => {}
                    None => return Err(refusal),
                    Some(problems) => problems.add(|| Problem {
                        place: path.display().to_string(),
                        column: Some(column.name.clone()),
                        found: None,
                        expected: refusal.to_string(),
                    }),
                }
                0
            }
        };
        if count > 0 {
            dropped.push(DropCount {
                column: Some(column.name.clone()),
                reason: "row left out: the inclusion criterion is not TRUE".to_owned(),
                count,
                first: None,
                fate: Fate::LeftOut,
            });
        }
    }
    if rows.is_empty() && gathered.is_none_or(|problems| problems.count == 0) {
        return Err(SourceError::Empty {
            path: path.to_owned(),
            why: "every row was left out by an inclusion criterion".to_owned(),
        });
    }
    Ok(dropped)
}
