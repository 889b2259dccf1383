//! The dataset schema on one side, the readers on the other: the only file here that knows both.

use super::error::SourceError;
use super::pseudonym::{Pseudonym, PseudonymKey};
use super::read::read;
use super::reading::{Files, Limits, Progress, Reading};
use super::reduce::{DropCount, Fate};
use super::views::Views;
use medveil_circuits::page::Cell;
use medveil_circuits::registration;
use medveil_circuits::schema::{Column, ColumnType, Outsiders, Schema, Value, ValueError};
use std::path::Path;

/// The schema that ships for FHIR R4: ten columns, one row per patient.
const DEFAULT_FHIR: &str = include_str!("../data/fhir-default.schema.json");

/// One row: whose it is, and a value (or none) for each column. **Security**: plaintext of a
/// patient; no `Debug`, no serialisation.
#[derive(Clone)]
pub struct Row {
    pub pseudonym: Pseudonym,
    /// The values, in the order of the schema's columns.
    pub cells: Vec<Option<Value>>,
}

/// A cell that holds what its column cannot hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoiledCell {
    /// Place of the column in the schema.
    pub column: usize,
    pub why: ValueError,
}

/// A source as rows of a schema.
pub struct Cohort {
    /// The rows, sorted by pseudonym; rows of one patient in the order of the source.
    pub rows: Vec<Row>,
    /// What was left out or changed, by column and reason.
    pub counts: Vec<DropCount>,
    pub files: Files,
    /// The header that was taken for the subject, where the schema names none.
    pub guessed_subject: Option<String>,
}

impl Row {
    /// The row as cells of a registration: one for each limb, in layout order.
    ///
    /// **Errors**: a value does not fit the schema, or there are more or fewer values than columns.
    pub fn to_cells(&self, schema: &Schema) -> Result<registration::Row, ValueError> {
        let columns = schema.columns();
        let mut cells = Vec::with_capacity(columns.len());
        for (i, column) in columns.iter().enumerate() {
            let limbs = match self.cells.get(i).copied().flatten() {
                Some(value) => column
                    .encode(value)?
                    .into_iter()
                    .map(Cell::present)
                    .collect::<Option<Vec<Cell>>>(),
                None => Some(vec![Cell::ABSENT; column.limbs() as usize]),
            };
            cells.extend(limbs.ok_or_else(|| ValueError::Range(column.name.clone()))?);
        }
        Ok(registration::Row {
            pseudonym: self.pseudonym,
            cells,
        })
    }

    /// The row that cells hold: what a recipient reads. A value with a limb missing, or out of its
    /// column's range, spoils that cell alone: it is absent, and named.
    ///
    /// **Errors**: another number of cells than the schema has.
    pub fn from_cells(
        row: &registration::Row,
        schema: &Schema,
    ) -> Result<(Self, Vec<SpoiledCell>), ValueError> {
        let mut spoiled = Vec::new();
        let mut rest = row.cells.as_slice();
        let mut values = Vec::with_capacity(schema.columns().len());
        for (i, column) in schema.columns().iter().enumerate() {
            let range = || ValueError::Range(column.name.clone());
            let (own, after) = rest
                .split_at_checked(column.limbs() as usize)
                .ok_or_else(range)?;
            rest = after;
            let limbs: Vec<u32> = own.iter().filter_map(|cell| cell.value()).collect();
            values.push(match column.decode(&limbs) {
                _ if limbs.is_empty() => None,
                Ok(value) => Some(value),
                Err(why) => {
                    spoiled.push(SpoiledCell { column: i, why });
                    None
                }
            });
        }
        let row = Row {
            pseudonym: row.pseudonym,
            cells: values,
        };
        Ok((row, spoiled))
    }
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
            .iter()
            .filter(|row| std::mem::replace(&mut last, row.pseudonym) != row.pseudonym)
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
    let mut rows = Vec::with_capacity(raw.rows.len());
    for row in raw.rows {
        let typed = |(column, cell): (&Column, Option<i64>)| {
            cell.map(|value| column.value_of(value)).transpose()
        };
        let cells = schema.columns().iter().zip(row.cells).map(typed);
        let cells = cells.collect::<Result<_, _>>();
        rows.push(Row {
            pseudonym: row.pseudonym,
            cells: cells.map_err(|source| SourceError::Unrepresentable {
                path: path.to_owned(),
                source,
            })?,
        });
    }
    let mut counts = raw.counts;
    counts.extend(apply_criteria(path, schema, &mut rows)?);
    Ok(Cohort {
        rows,
        counts,
        files: raw.files,
        guessed_subject: raw.guessed_subject,
    })
}

/// Leaves out rows in which a criterion is not TRUE, or refuses them, as the schema says.
///
/// **Errors**: the first criterion that rows do not satisfy, with their number; or no row is left.
fn apply_criteria(
    path: &Path,
    schema: &Schema,
    rows: &mut Vec<Row>,
) -> Result<Vec<DropCount>, SourceError> {
    let mut dropped = Vec::new();
    for (i, column) in schema.columns().iter().enumerate() {
        if !column.inclusion_criterion {
            continue;
        }
        let before = rows.len();
        let satisfies = |row: &Row| row.cells.get(i) == Some(&Some(Value::Flag(true)));
        match schema.outsiders() {
            Outsiders::LeaveOut => rows.retain(satisfies),
            Outsiders::Refuse => {
                let n = rows.iter().filter(|row| !satisfies(row)).count();
                if n > 0 {
                    return Err(SourceError::Criterion {
                        path: path.to_owned(),
                        column: column.name.clone(),
                        rows: n,
                    });
                }
            }
        }
        let count = (before - rows.len()) as u64;
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
    if rows.is_empty() {
        return Err(SourceError::Empty {
            path: path.to_owned(),
            why: "every row was left out by an inclusion criterion".to_owned(),
        });
    }
    Ok(dropped)
}
