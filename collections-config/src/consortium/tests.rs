//! The consortium file: one canonical form, all problems at once.

use super::*;
use proptest::prelude::*;

const GOOD: &str = r#"{
  "format": "medveil-consortium-1", "name": "Study group", "nonce": "00112233445566778899aabbccddeeff",
  "members": [
    {"msp_id": "UniMSP", "name": "Université"}, {"msp_id": "HospitalMSP", "name": "St. Mary"}, {"msp_id": "EthicsMSP", "name": "Board"}],
  "issuers": [
    {"schema": "ethics", "group": "boards", "msps": ["EthicsMSP"], "institution_may_be_absent": true},
    {"schema": "affiliation", "group": "universities", "msps": ["UniMSP", "HospitalMSP"]}]
}"#;

fn problems(text: &str) -> Vec<String> {
    Consortium::from_json(text)
        .unwrap_err()
        .as_slice()
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn reads_sorts_and_fills_defaults() {
    let c = Consortium::from_json(GOOD).unwrap();
    let ids: Vec<&str> = c.members().iter().map(|m| m.msp_id.as_str()).collect();
    assert_eq!(ids, ["EthicsMSP", "HospitalMSP", "UniMSP"]);
    assert_eq!(
        (
            c.majority(),
            c.circuit_approvals(),
            c.subject_floor(),
            c.cooling_off_days(),
            c.period_days()
        ),
        (2, 2, 11, 7, 90)
    );
    assert!(
        c.issuer_line("ethics", "boards")
            .unwrap()
            .institution_may_be_absent
    );
    assert!(
        !c.issuer_line("affiliation", "universities")
            .unwrap()
            .institution_may_be_absent
    );
    assert!(c.issuer_line("affiliation", "boards").is_none());
    assert!(
        c.is_member(&MspId::new("UniMSP").unwrap())
            && !c.is_member(&MspId::new("OtherMSP").unwrap())
    );
}

#[test]
fn canonical_bytes_are_the_only_bytes() {
    let c = Consortium::from_json(GOOD).unwrap();
    let bytes = c.to_canonical();
    assert_eq!(Consortium::from_canonical(&bytes).unwrap(), c);
    assert!(Consortium::from_canonical(GOOD.as_bytes()).is_err());
    let mut spaced = bytes.clone();
    spaced.push(b' ');
    assert!(Consortium::from_canonical(&spaced).is_err());
    let mut bom = "\u{feff}".as_bytes().to_vec();
    bom.extend(&bytes);
    assert!(Consortium::from_canonical(&bom).is_err());
    let text = String::from_utf8(bytes).unwrap();
    let other_order = text.replace(r#"["HospitalMSP","UniMSP"]"#, r#"["UniMSP","HospitalMSP"]"#);
    assert_ne!(text, other_order);
    assert!(Consortium::from_canonical(other_order.as_bytes()).is_err());
    let without_default = text
        .replace(r#""period_days":90,"#, "")
        .replace(r#","subject_floor":11"#, "");
    assert_ne!(text, without_default);
    assert!(Consortium::from_canonical(without_default.as_bytes()).is_err());
}

#[test]
fn bytes_of_an_earlier_release_name_it() {
    let text = String::from_utf8(Consortium::from_json(GOOD).unwrap().to_canonical()).unwrap();
    let earlier = text
        .replace(r#""affirm_after_hours":24,"#, "")
        .replace(r#","claims_per_period":64"#, "")
        .replace(r#","lease_days":90"#, "")
        .replace(r#""issuers_per_member":64,"#, "")
        .replace(r#","registry_updates_per_hour":16"#, "")
        .replace(r#","urgent_updates_per_day":8"#, "");
    let problems = Consortium::from_canonical(earlier.as_bytes()).unwrap_err();
    assert!(problems.to_string().contains("MedVeil 0.1"), "{problems}");
    assert!(!earlier.contains("lease") && !earlier.contains("claims"));
}

#[test]
fn b2_all_problems_at_once() {
    let bad = GOOD
        .replace("medveil-consortium-1", "other")
        .replace("00112233445566778899aabbccddeeff", "0011")
        .replace(
            r#""EthicsMSP", "name": "Board"}]"#,
            r#""unimsp", "name": " Board", "extra": 1}], "subject_floor": 4, "period_days": 1.5"#,
        );
    let found = problems(&bad);
    for expected in [
        "format: ",
        "nonce: ",
        "members[2].name: ",
        "members[2].extra: ",
        "subject_floor: ",
        "period_days: ",
        "issuers[0].msps[0]: ",
    ] {
        assert!(
            found.iter().any(|p| p.starts_with(expected)),
            "{expected} in {found:?}"
        );
    }
}

#[test]
fn b2_refusals() {
    let cases = [
        ("[]", "expected an object"),
        ("", "not json"),
        (r#"{"a":1,"a":2}"#, "twice"),
        (
            &GOOD.replace("UniMSP\", \"name", "HOSPITALmsp\", \"name"),
            "stands twice",
        ),
        (
            &GOOD.replace("00112233445566778899aabbccddeeff", &"0".repeat(32)),
            "random",
        ),
        (&GOOD.replace("St. Mary", "St.\\u202eMary"), "visible"),
        (&GOOD.replace("\"boards\"", "\"Boards\""), "lower-case"),
        (&GOOD.replace("[\"EthicsMSP\"]", "[]"), "at least one"),
        (
            &GOOD.replace("[\"EthicsMSP\"]", "[\"EthicsMSP\", \"EthicsMSP\"]"),
            "stands twice",
        ),
        (
            &GOOD.replace("\"issuers\"", "\"circuit_approvals\": 1, \"issuers\""),
            "expected 2 to 3",
        ),
        (&"[".repeat(100_000), "not json"),
        (&" ".repeat(json::MAX_BYTES + 1), "at most"),
    ];
    for (text, expected) in cases {
        let found = problems(text);
        assert!(
            found.iter().any(|p| p.contains(expected)),
            "{expected} in {found:?}"
        );
    }
}

proptest! {
    #[test]
    fn b2_random_text_never_panics(text in ".{0,200}") {
        let _ = Consortium::from_json(&text);
    }

    #[test]
    fn b2_cut_and_changed_files_never_panic(at in 0usize..700, with in any::<u8>()) {
        let mut bytes = GOOD.as_bytes().to_vec();
        let at = at.min(bytes.len() - 1);
        bytes[at] = with;
        let _ = Consortium::from_json(&String::from_utf8_lossy(&bytes));
        let _ = Consortium::from_canonical(&bytes[..at]);
    }
}
