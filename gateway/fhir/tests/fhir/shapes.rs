//! Shapes of files, releases, completeness, and what is refused.

use crate::support::{bundle, came, observation, of, open, patient, set, typed_bundle};
use medveil_fhir::{FhirError, Reason};
use std::io::Write;

pub fn gzip(text: &str) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap()
}

#[test]
fn b12_every_shape_gives_the_same() {
    let (p, o) = (
        patient("p", ""),
        observation("o", "Patient/p", r#","valueQuantity":{"value":7.10}"#),
    );
    let lines = format!("{p}\r\n\n{o}");
    let mut all = Vec::new();
    for (name, text) in [
        ("a.ndjson", lines.clone()),
        ("a.jsonl", format!("\u{feff}{lines}\n")),
        ("a.JSON", bundle(&[("", &p), ("", &o)])),
        ("a.json", typed_bundle("searchset", &[("", &o), ("", &p)])),
        ("a.ndjson", bundle(&[("", &p), ("", &o)])),
    ] {
        let plain = set(&[(name, &text)]).unwrap();
        assert!(plain.handed.iter().any(|(_, r)| r.contains("7.10")));
        all.push(plain.handed);
        let folder = tempfile::tempdir().unwrap();
        let packed = folder.path().join(format!("{name}.gz"));
        std::fs::write(&packed, gzip(&text)).unwrap();
        all.push(came(&packed).unwrap().handed);
        std::fs::write(folder.path().join(name), gzip(&text)).unwrap();
        all.push(came(folder.path()).unwrap().handed);
    }
    all.push(
        set(&[
            ("x/p.json", &p),
            ("y/o.json", &o),
            ("README.md", "x"),
            (".hidden", "{"),
        ])
        .unwrap()
        .handed,
    );
    assert!(all.iter().all(|h| *h == all[0]));
}

#[test]
fn b12_releases_are_told_and_others_refused_by_name() {
    let p = patient("p", "");
    let with = |resource: &str| set(&[("p.ndjson", &p), ("r.ndjson", resource)]);
    let capability =
        |v: &str| format!(r#"{{"resourceType":"CapabilityStatement","fhirVersion":"{v}"}}"#);
    for (resource, version) in [
        (capability("4.0.1"), "R4"),
        (capability("4.3.0"), "R4B"),
        (capability("5.0.0"), "R5"),
        (
            of(
                "Encounter",
                "e",
                "Patient/p",
                r#","status":"finished","class":{"code":"AMB"}"#,
            ),
            "R4",
        ),
        (
            of(
                "Encounter",
                "e",
                "Patient/p",
                r#","status":"completed","class":[{"coding":[]}]"#,
            ),
            "R5",
        ),
        (
            of(
                "MedicationRequest",
                "m",
                "Patient/p",
                r#","status":"active","medicationReference":{}"#,
            ),
            "R4",
        ),
        (
            of(
                "MedicationRequest",
                "m",
                "Patient/p",
                r#","status":"active","medication":{}"#,
            ),
            "R5",
        ),
        (
            of(
                "Consent",
                "c",
                "Patient/p",
                r#","status":"active","decision":"deny""#,
            )
            .replace("\"patient\"", "\"subject\""),
            "R5",
        ),
        (
            of(
                "Observation",
                "o",
                "Patient/p",
                r#","meta":{"profile":["http://hl7.org/fhir/StructureDefinition/vitalsigns|4.0.1"]}"#,
            ),
            "R4",
        ),
        (observation("o", "Patient/p", ""), "R4, R4B or R5"),
    ] {
        assert_eq!(with(&resource).unwrap().version, version, "{resource}");
    }
    for resource in [
        capability("3.0.2"),
        capability("3.0"),
        patient("q", r#","animal":{}"#),
        of("Condition", "c", "Patient/p", r#","assertedDate":"2020""#),
        of(
            "Condition",
            "c",
            "Patient/p",
            r#","clinicalStatus":"active""#,
        ),
        of(
            "Condition",
            "c",
            "Patient/p",
            r#","context":{"reference":"Encounter/1"}"#,
        ),
        of("MedicationStatement", "c", "Patient/p", r#","taken":"y""#),
        observation("o", "Patient/p", r#","related":[]"#),
        observation("o", "Patient/p", r#","context":{}"#),
        observation(
            "o",
            "Patient/p",
            r#","meta":{"profile":["http://hl7.org/fhir/3.0/StructureDefinition/Observation"]}"#,
        ),
    ] {
        let error = with(&resource).unwrap_err();
        assert!(
            matches!(
                error,
                FhirError::Release {
                    release: "STU3",
                    ..
                }
            ),
            "{resource}: {error}"
        );
        assert!(error.to_string().contains("r.ndjson"));
    }
    assert!(
        with(&capability("1.0.2"))
            .unwrap_err()
            .to_string()
            .contains("DSTU2")
    );
    let r5 = of(
        "Encounter",
        "e",
        "Patient/p",
        r#","status":"completed","actualPeriod":{}"#,
    );
    let error = set(&[
        ("p.ndjson", &p),
        ("a.ndjson", &capability("4.0.1")),
        ("b.ndjson", &r5),
    ])
    .unwrap_err();
    assert!(matches!(error, FhirError::Releases { .. }));
    let text = error.to_string();
    assert!(
        text.contains("a.ndjson") && text.contains("b.ndjson"),
        "{text}"
    );
    let four = of(
        "Encounter",
        "e",
        "Patient/p",
        r#","status":"finished","period":{}"#,
    );
    assert_eq!(
        set(&[
            ("p.ndjson", &p),
            ("a.ndjson", &capability("4.3.0")),
            ("b.ndjson", &four)
        ])
        .unwrap()
        .version,
        "R4B"
    );
}

#[test]
fn b12_hostile_files_are_refused_and_never_quoted() {
    let p = patient("p", "");
    let deep = format!("{}{}", "{\"a\":".repeat(200), "1");
    let refused = [
        (
            "a.json",
            r#"{"resourceType":"Patient","id":"CANARY","id":"CANARY"}"#.to_owned(),
        ),
        (
            "a.ndjson",
            r#"{"resourceType":"Patient","x":{"CANARY":1,"CANARY":2}}"#.to_owned(),
        ),
        (
            "a.json",
            bundle(&[(
                "",
                r#"{"resourceType":"Patient","x":{"CANARY":1,"CANARY":2}}"#,
            )]),
        ),
        (
            "a.json",
            r#"{"resourceType":"Bundle","type":"batch","entry":[],"entry":[]}"#.to_owned(),
        ),
        (
            "a.json",
            r#"{"resourceType":"Bundle","type":"batch","entry":["CANARY"]}"#.to_owned(),
        ),
        ("a.json", "{\"CANARY".to_owned()),
        ("a.ndjson", "CANARY".to_owned()),
        ("a.ndjson", deep.clone()),
        ("a.json", deep),
        ("a.json", String::new()),
        ("a.ndjson", format!("{p}{p}")),
        ("a.ndjson", format!("[{}1]", "1,".repeat(1 << 20))),
    ];
    for (name, text) in refused {
        let error = set(&[("p.ndjson", &p), (name, &text)]).unwrap_err();
        let words = format!("{error} {error:?}");
        assert!(!words.contains("CANARY"), "{words}");
        assert!(
            matches!(error, FhirError::Json { .. } | FhirError::JsonLine { .. }),
            "{words}"
        );
    }
    assert!(matches!(
        set(&[("a.ndjson", "1\n[]\n\"x\"")]),
        Err(FhirError::Empty { .. })
    ));
    assert!(matches!(set(&[]), Err(FhirError::Empty { .. })));
    let folder = tempfile::tempdir().unwrap();
    let packed = gzip(&format!("{p}\n"));
    std::fs::write(
        folder.path().join("a.ndjson.gz"),
        &packed[..packed.len() - 9],
    )
    .unwrap();
    assert!(matches!(open(folder.path()), Err(FhirError::Io { .. })));
    std::fs::write(folder.path().join("a.ndjson.gz"), b"\xff\xfex\0").unwrap();
    assert!(matches!(
        open(folder.path()),
        Err(FhirError::Malformed { .. })
    ));
}

#[test]
fn b12_what_unpacks_to_too_much_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ndjson.gz");
    std::fs::write(&path, gzip(&" \n".repeat(1 << 20))).unwrap();
    let types = Default::default();
    let limits = medveil_fhir::Limits {
        json_bytes: 1 << 16,
        stream_bytes: 1 << 16,
        line_bytes: 1 << 10,
    };
    let options = medveil_fhir::Options {
        identifier: None,
        gather: false,
        limits,
        types: &types,
    };
    let read = |path| medveil_fhir::read(path, &options, &mut |_| {}).map(|_| ());
    assert!(matches!(
        read(&path),
        Err(FhirError::TooLarge { limit: 65536, .. })
    ));
    std::fs::write(&path, gzip(&"x".repeat(1 << 12))).unwrap();
    assert!(matches!(read(&path), Err(FhirError::Malformed { .. })));
    let json = folder.path().join("b.json.gz");
    std::fs::write(&json, gzip(&format!("[{}]", " ".repeat(1 << 20)))).unwrap();
    assert!(matches!(read(&json), Err(FhirError::TooLarge { .. })));
}

#[test]
fn b12_a_file_that_changes_is_an_error() {
    let (p, o) = (patient("p", ""), observation("o", "Patient/p", ""));
    for name in ["a.ndjson", "a.json"] {
        for other in [
            patient("q", ""),
            String::new(),
            format!("{p}\n "),
            "{".to_owned(),
        ] {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("o.ndjson"), &o).unwrap();
            std::fs::write(folder.path().join(name), &p).unwrap();
            let mut resources = open(folder.path()).unwrap();
            std::fs::write(folder.path().join(name), other).unwrap();
            let each = resources.each::<FhirError>(&mut |_| Ok(()));
            assert!(matches!(each, Err(FhirError::Changed { .. })), "{name}");
        }
    }
}

#[test]
fn b12_the_takers_error_comes_back() {
    #[derive(Debug)]
    enum Mine {
        Fhir,
        Own,
    }
    impl From<FhirError> for Mine {
        fn from(_: FhirError) -> Self {
            Mine::Fhir
        }
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("a.ndjson", patient("p", "")),
        ("b.json", bundle(&[("", &patient("q", ""))])),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
        let each = open(folder.path()).unwrap().each(&mut |_| Err(Mine::Own));
        assert!(matches!(each, Err(Mine::Own)));
        std::fs::remove_file(folder.path().join(name)).unwrap();
    }
    let _ = Mine::Fhir;
}

#[test]
fn b12_nested_bundles_and_typeless_resources_are_counted() {
    let inner = bundle(&[("", &patient("q", ""))]);
    let came = set(&[(
        "a.json",
        &bundle(&[("", &patient("p", "")), ("", &inner), ("", "{}")]),
    )])
    .unwrap();
    assert_eq!(came.out("Bundle", Reason::BundleInside), 1);
    assert_eq!(came.out("", Reason::NoType), 1);
}
