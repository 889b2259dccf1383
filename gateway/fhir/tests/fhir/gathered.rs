//! Faults of a set that are gathered, and what is read beside them.

use super::shapes::gzip;
use super::support::{observation, patient};
use medveil_fhir::{FhirError, Limits, Options, Resources, read};
use std::path::Path;

fn gather(path: &Path, line_bytes: u64) -> Resources {
    let types = ["Patient", "Observation"].map(str::to_owned).into();
    let options = Options {
        identifier: None,
        limits: Limits {
            line_bytes,
            ..Limits::DEFAULT
        },
        types: &types,
        gather: true,
    };
    read(path, &options, &mut |_| {}).unwrap()
}

/// File and words of each fault, and how many resources are handed over.
fn came(path: &Path, line_bytes: u64) -> (Vec<String>, usize) {
    let mut resources = gather(path, line_bytes);
    let words = resources.faults.listed.iter().map(|fault| {
        let (place, words) = fault.error.place_and_words();
        let file = place.rsplit('/').next().unwrap_or_default();
        let end = if fault.ends_file { " (end)" } else { "" };
        format!("{file} | {words}{end}")
    });
    let words = words.collect();
    let mut handed = 0;
    let read = resources.each::<FhirError>(&mut |_| {
        handed += 1;
        Ok(())
    });
    read.unwrap();
    (words, handed)
}

#[test]
fn b14_long_lines_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let long = |bytes: usize| format!("{{{}", "x".repeat(bytes - 1));
    for (last, end) in [("", ""), ("\n", ""), ("\n", "\r\n\n")] {
        let lines = [
            patient("1", ""),
            long(101),
            patient("2", ""),
            long(100 << 10),
            observation("o", "Patient/2", ""),
            long(102),
        ];
        std::fs::write(
            folder.path().join("a.ndjson"),
            lines.join("\n") + last + end,
        )
        .unwrap();
        let expected =
            [2, 4, 6].map(|n| format!("a.ndjson | line {n}: expected at most 100 bytes"));
        assert_eq!(came(folder.path(), 100), (expected.to_vec(), 3));
    }
}

#[test]
fn b14_a_file_that_ends_early_does_not_hide_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let text: String = (0..2000)
        .map(|n| patient(&format!("{n}"), "") + "\n")
        .collect();
    let mut packed = gzip(&text);
    packed.truncate(packed.len() / 2);
    std::fs::write(folder.path().join("a.ndjson.gz"), packed).unwrap();
    std::fs::write(folder.path().join("b.json"), &b"\xff\xfe{\0}\0"[..]).unwrap();
    std::fs::write(folder.path().join("c.ndjson"), patient("c", "")).unwrap();
    let (faults, handed) = came(folder.path(), 1 << 20);
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].starts_with("a.ndjson.gz | ") && faults[0].ends_with("(end)"));
    assert_eq!(faults[1], "b.json | expected utf-8, got utf-16 (end)");
    assert!((2..2001).contains(&handed), "{handed}");
}

#[test]
fn b14_states_without_an_order_and_other_releases_are_listed_each() {
    let folder = tempfile::tempdir().unwrap();
    let twice = |id: &str| {
        [
            patient(id, r#","gender":"male""#),
            patient(id, r#","gender":"female""#),
        ]
    };
    let mut lines: Vec<String> = ["1", "2"].iter().flat_map(|id| twice(id)).collect();
    lines.push(patient("3", ""));
    lines.push(patient("4", r#","animal":{}"#));
    lines.push(observation("o", "Patient/1", r#","status":"final""#));
    std::fs::write(folder.path().join("a.ndjson"), lines.join("\n")).unwrap();
    let (faults, handed) = came(folder.path(), 1 << 20);
    assert_eq!(faults.len(), 3, "{faults:?}");
    assert!(faults[0].contains("expected FHIR R4"));
    assert!(
        faults[1..]
            .iter()
            .all(|f| f.contains("one Patient id, and name, sex or birth date"))
    );
    assert_eq!(handed, 4);
    let resources = gather(folder.path(), 1 << 20);
    assert!(resources.complete.is_empty());
}
