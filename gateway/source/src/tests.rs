//! Whole sources by a schema: the default one, synthetic cohorts, CSV, refusals.

use super::*;
use crate::testing::words;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::{Schema, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

fn key() -> PseudonymKey {
    PseudonymKey::derive(&[1; 32], LineageId::new(Felt::from_u64(1)))
}

fn read(path: &Path, schema: &Schema) -> Result<Cohort, String> {
    read_on(path, schema, &mut |_| {}).map_err(|e| words(&e))
}

pub(crate) fn read_on(
    path: &Path,
    schema: &Schema,
    progress: &mut dyn FnMut(Progress),
) -> Result<Cohort, SourceError> {
    let views = Views::shipped().unwrap();
    let input = Input {
        path,
        views: &views,
        today: 20_454,
        gather: false,
    };
    read_source(&input, schema, &key(), &Limits::DEFAULT, progress)
}

fn synthetic_cohort(n: usize, seed: u64) -> (Cohort, BTreeMap<String, Vec<u8>>) {
    let dir = tempfile::tempdir().unwrap();
    synthetic::write(dir.path(), n, seed).unwrap();
    let files = fs::read_dir(dir.path()).unwrap().map(|f| f.unwrap().path());
    let files = files
        .map(|p| {
            (
                p.file_name().unwrap().to_string_lossy().into_owned(),
                fs::read(&p).unwrap(),
            )
        })
        .collect();
    (
        read(dir.path(), &default_fhir_schema().unwrap()).unwrap(),
        files,
    )
}

/// How many rows of a cohort satisfy a condition on one column.
fn count(cohort: &Cohort, column: &str, holds: impl Fn(Option<Value>) -> bool) -> usize {
    let (index, _) = default_fhir_schema()
        .unwrap()
        .column(column)
        .map(|(i, c)| (i, c.clone()))
        .unwrap();
    cohort
        .rows
        .iter()
        .filter(|row| holds(row.cells[index]))
        .count()
}

#[test]
fn the_default_schema_has_ten_columns_of_every_type() {
    let schema = default_fhir_schema().unwrap();
    assert_eq!(schema.columns().len(), 10);
    assert!(schema.criteria().is_empty() && schema.columns().iter().all(|c| c.limbs() == 1));
    let words: std::collections::BTreeSet<&str> =
        schema.columns().iter().map(|c| c.kind.word()).collect();
    assert_eq!(words.len(), 5);
}

#[test]
fn synthetic_cohorts_are_deterministic_and_make_claims_worthwhile() {
    let (cohort, files) = synthetic_cohort(300, 1);
    assert_eq!(
        (
            cohort.rows.len(),
            cohort.subjects(),
            files.len(),
            cohort.files.read.len()
        ),
        (300, 300, 315, 315)
    );
    let diabetes = count(&cohort, "has_t2dm", |v| v == Some(Value::Flag(true)));
    assert!((100..200).contains(&diabetes), "{diabetes}");
    assert_eq!(
        count(&cohort, "consent", |v| v == Some(Value::Flag(true))),
        300
    );
    assert_eq!(
        count(&cohort, "in_care", |v| v == Some(Value::Flag(true))),
        300
    );
    let missing = count(&cohort, "hba1c", |v| v.is_none());
    assert!((10..120).contains(&missing), "{missing}");
    for smoking in 0..3 {
        assert!(count(&cohort, "smoking", |v| v == Some(Value::Code(smoking))) > 20);
    }
    let left_out = cohort
        .counts
        .iter()
        .find(|d| d.column.as_deref() == Some("consent") && d.reason.contains("left out"));
    assert_eq!(left_out.map(|d| d.count), Some(15));
    let (again, same) = synthetic_cohort(300, 1);
    assert!(
        same == files
            && again
                .rows
                .iter()
                .zip(cohort.rows.iter())
                .all(|(a, b)| a.pseudonym == b.pseudonym && a.cells == b.cells)
    );
    let (_, other) = synthetic_cohort(20, 2);
    let (_, fewer) = synthetic_cohort(20, 1);
    assert!(
        fewer["patient-00007.json"] == files["patient-00007.json"]
            && other["patient-00007.json"] != files["patient-00007.json"]
    );
}

#[test]
fn synthetic_cohorts_want_an_empty_folder() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("mine.json"), "{}").unwrap();
    assert!(matches!(
        synthetic::write(dir.path(), 3, 1),
        Err(SourceError::Unsuitable { .. })
    ));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
}

