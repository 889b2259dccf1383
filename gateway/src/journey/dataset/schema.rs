//! `schema draft` and `schema check`: a schema from a source, and all that is wrong between the two.
//! Neither needs a home.

use super::DatasetError;
use super::losses::losses;
use super::source::{self, DroppedValues, SourceInput, SourceSummary};
use crate::progress::Progress;
use crate::step::Step;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_source::{Limits, PseudonymKey};
use rand::{CryptoRng, RngCore};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::Write;
use std::path::Path;
use zeroize::Zeroizing;

/// A schema was proposed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaDrafted {
    /// The file that has the schema now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The schema, where it went to no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// What was seen in the source.
    pub evidence: Vec<String>,
    /// What the source does not tell, and the word that would.
    pub open: Vec<String>,
}

impl Step for SchemaDrafted {
    const NAME: &'static str = "schema.draft";
}

/// A schema and a source fit.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SchemaChecked {
    pub rows: usize,
    /// Different people.
    pub subjects: usize,
    #[serde(flatten)]
    pub source: SourceSummary,
    /// What `dataset commit` would stop at, unless `--accept` names it.
    pub losses: Vec<String>,
    /// Values that do not fit, by column and reason, with the word that would mend it.
    pub problems: Vec<DroppedValues>,
}

impl Step for SchemaChecked {
    const NAME: &'static str = "schema.check";
}

/// Pseudonyms that nobody will see.
pub(super) fn throwaway_key(rng: &mut (impl RngCore + CryptoRng)) -> PseudonymKey {
    let mut secret = Zeroizing::new([0u8; 32]);
    rng.fill_bytes(secret.as_mut());
    PseudonymKey::derive(&secret, LineageId::new(Felt::from_u64(1)))
}

/// Proposes a schema for a source, and writes it to `out`, which must not be there yet.
///
/// **Errors**: the source cannot be read; the file is there already or cannot be written.
pub fn draft_schema(
    progress: &dyn Progress,
    source: &Path,
    out: Option<&Path>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<SchemaDrafted, DatasetError> {
    let task = progress.begin("reading", None);
    let draft = medveil_source::draft(source, &throwaway_key(rng), &Limits::DEFAULT)?;
    drop(task);
    if let Some(path) = out {
        let failed = |source| DatasetError::SchemaFile {
            path: path.to_owned(),
            source,
        };
        let mut options = std::fs::OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .open(path)
            .map_err(failed)?;
        file.write_all(draft.schema.as_bytes()).map_err(failed)?;
    }
    Ok(SchemaDrafted {
        file: out.map(|path| path.display().to_string()),
        schema: out.is_none().then_some(draft.schema),
        evidence: draft.evidence,
        open: draft.open,
    })
}

/// Reads a whole source by a schema and gathers every value that does not fit.
///
/// **Errors**: problems of the schema or the source; values that do not fit, all of them.
pub fn check_schema(
    progress: &dyn Progress,
    input: SourceInput<'_>,
    schema_file: Option<&Path>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<SchemaChecked, DatasetError> {
    let schema = source::schema(schema_file, input.source)?;
    let gathering = SourceInput {
        gather: true,
        ..input
    };
    let cohort = source::rows(progress, gathering, &schema, &throwaway_key(rng))?;
    let summary = SourceSummary::from(&cohort);
    let is_problem = |count: &&DroppedValues| count.problem;
    let problems = summary
        .dropped_because
        .iter()
        .filter(is_problem)
        .cloned()
        .collect();
    let checked = SchemaChecked {
        rows: cohort.rows.len(),
        subjects: cohort.subjects(),
        losses: losses(&schema, &cohort),
        problems,
        source: summary,
    };
    match checked.problems.is_empty() {
        true => Ok(checked),
        false => Err(DatasetError::DoesNotFit(Box::new(checked))),
    }
}
