//! Shuffling files and entries and splitting a set never changes what it comes to.

use crate::support::{Came, bundle, observation, of, patient, set};
use medveil_fhir::FhirError;
use proptest::prelude::*;

/// Resources that clash in many ways, with their full URLs.
fn pool() -> Vec<(String, String)> {
    let u = |n: u32| format!("urn:uuid:00000000-0000-4000-8000-00000000000{n}");
    let meta = |v: u32| format!(r#","meta":{{"versionId":"{v}"}},"valueInteger":{v}"#);
    let at = |d: u32| {
        format!(r#","meta":{{"lastUpdated":"2024-01-0{d}T00:00:00Z"}},"valueInteger":{d}"#)
    };
    let bare = |r: String| (String::new(), r);
    let mut all = vec![
        bare(patient("a", "")),
        bare(patient("a", r#","gender":"male""#)),
        bare(patient("b", r#","active":false"#)),
        bare(patient(
            "c",
            r#","link":[{"type":"replaced-by","other":{"reference":"Patient/b"}}]"#,
        )),
        (u(1), patient("d", r#","meta":{"versionId":"1"}"#)),
        (
            u(1),
            patient("d", r#","meta":{"versionId":"2"},"gender":"male""#),
        ),
        ("https://s/fhir/Patient/e".into(), patient("e", "")),
        bare(observation("x", "Patient/a", &meta(1))),
        bare(observation("x", "Patient/a", &meta(2))),
        bare(observation(
            "x",
            "Patient/a",
            r#","status":"entered-in-error""#,
        )),
        bare(observation("y", "https://s/fhir/Patient/b", &at(1))),
        bare(observation("y", "Patient/c", &at(2))),
        bare(observation("z", "Patient/d", "")),
        bare(observation("z", "Patient/d", r#","status":"amended""#)),
        (u(2), observation("w", &u(1), &meta(1))),
        (u(3), observation("w", &u(1), &meta(3))),
        (
            "https://s/fhir/Observation/v".into(),
            observation("v", "Patient/e", ""),
        ),
        (
            "https://t/fhir/Observation/v".into(),
            observation("v", "https://t/fhir/Patient/b", ""),
        ),
        bare(of("Condition", "k", "Patient/none", "")),
        bare(of("Condition", "l", "Patient/e", "")),
        bare(observation(
            "r",
            "Patient/b",
            r#","extension":[{"url":"http://hl7.org/fhir/StructureDefinition/observation-replaces","valueReference":{"reference":"Observation/x"}}]"#,
        )),
    ];
    let contained = r#"{"resourceType":"DiagnosticReport","id":"R","status":"final","subject":{"reference":"Patient/b"},"contained":[{"resourceType":"Observation","id":"i","status":"final"}]}"#;
    all.push(bare(contained.to_owned()));
    all
}

/// The outcome, or which error: places differ by nature.
fn outcome(result: Result<Came, FhirError>) -> Result<Came, std::mem::Discriminant<FhirError>> {
    result.map_err(|e| std::mem::discriminant(&e))
}

/// Entries as Bundles or lines, in parts.
fn write(
    entries: &[(String, String)],
    cuts: usize,
    lines: bool,
    names: usize,
) -> Result<Came, FhirError> {
    let size = entries.len().div_ceil(cuts.max(1)).max(1);
    let files: Vec<(String, String)> = entries
        .chunks(size)
        .enumerate()
        .map(|(n, part)| {
            let name = (n * 7 + names) % 26;
            let parts: Vec<(&str, &str)> =
                part.iter().map(|(u, r)| (u.as_str(), r.as_str())).collect();
            if lines && parts.iter().all(|(u, _)| u.is_empty()) {
                let text: Vec<&str> = parts.iter().map(|(_, r)| *r).collect();
                (format!("{name}-{n}.ndjson"), text.join("\n"))
            } else {
                (format!("{name}-{n}.json"), bundle(&parts))
            }
        })
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(n, t)| (n.as_str(), t.as_str()))
        .collect();
    set(&files)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn b12_no_order_of_files_or_entries_decides(
        chosen in proptest::sample::subsequence(pool(), 1..=22),
        seed in any::<u64>(), cuts in 1usize..6, lines in any::<bool>(), names in 0usize..26,
    ) {
        let whole = outcome(write(&chosen, 1, false, 0));
        let mut shuffled = chosen;
        let mut state = seed | 1;
        for i in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            shuffled.swap(i, (state >> 33) as usize % (i + 1));
        }
        prop_assert_eq!(whole, outcome(write(&shuffled, cuts, lines, names)));
    }

    #[test]
    fn b12_random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), json in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let name = if json { "a.json" } else { "a.ndjson" };
        std::fs::write(folder.path().join(name), bytes).unwrap();
        let _ = crate::support::came(folder.path());
    }

    #[test]
    fn b12_random_fields_never_panic(field in "[a-zA-Z]{1,8}", text in ".{0,20}") {
        let value = serde_json::to_string(&text).unwrap();
        for name in [field.as_str(), "link", "meta", "subject", "contained", "identifier", "status", "code", "extension", "name"] {
            let o = format!(r#"{{"resourceType":"Observation","id":{value},"{name}x":1,"{name}":[{value},{{"reference":{value},"{name}":{value}}}]}}"#);
            let p = format!(r#"{{"resourceType":"Patient","{name}":[{{"other":{{"reference":{value}}},"type":{value}}}]}}"#);
            let _ = set(&[("a.ndjson", &format!("{o}\n{p}\n{}", patient("p", "")))]);
        }
    }
}
