//! People who are called by the identifier of one system.

use crate::support::{came_by, observation, patient};
use medveil_fhir::Reason;

const SYSTEM: &str = "urn:oid:1.2.3";

fn identifier(system: &str, value: &str, more: &str) -> String {
    format!(r#"{{"system":"{system}","value":"{value}"{more}}}"#)
}

fn called(id: &str, identifiers: &[String], more: &str) -> String {
    let identifiers = identifiers.join(",");
    patient(id, &format!(r#","identifier":[{identifiers}]{more}"#))
}

fn own(value: &str) -> String {
    identifier(SYSTEM, value, "")
}

#[test]
fn b7_people_are_called_by_the_one_identifier_of_the_system() {
    let came = came_by(
        SYSTEM,
        &[
            called("a", &[own("17"), identifier("urn:other", "99", "")], ""),
            called("b", &[own("18"), own("18")], ""),
            called(
                "c",
                &[identifier(SYSTEM, "1", r#","use":"old""#), own("19")],
                "",
            ),
            observation("o", "Patient/a", ""),
        ],
    );
    assert_eq!(came.persons, ["17", "18", "19"]);
    assert_eq!(came.of("Observation/o"), Some("17"));
    assert_eq!(came.of("Patient/b"), Some("18"));
}

#[test]
fn b7_an_identifier_that_is_missing_or_not_one_refuses_the_subject() {
    for (identifiers, reason) in [
        (vec![], Reason::NoIdentifier),
        (
            vec![identifier("urn:other", "17", "")],
            Reason::NoIdentifier,
        ),
        (
            vec![identifier(SYSTEM, "17", r#","use":"old""#)],
            Reason::NoIdentifier,
        ),
        (vec![own("17"), own("18")], Reason::SeveralIdentifiers),
        (vec![own("20")], Reason::SharedIdentifier),
        (
            vec![own("17"), own("18"), own("20")],
            Reason::SeveralIdentifiers,
        ),
    ] {
        let came = came_by(
            SYSTEM,
            &[
                called("a", &identifiers, ""),
                called("b", &[own("20")], ""),
                called("c", &[own("30")], ""),
                observation("o", "Patient/a", ""),
            ],
        );
        let shared = reason == Reason::SharedIdentifier;
        let persons: &[&str] = if shared { &["30"] } else { &["20", "30"] };
        assert_eq!(came.persons, persons, "{reason:?}");
        assert_eq!(came.out("Patient", reason), 1 + u64::from(shared));
        assert!(!came.has("Observation/o"));
        assert_eq!(came.out("Observation", Reason::RefusedSubject), 1);
    }
}

#[test]
fn b7_linked_records_may_share_an_identifier_and_the_one_that_holds_says_it() {
    let link = |kind: &str, to: &str| {
        format!(r#","link":[{{"type":"{kind}","other":{{"reference":"Patient/{to}"}}}}]"#)
    };
    let read = |first: &str, second: &str, kind: &str| {
        came_by(
            SYSTEM,
            &[
                called("a", &[own(first)], &link(kind, "b")),
                called("b", &[own(second)], ""),
                observation("o", "Patient/a", ""),
            ],
        )
    };
    for kind in ["seealso", "replaced-by", "refer"] {
        let came = read("17", "17", kind);
        assert_eq!(came.persons, ["17"], "{kind}");
        assert_eq!(came.of("Observation/o"), Some("17"));
    }
    // A record that another replaces says who it was.
    assert_eq!(read("17", "18", "replaced-by").persons, ["18"]);
    assert_eq!(read("17", "18", "replaces").persons, ["17"]);
}
