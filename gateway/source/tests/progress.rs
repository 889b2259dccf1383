//! How far a long reading is, in bytes.

use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::Schema;
use medveil_source::{Input, Limits, Progress, PseudonymKey, Views, read_source};
use std::fmt::Write;
use std::path::Path;

const CSV: &str = r#"{"format":"medveil-schema-1","rows":"per_record","columns":[
    {"name":"born","type":"int","min":1900,"max":2030}]}"#;
const FHIR: &str = r#"{"format":"medveil-schema-1","columns":[
    {"name":"sex","type":"code","codes":["female","male","other","unknown"],
     "source":{"table":"patients"}}]}"#;

/// Every word of progress, and the bytes that were read of all.
fn told(path: &Path, schema: &str) -> Vec<(u64, u64)> {
    let key = PseudonymKey::derive(&[3; 32], LineageId::new(Felt::from_u64(1)));
    let views = Views::shipped().expect("the views that ship");
    let input = Input {
        path,
        views: &views,
        today: 20_786,
        gather: false,
    };
    let schema = Schema::from_json(schema).expect("a schema");
    let mut told = Vec::new();
    let mut tell = |p: Progress| {
        assert!(p.done <= p.total);
        told.push(p.bytes.expect("files have bytes"));
    };
    read_source(&input, &schema, &key, &Limits::DEFAULT, &mut tell).expect("a source");
    told
}

/// Goes on from nothing to everything, in more steps than there are files.
fn check(told: &[(u64, u64)], all: u64, steps: usize) {
    assert_eq!(told.first(), Some(&(0, all)));
    assert_eq!(told.last(), Some(&(all, all)));
    assert!(told.is_sorted_by_key(|(read, _)| *read) && told.iter().all(|t| t.1 == all));
    let mut read: Vec<u64> = told.iter().map(|t| t.0).collect();
    read.dedup();
    assert!(read.len() >= steps, "{read:?}");
}

#[test]
fn a_table_tells_how_many_of_its_bytes_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("born.csv");
    let mut text = "patient_id,born,note\n".to_owned();
    let note = "not asked for ".repeat(5);
    for i in 0..20_000 {
        writeln!(text, "p{i},{},{note}", 1900 + i % 120).unwrap();
    }
    std::fs::write(&path, &text).unwrap();
    check(&told(&path, CSV), text.len() as u64, 4);
}

#[test]
fn resources_are_read_twice_and_tell_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut all = 0;
    for (file, n) in [("a", 4_500), ("b", 20), ("c", 4_200)] {
        let mut text = String::new();
        for i in 0..n {
            let line = r#"{"resourceType":"Patient","gender":"female","id":"#;
            writeln!(text, "{line}\"{file}{i}\"}}").unwrap();
        }
        std::fs::write(folder.path().join(format!("{file}.ndjson")), &text).unwrap();
        all += 2 * text.len() as u64;
    }
    check(&told(folder.path(), FHIR), all, 6);
}
