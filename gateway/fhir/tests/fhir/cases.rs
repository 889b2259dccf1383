//! The shared cases of sets that were once read wrong.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use crate::support::{Came, came};
use medveil_fhir::{FhirError, Reason};
use std::path::{Path, PathBuf};

fn cases() -> Option<PathBuf> {
    let set = std::env::var_os("MEDVEIL_CASES").map(PathBuf::from);
    let path =
        set.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases"));
    if path.is_dir() {
        return Some(path);
    }
    println!(
        "NOT CHECKED: no cases at {}: set MEDVEIL_CASES",
        path.display()
    );
    None
}

/// One case: its files in a folder of their own.
fn one(cases: &Path, number: u32) -> Result<Came, FhirError> {
    let folder = tempfile::tempdir().unwrap();
    for part in 0..3 {
        let name = format!("c{number:03}_{part}.json");
        let path = cases.join("fhir-one-patient").join(&name);
        if path.is_file() {
            std::fs::copy(path, folder.path().join(name)).unwrap();
        }
    }
    came(folder.path())
}

#[test]
fn each_case_of_one_patient() {
    let Some(cases) = cases() else { return };
    let text = std::fs::read_to_string(cases.join("fhir-one-patient/expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&text).unwrap();
    for case in expected.as_array().unwrap() {
        let number = case["n"].as_u64().unwrap() as u32;
        let note = case["note"].as_str().unwrap();
        if number == 60 {
            // Nothing says which of the two birth dates is the later.
            let refused = matches!(one(&cases, 60), Err(FhirError::SamePatientId { .. }));
            assert!(refused, "{number} {note}");
            continue;
        }
        let came = one(&cases, number).unwrap_or_else(|e| panic!("{number} {note}: {e} {e:?}"));
        assert_eq!(came.persons.len(), 1, "{number} {note}");
        let handed = came
            .handed
            .iter()
            .filter(|(_, r)| r.starts_with("Patient/"))
            .count();
        assert_eq!(handed, 1, "{number} {note}");
        let out: Vec<(&str, Reason)> = came.counts.keys().map(|(k, r)| (k.as_str(), *r)).collect();
        let expected: &[(&str, Reason)] = match number {
            10 => &[("Patient", Reason::InactivePatient)],
            14 => &[("Condition", Reason::EnteredInError)],
            16 | 18 => &[("Condition", Reason::Provisional)],
            30 => &[("Observation", Reason::NotDone)],
            56 => &[("Observation", Reason::Focus)],
            58 => &[("Observation", Reason::OlderVersion)],
            88 => &[("Encounter", Reason::NotDone)],
            108 => &[("Consent", Reason::EnteredInError)],
            _ => &[],
        };
        assert_eq!(out, expected, "{number} {note}");
        let exp = &case["exp"];
        let some = |column: &str| !exp[column].as_str().unwrap().is_empty();
        let has = |kind: &str| {
            came.handed
                .iter()
                .any(|(_, r)| r.starts_with(&format!("{kind}/")))
        };
        if some("hba1c") && number != 56 || some("bmi") || some("systolic") || some("smoking") {
            assert!(has("Observation"), "{number} {note}");
        }
        if exp["has_t2dm"].as_str().unwrap().starts_with("true") {
            assert!(has("Condition"), "{number} {note}");
        }
        if exp["in_care"] == "true" || some("last_encounter") {
            assert!(has("Encounter"), "{number} {note}");
        }
        if number == 58 {
            assert!(
                came.handed
                    .iter()
                    .any(|(_, r)| r.contains(r#""value":7.0"#))
            );
        }
    }
}

#[test]
fn each_case_of_a_set() {
    let Some(cases) = cases() else { return };
    let sets = cases.join("fhir-sets");
    let read = |name: &str| came(&sets.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let count = |came: &Came, kind: &str| {
        let front = format!("{kind}/");
        came.handed
            .iter()
            .filter(|(_, r)| r.starts_with(&front))
            .count()
    };
    let small = read("01-ndjson-absolute-references/in");
    assert_eq!(
        (count(&small, "Condition"), count(&small, "Observation")),
        (2, 2)
    );
    assert_eq!(small.of("Condition/c1"), Some("Patient/p1"));
    let eighty = read("01-ndjson-absolute-references/eighty");
    assert_eq!(
        (eighty.persons.len(), count(&eighty, "Condition")),
        (80, 80)
    );
    let later = read("03-incremental-export-newer-version/in");
    assert!(
        later
            .handed
            .iter()
            .any(|(_, r)| r.contains(r#""value":8.1"#))
    );
    assert_eq!(
        (count(&later, "Observation"), count(&later, "Condition")),
        (1, 0)
    );
    let suspected = read("15-suspected-diagnosis/in");
    assert_eq!(
        (count(&suspected, "Condition"), suspected.of("Condition/c1")),
        (1, Some("Patient/p1"))
    );
    assert_eq!(count(&read("06-comparator/in"), "Patient"), 3);
    read("08-mixed-units/in");
    assert!(
        read("25-primitive-extensions/in")
            .handed
            .iter()
            .any(|(_, r)| r.contains("_birthDate"))
    );
}
