//! What a dataset of a source would hold. Needs no home and writes nothing.

use super::estimate::{CommitEstimate, estimate};
use super::schema::throwaway_key;
use super::source::{self, SourceInput, SourceSummary};
use super::{DatasetError, Tier};
use crate::home::Home;
use crate::progress::Progress;
use crate::step::Step;
use medveil_circuits::dataset::layout;
use medveil_circuits::schema::{Column, Schema};
use medveil_source::Cohort;
use rand::{CryptoRng, RngCore};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// What a dataset of a source would hold.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DatasetInspected {
    /// The file or folder that was read.
    pub path: String,
    pub rows: usize,
    /// Different people.
    pub subjects: usize,
    #[serde(flatten)]
    pub source: SourceSummary,
    pub columns: Vec<ColumnSummary>,
    /// Rows that a chunk of the dataset would have.
    pub tier: usize,
    /// What a commit will take.
    pub estimate: CommitEstimate,
}

/// One column of a source.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ColumnSummary {
    pub name: String,
    /// `int`, `decimal`, `code`, `day` or `flag`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Rows that have a value.
    pub present: usize,
    /// The lowest value that a proof allows.
    pub low: String,
    /// The highest value that a proof allows.
    pub high: String,
}

impl Step for DatasetInspected {
    const NAME: &'static str = "dataset.inspect";
}

/// Reads a source and says what a dataset of it would hold and take; writes nothing. Of the home, if
/// there is one, only how long its proofs took is read.
///
/// **Errors**: the schema's or the source's problems.
pub fn inspect(
    progress: &dyn Progress,
    home: &Home,
    input: SourceInput<'_>,
    schema_file: Option<&Path>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<DatasetInspected, DatasetError> {
    let schema = source::schema(schema_file, input.source)?;
    let key = throwaway_key(rng);
    let cohort = source::rows(progress, input, &schema, &key)?;
    Ok(DatasetInspected {
        path: input.source.display().to_string(),
        rows: cohort.rows.len(),
        subjects: cohort.subjects(),
        source: SourceSummary::from(&cohort),
        columns: columns(&schema, &cohort),
        tier: Tier::for_dataset(cohort.rows.len()).rows(),
        estimate: estimate(
            home,
            cohort.rows.len(),
            &layout(&schema),
            schema.to_canonical().len(),
        ),
    })
}

fn columns(schema: &Schema, cohort: &Cohort) -> Vec<ColumnSummary> {
    let summary = |(i, column): (usize, &Column)| {
        let span = column.span();
        ColumnSummary {
            name: column.name.clone(),
            kind: column.kind.word(),
            present: cohort.rows.present(i),
            low: span.low,
            high: span.high,
        }
    };
    schema.columns().iter().enumerate().map(summary).collect()
}
