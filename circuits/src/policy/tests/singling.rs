//! Warnings of narrow clauses.

use crate::policy::{PolicyDocument, Program, compile};

fn program(clauses: &str) -> Program {
    let text = format!(
        "format: medveil-policy-1\ndac: {{members: [HospitalA], quorum: 1}}\nalternatives:\n  - name: some\n    visas:\n      - schema: affiliation\n        group: universities\n{clauses}"
    );
    compile(&PolicyDocument::from_yaml(&text).unwrap().to_canonical()).unwrap()
}

#[test]
fn m8_clauses_that_few_people_meet_are_warned_of() {
    for narrow in [
        "        asserted: {eq: 2026-01-31}",
        "        asserted: {range: [2026-01-31, 2026-01-31]}",
        "        asserted: {range: [2026-01-01, 2026-12-31], at_most: 2026-01-01}",
        "        asserted: {at_least: 2026-01-30, range: [2026-01-01, 2026-02-01]}",
        "        asserted: {range: [2026-01-31, 2026-02-05]}",
        "        expiry: {at_least: 2026-01-31, at_most: 2026-02-01}",
        "        role: {eq: head of cardiology}",
        "        role: {in: [researcher, head of cardiology]}",
        "        source: {eq: hr-system-7}",
        "        conditions: {eq: only on mondays}",
    ] {
        let warnings = program(narrow).singling_out();
        assert_eq!(warnings.len(), 1, "{narrow}");
        assert!(warnings[0].contains("few people"), "{}", warnings[0]);
    }
    for wide in [
        "        asserted: {range: [2026-01-01, 2026-12-31]}",
        "        asserted: {at_least: 2026-01-31}",
        "        role: {in: [researcher, professor]}",
        "        institution: {in: [HospitalA, University]}",
        "        disease: {descends_from: E11}",
    ] {
        assert_eq!(program(wide).singling_out(), Vec::<String>::new(), "{wide}");
    }
    let named = program("        institution: {in: [HospitalA, University]}");
    let named: Vec<&str> = named.institutions().into_iter().collect();
    assert_eq!(named, ["HospitalA", "University"]);
}
