//! One resource counts once, in its latest state.

use crate::support::{bundle, lines, observation, patient, set, typed_bundle};
use medveil_fhir::{FhirError, Reason};

/// A state of one observation, with a value to tell it by.
fn state(value: u32, more: &str) -> String {
    observation(
        "o",
        "Patient/p",
        &format!(r#","valueInteger":{value}{more}"#),
    )
}
fn meta(version: &str, updated: &str) -> String {
    let mut parts = Vec::new();
    if !version.is_empty() {
        parts.push(format!(r#""versionId":"{version}""#));
    }
    if !updated.is_empty() {
        parts.push(format!(r#""lastUpdated":"{updated}""#));
    }
    format!(r#","meta":{{{}}}"#, parts.join(","))
}

/// The value that counts of two states, in both orders; none where the set is refused.
fn which(a: &str, b: &str) -> Option<String> {
    let p = patient("p", "");
    let mut results = Vec::new();
    for (first, second) in [(a, b), (b, a)] {
        let text = format!("{p}\n{first}\n{second}");
        results.push(match set(&[("all.ndjson", &text)]) {
            Ok(came) => {
                let all: Vec<&str> = came
                    .handed
                    .iter()
                    .map(|(_, r)| r.as_str())
                    .filter(|r| r.starts_with("Observation"))
                    .collect();
                assert!(all.len() <= 1);
                Some(all.first().map_or("none".to_owned(), |r| {
                    r.split("\"valueInteger\":")
                        .nth(1)
                        .unwrap()
                        .trim_end_matches('}')
                        .to_owned()
                }))
            }
            Err(FhirError::Unordered { .. }) => None,
            Err(e) => panic!("{e}"),
        });
    }
    assert_eq!(results[0], results[1]);
    results.remove(0)
}

#[test]
fn b7_the_latest_state_counts() {
    let (old, new) = ("2024-01-01T00:00:00Z", "2024-01-01T00:00:01.5+00:00");
    for (a, b, expected) in [
        (meta("1", ""), meta("2", ""), Some("2")),
        (meta("9", ""), meta("10", ""), Some("2")),
        (meta("", old), meta("", new), Some("2")),
        (meta("abc", old), meta("abd", new), Some("2")),
        (meta("1", old), meta("1", new), Some("2")),
        (
            meta("", "2024-01-01T02:00:00+02:00"),
            meta("", "2024-01-01T00:30:00Z"),
            Some("2"),
        ),
        (meta("3", new), meta("4", ""), Some("2")),
        // Two things that contradict, or nothing.
        (meta("2", old), meta("1", new), None),
        (meta("1", ""), meta("", new), None),
        (meta("1", old), meta("1", old), None),
        (meta("a", ""), meta("b", ""), None),
        (meta("", "2024-01-01"), meta("", "2024-01-02"), None),
        (String::new(), String::new(), None),
    ] {
        let got = which(&state(1, &a), &state(2, &b));
        assert_eq!(got.as_deref(), expected, "{a} {b}");
    }
}

#[test]
fn b7_equal_contents_count_once() {
    let same = state(1, "");
    assert_eq!(which(&same, &same).as_deref(), Some("1"));
    let other_order = r#"{"valueInteger":1,"subject":{"reference":"Patient/p"},"status":"final","id":"o","resourceType":"Observation"}"#;
    assert_eq!(which(&same, other_order).as_deref(), Some("1"));
    assert_eq!(
        which(&same, &state(1, &meta("7", ""))).as_deref(),
        Some("1")
    );
    let p = patient("p", "");
    let in_bundle = bundle(&[
        ("https://s/fhir/Observation/o", &same),
        ("https://s/fhir/Patient/p", &p),
    ]);
    let came = set(&[("a.json", &in_bundle), ("b.jsonl", &format!("{p}\n{same}"))]).unwrap();
    assert_eq!(
        (
            came.persons.len(),
            came.out("Observation", Reason::SameAgain)
        ),
        (1, 1)
    );
    let nameless =
        r#"{"resourceType":"Observation","status":"final","subject":{"reference":"Patient/p"}}"#;
    assert_eq!(lines(&[&p, nameless, nameless]).handed.len(), 2);
}

#[test]
fn b7_an_error_retracts_what_is_not_later() {
    let error = r#","status":"entered-in-error""#;
    assert_eq!(
        which(&state(1, ""), &state(1, error)).as_deref(),
        Some("none")
    );
    assert_eq!(
        which(&state(1, &meta("1", "")), &state(1, error)).as_deref(),
        Some("none")
    );
    let late = format!("{error}{}", meta("2", ""));
    assert_eq!(
        which(&state(1, &meta("1", "")), &state(1, &late)).as_deref(),
        Some("none")
    );
    assert_eq!(
        which(&state(3, &meta("3", "")), &state(1, &late)).as_deref(),
        Some("3")
    );
}

#[test]
fn b7_results_follow_their_status_where_nothing_else_tells() {
    let status = |s: &str| format!(r#","status":"{s}""#);
    for (before, after) in [
        ("preliminary", "final"),
        ("final", "corrected"),
        ("final", "amended"),
        ("registered", "final"),
        ("preliminary", "amended"),
    ] {
        let got = which(&state(1, &status(before)), &state(2, &status(after)));
        assert_eq!(got.as_deref(), Some("2"), "{before} {after}");
    }
    assert_eq!(
        which(
            &state(1, &status("amended")),
            &state(2, &status("corrected"))
        ),
        None
    );
}

#[test]
fn b7_deletions_remove_what_is_not_later() {
    let p = patient("p", "");
    let delete = |url: &str, meta: &str| {
        format!(
            r#"{{"resourceType":"Bundle","type":"transaction"{meta},"entry":[{{"request":{{"method":"DELETE","url":"{url}"}}}}]}}"#
        )
    };
    let at = |time: &str| format!(r#","meta":{{"lastUpdated":"{time}"}}"#);
    let old = observation("o", "Patient/p", &at("2024-01-01T00:00:00Z"));
    for (url, when, left) in [
        ("Observation/o", String::new(), false),
        ("https://s/fhir/Observation/o", String::new(), false),
        ("Observation/o", at("2024-02-01T00:00:00Z"), false),
        ("Observation/o", at("2023-02-01T00:00:00Z"), true),
        ("Observation/other", String::new(), true),
    ] {
        let all = format!("{p}\n{old}");
        let deleted = delete(url, &when);
        for name in ["deleted/d.ndjson", "a.ndjson", "z.json"] {
            let came = set(&[("m.ndjson", &all), (name, &deleted)]).unwrap();
            assert_eq!(came.has("Observation/o"), left, "{url} {when} {name}");
            assert_eq!(came.out("Observation", Reason::Deleted), u64::from(!left));
        }
    }
    let came = set(&[
        ("a.ndjson", &format!("{p}\n{}\n{old}", patient("q", ""))),
        ("d.ndjson", &delete("Patient/p", "")),
    ])
    .unwrap();
    assert_eq!(
        (
            came.persons.len(),
            came.out("Observation", Reason::UnknownSubject)
        ),
        (1, 1)
    );
    let came = set(&[
        ("a.ndjson", &format!("{p}\n{old}")),
        ("d.ndjson", &delete("Observation?x=y", "")),
    ])
    .unwrap();
    assert_eq!(came.out("Observation", Reason::UnreadableDeletion), 1);
}

#[test]
fn b7_exports_are_ordered_by_their_manifests_and_times_never_by_path() {
    let p = patient("p", "");
    let manifest = |time: &str| {
        format!(r#"{{"transactionTime":"{time}","request":"x","output":[],"error":[]}}"#)
    };
    let (early, late) = (
        manifest("2024-01-01T00:00:00Z"),
        manifest("2024-03-01T00:00:00Z"),
    );
    let (one, two) = (format!("{p}\n{}", state(1, "")), state(2, ""));
    let value = |files: &[(&str, &str)]| {
        let came = set(files).ok()?;
        let found = came
            .handed
            .iter()
            .find(|(_, r)| r.starts_with("Observation/o "))?;
        Some(found.1.contains("\"valueInteger\":2"))
    };
    for (a, b) in [("a", "b"), ("b", "a")] {
        let names = [
            format!("{a}/m.json"),
            format!("{a}/o.ndjson"),
            format!("{b}/m.json"),
            format!("{b}/o.ndjson"),
        ];
        let with = value(&[
            (&names[0], &early),
            (&names[1], &one),
            (&names[2], &late),
            (&names[3], &two),
        ]);
        assert_eq!(with, Some(true));
        // Without manifests, by the times of what else is in the folders.
        let stamp = |day: &str| {
            observation(
                day,
                "Patient/p",
                &format!(r#","meta":{{"lastUpdated":"2024-01-{day}T00:00:00Z"}}"#),
            )
        };
        let (one, two) = (
            format!("{one}\n{}", stamp("01")),
            format!("{two}\n{}", stamp("09")),
        );
        assert_eq!(value(&[(&names[1], &one), (&names[3], &two)]), Some(true));
        assert_eq!(
            value(&[(&names[1], &one), (&names[3], &state(2, ""))]),
            None
        );
    }
}

#[test]
fn b7_a_replacement_puts_out_what_it_replaces() {
    let p = patient("p", "");
    let replaces = |url: &str, target: &str| {
        format!(
            r#","status":"amended","extension":[{{"url":"{url}","valueReference":{{"reference":"{target}"}}}}]"#
        )
    };
    let core = "http://hl7.org/fhir/StructureDefinition/";
    for (url, target) in [
        ("observation-replaces", "Observation/a"),
        ("event-replaces", "https://s/fhir/Observation/a"),
        ("observation-replaces", "Observation/a/_history/1"),
    ] {
        let new = observation("b", "Patient/p", &replaces(&format!("{core}{url}"), target));
        let came = lines(&[&p, &new, &observation("a", "Patient/p", "")]);
        assert!(
            came.has("Observation/b") && !came.has("Observation/a"),
            "{url} {target}"
        );
        assert_eq!(came.out("Observation", Reason::Replaced), 1);
        let error = new.replace("amended", "entered-in-error");
        assert!(lines(&[&p, &error, &observation("a", "Patient/p", "")]).has("Observation/a"));
    }
    for code in [r#""replaces""#, r#"{"coding":[{"code":"replaces"}]}"#] {
        let document = |id: &str, more: &str| {
            crate::support::of(
                "DocumentReference",
                id,
                "Patient/p",
                &format!(r#","status":"current"{more}"#),
            )
        };
        let new = document(
            "b",
            &format!(
                r#","relatesTo":[{{"code":{code},"target":{{"reference":"DocumentReference/a"}}}}]"#
            ),
        );
        assert!(!lines(&[&p, &new, &document("a", "")]).has("DocumentReference/a"));
    }
}

#[test]
fn b7_a_final_result_supersedes_its_preliminary_one() {
    let result = |id: &str, status: &str, number: &str, code: &str| {
        observation(
            id,
            "Patient/p",
            &format!(
                r#","status":"{status}","identifier":[{{"system":"lab","value":"{number}"}}],"code":{{"coding":[{{"system":"http://loinc.org","code":"{code}"}}]}}"#
            ),
        )
    };
    let p = patient("p", "");
    let early = result("a", "preliminary", "1", "4548-4");
    for (late, left) in [
        (result("b", "final", "1", "4548-4"), false),
        (result("b", "corrected", "1", "4548-4"), false),
        (result("b", "final", "2", "4548-4"), true),
        (result("b", "final", "1", "2345-7"), true),
        (result("b", "cancelled", "1", "4548-4"), true),
    ] {
        let came = lines(&[&p, &late, &early]);
        assert_eq!(came.has("Observation/a"), left, "{late}");
        assert_eq!(
            came.out("Observation", Reason::Superseded),
            u64::from(!left)
        );
    }
}

#[test]
fn b7_histories_hold_states() {
    let p = patient("p", "");
    let history = typed_bundle(
        "history",
        &[
            ("https://s/fhir/Observation/o", &state(2, &meta("2", ""))),
            ("https://s/fhir/Observation/o", &state(1, &meta("1", ""))),
            ("https://s/fhir/Patient/p", &p),
        ],
    );
    let came = set(&[("h.json", &history)]).unwrap();
    assert!(
        came.handed
            .iter()
            .any(|(_, r)| r.contains("\"valueInteger\":2"))
    );
    assert_eq!(came.out("Observation", Reason::OlderVersion), 1);
}
