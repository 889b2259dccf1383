//! FHIR reading: forms of references and bundles, refusals by name, drops by reason, no panic on
//! any bytes.

use super::*;
use crate::plan;
use crate::reduce::DropCount;
use crate::testing::{schema_column, words};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_circuits::schema::{ColumnType, RowRule};
use std::fs;

mod dropped;
mod random;
mod refused;

fn key() -> PseudonymKey {
    PseudonymKey::derive(&[7; 32], LineageId::new(Felt::from_u64(1)))
}

fn columns() -> Vec<(SourceColumn, FhirColumn)> {
    let sex = [("resource", "Patient"), ("path", "gender")];
    let hba1c = [
        ("resource", "Observation"),
        ("path", "value"),
        ("codes", "http://loinc.org|4548-4"),
        ("unit", "%"),
    ];
    let t2dm = [
        ("resource", "Condition"),
        ("codes", "http://snomed.info/sct|44054006"),
        ("missing", "false"),
    ];
    let visits = [("resource", "Encounter")];
    let specs = [
        schema_column(
            "sex",
            ColumnType::Code {
                codes: vec!["female".to_owned(), "male".to_owned()],
            },
            RowRule::Last,
            &sex,
        ),
        schema_column(
            "hba1c",
            ColumnType::Decimal {
                scale: 1,
                min: 30,
                max: 200,
            },
            RowRule::Last,
            &hba1c,
        ),
        schema_column("t2dm", ColumnType::Flag, RowRule::Any, &t2dm),
        schema_column(
            "visits",
            ColumnType::Int { min: 0, max: 9 },
            RowRule::Count,
            &visits,
        ),
    ];
    plan::fhir(&specs).unwrap()
}

struct Outcome {
    rows: Vec<Vec<Option<i64>>>,
    drops: Vec<DropCount>,
    files: Files,
    pseudonyms: Vec<u128>,
}

impl Outcome {
    fn dropped(&self, reason: &str) -> u64 {
        self.drops
            .iter()
            .filter(|d| d.reason == reason)
            .map(|d| d.count)
            .sum()
    }
}

fn read_files(files: &[(&str, Vec<u8>)], limits: &Limits) -> Result<Outcome, String> {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let columns = columns();
    let key = key();
    let reading = Reading {
        path: dir.path(),
        key: &key,
        limits,
    };
    let (mut rows, drops, files) = read(reading, &columns, &mut |_| {}).map_err(|e| words(&e))?;
    rows.sort_by_key(|r| r.pseudonym);
    let plain: Vec<SourceColumn> = columns.into_iter().map(|(c, _)| c).collect();
    let pseudonyms = rows.iter().map(|r| r.pseudonym).collect();
    Ok(Outcome {
        rows: rows.into_iter().map(|r| r.cells).collect(),
        drops: drops.finish(&plain),
        files,
        pseudonyms,
    })
}

fn run(files: &[(&str, &str)]) -> Result<Outcome, String> {
    let files: Vec<(&str, Vec<u8>)> = files
        .iter()
        .map(|(n, t)| (*n, t.as_bytes().to_vec()))
        .collect();
    read_files(&files, &Limits::DEFAULT)
}

fn bundle(kind: &str, entries: &[String]) -> String {
    format!(
        r#"{{"resourceType":"Bundle","type":"{kind}","entry":[{}]}}"#,
        entries.join(",")
    )
}

