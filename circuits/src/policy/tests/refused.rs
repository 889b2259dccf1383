//! What is refused, and where the problem is said to be.

use super::*;

#[test]
fn e10_forbidden_selectors_are_refused() {
    for slot in ["holder", "revocation_index", "salt"] {
        let at = format!("alternatives[0].visas[0].{slot}");
        check_problem(
            "role: {in",
            &format!("{slot}: {{in"),
            &at,
            "no policy may ask",
        );
    }
}

#[test]
fn e8_an_alternative_without_an_anchor_is_refused() {
    check_problem(
        "schema: affiliation",
        "schema: terms",
        "alternatives[0].visas[0].schema",
        "the first visa is the anchor",
    );
}

#[test]
fn operators_that_do_not_fit_are_refused() {
    let at = |rest: &str| format!("alternatives[0].visas[1].{rest}");
    check_problem(
        "{superset: [GRU]}",
        "{exists: true}",
        &at("permissions.exists"),
        "does not fit",
    );
    for said in ["data-use permission codes of NRES, GRU, HMB", "got \"XYZ\""] {
        check_problem(
            "{superset: [GRU]}",
            "{superset: [GRU, XYZ]}",
            &at("permissions.superset"),
            said,
        );
    }
    check_problem(
        "{descends_from: E11}",
        "{superset: [E11]}",
        &at("disease.superset"),
        "does not fit",
    );
    check_problem(
        "{descends_from: E11}",
        "{descends_from: Q999}",
        &at("disease.descends_from"),
        "disease code",
    );
    check_problem(
        "{at_least: 2024-01-01}",
        "{at_least: 2024-02-30}",
        &at("asserted.at_least"),
        "a date",
    );
    check_problem(
        "{at_least: 2024-01-01}",
        "{range: [2024-01-02, 2024-01-01]}",
        &at("asserted.range"),
        "from before to",
    );
    check_problem(
        "{eq: $request.study}",
        "{eq: $request.purpose}",
        &at("study.eq"),
        "compares with value",
    );
    check_problem(
        "{eq: $request.study}",
        "{in: [A, $request.study]}",
        &at("study.in"),
        "first operand",
    );
    check_problem(
        "{eq: $request.study}",
        "{eq: $request.salary}",
        &at("study.eq"),
        "expected $request.study",
    );
    check_problem(
        "role: {in: [researcher, professor]}",
        "role: {range: [a, b]}",
        "alternatives[0].visas[0].role.range",
        "does not fit",
    );
}

#[test]
fn words_that_are_not_known_are_refused_with_their_path() {
    check_problem("title:", "titel:", "titel", "unknown word");
    check_problem("quorum: 2", "quorum: 3", "dac.quorum", "1 to 2");
    check_problem("quorum: 2", "quorum: 0", "dac.quorum", "1 to 2");
    check_problem(
        "[HospitalB, HospitalA]",
        "[HospitalA, HospitalA]",
        "dac.members",
        "different",
    );
    check_problem(
        "role: {in",
        "role: {inn",
        "alternatives[0].visas[0].role.inn",
        "unknown operator",
    );
    check_problem(
        "role: {in: [researcher, professor]}",
        "role: researcher",
        "alternatives[0].visas[0].role",
        "expected a mapping, got a text",
    );
    check_problem(
        "{in: [researcher, professor]}",
        "{in: [7, professor]}",
        "alternatives[0].visas[0].role.in[0]",
        "put it in quotes",
    );
    check_problem(
        "{in: [researcher, professor]}",
        "{in: []}",
        "alternatives[0].visas[0].role.in",
        "expected 1 to",
    );
    check_problem(
        "{in: [researcher, professor]}",
        "{in: [a, a]}",
        "alternatives[0].visas[0].role.in",
        "different values",
    );
    check_problem(
        "format: medveil-policy-1",
        "format: medveil-policy-2",
        "format",
        "medveil-policy-1",
    );
    check_problem(
        "require_study: false",
        "require_study: no thanks",
        "alternatives[1].require_study",
        "true or false",
    );
    check_problem(
        "name: staff",
        "name: approved study",
        "alternatives",
        "different names",
    );
    let both = problems("title:", "titel:").len();
    assert_eq!(both, 1);
}
