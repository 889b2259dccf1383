//! FHIR reading: forms of references and bundles, refusals by name, drops by reason, no panic on
//! any bytes.

use super::*;
use crate::source::column::{Kind, Rule};
use crate::source::plan::{self, Spec};
use crate::source::reduce::DropCount;
use circuits::field::Felt;
use circuits::ids::LineageId;
use proptest::prelude::*;
use std::fs;

fn key() -> PseudonymKey {
    PseudonymKey::derive(&[7; 32], LineageId::new(Felt::from_u64(1)))
}

fn source(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect()
}

fn columns() -> Vec<(Column, FhirColumn)> {
    let sex = source(&[("resource", "Patient"), ("path", "gender")]);
    let hba1c = source(&[
        ("resource", "Observation"),
        ("path", "value"),
        ("codes", "http://loinc.org|4548-4"),
        ("unit", "%"),
    ]);
    let t2dm = source(&[
        ("resource", "Condition"),
        ("codes", "http://snomed.info/sct|44054006"),
        ("missing", "false"),
    ]);
    let visits = source(&[("resource", "Encounter")]);
    let specs = [
        Spec {
            name: "sex",
            kind: Kind::Code(vec!["female".to_owned(), "male".to_owned()]),
            rule: Rule::Last,
            source: &sex,
        },
        Spec {
            name: "hba1c",
            kind: Kind::Decimal {
                scale: 1,
                min: 30,
                max: 200,
            },
            rule: Rule::Last,
            source: &hba1c,
        },
        Spec {
            name: "t2dm",
            kind: Kind::Flag,
            rule: Rule::Any,
            source: &t2dm,
        },
        Spec {
            name: "visits",
            kind: Kind::Int { min: 0, max: 9 },
            rule: Rule::Count,
            source: &visits,
        },
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
    let (mut rows, drops, files) =
        read(dir.path(), &columns, &key(), limits, &mut |_| {}).map_err(|e| e.to_string())?;
    rows.sort_by_key(|r| r.pseudonym);
    let plain: Vec<Column> = columns.into_iter().map(|(c, _)| c).collect();
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
    let missing = read(
        Path::new("/no/such/place"),
        &columns(),
        &key(),
        &Limits::DEFAULT,
        &mut |_| {},
    );
    assert!(matches!(missing, Err(SourceError::Io { .. })));
}

#[test]
fn dropped_resources_are_counted_by_reason_and_place() {
    let p = "urn:uuid:p1";
    let text = bundle(
        "batch",
        &[
            entry(p, &patient("p1", "male")),
            entry(
                "",
                r##"{"resourceType":"Encounter","subject":{"reference":"#x"},"contained":[{"resourceType":"Patient","id":"x"}]}"##,
            ),
            entry("", r#"{"resourceType":"Encounter"}"#),
            entry("", &simple("e3", "Encounter", "Group/1", "")),
            entry("", &simple("e4", "Encounter", "Patient/none", "")),
            entry(
                "",
                &simple("e5", "Encounter", p, r#","status":"entered-in-error""#),
            ),
            entry(
                "",
                &simple("e6", "Encounter", p, r#","status":"cancelled""#),
            ),
            entry(
                "",
                &simple(
                    "c1",
                    "Condition",
                    p,
                    &format!(r#"{T2DM},"verificationStatus":{{"coding":[{{"code":"refuted"}}]}}"#),
                ),
            ),
            entry(
                "",
                &hba1c("o1", p, "7.2", "2024").replace("\"code\":\"%\"", "\"code\":\"mg/dL\""),
            ),
            entry("", &hba1c("o2", p, "99.9", "2024")),
            entry(
                "",
                &hba1c("o3", p, "7.2", "2024").replace("\"unit\"", "\"comparator\":\"<\",\"unit\""),
            ),
            entry(
                "",
                &hba1c("o4", p, "7.2", "2024").replace("\"value\":7.2,", ""),
            ),
            entry(
                "",
                &hba1c("o5", p, "7.2", "2024").replace("valueQuantity", "valueRange"),
            ),
            entry("", r#"{"resourceType":"Bundle","entry":[]}"#),
            entry("", r#"{"id":"x"}"#),
            r#"{"request":{"method":"DELETE"},"resource":{"resourceType":"Encounter"}}"#.to_owned(),
            r#"{"fullUrl":"urn:uuid:nothing"}"#.to_owned(),
            "null".to_owned(),
        ],
    );
    let found = run(&[("a.json", &text)]).unwrap();
    assert_eq!(found.rows, [vec![Some(1), Some(72), Some(0), Some(0)]]);
    for reason in [
        "subject is contained, without an identity of its own",
        "no subject",
        "subject is no patient",
        "subject is not in the source",
        "entered in error",
        "cancelled or not done",
        "refuted diagnosis",
        "expected a known unit",
        "expected a value in the column's range",
        "expected an exact value, got a bound",
        "bundle inside a bundle",
        "resource without a type",
    ] {
        assert_eq!(found.dropped(reason), 1, "{reason} in {:?}", found.drops);
    }
    let unit = found
        .drops
        .iter()
        .find(|d| d.reason == "expected a known unit")
        .unwrap();
    assert!(
        unit.column.as_deref() == Some("hba1c")
            && unit.first.as_ref().unwrap().ends_with("a.json, entry 9")
    );
}

#[test]
fn counts_that_do_not_fit_are_dropped_and_replaced_records_ignored() {
    let mut entries = vec![entry("urn:uuid:p1", &patient("p1", "male"))];
    entries.extend((0..10).map(|i| {
        entry(
            "",
            &simple(&format!("e{i}"), "Encounter", "urn:uuid:p1", ""),
        )
    }));
    entries.push(entry(
        "urn:uuid:p2",
        &patient("p2", "male").replace("\"gender\"", "\"active\":false,\"gender\""),
    ));
    entries.push(entry(
        "urn:uuid:p3",
        &patient("p3", "male").replace(
            "\"gender\"",
            "\"link\":[{\"type\":\"replaced-by\"}],\"gender\"",
        ),
    ));
    let found = run(&[("a.json", &bundle("collection", &entries))]).unwrap();
    assert_eq!(
        (found.rows, found.drops.len()),
        (vec![vec![Some(1), None, Some(0), None]], 2)
    );
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn b12_random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_files(&[("a.json", bytes.clone()), ("b.ndjson", bytes)], &Limits::DEFAULT);
    }

    #[test]
    fn b12_changed_bundles_never_panic(at in 0usize..1500, with in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = one("urn:uuid:p1", "Patient/p1").into_bytes();
        let at = at.min(bytes.len() - 1);
        bytes[at] = with;
        if cut {
            bytes.truncate(at);
        }
        let _ = read_files(&[("a.json", bytes)], &Limits::DEFAULT);
    }

    #[test]
    fn b12_odd_structures_never_panic(name in "(subject|code|valueQuantity|effectiveDateTime|status|id|resourceType)", with in "(null|1|\\[\\]|\\{\\}|\"x\"|\\[null\\]|true|\\[\\[1\\]\\])") {
        let resource = hba1c("o", "urn:uuid:p1", "7", "2024").replace(&format!("\"{name}\":"), &format!("\"{name}\":{with},\"was\":"));
        let text = bundle("batch", &[entry("urn:uuid:p1", &patient("p1", "male")), entry("", &resource)]);
        let _ = run(&[("a.json", &text)]);
    }
}