fn entry(url: &str, resource: &str) -> String {
    if url.is_empty() {
        format!(r#"{{"resource":{resource}}}"#)
    } else {
        format!(r#"{{"fullUrl":"{url}","resource":{resource}}}"#)
    }
}

fn patient(id: &str, gender: &str) -> String {
    format!(r#"{{"resourceType":"Patient","id":"{id}","gender":"{gender}"}}"#)
}

fn hba1c(id: &str, subject: &str, value: &str, date: &str) -> String {
    format!(
        r#"{{"resourceType":"Observation","id":"{id}","status":"final","code":{{"coding":[{{"system":"http://loinc.org","code":"4548-4"}}]}},
        "subject":{{"reference":"{subject}"}},"effectiveDateTime":"{date}","valueQuantity":{{"value":{value},"unit":"%","code":"%"}}}}"#
    )
}

fn simple(id: &str, kind: &str, subject: &str, rest: &str) -> String {
    format!(
        r#"{{"resourceType":"{kind}","id":"{id}","subject":{{"reference":"{subject}"}}{rest}}}"#
    )
}

const T2DM: &str = r#","code":{"coding":[{"system":"http://snomed.info/sct","code":"44054006"}]}"#;

fn one(url: &str, subject: &str) -> String {
    bundle(
        "transaction",
        &[
            entry(
                "urn:uuid:o1",
                &hba1c("o1", subject, "7.24", "2024-01-01T10:00:00Z"),
            ),
            entry(url, &patient("p1", "male")),
            entry("urn:uuid:o2", &hba1c("o2", subject, "6.9", "2023-01-01")),
            entry("urn:uuid:c1", &simple("c1", "Condition", subject, T2DM)),
            entry("urn:uuid:e1", &simple("e1", "Encounter", subject, "")),
            entry("urn:uuid:e2", &simple("e2", "Encounter", subject, "")),
        ],
    )
}

#[test]
fn transaction_bundles_become_one_row_per_patient() {
    for (url, subject) in [
        ("urn:uuid:P1", "urn:uuid:p1"),
        ("https://s/fhir/Patient/p1", "https://s/fhir/Patient/p1"),
        ("", "Patient/p1"),
        ("urn:uuid:x", "Patient/p1"),
    ] {
        let found = run(&[("a.json", &one(url, subject))]).unwrap();
        assert_eq!(
            found.rows,
            [vec![Some(1), Some(72), Some(1), Some(2)]],
            "{url}"
        );
        assert_eq!(
            (
                found.files.read,
                found.dropped("a value of the same patient came last")
            ),
            (1, 1)
        );
    }
}

#[test]
fn searchset_pages_of_one_server_join_over_files() {
    let base = "https://s/fhir";
    let first = bundle(
        "searchset",
        &[
            entry(&format!("{base}/Patient/1"), &patient("1", "female")),
            entry(&format!("{base}/Patient/2"), &patient("2", "male")),
        ],
    );
    let second = bundle(
        "searchset",
        &[
            entry(&format!("{base}/Patient/1"), &patient("1", "female")),
            entry(
                &format!("{base}/Observation/7"),
                &hba1c("7", "Patient/1", "8.0", "2024"),
            ),
            entry(
                &format!("{base}/Encounter/8"),
                &simple("8", "Encounter", "https://s/fhir/Patient/2/_history/4", ""),
            ),
            entry("", r#"{"resourceType":"OperationOutcome","issue":[]}"#),
        ],
    );
    let third = bundle(
        "searchset",
        &[entry(
            &format!("{base}/Observation/7"),
            &hba1c("7", "Patient/1", "8.0", "2024"),
        )],
    );
    let mut found = run(&[
        ("1.json", &first),
        ("2.json", &second),
        ("sub/3.json", &third),
    ])
    .unwrap();
    found.rows.sort();
    assert_eq!(
        found.rows,
        [
            vec![Some(0), Some(80), Some(0), Some(0)],
            vec![Some(1), None, Some(0), Some(1)]
        ]
    );
    assert_eq!(
        found.dropped("the same resource stands in the source twice"),
        2
    );
}

#[test]
fn bulk_exports_join_over_files() {
    let patients = format!("{}\n\n{}\n", patient("1", "female"), patient("2", "male"));
    let rest = [
        hba1c("7", "Patient/1", "8.0", "2024").replace('\n', ""),
        simple("8", "Encounter", "Patient/2", ""),
    ]
    .join("\r\n");
    let found = run(&[("Patient.ndjson", &patients), ("Rest.ndjson", &rest)]).unwrap();
    assert_eq!(
        (
            found.rows.len(),
            found.rows.iter().flatten().filter(|c| c.is_some()).count()
        ),
        (2, 7)
    );
    let bad = run(&[("Patient.ndjson", &format!("{patients}{{\"a\": CANARY\n"))])
        .err()
        .unwrap();
    assert!(
        bad.contains("Patient.ndjson: line 4: not valid json") && !bad.contains("CANARY"),
        "{bad}"
    );
}

#[test]
fn pseudonyms_do_not_depend_on_the_order_of_files() {
    let (a, b) = (
        one("urn:uuid:a", "urn:uuid:a"),
        one("urn:uuid:b", "urn:uuid:b"),
    );
    let (x, y) = (
        run(&[("1.json", &a), ("2.json", &b)]).unwrap(),
        run(&[("1.json", &b), ("2.json", &a)]).unwrap(),
    );
    assert_eq!((x.pseudonyms.clone(), x.rows), (y.pseudonyms, y.rows));
    assert!(x.pseudonyms[0] < x.pseudonyms[1]);
}

#[test]
fn synthea_fields_in_any_order() {
    let text = one("urn:uuid:p1", "urn:uuid:p1");
    let entries = &text[text.find("\"entry\"").unwrap()..text.len() - 1];
    let turned = format!(r#"{{{entries},"type":"transaction","resourceType":"Bundle"}}"#);
    assert_eq!(
        run(&[("a.json", &turned)]).unwrap().rows,
        run(&[("a.json", &text)]).unwrap().rows
    );
    let no_bundle = turned.replace(
        "\"resourceType\":\"Bundle\"",
        "\"resourceType\":\"Parameters\"",
    );
    assert!(
        run(&[("a.json", &no_bundle)])
            .err()
            .unwrap()
            .contains("no FHIR Patient (1 skipped)")
            || run(&[("a.json", &no_bundle)]).is_err()
    );
}
