//! Whom a resource is about: every form of a reference.

use crate::support::{bundle, lines, observation, patient, set};
use medveil_fhir::Reason;

const UUID: &str = "00000000-0000-4000-8000-00000000000a";

#[test]
fn b7_references_of_every_form_resolve() {
    let uuid = format!("urn:uuid:{UUID}");
    let upper = uuid.to_uppercase().replace("URN:UUID", "urn:uuid");
    let mrn = r#","identifier":[{"system":"mrn","value":"7"}]"#;
    let people = [
        ("https://s.org/fhir/Patient/p1", patient("p1", "")),
        (uuid.as_str(), patient("local", mrn)),
        ("", patient("bare", "")),
    ];
    for (reference, expected) in [
        ("Patient/p1", "https://s.org/fhir/Patient/p1"),
        ("Patient/p1/_history/3", "https://s.org/fhir/Patient/p1"),
        (
            "https://s.org/fhir/Patient/p1",
            "https://s.org/fhir/Patient/p1",
        ),
        (
            "https://S.org/fhir/Patient/p1/_history/2",
            "https://s.org/fhir/Patient/p1",
        ),
        (uuid.as_str(), uuid.as_str()),
        (upper.as_str(), uuid.as_str()),
        ("Patient/local", uuid.as_str()),
        ("Patient/bare", "Patient/bare"),
        ("https://s.org/fhir/Patient/bare", "Patient/bare"),
        ("Patient?identifier=mrn%7C7", uuid.as_str()),
        ("Patient?identifier=mrn|7", uuid.as_str()),
    ] {
        let people: Vec<(&str, &str)> = people.iter().map(|(u, p)| (*u, p.as_str())).collect();
        let (people, observation) = (bundle(&people), observation("o", reference, ""));
        let came = set(&[("a.json", &people), ("b/o.ndjson", &observation)]).unwrap();
        assert_eq!(came.of("Observation/o"), Some(expected), "{reference}");
    }
}

