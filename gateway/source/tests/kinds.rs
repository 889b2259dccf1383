//! Kinds of sources that are features of the build: a folder of tables, queries over it.

#![cfg(feature = "sources")]

use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::{Schema, Value};
use medveil_source::{Cohort, Input, Limits, PseudonymKey, SourceError, Views, read_source};
use std::path::Path;

fn read(path: &Path, schema: &str) -> Result<Cohort, SourceError> {
    read_by(path, schema, false)
}

fn read_by(path: &Path, schema: &str, gather: bool) -> Result<Cohort, SourceError> {
    let key = PseudonymKey::derive(&[3; 32], LineageId::new(Felt::from_u64(1)));
    let views = Views::shipped().expect("the views that ship");
    let input = Input {
        path,
        views: &views,
        today: 20_786,
        gather,
    };
    let schema = Schema::from_json(schema).expect("a schema");
    read_source(&input, &schema, &key, &Limits::DEFAULT, &mut |_| {})
}

/// Two tables of one study, as a hospital's database exports them.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let people = "person_id,year_of_birth\n1,1970\n2,1980\n3,1990\n";
    let labs = "person_id;value;unit;taken\n1;99;mg/dL;2024-01-01\n1;6,0;mmol/L;2025-01-01\n2;1,1;g/L;2024-02-01\n";
    for (name, text) in [("person.csv", people), ("labs.csv", labs)] {
        std::fs::write(folder.path().join(name), text).expect("a file");
    }
    folder
}

const SCHEMA: &str = r#"{"format":"medveil-schema-1","subject":{"header":"person_id"},"columns":[
    {"name":"born","type":"int","min":1900,"max":2030,"source":{"table":"person","header":"year_of_birth"}},
    {"name":"glucose","type":"int","min":0,"max":1000,
     "source":{"table":"labs","header":"value","decimal":"comma","date_header":"taken",
               "unit":"mg/dL","unit_header":"unit","molar_mass":"180.156"}}]}"#;

#[test]
fn b7_tables_of_a_folder_become_one_row_a_subject() {
    let folder = folder();
    let cohort = read(folder.path(), SCHEMA).unwrap();
    let mut rows: Vec<Vec<Option<i64>>> = cohort
        .rows
        .iter()
        .map(|row| row.cells.iter().map(|c| c.map(Value::to_integer)).collect())
        .collect();
    rows.sort();
    // 6.0 mmol/L of a molar mass of 180.156 g/mol is 108.09 mg/dL; 1.1 g/L is 110.
    let expected = [
        vec![Some(1970), Some(108)],
        vec![Some(1980), Some(110)],
        vec![Some(1990), None],
    ];
    assert_eq!(rows, expected);
    assert_eq!(cohort.files.read.len(), 2);
}

#[test]
fn b7_queries_over_a_folder_are_tables_too() {
    let folder = folder();
    let queries = folder.path().join("cohort.sql");
    std::fs::write(
        &queries,
        "-- database: folder\n-- table: cohort\nSELECT person_id, number(year_of_birth) AS born\nFROM person WHERE number(year_of_birth) < 1985;\n",
    )
    .unwrap();
    let schema = r#"{"format":"medveil-schema-1","columns":[
        {"name":"born","type":"int","min":1900,"max":2030}]}"#;
    let cohort = read(&queries, schema).unwrap();
    assert_eq!(cohort.rows.len(), 2);
    assert_eq!(cohort.guessed_subject.as_deref(), Some("person_id"));
    let writes = "-- database: folder\n-- table: t\nDELETE FROM person;\n";
    std::fs::write(&queries, writes).unwrap();
    assert!(read(&queries, schema).is_err());
}

