//! Whether all that a set should have is there, and was read.

use crate::support::{bundle, came, lines, observation, of, patient, set, typed_bundle};
use medveil_fhir::Reason;

#[test]
fn b12_what_is_not_all_there_is_not_complete() {
    let (p, o) = (patient("p", ""), observation("o", "Patient/p", ""));
    let whole = set(&[("a.ndjson", &format!("{p}\n{o}")), ("notes.txt", "x")]).unwrap();
    assert_eq!(
        whole
            .complete
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
        ["Observation", "Patient"]
    );
    let manifest = |request: &str, file: &str| {
        format!(
            r#"{{"transactionTime":"2024-01-01T00:00:00Z","request":"{request}","output":[{{"type":"Observation","url":"https://s/f/{file}"}}]}}"#
        )
    };
    for (name, text, left) in [
        ("m.json", manifest("https://s/$export", "a.ndjson"), 2),
        ("m.json", manifest("https://s/$export", "other.ndjson"), 1),
        (
            "m.json",
            manifest("https://s/$export?_since=2020-01-01", "a.ndjson"),
            0,
        ),
        (
            "m.json",
            manifest("https://s/$export", "gone.ndjson")
                .replace("\"type\":\"Observation\"", "\"type\":\"Bundle\""),
            0,
        ),
        ("x.xml", "<Patient/>".to_owned(), 0),
        ("r.json", typed_bundle("batch-response", &[]), 0),
        (
            "s.json",
            typed_bundle("searchset", &[]).replace(
                "\"entry\"",
                r#""link":[{"relation":"next","url":"u"}],"entry""#,
            ),
            0,
        ),
        ("n.ndjson", bundle(&[("", &bundle(&[]))]), 0),
        ("c.json", "[1]".to_owned(), 0),
        ("d.json", r#"{"data":[]}"#.to_owned(), 0),
        ("Observation-0001", "x".to_owned(), 0),
        ("o.fhir", "x".to_owned(), 0),
        ("l.ndjson", "[1]".to_owned(), 0),
        ("l.ndjson", r#"{"id":"x"}"#.to_owned(), 0),
        ("l.ndjson", bundle(&[("", r#"{"id":"x"}"#)]), 0),
        ("l.json", bundle(&[("", r#"{"id":"x"}"#)]), 0),
        ("l.json", bundle(&[("", "null")]), 0),
        ("l.json", bundle(&[("", "[]")]), 0),
        (
            "l.json",
            r#"{"resourceType":"Parameters","parameter":[]}"#.to_owned(),
            0,
        ),
        ("README.md", "x".to_owned(), 2),
        (
            "t.json",
            typed_bundle("searchset", &[]).replace("\"entry\"", r#""total":3,"entry""#),
            0,
        ),
        (
            "t.json",
            typed_bundle("searchset", &[("", &o)]).replace("\"entry\"", r#""total":1,"entry""#),
            2,
        ),
    ] {
        let came = set(&[("a.ndjson", &format!("{p}\n{o}")), (name, &text)]).unwrap();
        assert_eq!(came.complete.len(), left, "{name} {text}");
        let is_told = !came.counts.is_empty() || !came.skipped.is_empty();
        assert!(left == 2 || is_told, "{name} {text}");
        assert!(came.has("Observation/o"));
    }
}

#[cfg(unix)]
#[test]
fn b12_what_cannot_be_entered_is_told_and_leaves_all_types_open() {
    let other = tempfile::tempdir().unwrap();
    let inside = other.path().join("o.ndjson");
    std::fs::write(&inside, observation("o", "Patient/p", "")).unwrap();
    let all = format!(
        "{}\n{}",
        patient("p", ""),
        observation("a", "Patient/p", "")
    );
    let check = |why: &str, make: &dyn Fn(&std::path::Path)| {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.ndjson"), &all).unwrap();
        make(folder.path());
        let came = came(folder.path()).unwrap();
        assert!(
            came.complete.is_empty() && came.has("Observation/a"),
            "{why}"
        );
        assert_eq!(came.skipped, [why]);
    };
    let link = |to: &std::path::Path, at: std::path::PathBuf| {
        std::os::unix::fs::symlink(to, at).unwrap();
    };
    check("a link to a folder", &|at| {
        link(other.path(), at.join("linked"))
    });
    let nowhere = std::path::Path::new("/no/such/file");
    check("no file that can be opened", &|at| {
        link(nowhere, at.join("b.ndjson"))
    });
    check("a folder too deep in others", &|at| {
        let deep = at.join("1/2/3/4/5/6/7/8/9");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::copy(&inside, deep.join("o.ndjson")).unwrap();
    });
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.ndjson"), patient("p", "")).unwrap();
    link(&inside, folder.path().join("o.ndjson"));
    let linked = came(folder.path()).unwrap();
    assert!(linked.has("Observation/o") && linked.complete.len() == 2);
}

#[test]
fn b12_a_change_that_cannot_be_applied_refuses_the_set() {
    let patch = r#"{"fullUrl":"urn:x:1","resource":{"resourceType":"Parameters"},"request":{"method":"PATCH","url":"Observation/o"}}"#;
    let bundle = typed_bundle("transaction", &[("", &patient("p", ""))]);
    let bundle = bundle.replace("\"entry\":[", &format!("\"entry\":[{patch},"));
    for name in ["a.json", "a.ndjson"] {
        let error = set(&[(name, &bundle)]).err().unwrap().to_string();
        assert!(
            error.contains("entry 1: expected whole resources"),
            "{error}"
        );
    }
}

#[test]
fn b7_what_nobody_can_tell_is_handed_over_as_doubtful_and_never_more() {
    use Reason::*;
    let p = patient("p", "");
    let part = r#","meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]}"#;
    for (more, reason) in [
        (r#","status":"unknown""#, StatusUnknown),
        (r#","status":"done""#, StatusUnreadable),
        (
            r#","status":"final","modifierExtension":[{"url":"x"}]"#,
            Modifier,
        ),
        (r#","status":"final","implicitRules":"x""#, ImplicitRules),
        (part, Subsetted),
    ] {
        let doubt = |subject| observation("o", subject, more);
        let all = lines(&[&p, &doubt("Patient/p")]);
        assert_eq!(
            (all.doubtful.as_slice(), all.has("Observation/o")),
            (&["o".to_owned()][..], false)
        );
        assert_eq!(all.out("Observation", reason), 1);
        // Of nobody who is known it is of anybody.
        let all = lines(&[&p, &doubt("Patient/q")]);
        assert!(all.doubtful.is_empty() && all.out("Observation", UnknownSubject) == 1);
        let all = lines(&[&p, &doubt("Group/p")]);
        assert!(all.doubtful.is_empty() && all.out("Observation", NotAPatient) == 1);
        // A later state settles it, and so does what replaces it.
        let meta = |text: String, n: u32| {
            let version = format!(r#""meta":{{"versionId":"{n}","#);
            match text.contains("\"meta\":{") {
                true => text.replace("\"meta\":{", &version),
                false => text.replacen('{', &format!("{{{}}},", version.trim_end_matches(',')), 1),
            }
        };
        let later = meta(observation("o", "Patient/p", ""), 2);
        let all = lines(&[&p, &meta(doubt("Patient/p"), 1), &later]);
        assert!(
            all.doubtful.is_empty() && all.has("Observation/o"),
            "{:?}",
            all.counts
        );
        let replaces = r#","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/observation-replaces","valueReference":{"reference":"Observation/o"}}]"#;
        let all = lines(&[
            &p,
            &doubt("Patient/p"),
            &observation("n", "Patient/p", replaces),
        ]);
        assert!(all.doubtful.is_empty() && all.has("Observation/n"));
        assert_eq!(all.out("Observation", Replaced), 1);
    }
    // What stands in such a resource is as doubtful.
    let inside = observation("o", "Patient/p", "");
    let report = format!(r#","status":"unknown","contained":[{inside}]"#);
    let all = lines(&[&p, &of("DiagnosticReport", "d", "Patient/p", &report)]);
    assert_eq!(all.doubtful.len(), 2, "{:?}", all.counts);
}

#[test]
fn b7_a_reference_may_name_its_type_by_an_address() {
    for (of, is_patients) in [
        ("Patient", true),
        ("http://hl7.org/fhir/StructureDefinition/Patient", true),
        ("http://hl7.org/fhir/StructureDefinition/Group", false),
        ("Group", false),
    ] {
        let typed = format!(r#""reference":"Patient/p","type":"{of}""#);
        let o = observation("o", "Patient/p", "");
        let o = o.replace(r#""reference":"Patient/p""#, &typed);
        let came = lines(&[&patient("p", ""), &o]);
        assert_eq!(came.has("Observation/o"), is_patients, "{of}");
    }
    let event = |actuality: &str| {
        let more = format!(r#","actuality":"{actuality}""#);
        let came = lines(&[
            &patient("p", ""),
            &of("AdverseEvent", "e", "Patient/p", &more),
        ]);
        came.has("AdverseEvent/e")
    };
    assert!(event("actual") && !event("potential"));
}
