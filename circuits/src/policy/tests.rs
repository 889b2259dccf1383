//! Policies: what compiles and to what, canonical JSON, explanations, no panic on any text.

use super::*;
use crate::visa::{Slot, VisaSchema, codes};
use proptest::prelude::*;

mod lists;
mod refused;
mod singling;

const GOOD: &str = "
format: medveil-policy-1
title: Diabetes cohort
dac: {members: [HospitalB, HospitalA], quorum: 2}
alternatives:
  - name: approved study
    visas:
      - schema: affiliation
        group: universities
        role: {in: [researcher, professor]}
      - schema: ethics
        group: boards
        study: {eq: $request.study}
        disease: {descends_from: E11}
        permissions: {superset: [GRU]}
        asserted: {at_least: 2024-01-01}
  - name: staff
    require_study: false
    visas:
      - {schema: affiliation, group: universities, role: {eq: data steward}}
";

fn program(yaml: &str) -> Program {
    compile(&PolicyDocument::from_yaml(yaml).unwrap().to_canonical()).unwrap()
}

/// The problems of a changed policy.
fn problems(from: &str, to: &str) -> Vec<(String, String)> {
    let text = GOOD.replacen(from, to, 1);
    assert_ne!(text, GOOD);
    let error = PolicyDocument::from_yaml(&text)
        .and_then(|d| compile(&d.to_canonical()))
        .unwrap_err();
    error
        .0
        .into_iter()
        .map(|problem| (problem.at, problem.what))
        .collect()
}

fn check_problem(from: &str, to: &str, at: &str, what: &str) {
    let found = problems(from, to);
    assert!(
        found.iter().any(|(a, w)| a == at && w.contains(what)),
        "{found:?}"
    );
}

#[test]
fn compiles_and_is_stable() {
    let program = program(GOOD);
    assert_eq!(
        (
            program.tier(),
            program.alternatives().len(),
            program.dac().members.join(" ")
        ),
        (4, 2, "HospitalA HospitalB".into())
    );
    let canonical = program.document().to_canonical();
    assert_eq!(compile(&canonical).unwrap(), program);
    assert_eq!(
        PolicyDocument::from_yaml(&canonical)
            .unwrap()
            .to_canonical(),
        canonical
    );
    // Absent alternatives repeat the first.
    let hashes = program.hashes();
    assert!(hashes[2] == hashes[0] && hashes[3] == hashes[0] && hashes[1] != hashes[0]);
}

#[test]
fn the_code_of_the_example() {
    let program = program(GOOD);
    let code = &program.alternatives()[0].code;
    let header = Header::decode(code.header).unwrap();
    assert_eq!(
        header,
        Header {
            tier: 4,
            visas: 2,
            require_study: true,
            require_institution: true,
            distinct_issuers: false,
            path: None
        }
    );
    assert_eq!(code.blocks[1].schema, VisaSchema::Ethics.id().felt().0);
    assert_eq!(
        code.blocks[2..],
        [BlockCode::default(), BlockCode::default()]
    );
    let (low, high) = codes::disease_range("E11").unwrap();
    let disease = ClauseCode::new(
        Slot::Disease,
        Op::Range,
        Req::None,
        [low.into(), high.into(), Fr::from(0u64), Fr::from(0u64)],
    );
    assert!(code.blocks[1].clauses.contains(&disease));
    let study = ClauseCode::new(Slot::Study, Op::Eq, Req::Study, [Fr::from(0u64); 4]);
    assert!(code.blocks[1].clauses.contains(&study));
    assert_eq!(code.blocks[1].clauses[4..], [ClauseCode::default(); 2]);
    // Two operands repeat the first.
    let role = code.blocks[0].clauses[0].operands;
    assert!(role[2] == role[0] && role[3] == role[0] && role[1] != role[0]);
}

#[test]
fn canonical_json_is_the_only_json() {
    let canonical = PolicyDocument::from_yaml(GOOD).unwrap().to_canonical();
    let spaced = canonical.replacen(':', ": ", 1);
    let twice = canonical.replacen("{", "{\"format\":\"medveil-policy-1\",", 1);
    let without_default = canonical.replacen("\"require_institution\":true,", "", 1);
    for text in [&spaced, &twice, &without_default] {
        assert_ne!(text, &canonical);
        assert!(
            compile(text).unwrap_err().to_string().contains("canonical"),
            "{text}"
        );
    }
}

#[test]
fn b_bad_yaml_is_an_error() {
    for text in [
        "",
        "- a",
        ": : :",
        "a: [",
        "\u{0}",
        "format: a\nformat: b",
        "&a [*a, *a]",
        &"[".repeat(100_000),
        &"a: ".repeat(200_000),
        &"x".repeat(300_000),
    ] {
        assert!(PolicyDocument::from_yaml(text).is_err());
    }
}

#[test]
fn every_example_of_the_guide_compiles() {
    let guide = include_str!("../../POLICY.md");
    let examples: Vec<&str> = guide
        .split("```yaml")
        .skip(1)
        .filter_map(|part| part.split("```").next())
        .collect();
    assert_eq!(examples.len(), 3);
    for example in examples {
        program(example);
    }
    for word in Word::ALL
        .iter()
        .map(|word| word.text())
        .chain(Verb::ALL.iter().map(|verb| verb.text()))
    {
        assert!(guide.contains(&format!("`{word}`")), "{word}");
    }
}

#[test]
fn explain_says_who_suffices_and_what_is_shown() {
    let program = program(GOOD);
    let line = |schema, group, msps: &[&'static str]| explain::IssuerLineView {
        schema,
        group,
        msps: msps.to_vec(),
    };
    let lines = [
        line("affiliation", "universities", &["University"]),
        line("ethics", "boards", &["University", "Board"]),
    ];
    let words = |lines: &[explain::IssuerLineView<'_>]| {
        let explanation = program.explain(lines);
        [explanation.lines, explanation.warnings]
            .concat()
            .join("\n")
    };
    let text = words(&lines);
    for part in [
        "any one of 2 alternatives",
        "role is one of researcher, professor",
        "study is the request's study",
        "disease is E11 or below it",
        "2 of HospitalA, HospitalB",
        "issuers of one organisation suffice for \"approved study\": University",
        "\"staff\" does not tie approvals",
        "does not show which alternative",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let apart = [lines[0].clone(), line("ethics", "boards", &["Board"])];
    assert!(!words(&apart).contains("suffice for \"approved study\""));
}

#[test]
fn headers_read_back_exactly() {
    for path in [None, Some((3, Slot::Salt)), Some((0, Slot::Role))] {
        let header = Header {
            tier: 4,
            visas: 3,
            require_study: true,
            require_institution: false,
            distinct_issuers: true,
            path,
        };
        assert_eq!(Header::decode(header.encode()), Some(header));
    }
    // Another version, a path visa without a path, more than 22 bits.
    for bits in [
        4u64 + (1 << 4) + (1 << 8),
        4 + (2 << 4) + (1 << 8) + (1 << 15),
        4 + (2 << 4) + (1 << 22),
    ] {
        assert_eq!(Header::decode(Fr::from(bits)), None);
    }
    assert_eq!(Header::decode(-Fr::from(1u64)), None);
}

proptest! {
    #[test]
    fn b_no_text_panics(text in ".{0,400}", cut in 0usize..600) {
        let _ = PolicyDocument::from_yaml(&text);
        let _ = compile(&text);
        let cut = (0..=cut.min(GOOD.len())).rev().find(|i| GOOD.is_char_boundary(*i)).unwrap_or(0);
        let _ = PolicyDocument::from_yaml(&GOOD[..cut]);
    }
}
