//! Bulk exports whose manifests say that they are not whole, and deletions that name nothing.

use crate::support::{Came, observation, of, patient, set};
use medveil_fhir::Reason;

const TIME: &str = "2026-01-01T00:00:00Z";

fn people() -> String {
    format!("{}\n{}", patient("p", ""), patient("q", ""))
}

fn facts() -> String {
    let condition = of("Condition", "c", "Patient/p", "");
    format!("{condition}\n{}", of("Condition", "d", "Patient/q", ""))
}

/// A manifest of what is listed as `role`, name, and more fields of the item.
fn manifest(time: &str, request: &str, listed: &[(&str, &str, &str)], more: &str) -> String {
    let of = |role: &str| {
        let own = listed.iter().filter(|one| one.0 == role);
        let items = own.map(|(_, name, more)| {
            let kind = name.split('.').next().unwrap();
            format!(r#"{{"type":"{kind}","url":"https://h/o/{name}"{more}}}"#)
        });
        items.collect::<Vec<_>>().join(",")
    };
    format!(
        r#"{{"transactionTime":"{time}","request":"https://h/fhir/{request}","output":[{}],"deleted":[{}],"error":[{}]{more}}}"#,
        of("output"),
        of("deleted"),
        of("error"),
    )
}

const ALL: [(&str, &str, &str); 2] = [
    ("output", "Patient.ndjson", ""),
    ("output", "Condition.ndjson", ""),
];

/// An export of two people with a condition each, and what else stands beside it.
fn export(manifest: &str, others: &[(&str, &str)]) -> Came {
    let (people, facts) = (people(), facts());
    let mut files = vec![
        ("manifest.json", manifest),
        ("Patient.ndjson", &people),
        ("Condition.ndjson", &facts),
    ];
    files.extend(others);
    set(&files).unwrap()
}

fn is_whole(came: &Came, kind: &str) -> bool {
    let told = |reason: Reason| came.counts.keys().any(|(_, own)| *own == reason);
    let whole = came.complete.contains(kind);
    let reasons = [
        Reason::ShortExport,
        Reason::PartExport,
        Reason::ExportErrors,
        Reason::UnreadableDeletion,
        Reason::Subsetted,
    ];
    assert!(whole || reasons.into_iter().any(told), "{:?}", came.counts);
    whole
}

#[test]
fn b12_a_part_that_was_asked_for_is_not_all_of_a_type() {
    for (request, condition, patient) in [
        ("$export", true, true),
        ("Group/7/$export", true, true),
        ("Patient/$export?_type=Patient,Condition", true, true),
        ("$export?_type=Condition&_type=Patient", true, true),
        (
            "$export?includeAssociatedData=LatestProvenanceResources",
            true,
            true,
        ),
        ("$export?_type=Patient", false, true),
        ("$export?_type=Patient,Conditions", false, true),
        (
            "$export?_typeFilter=Condition%3Fonset-date%3Dge2024",
            false,
            true,
        ),
        (
            "$export?_type=Patient,Condition&_typeFilter=Condition?x=y",
            false,
            true,
        ),
        ("$export?_typeFilter=Patient%3Factive%3Dtrue", true, false),
        ("$export?_since=2025-01-01T00:00:00Z", false, false),
        (
            "$export?_type=Condition,Patient&%5Fsince=2025-01-01",
            false,
            false,
        ),
        ("$export?_until=2025-01-01T00:00:00Z", false, false),
        ("$export?patient=Patient/p", false, false),
        ("$export?_elements=id", false, false),
        ("$export?_typefilter=Condition?x=y", false, false),
        ("$export?vendor=1", false, false),
        ("$export (POST)", false, false),
    ] {
        let came = export(&manifest(TIME, request, &ALL, ""), &[]);
        let whole = (is_whole(&came, "Condition"), is_whole(&came, "Patient"));
        assert_eq!(whole, (condition, patient), "{request}");
    }
    let unsaid = manifest(TIME, "$export", &ALL, "").replace("\"request\"", "\"asked\"");
    assert!(!is_whole(&export(&unsaid, &[]), "Condition"));
    // Of a resource of which only elements were exported nobody can tell what it says.
    let part = export(
        &manifest(TIME, "$export?_elements=Condition.code", &ALL, ""),
        &[],
    );
    assert_eq!(
        (
            part.doubtful.len(),
            part.out("Condition", Reason::Subsetted)
        ),
        (2, 2)
    );
    assert!(is_whole(&part, "Patient") && !is_whole(&part, "Condition"));
}

#[test]
fn b12_a_part_in_one_export_is_whole_with_the_other() {
    let base = |request: &str| manifest(TIME, request, &ALL, "");
    let more = of("Condition", "e", "Patient/p", "");
    let check = |first: &str, second: (&str, &str), whole: bool| {
        let listed = [("output", "Condition.ndjson", "")];
        let later = manifest(second.0, second.1, &listed, "");
        let files = [
            ("b/m.json", later.as_str()),
            ("b/Condition.ndjson", more.as_str()),
        ];
        let came = export(&base(first), &files);
        assert_eq!(is_whole(&came, "Condition"), whole, "{first} {second:?}");
    };
    let (early, late) = ("2025-12-01T00:00:00Z", "2026-02-01T00:00:00Z");
    let since = |time: &str| format!("$export?_since={time}");
    check("$export", (late, &since(TIME)), true);
    check("$export", (late, &since("2025-12-31T23:00:00Z")), true);
    check(
        "$export?_type=Patient",
        (late, "$export?_type=Condition"),
        true,
    );
    // Changes between the two are in neither.
    check("$export", (late, &since("2026-01-15T00:00:00Z")), false);
    check("$export", (late, &since("2026-01-01")), false);
    check("$export", (early, &since("2025-11-01T00:00:00Z")), false);
    check("$export?_type=Patient", (late, &since(TIME)), false);
    check(
        "$export",
        (late, "$export?_typeFilter=Condition%3Fx%3Dy"),
        false,
    );
    // A file of another export's folder is not the one that is listed.
    let gone = manifest(
        late,
        &since(TIME),
        &[("output", "Condition.ndjson", "")],
        "",
    );
    let came = export(&base("$export"), &[("b/m.json", &gone)]);
    assert!(!is_whole(&came, "Condition") && is_whole(&came, "Patient"));
}

#[test]
fn b12_files_counts_and_pages_that_are_said_must_be_there() {
    for (condition, whole) in [
        (r#","count":2"#, true),
        (r#","count":"2""#, true),
        (r#","count":4"#, false),
        (r#","count":1"#, false),
        (r#","count":0"#, false),
        (r#","count":2.5"#, false),
        (r#","count":[2]"#, false),
    ] {
        let listed = [
            ("output", "Patient.ndjson", r#","count":2"#),
            ("output", "Condition.ndjson", condition),
        ];
        let came = export(&manifest(TIME, "$export", &listed, ""), &[]);
        let got = (is_whole(&came, "Condition"), is_whole(&came, "Patient"));
        assert_eq!(got, (whole, true), "{condition}");
    }
    let next = r#","link":[{"relation":"next","url":"https://h/o/page2"}]"#;
    for (more, whole) in [(next, false), (&next.replace("next", "self"), true)] {
        let came = export(&manifest(TIME, "$export", &ALL, more), &[]);
        assert_eq!(is_whole(&came, "Condition"), whole, "{more}");
    }
    // Two files of one name, of which one is there; an item without an address.
    let twice = manifest(TIME, "$export", &ALL, "").replace(
        r#"{"type":"Condition","#,
        r#"{"type":"Condition","url":"https://h/2/Condition.ndjson"},{"type":"Condition","#,
    );
    assert!(!is_whole(&export(&twice, &[]), "Condition"));
    let nowhere = manifest(TIME, "$export", &ALL, "")
        .replace("\"url\":\"https://h/o/Con", "\"uri\":\"https://h/o/Con");
    assert!(!is_whole(&export(&nowhere, &[]), "Condition"));
}

#[test]
fn b12_errors_of_an_export_leave_all_open_and_warnings_do_not() {
    let outcome = |severities: &[&str]| {
        let issue = |s: &&str| format!(r#"{{"severity":"{s}","code":"exception"}}"#);
        let issues: Vec<String> = severities.iter().map(issue).collect();
        let issues = issues.join(",");
        format!(r#"{{"resourceType":"OperationOutcome","issue":[{issues}]}}"#)
    };
    let listed = [ALL[0], ALL[1], ("error", "OperationOutcome.ndjson", "")];
    let with = manifest(TIME, "$export", &listed, "");
    let without = manifest(TIME, "$export", &ALL, "");
    for (text, whole) in [
        (outcome(&["information"]), true),
        (outcome(&["warning", "information"]), true),
        (outcome(&["error"]), false),
        (outcome(&["warning", "fatal"]), false),
        (outcome(&["Warning"]), false),
        (outcome(&[]), false),
        (
            format!("{}\n{}", outcome(&["warning"]), outcome(&["error"])),
            false,
        ),
    ] {
        for manifest in [&with, &without] {
            let came = export(manifest, &[("OperationOutcome.ndjson", &text)]);
            assert_eq!(is_whole(&came, "Condition"), whole, "{text}");
        }
    }
    assert!(!is_whole(&export(&with, &[]), "Condition"));
    let other = observation("o", "Patient/p", "");
    let came = export(&with, &[("OperationOutcome.ndjson", &other)]);
    assert!(!is_whole(&came, "Condition"));
}

/// The entries of a Bundle of requests.
fn requests(requests: &[(&str, &str)]) -> String {
    let entry = |(method, url): &(&str, &str)| {
        format!(r#"{{"request":{{"method":"{method}","url":"{url}"}}}}"#)
    };
    let entries: Vec<String> = requests.iter().map(entry).collect();
    let entries = entries.join(",");
    format!(r#"{{"resourceType":"Bundle","type":"transaction","entry":[{entries}]}}"#)
}

/// A whole export, and a later one with deletions.
fn deleted(text: &str, facts_more: &str) -> Came {
    let request = format!("$export?_since={TIME}");
    let listed = [("deleted", "del.ndjson", "")];
    let later = manifest("2026-02-01T00:00:00Z", &request, &listed, "");
    let more = of("Condition", "e", "Patient/p", facts_more);
    let mut files = vec![
        ("z/m.json", later.as_str()),
        ("Observation.ndjson", more.as_str()),
    ];
    if !text.is_empty() {
        files.push(("z/del.ndjson", text));
    }
    export(&manifest(TIME, "$export", &ALL, ""), &files)
}

#[test]
fn b7_deletions_are_understood_in_every_spelling() {
    for (method, url) in [
        ("DELETE", "Condition/c"),
        ("DELETE", "/Condition/c"),
        ("DELETE", "Condition/c/"),
        ("delete", "Condition/c"),
        (" Delete ", " /Condition/c/ "),
        ("DELETE", "Condition/c/_history/3"),
        ("DELETE", "https://h/fhir/Condition/c"),
        ("DELETE", "https://h/fhir/Condition/c/_history/3/"),
        ("DELETE", "/fhir/Condition/c"),
        ("DELETE", "Condition/c?_format=json"),
    ] {
        let came = deleted(&requests(&[(method, url)]), "");
        assert_eq!(came.out("Condition", Reason::Deleted), 1, "{method} {url}");
        assert!(came.has("Condition/d") && is_whole(&came, "Condition"));
    }
}

#[test]
fn b7_a_deletion_that_names_no_resource_leaves_its_type_open() {
    let later = r#","meta":{"lastUpdated":"2026-03-01T00:00:00Z"}"#;
    for (method, url, is_of_all) in [
        ("DELETE", "Condition?code=x", false),
        ("delete", "/Condition?code=http://snomed.info/sct|1", false),
        ("DELETE", "https://h/fhir/Condition?code=x", false),
        ("DELETE", "Condition", false),
        ("REMOVE", "Condition/c", false),
        ("PUT", "Condition/c", false),
        ("DELETE", "", true),
        ("DELETE", "https://h/fhir?_type=Condition", true),
        ("DELETE", "Patient?identifier=x", true),
        ("DELETE", "Encounter/x?_cascade=delete", true),
        ("", "x", true),
    ] {
        let came = deleted(&requests(&[(method, url)]), later);
        let kind = if is_of_all { "" } else { "Condition" };
        assert_eq!(
            came.out(kind, Reason::UnreadableDeletion),
            1,
            "{method} {url}"
        );
        // What the server says to have been changed later stands.
        assert!(
            came.has("Condition/e") && !came.has("Condition/c"),
            "{method} {url}"
        );
        assert_eq!(
            came.out("Condition", Reason::MaybeDeleted),
            2,
            "{method} {url}"
        );
        assert_eq!(came.has("Patient/p"), !is_of_all, "{method} {url}");
        assert!(!is_whole(&came, "Condition"));
        assert_eq!(is_whole(&came, "Patient"), !is_of_all);
    }
    let came = deleted(
        &requests(&[("GET", "Condition/c"), ("DELETE", "Flag?x=y")]),
        later,
    );
    assert!(came.doubtful.is_empty() && is_whole(&came, "Condition"));
}

#[test]
fn b7_deletions_that_are_listed_and_not_read_leave_everything_open() {
    let deletion = requests(&[("DELETE", "Condition/c")]);
    let other_type = deletion.replace("transaction", "batch-response");
    let urls = r#"{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"https://h/fhir/Condition/c"}]}"#;
    let plain = of("Condition", "c", "Patient/p", "");
    for text in ["", &other_type, urls, &plain] {
        let came = deleted(text, r#","meta":{"lastUpdated":"2026-03-01T00:00:00Z"}"#);
        assert!(
            !came.has("Condition/c") && !came.has("Condition/d"),
            "{text}"
        );
        assert!(
            came.has("Condition/e") && !is_whole(&came, "Condition"),
            "{text}"
        );
        assert_eq!(came.out("", Reason::UnreadableDeletion), 1, "{text}");
    }
}