#[test]
fn rows_are_sorted_and_progress_ends_at_the_total() {
    let dir = tempfile::tempdir().unwrap();
    synthetic::write(dir.path(), 30, 3).unwrap();
    let mut seen = Vec::new();
    let schema = default_fhir_schema().unwrap();
    let cohort = read_on(dir.path(), &schema, &mut |p| seen.push((p.done, p.total))).unwrap();
    let pseudonyms: Vec<Pseudonym> = cohort.rows.pseudonyms().collect();
    assert!(
        pseudonyms.windows(2).all(|w| w[0] < w[1])
            && pseudonyms.iter().all(|p| *p > 0 && *p >> 120 == 0)
    );
    assert_eq!(
        (seen.first(), seen.last()),
        (Some(&(0, 31)), Some(&(31, 31)))
    );
}

const VISITS: &str = r#"{"format":"medveil-schema-1","rows":"ROWS","subject":{"header":"pid"},"columns":[
  {"name":"bp","type":"int","min":40,"max":300,"source":{"header":"Systolic BP","date_header":"when"}},
  {"name":"when","type":"day","min":"2000-01-01","max":"2049-12-31"},
  {"name":"smoker","type":"flag","rule":"any","source":{"map":"ja=true; nein=false"}}]}"#;
const CSV: &str =
    "pid,Systolic BP,when,smoker\n7,120,2024-02-01,nein\n8,,2024-01-01,\n7,130,2024-01-01,ja\n";

#[test]
fn csv_with_a_schema_just_works() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("visits.csv");
    fs::write(&path, CSV).unwrap();
    let cohort = read(
        &path,
        &Schema::from_json(&VISITS.replace("ROWS", "per_subject")).unwrap(),
    )
    .unwrap();
    assert_eq!((cohort.rows.len(), cohort.subjects()), (2, 2));
    let seven = cohort.rows.iter().find(|r| r.cells[0].is_some()).unwrap();
    assert!(
        seven.cells
            == [
                Some(Value::Int(120)),
                Some(Value::Day(19_723)),
                Some(Value::Flag(true))
            ]
    );
    let cohort = read(
        &path,
        &Schema::from_json(&VISITS.replace("ROWS", "per_record")).unwrap(),
    )
    .unwrap();
    assert_eq!((cohort.rows.len(), cohort.subjects()), (3, 2));
}

#[test]
fn b14_schemas_that_do_not_fit_the_source_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (csv, json) = (dir.path().join("v.csv"), dir.path().join("v.json"));
    fs::write(&csv, CSV).unwrap();
    fs::write(&json, "{}").unwrap();
    let visits = Schema::from_json(&VISITS.replace("ROWS", "per_subject")).unwrap();
    let error = read(&json, &visits).err().unwrap();
    assert!(
        error.contains("subject.header: FHIR says itself"),
        "{error}"
    );
    let text = VISITS.replace("ROWS", "per_subject");
    let text = text.replace(r#""subject":{"header":"pid"},"#, "");
    let error = read(&json, &Schema::from_json(&text).unwrap())
        .err()
        .unwrap();
    assert!(
        error.contains("column bp, source.table") && error.contains("column smoker"),
        "{error}"
    );
    assert!(
        read(&csv, &default_fhir_schema().unwrap())
            .err()
            .unwrap()
            .contains("column age, source.table: expected one of the tables v, got patients")
    );
    let typo = Schema::from_json(
        &VISITS
            .replace("ROWS", "per_subject")
            .replace("date_header", "dateheader"),
    )
    .unwrap();
    assert!(
        read(&csv, &typo)
            .err()
            .unwrap()
            .contains("column bp, source.dateheader: unknown word")
    );
    let subject = Schema::from_json(
        &VISITS
            .replace("ROWS", "per_subject")
            .replace("{\"header\":\"pid\"}", "{\"heading\":\"pid\"}"),
    )
    .unwrap();
    assert!(
        read(&csv, &subject)
            .err()
            .unwrap()
            .contains("subject.heading")
    );
}

