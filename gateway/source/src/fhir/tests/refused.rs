//! Files that are skipped or refused, by name and without their text.

use super::*;
use std::path::Path;

#[test]
fn b12_files_that_are_no_bundle_are_counted_and_named() {
    let found = run(&[
        ("a.json", &one("urn:uuid:p1", "urn:uuid:p1")),
        ("b.json", &simple("c", "Condition", "urn:uuid:p1", T2DM)),
        ("c.json", "[1, {\"resourceType\": \"Bundle\"}]"),
        ("d.json", "\"text\""),
        ("e.json", "null"),
        ("f.json", "12.5"),
        ("g.txt", "not json"),
        (
            "h.json",
            &bundle("history", &[entry("urn:uuid:z", &patient("z", "male"))]),
        ),
        (
            "i.json",
            r#"{"entry":{"a":1},"type":"batch","resourceType":"Bundle"}"#,
        ),
        (
            "j.json",
            r#"{"entry":null,"type":7,"resourceType":"Bundle"}"#,
        ),
        (".hidden.json", "{"),
    ])
    .unwrap();
    assert_eq!((found.rows.len(), found.files.read), (1, 2));
    let names: Vec<String> = found
        .files
        .skipped
        .iter()
        .map(|s| s.path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        names,
        [
            "b.json", "c.json", "d.json", "e.json", "f.json", "g.txt", "h.json", "j.json"
        ]
    );
}

#[test]
fn b12_bad_files_are_refused_by_name_without_their_text() {
    let good = one("urn:uuid:p1", "urn:uuid:p1");
    let cases = [
        (good[..good.len() - 20].to_owned(), "ends too early"),
        (format!("{good} CANARY"), "not valid json"),
        (
            good.replace(
                "\"type\":\"transaction\"",
                "\"type\":\"batch\",\"type\":\"transaction\"",
            ),
            "stands twice",
        ),
        (
            good.replace("\"gender\"", "\"id\":\"CANARY\",\"gender\""),
            "stands twice",
        ),
        (
            format!(
                r#"{{"resourceType":"Bundle","type":"batch","entry":[{{"resource":{}1{}}}]}}"#,
                "[".repeat(500),
                "]".repeat(500)
            ),
            "too deeply",
        ),
        (String::new(), "ends too early"),
        ("\u{feff}".to_owned(), "ends too early"),
        ("{\"a\": \"\u{0}CANARY\"}".to_owned(), "not valid json"),
    ];
    for (text, expected) in cases {
        let error = run(&[("0.json", &good), ("bad.json", &text)])
            .err()
            .unwrap();
        assert!(
            error.contains("bad.json: ") && error.contains(expected) && !error.contains("CANARY"),
            "{error}"
        );
    }
}

#[test]
fn b12_other_encodings_and_large_files_are_refused() {
    let good = one("urn:uuid:p1", "urn:uuid:p1");
    let latin = [good.as_bytes(), b"\xe4"].concat();
    assert!(
        read_files(&[("bad.json", latin)], &Limits::DEFAULT)
            .err()
            .unwrap()
            .contains("bad.json")
    );
    let utf16: Vec<u8> = std::iter::once(0xfeffu16)
        .chain(good.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    assert!(
        read_files(&[("bad.json", utf16)], &Limits::DEFAULT)
            .err()
            .unwrap()
            .contains("utf-16")
    );
    let small = Limits {
        json_bytes: 100,
        ..Limits::DEFAULT
    };
    assert!(
        read_files(&[("bad.json", good.clone().into_bytes())], &small)
            .err()
            .unwrap()
            .contains("bad.json: expected at most 100 bytes")
    );
    assert_eq!(
        run(&[("a.json", &format!("\u{feff}{good}"))])
            .unwrap()
            .rows
            .len(),
        1
    );
}

#[test]
fn b12_sources_without_patients_are_refused() {
    assert!(
        run(&[])
            .err()
            .unwrap()
            .contains("no FHIR Patient in 0 Bundles, 0 files skipped")
    );
    let csv = run(&[("a.csv", "x"), ("b.json", "{}")]).err().unwrap();
    assert!(
        csv.contains("2 files skipped") && csv.contains("name the file itself"),
        "{csv}"
    );
    assert!(
        run(&[("a.json", &bundle("batch", &[]))])
            .err()
            .unwrap()
            .contains("no FHIR Patient")
    );
    let key = key();
    let reading = Reading {
        path: Path::new("/no/such/place"),
        key: &key,
        limits: &Limits::DEFAULT,
    };
    let missing = read(reading, &columns(), &mut |_| {});
    assert!(matches!(missing, Err(SourceError::Io { .. })));
}