#[test]
fn b7_logical_identifiers_need_their_system() {
    let people = patient("a", r#","identifier":[{"system":"mrn","value":"7"}]"#);
    for (field, expected) in [
        (
            r#"{"identifier":{"system":"mrn","value":"7"}}"#,
            Some("Patient/a"),
        ),
        (
            r#"{"type":"Patient","identifier":{"system":"mrn","value":"7"}}"#,
            Some("Patient/a"),
        ),
        (
            r#"{"reference":"https://far/Patient/x","identifier":{"system":"mrn","value":"7"}}"#,
            Some("Patient/a"),
        ),
        (r#"{"identifier":{"value":"7"}}"#, None),
        (r#"{"identifier":{"system":"mrn","value":"8"}}"#, None),
        (
            r#"{"type":"Group","identifier":{"system":"mrn","value":"7"}}"#,
            None,
        ),
        (r#"{"display":"a"}"#, None),
    ] {
        let o = format!(
            r#"{{"resourceType":"Observation","id":"o","status":"final","subject":{field}}}"#
        );
        assert_eq!(
            lines(&[&people, &o]).of("Observation/o"),
            expected,
            "{field}"
        );
    }
}

#[test]
fn b7_references_to_nobody_are_counted_with_a_reason() {
    for (reference, reason) in [
        ("Patient/none", Reason::UnknownSubject),
        (
            "urn:uuid:00000000-0000-4000-8000-00000000000b",
            Reason::UnknownSubject,
        ),
        ("Group/g", Reason::NotAPatient),
        ("https://s/fhir/Device/1", Reason::NotAPatient),
        ("#pat", Reason::ContainedSubject),
        ("p1", Reason::UnreadableReference),
        ("Patient/", Reason::UnreadableReference),
        ("x/Patient/p1", Reason::UnreadableReference),
        ("Patient?name=x", Reason::UnreadableReference),
        ("", Reason::NoSubject),
    ] {
        let came = lines(&[&patient("p1", ""), &observation("o", reference, "")]);
        assert_eq!(
            came.out("Observation", reason),
            1,
            "{reference}: {:?}",
            came.counts
        );
        assert!(!came.has("Observation/o"));
    }
    let none = r#"{"resourceType":"Observation","id":"o","status":"final"}"#;
    assert_eq!(
        lines(&[&patient("p", ""), none]).out("Observation", Reason::NoSubject),
        1
    );
}

#[test]
fn b7_a_bulk_export_means_its_own_patients_by_absolute_references() {
    let one = [
        patient("p1", ""),
        observation("a", "https://s/fhir/Patient/p1", ""),
        observation("b", "https://s/fhir/Patient/p1/_history/1", ""),
        observation("c", "Patient/p1", ""),
    ];
    let one: Vec<&str> = one.iter().map(String::as_str).collect();
    let came = lines(&one);
    for name in ["a", "b", "c"] {
        assert_eq!(came.of(&format!("Observation/{name}")), Some("Patient/p1"));
    }
    // A second server among the references: nothing tells whose the patients are.
    let other = observation("d", "https://t/fhir/Patient/p1", "");
    let two: Vec<&str> = one.iter().copied().chain([other.as_str()]).collect();
    let came = lines(&two);
    assert_eq!(came.out("Observation", Reason::AmbiguousSubject), 3);
    assert!(came.has("Observation/c"));
}

#[test]
fn b7_of_two_servers_each_reference_means_its_own() {
    let people = bundle(&[
        ("https://s/fhir/Patient/1", &patient("1", "")),
        (
            "https://t/fhir/Patient/1",
            &patient("1", r#","gender":"male""#),
        ),
        (
            "https://s/fhir/Observation/x",
            &observation("x", "Patient/1", ""),
        ),
        (
            "https://t/fhir/Observation/x",
            &observation("y", "Patient/1", ""),
        ),
        (
            "https://t/fhir/Observation/z",
            &observation("z", "https://s/fhir/Patient/1", ""),
        ),
        (
            "https://u/fhir/Observation/u",
            &observation("u", "Patient/1", ""),
        ),
    ]);
    let free = observation("free", "Patient/1", "");
    let came = set(&[("a.json", &people), ("b.ndjson", &free)]).unwrap();
    assert_eq!(came.persons.len(), 2);
    assert_eq!(came.of("Observation/x"), Some("https://s/fhir/Patient/1"));
    assert_eq!(came.of("Observation/y"), Some("https://t/fhir/Patient/1"));
    assert_eq!(came.of("Observation/z"), Some("https://s/fhir/Patient/1"));
    assert_eq!(came.out("Observation", Reason::UnknownSubject), 1);
    assert_eq!(came.out("Observation", Reason::AmbiguousSubject), 1);
}

#[test]
fn b7_what_is_contained_is_of_its_containers_subject() {
    let report = |contained: &str, more: &str| {
        format!(
            r#"{{"resourceType":"DiagnosticReport","id":"r","status":"final","contained":[{contained}]{more}}}"#
        )
    };
    let subject = r#","subject":{"reference":"Patient/p"}"#;
    let o =
        |more: &str| format!(r#"{{"resourceType":"Observation","id":"o","status":"final"{more}}}"#);
    let people = [patient("p", ""), patient("q", "")];
    let read = |resource: &str| lines(&[&people[0], &people[1], resource]);
    for more in ["", subject, r##","subject":{"reference":"#"}"##] {
        assert_eq!(
            read(&report(&o(more), subject)).of("Observation/o"),
            Some("Patient/p"),
            "{more}"
        );
    }
    let other = read(&report(
        &o(r#","subject":{"reference":"Patient/q"}"#),
        subject,
    ));
    assert_eq!(other.out("Observation", Reason::SomebodyElse), 1);
    let out = read(&report(
        &o(""),
        r#","subject":{"reference":"Patient/none"}"#,
    ));
    assert_eq!(out.out("Observation", Reason::ContainerOut), 1);
    let own = read(&report(&o(subject), ""));
    assert_eq!(own.of("Observation/o"), Some("Patient/p"));
    let cancelled = report(
        &o(r#","status":"cancelled""#).replace(r#""status":"final","#, ""),
        subject,
    );
    assert_eq!(read(&cancelled).out("Observation", Reason::NotDone), 1);
    // A contained patient is somebody by an identifier only.
    let with = |identifier: &str| {
        let pat = format!(r#"{{"resourceType":"Patient","id":"pat"{identifier}}}"#);
        format!(
            r##"{{"resourceType":"Observation","id":"o","status":"final","contained":[{pat}],"subject":{{"reference":"#pat"}}}}"##
        )
    };
    let known = patient("k", r#","identifier":[{"system":"mrn","value":"7"}]"#);
    let named = with(r#","identifier":[{"system":"mrn","value":"7"}]"#);
    assert_eq!(
        lines(&[&known, &named]).of("Observation/o"),
        Some("Patient/k")
    );
    assert_eq!(
        lines(&[&known, &with("")]).out("Observation", Reason::ContainedSubject),
        1
    );
}

#[test]
fn b7_one_identifier_of_two_people_means_neither() {
    let shared = r#","identifier":[{"system":"family","value":"1"}],"birthDate":"1970-01-0"#;
    let a = patient("a", &format!("{shared}1\""));
    let b = patient("b", &format!("{shared}2\""));
    let came = lines(&[&a, &b, &observation("o", "Patient?identifier=family|1", "")]);
    assert_eq!(
        (
            came.persons.len(),
            came.out("Observation", Reason::AmbiguousSubject)
        ),
        (2, 1)
    );
}
