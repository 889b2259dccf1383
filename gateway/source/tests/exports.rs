//! What bulk exports leave open is neither TRUE nor FALSE in a table, and is counted.
#![allow(clippy::unwrap_used)]

use medveil_circuits::field::Felt;
use medveil_circuits::ids::LineageId;
use medveil_source::{
    Cohort, Fate, Input, Limits, PseudonymKey, Views, default_fhir_schema, print_value, read_source,
};

const PATIENTS: &str = concat!(
    r#"{"resourceType":"Patient","id":"p","birthDate":"1970-03-10"}"#,
    "\n",
    r#"{"resourceType":"Patient","id":"q","birthDate":"1980-03-10"}"#
);
/// Of `p` only.
const CONDITIONS: &str = r#"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"},"code":{"coding":[{"system":"http://snomed.info/sct","code":"44054006"}]}}"#;
const MANIFEST: &str = r#"{"transactionTime":"2026-01-01T00:00:00Z","request":"https://h/fhir/$export","requiresAccessToken":false,"output":[{"type":"Patient","url":"https://h/o/Patient.ndjson","count":2},{"type":"Condition","url":"https://h/o/Condition.ndjson","count":1}],"deleted":[],"error":[]}"#;

fn read(files: &[(&str, &str)]) -> Cohort {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let key = PseudonymKey::derive(&[3; 32], LineageId::new(Felt::from_u64(1)));
    let views = Views::shipped().unwrap();
    let input = Input {
        path: folder.path(),
        views: &views,
        today: 20_786,
        gather: false,
    };
    let schema = default_fhir_schema().unwrap();
    read_source(&input, &schema, &key, &Limits::DEFAULT, &mut |_| {}).unwrap()
}

/// Whether each of the two has the diagnosis.
fn diagnoses(manifest: &str, others: &[(&str, &str)]) -> (Cohort, [String; 2]) {
    let mut files = vec![
        ("manifest.json", manifest),
        ("Patient.ndjson", PATIENTS),
        ("Condition.ndjson", CONDITIONS),
    ];
    files.extend(others);
    let cohort = read(&files);
    let schema = default_fhir_schema().unwrap();
    let (at, column) = schema.column("has_t2dm").unwrap();
    let print = |row: &medveil_source::Row| {
        let value = row.cells[at].map(|value| print_value(column, value));
        value.unwrap_or_default()
    };
    let mut values: Vec<String> = cohort.rows.iter().map(|row| print(&row)).collect();
    values.sort_by_key(|value| value != "true");
    (cohort, values.try_into().unwrap())
}

#[test]
fn b12_what_an_export_lacks_is_not_false() {
    let (_, whole) = diagnoses(MANIFEST, &[]);
    assert_eq!(whole, ["true", "false"]);
    let outcome =
        r#"{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"exception"}]}"#;
    let error = r#""error":[{"type":"OperationOutcome","url":"https://h/o/err.ndjson"}]"#;
    let next = r#""link":[{"relation":"next","url":"https://h/o/page2"}],"error":[]"#;
    let filter = "$export?_typeFilter=Condition%3Fonset-date%3Dge2024";
    for (from, to) in [
        (r#""count":1"#, r#""count":20"#),
        (r#""error":[]"#, error),
        (r#""error":[]"#, next),
        ("$export", filter),
        ("$export", "$export?_type=Patient"),
        ("$export", "$export?%5Fsince=2025-01-01T00:00:00Z"),
    ] {
        let manifest = MANIFEST.replace(from, to);
        for others in [&[][..], &[("err.ndjson", outcome)]] {
            let (cohort, values) = diagnoses(&manifest, others);
            assert_eq!(values, ["true", ""], "{to}");
            assert!(
                cohort.counts.iter().any(|c| c.fate == Fate::LeftOut),
                "{to}"
            );
        }
    }
}

#[test]
fn b7_what_may_be_deleted_is_not_true_and_stops_a_commit() {
    let later = r#"{"transactionTime":"2026-02-01T00:00:00Z","request":"https://h/fhir/$export?_since=2026-01-01T00:00:00Z","output":[],"deleted":[{"type":"Bundle","url":"https://h/o/del.ndjson"}],"error":[]}"#;
    let delete = |method: &str, url: &str| {
        let request = format!(r#"{{"request":{{"method":"{method}","url":"{url}"}}}}"#);
        format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{request}]}}"#)
    };
    for (method, url, expected) in [
        ("DELETE", "Condition/x", ["true", "false"]),
        ("DELETE", "/Condition/c", ["false", "false"]),
        ("DELETE", "Condition/c/", ["false", "false"]),
        ("delete", "Condition/c", ["false", "false"]),
        ("DELETE", "Condition?code=x", ["", ""]),
        ("DELETE", "?", ["", ""]),
        ("DELETE", "Observation?code=x", ["true", "false"]),
    ] {
        let text = delete(method, url);
        let others = [("inc/manifest.json", later), ("inc/del.ndjson", &text)];
        let (cohort, values) = diagnoses(MANIFEST, &others);
        assert_eq!(values, expected, "{method} {url}");
        let stops = cohort.counts.iter().any(|c| c.fate == Fate::Unresolved);
        assert_eq!(stops, url.contains('?'), "{method} {url}");
    }
    let (cohort, values) = diagnoses(MANIFEST, &[("inc/manifest.json", later)]);
    assert_eq!(values, ["", ""]);
    assert!(cohort.counts.iter().any(|c| c.fate == Fate::Unresolved));
}
