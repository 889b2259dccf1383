//! Inputs that were read wrong once, with what their sources say. They lie where `MEDVEIL_CASES`
//! names a folder, by default beside the project; without them this says so.

use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::{Schema, Value};
use medveil_source::{
    Cohort, Input, Limits, PseudonymKey, SourceError, Views, default_fhir_schema, print_value,
    read_source,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn cases() -> Option<PathBuf> {
    let folder = std::env::var_os("MEDVEIL_CASES").map(PathBuf::from);
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases");
    let folder = folder.unwrap_or_else(beside);
    if !folder.is_dir() {
        eprintln!("{}: not there, so nothing was compared", folder.display());
        return None;
    }
    Some(folder)
}

fn read(path: &Path, schema: &Schema) -> Result<Cohort, SourceError> {
    let key = PseudonymKey::derive(&[3; 32], LineageId::new(Felt::from_u64(1)));
    let views = Views::shipped().expect("the views that ship");
    let input = Input {
        path,
        views: &views,
        today: 20_786,
        gather: false,
    };
    read_source(&input, schema, &key, &Limits::DEFAULT, &mut |_| {})
}

#[derive(Deserialize)]
struct Case {
    n: u32,
    note: String,
    exp: BTreeMap<String, String>,
}

/// `a|b`, `a or b`: either is right; `a..b` is a span; NULL, `unknown`, `reported` and `not true`
/// allow no value, and so does FALSE where nothing was said. Words in brackets are reasons.
fn is_right(expected: &str, got: &str) -> bool {
    let plain = expected
        .split('(')
        .next()
        .unwrap_or_default()
        .replace(" or ", "|");
    let plain = plain.replace("unknown:", "unknown|");
    let mut choices = plain.split(['|', '/', ',']).map(str::trim);
    let may_lack = ["NULL", "unknown", "reported", "not true", "false", ""];
    choices.any(|choice| {
        let (low, high) = choice.split_once("..").unwrap_or((choice, choice));
        let is_in = low <= got && got <= high && got.len() == low.len();
        is_in
            || (got.is_empty()
                && may_lack
                    .iter()
                    .any(|word| choice.split(' ').any(|c| c == *word) || choice == *word))
    })
}

#[test]
fn b7_one_patient_at_a_time_is_read_as_the_files_say() {
    let Some(folder) = cases() else { return };
    let folder = folder.join("fhir-one-patient");
    let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_str(&text).unwrap();
    let schema = default_fhir_schema().unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let set = tempfile::tempdir().unwrap();
        for part in 0..9 {
            let name = format!("c{:03}_{part}.json", case.n);
            let file = folder.join(&name);
            if file.is_file() {
                std::fs::copy(&file, set.path().join(&name)).unwrap();
            }
        }
        let cohort = match read(set.path(), &schema) {
            Ok(cohort) => cohort,
            Err(error) => {
                let may = ["row left out", "refused"];
                let is_right = |text: &String| may.iter().any(|words| text.contains(words));
                if !case.exp.values().any(is_right) {
                    wrong.push(format!("{}: {}: refused: {error}", case.n, case.note));
                }
                continue;
            }
        };
        let row = cohort.rows.get(0).unwrap();
        for (i, column) in schema.columns().iter().enumerate() {
            let got = row.cells[i].map(|value: Value| print_value(column, value));
            let (got, expected) = (got.unwrap_or_default(), &case.exp[&column.name]);
            // A record that is not active is kept, and says so.
            let is_kept = case.note.contains("active=false");
            // A year is a year: its age is not known.
            let is_kept = is_kept || (case.note.contains("year only") && got.is_empty());
            if !is_right(expected, &got) && !is_kept {
                let (n, note, name) = (case.n, &case.note, &column.name);
                wrong.push(format!(
                    "{n}: {note}: {name}: expected {expected:?}, got {got:?}"
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn b7_tables_that_a_spreadsheet_or_a_setting_spoils_are_refused() {
    let Some(folder) = cases() else { return };
    let folder = folder.join("csv");
    for (case, file, schema, says) in [
        ("09-thousands-separator", "in.csv", "s", "expected a number"),
        ("12-duplicate-headers", "case.csv", "s", "header"),
        ("12-duplicate-headers", "subject.csv", "s", "header"),
        ("12-duplicate-headers", "value.csv", "s", "header"),
        ("14-excel-mangled-ids", "in.csv", "s", "scientific"),
        (
            "17-schema-words-ignored-for-csv",
            "in.csv",
            "s",
            "unknown word",
        ),
    ] {
        let folder = folder.join(case);
        let text = std::fs::read_to_string(folder.join(format!("{schema}.schema.json"))).unwrap();
        let schema = Schema::from_json(&text).unwrap();
        let error = read(&folder.join(file), &schema).err();
        let error = error.map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(says), "{case}/{file}: {error:?}");
    }
}
