//! Who is who: links, shared ids, contradictions.

use crate::support::{bundle, lines, observation, patient, set};
use medveil_fhir::{FhirError, Reason};

fn link(kind: &str, to: &str) -> String {
    format!(r#","link":[{{"type":"{kind}","other":{{"reference":"{to}"}}}}]"#)
}

#[test]
fn b7_links_are_followed() {
    let data = [
        observation("oa", "Patient/a", ""),
        observation("ob", "Patient/b", ""),
    ];
    for (a, b, persons, handed) in [
        (
            link("replaced-by", "Patient/b"),
            String::new(),
            ["Patient/b"],
            vec!["b"],
        ),
        (
            String::new(),
            link("replaces", "Patient/a"),
            ["Patient/b"],
            vec!["b"],
        ),
        (
            link("refer", "Patient/b"),
            String::new(),
            ["Patient/b"],
            vec!["b"],
        ),
        (
            link("seealso", "Patient/b"),
            String::new(),
            ["Patient/a"],
            vec!["a", "b"],
        ),
        (
            link("replaced-by", "https://s/fhir/Patient/b"),
            link("replaces", "Patient/a"),
            ["Patient/b"],
            vec!["b"],
        ),
    ] {
        let came = lines(&[&patient("a", &a), &patient("b", &b), &data[0], &data[1]]);
        assert_eq!(came.persons, persons, "{a} {b}");
        for name in ["a", "b"] {
            assert_eq!(
                came.has(&format!("Patient/{name}")),
                handed.contains(&name),
                "{a} {b}"
            );
            assert_eq!(came.of(&format!("Observation/o{name}")), Some(persons[0]));
        }
    }
}

#[test]
fn b7_links_that_lead_nowhere_refuse_the_subject() {
    let rest = [
        patient("b", ""),
        patient("c", ""),
        observation("o", "Patient/a", ""),
    ];
    for more in [
        link("replaced-by", "Patient/none"),
        link("refer", "urn:oid:1.2.3"),
        link("seealso", "Patient/none"),
        link("replaced-by", "Patient/a"),
        link("else", "Patient/b"),
        r#","link":[{"type":"seealso"}]"#.to_owned(),
    ] {
        let came = lines(&[&patient("a", &more), &rest[0], &rest[1], &rest[2]]);
        assert!(
            !came.has("Patient/a") && !came.has("Observation/o"),
            "{more}"
        );
        assert!(
            came.out("Observation", Reason::RefusedSubject) == 1,
            "{more}"
        );
    }
    let circle = lines(&[
        &patient("a", &link("replaced-by", "Patient/b")),
        &patient("b", &link("replaced-by", "Patient/a")),
        &rest[1],
    ]);
    assert_eq!(
        (
            circle.persons.len(),
            circle.out("Patient", Reason::UnresolvedLink)
        ),
        (1, 2)
    );
    let old = lines(&[&patient("a", &link("replaces", "Patient/none")), &rest[2]]);
    assert!(old.has("Observation/o"));
    let apart = lines(&[
        &patient(
            "a",
            &format!(
                r#","birthDate":"1970-01-01"{}"#,
                link("seealso", "Patient/b")
            ),
        ),
        &patient("b", r#","birthDate":"1971-01-01""#),
        &rest[1],
    ]);
    assert_eq!(apart.out("Patient", Reason::LinkContradiction), 2);
}

#[test]
fn b7_two_people_under_one_id_are_refused() {
    let who = |name: &str, sex: &str, born: &str, meta: &str| {
        patient(
            "1",
            &format!(
                r#","name":[{{"family":"{name}"}}],"gender":"{sex}","birthDate":"{born}"{meta}"#
            ),
        )
    };
    let (v1, v2) = (
        r#","meta":{"versionId":"1"}"#,
        r#","meta":{"versionId":"2"}"#,
    );
    for (a, b) in [
        (
            who("CANARY", "male", "1970-01-01", ""),
            who("B", "male", "1970-01-01", ""),
        ),
        (
            who("A", "male", "1970-01-01", ""),
            who("A", "female", "1970-01-01", ""),
        ),
        (
            who("A", "male", "1970-01-01", ""),
            who("A", "male", "1970-01-02", ""),
        ),
        (
            who("A", "male", "1970-01-01", v1),
            who("CANARY", "female", "1970-01-02", v2),
        ),
    ] {
        let error = set(&[("a/P.ndjson", &a), ("b/P.ndjson", &b)]).unwrap_err();
        assert!(matches!(error, FhirError::SamePatientId { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("a/P.ndjson, line 1") && text.contains("b/P.ndjson, line 1"));
        assert!(!text.contains("CANARY") && !text.contains("1970"));
    }
    // One thing corrected, in an order that is known.
    let corrected = [
        who("A", "male", "1970-01-01", v1),
        who("A", "male", "1970-01-02", v2),
    ];
    let came = set(&[("b/P.ndjson", &corrected[0]), ("a/P.ndjson", &corrected[1])]).unwrap();
    assert!(came.handed[0].1.contains("1970-01-02"));
    // A server's word that both are one.
    let urls = |p: &str| bundle(&[("https://s/fhir/Patient/1", p)]);
    let (a, b) = (
        who("A", "male", "1970-01-01", v1),
        who("B", "female", "1970-01-02", v2),
    );
    assert!(set(&[("a.json", &urls(&a)), ("b.json", &urls(&b))]).is_ok());
}

#[test]
fn b7_one_identifier_and_the_same_person_said_is_one_person() {
    let same = r#","identifier":[{"system":"mrn","value":"7"}],"name":[{"family":"F","given":["G"]}],"gender":"male","birthDate":"1970-01-01""#;
    let came = lines(&[
        &patient("a", same),
        &patient("b", same),
        &observation("o", "Patient/b", ""),
    ]);
    assert_eq!(
        (came.persons.len(), came.of("Observation/o")),
        (1, Some("Patient/a"))
    );
    assert_eq!(came.out("Patient", Reason::FurtherRecord), 1);
    let less = same.replace(r#","gender":"male""#, "");
    assert_eq!(
        lines(&[&patient("a", same), &patient("b", &less)])
            .persons
            .len(),
        2
    );
}

#[test]
fn b7_inactive_and_nameless_patients_are_counted() {
    let came = lines(&[
        &patient("a", r#","active":false"#),
        &observation("o", "Patient/a", ""),
    ]);
    assert!(came.has("Observation/o") && came.has("Patient/a"));
    assert_eq!(came.out("Patient", Reason::InactivePatient), 1);
    let nameless = r#"{"resourceType":"Patient","gender":"male"}"#;
    let came = lines(&[&patient("a", ""), nameless]);
    assert_eq!(
        (came.persons.len(), came.out("Patient", Reason::NoIdentity)),
        (1, 1)
    );
    let two = |sex: &str| {
        format!(
            r#"{{"resourceType":"Patient","gender":"{sex}","identifier":[{{"system":"mrn","value":"7"}}]}}"#
        )
    };
    let came = lines(&[&patient("a", ""), &two("male"), &two("female")]);
    assert_eq!(
        (came.persons.len(), came.out("Patient", Reason::NoIdentity)),
        (1, 2)
    );
    let named = r#"{"resourceType":"Patient","identifier":[{"system":"mrn","value":"7"}]}"#;
    assert_eq!(lines(&[named]).persons, ["mrn|7"]);
}

#[test]
fn b7_records_of_one_server_under_other_uuids_are_one() {
    let uuid = |n: u32| format!("urn:uuid:00000000-0000-4000-8000-00000000000{n}");
    let o = |version: &str, value: u32| {
        observation(
            "o",
            &uuid(1),
            &format!(r#","meta":{{"versionId":"{version}"}},"valueInteger":{value}"#),
        )
    };
    let p = patient("p", "");
    let files = [
        bundle(&[(&uuid(1), &p), (&uuid(2), &o("1", 1))]),
        bundle(&[(&uuid(3), &o("2", 2))]),
    ];
    let came = set(&[("a.json", &files[0]), ("b.json", &files[1])]).unwrap();
    assert!(came.of("Observation/o").is_some());
    assert_eq!(came.out("Observation", Reason::OlderVersion), 1);
}
