//! `schema draft` and `schema check`: a schema from a source, and all that is wrong between the two.
//! Neither needs a home.

use super::DatasetError;
use super::losses::losses;
use super::source::{self, DroppedValues, SourceInput, SourceSummary};
use crate::progress::Progress;
use crate::step::Step;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_custody::CustodyError;
use medveil_source::{Limits, Problem, PseudonymKey};
use rand::{CryptoRng, RngCore};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
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
    /// All that does not fit, values and whole rows.
    pub problem_count: u64,
    /// The first thousand of them.
    pub listed: Vec<ListedProblem>,
}

/// One thing that does not fit. Never the value.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ListedProblem {
    /// File, and row as an editor counts it; or file and entry.
    pub place: String,
    /// The column, where one value is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What kind of a value stands there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<&'static str>,
    /// What was expected, and the setting that would mend it.
    pub expected: String,
}

impl From<Problem> for ListedProblem {
    fn from(problem: Problem) -> Self {
        ListedProblem {
            place: problem.place,
            column: problem.column,
            found: problem.found,
            expected: problem.expected,
        }
    }
}

impl Step for SchemaChecked {
    const NAME: &'static str = "schema.check";
}

/// Pseudonyms that nobody will see.
pub(super) fn throwaway_key(rng: &mut (impl RngCore + CryptoRng)) -> PseudonymKey {
    let mut secret = Zeroizing::new([0u8; 32]);
    rng.fill_bytes(secret.as_mut());
    PseudonymKey::derive(&secret, LineageId::new(Felt::from_u64(1))).forgetful()
}

/// Writes a file that is not there yet.
///
/// **Errors**: it is there, or the file system refused.
pub(super) fn write_new(path: &Path, text: &str) -> Result<(), DatasetError> {
    let path_of = || path.to_owned();
    crate::outfile::create(path, text.as_bytes()).map_err(|error| match error {
        CustodyError::Exists(_) => DatasetError::SchemaThere { path: path_of() },
        CustodyError::Io { source, .. } => DatasetError::SchemaFile {
            path: path_of(),
            source,
        },
        other => other.into(),
    })
}

/// Proposes a schema for a source, read by settings of the schema's `source`, and writes it to `out`,
/// which must not be there yet.
///
/// **Errors**: the source cannot be read; a setting says nothing of it; the file is there already or cannot be written.
pub fn draft_schema(
    progress: &dyn Progress,
    source: &Path,
    words: &BTreeMap<String, String>,
    out: Option<&Path>,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<SchemaDrafted, DatasetError> {
    let task = progress.begin("reading", None);
    let draft = medveil_source::draft(source, &throwaway_key(rng), &Limits::DEFAULT, words)?;
    drop(task);
    if let Some(path) = out {
        write_new(path, &draft.schema)?;
    }
    Ok(SchemaDrafted {
        file: out.map(|path| path.display().to_string()),
        schema: out.is_none().then_some(draft.schema),
        evidence: draft.evidence,
        open: draft.open,
    })
}

/// Reads a whole source by a schema and gathers every value and row that does not fit.
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
        problem_count: cohort.problems.count,
        listed: cohort
            .problems
            .listed
            .into_iter()
            .map(ListedProblem::from)
            .collect(),
        source: summary,
    };
    match checked.problem_count {
        0 => Ok(checked),
        _ => Err(DatasetError::DoesNotFit(Box::new(checked))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::Classify;
    use crate::cli::error::Failure;
    use crate::progress::Quiet;
    use medveil_circuits::ids::Day;

    const SCHEMA: &str = r#"{"format":"medveil-schema-1","columns":[
        {"name":"age","type":"int","min":0,"max":120}]}"#;

    fn check(table: &str) -> Result<SchemaChecked, DatasetError> {
        let folder = tempfile::tempdir().unwrap();
        let (source, schema) = (folder.path().join("a.csv"), folder.path().join("s.json"));
        std::fs::write(&source, table).unwrap();
        std::fs::write(&schema, SCHEMA).unwrap();
        let input = SourceInput {
            source: &source,
            views: None,
            today: Day(20_786),
            gather: true,
        };
        let mut rng = crate::startup::rng().unwrap();
        check_schema(&Quiet, input, Some(&schema), &mut rng)
    }

    #[test]
    fn b14_a_check_tells_all_that_does_not_fit() {
        let checked = check("id,age\n1,5\n").unwrap();
        assert_eq!((checked.problem_count, checked.listed.len()), (0, 0));
        let bad = "2,CANARY\n".repeat(1200);
        let refused = check(&format!("id,age\n1,5\n{bad}3,4,5\n4,130\n")).unwrap_err();
        let words = Failure::of("schema.check", &refused).words().to_owned();
        for part in [
            "1202 values or rows do not fit",
            "  column age: expected a number as the settings write one: `decimal`, `thousands`, \
             `numbers` or `null` may say more: 1200",
            "the first 1000 of them:",
            "a.csv, row 3, column age: expected a number as the settings write one: `decimal`, \
             `thousands`, `numbers` or `null` may say more, got letters",
            "a.csv, row 1002, column age",
        ] {
            assert!(words.contains(part), "{part}: {words}");
        }
        assert!(!words.contains("CANARY") && !words.contains("row 1003,"));
        let answer = refused.answer().unwrap();
        assert_eq!(answer["problem_count"], 1202);
        assert_eq!(answer["listed"][0]["column"], "age");
    }

    #[test]
    fn b14_every_problem_of_a_schema_is_shown() {
        let refused = check("ident,age2\n1,5\n").unwrap_err();
        let words = Failure::of("schema.check", &refused).words().to_owned();
        assert!(words.contains("no header \"age\"") && words.contains("which column names"));
    }
}