#[test]
fn b7_settings_of_text_hold_for_the_files_that_queries_read_and_for_no_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = b"person_id;ward\n1;K\xf6ln\n2;Bern\n";
    std::fs::write(folder.path().join("stay.csv"), text).unwrap();
    let queries = folder.path().join("cohort.sql");
    let sql = |database: &str| {
        format!("-- database: {database}\n-- table: stays\nSELECT person_id, ward FROM stay;\n")
    };
    std::fs::write(&queries, sql("folder")).unwrap();
    let schema = |words: &str| {
        format!(
            r#"{{"format":"medveil-schema-1","source":{{{words}}},"columns":[
            {{"name":"ward","type":"code","codes":["Bern","K\u00f6ln"]}}]}}"#
        )
    };
    assert!(read(&queries, &schema("")).is_err(), "no UTF-8");
    let cohort = read(&queries, &schema(r#""encoding":"latin1""#)).unwrap();
    let mut wards: Vec<_> = cohort
        .rows
        .iter()
        .map(|row| row.cells[0].map(Value::to_integer))
        .collect();
    wards.sort();
    assert_eq!(wards, [Some(0), Some(1)]);
    std::fs::write(&queries, sql("ehr.sqlite")).unwrap();
    let refused = read(&queries, &schema(r#""encoding":"latin1""#))
        .err()
        .unwrap();
    assert!(
        refused
            .to_string()
            .contains("these queries read a database"),
        "{refused}"
    );
}

#[test]
fn b7_numbers_of_a_database_that_are_none_are_refused_or_said_to_mean_something() {
    let folder = folder();
    let queries = folder.path().join("cohort.sql");
    let sql = "-- database: folder\n-- table: cohort\nSELECT person_id, CASE person_id WHEN '2' THEN 9e999 WHEN '3' THEN -9e999 ELSE 7 END AS n FROM person;\n";
    std::fs::write(&queries, sql).unwrap();
    let by = |words: &str| {
        let schema = format!(
            r#"{{"format":"medveil-schema-1","columns":[
            {{"name":"n","type":"int","min":0,"max":99,"source":{{{words}}}}}]}}"#
        );
        read(&queries, &schema).map(|cohort| {
            let cells = cohort.rows.iter().map(|row| row.cells[0]);
            let mut values: Vec<_> = cells.map(|cell| cell.map(Value::to_integer)).collect();
            values.sort();
            (values, cohort.counts)
        })
    };
    let refused = by("").err().unwrap().to_string();
    for part in ["row 2, column n", "finite", "`null`"] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    let (values, counts) = by(r#""on_bad":"drop""#).unwrap();
    assert_eq!(values, [None, None, Some(7)]);
    assert_eq!(counts.iter().map(|count| count.count).sum::<u64>(), 2);
    // Which end it is makes a difference.
    assert!(by(r#""null":"infinity""#).is_err());
    let (values, counts) = by(r#""null":"infinity; -infinity""#).unwrap();
    assert_eq!((values, counts.len()), (vec![None, None, Some(7)], 0));
    let (values, _) = by(r#""map":"infinity=99; -infinity=0""#).unwrap();
    assert_eq!(values, [Some(0), Some(7), Some(99)]);
}

#[test]
fn b14_a_check_of_queries_hides_nothing_of_the_files_below() {
    let folder = folder();
    let queries = folder.path().join("cohort.sql");
    let sql = |database: &str| {
        format!(
            "-- database: {database}\n-- table: cohort\nSELECT person_id, number(year_of_birth) AS born FROM person;\n"
        )
    };
    std::fs::write(&queries, sql("folder")).unwrap();
    let schema = |max: u32| {
        format!(
            r#"{{"format":"medveil-schema-1","columns":[
            {{"name":"born","type":"int","min":1900,"max":{max}}}]}}"#
        )
    };
    let cohort = read_by(&queries, &schema(1979), true).unwrap();
    assert_eq!((cohort.problems.count, cohort.rows.len()), (2, 3));
    let short = "person_id,year_of_birth\n1,1970\n2\n3,1990\n";
    std::fs::write(folder.path().join("person.csv"), short).unwrap();
    let refused = read_by(&queries, &schema(2030), true).err().unwrap();
    assert!(refused.to_string().contains("person.csv"), "{refused}");
    // No word of text files is said by asking for all problems.
    std::fs::write(&queries, sql("none.sqlite")).unwrap();
    let refused = read_by(&queries, &schema(2030), true).err().unwrap();
    assert!(refused.to_string().contains("none.sqlite"), "{refused}");
}