#[test]
fn rows_go_through_cells_and_back() {
    let dir = tempfile::tempdir().unwrap();
    synthetic::write(dir.path(), 20, 5).unwrap();
    let schema = default_fhir_schema().unwrap();
    let cohort = read(dir.path(), &schema).unwrap();
    for row in cohort.rows.iter() {
        let mut cells = row.to_cells(&schema).unwrap();
        assert_eq!(cells.cells.len(), 10);
        let (back, spoiled) = Row::from_cells(&cells, &schema).unwrap();
        assert!(back.pseudonym == row.pseudonym && back.cells == row.cells);
        assert!(spoiled.is_empty());
        cells.cells.pop();
        assert!(Row::from_cells(&cells, &schema).is_err());
    }
    // A code that the list does not have, inside the bits of the column, spoils that cell alone.
    let first = cohort.rows.get(0).unwrap();
    let mut cells = first.to_cells(&schema).unwrap();
    let sex = schema.column("sex").unwrap().0;
    cells.cells[sex] = medveil_circuits::page::Cell::present(7).unwrap();
    let (read, spoiled) = Row::from_cells(&cells, &schema).unwrap();
    assert!(spoiled.len() == 1 && spoiled[0].column == sex && read.cells[sex].is_none());
    assert!(read.cells[0] == first.cells[0]);
    let mut odd = first;
    odd.cells[0] = Some(Value::Flag(true));
    assert!(odd.to_cells(&schema).is_err());
}

#[test]
fn values_print_as_they_were_written() {
    let schema = default_fhir_schema().unwrap();
    let print = |name: &str, value: Value| print_value(schema.column(name).unwrap().1, value);
    assert_eq!(
        (
            print("hba1c", Value::Decimal(72)),
            print("hba1c", Value::Decimal(-5))
        ),
        ("7.2".to_owned(), "-0.5".to_owned())
    );
    assert_eq!(
        (
            print("sex", Value::Code(1)),
            print("last_encounter", Value::Day(0))
        ),
        ("male".to_owned(), "1970-01-01".to_owned())
    );
    assert_eq!(
        (
            print("consent", Value::Flag(true)),
            print("age", Value::Int(42))
        ),
        ("true".to_owned(), "42".to_owned())
    );
}

#[test]
fn everybody_left_out_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("v.csv");
    fs::write(
        &path,
        "pid,Systolic BP,when,smoker\n7,120,2024-02-01,nein\n",
    )
    .unwrap();
    let schema = VISITS
        .replace("ROWS", "per_subject")
        .replace("\"map\"", "\"exclude\":\"false\",\"map\"");
    assert!(
        read(&path, &Schema::from_json(&schema).unwrap())
            .err()
            .unwrap()
            .contains("every row was left out")
    );
}

/// Reads real Synthea output where `MEDVEIL_SYNTHEA` names a folder of it (for example
/// `test/fixtures/r4` of the npm package cql-exec-fhir).
#[test]
fn synthea_output_where_there_is_some() {
    let Ok(folder) = std::env::var("MEDVEIL_SYNTHEA") else {
        return;
    };
    let cohort = read(Path::new(&folder), &default_fhir_schema().unwrap()).unwrap();
    assert!(!cohort.rows.is_empty());
    for column in [
        "age",
        "sex",
        "has_t2dm",
        "bmi",
        "systolic",
        "smoking",
        "last_encounter",
        "in_care",
    ] {
        assert_eq!(count(&cohort, column, |v| v.is_none()), 0, "{column}");
    }
}

#[test]
fn m7_rows_that_do_not_satisfy_a_criterion_are_refused_or_left_out_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    std::fs::write(
        &file,
        "patient_id,ok,age\np1,true,4\np2,false,5\np3,,6\np4,true,7\n",
    )
    .unwrap();
    let schema = |outsiders: &str| {
        let text = format!(
            r#"{{"format":"medveil-schema-1","outsiders":"{outsiders}","columns":[
            {{"name":"ok","type":"flag","inclusion_criterion":true}},
            {{"name":"age","type":"int","min":0,"max":99}}]}}"#
        );
        Schema::from_json(&text).unwrap()
    };
    let read = |schema: &Schema| read_on(&file, schema, &mut |_| {});
    let refused = read(&schema("refuse")).err().unwrap();
    let SourceError::Criterion { column, rows, .. } = &refused else {
        panic!("{refused}")
    };
    assert_eq!((column.as_str(), *rows), ("ok", 2));
    let kept = read(&schema("leave_out")).unwrap();
    assert_eq!(kept.rows.len(), 2);
    let dropped = kept.counts.iter().find(|d| d.reason.contains("criterion"));
    assert_eq!(dropped.map(|d| d.count), Some(2));
    std::fs::write(&file, "patient_id,ok,age\np2,false,5\n").unwrap();
    let none = read(&schema("leave_out")).err().unwrap();
    assert!(matches!(none, SourceError::Empty { .. }), "{none}");
}
