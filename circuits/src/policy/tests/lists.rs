//! Lists of operands that are longer than a clause.

use super::*;

fn many(n: usize, word: &str) -> String {
    (0..n)
        .map(|i| format!("{word}{i}"))
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn e14_one_long_list_becomes_the_path_clause() {
    let text = GOOD.replace("researcher, professor", &many(40, "r"));
    let program = program(&text);
    let alternative = &program.alternatives()[0];
    assert_eq!(alternative.set.len(), 40);
    assert_eq!(
        Header::decode(alternative.code.header).unwrap().path,
        Some((0, Slot::Role))
    );
    assert_eq!(alternative.code.path_root, set_root(&alternative.set));
    let path = set_path(&alternative.set, alternative.set[17].0)
        .unwrap()
        .unwrap();
    assert_eq!(
        merkle::root_from_path(TreeKind::Set, set_leaf(alternative.set[17].0), &path),
        alternative.code.path_root
    );
    assert_eq!(set_path(&alternative.set, Fr::from(1u64)).unwrap(), None);
    // Four still fit into the clause.
    let short = GOOD.replace("researcher, professor", &many(4, "r"));
    assert_eq!(
        PolicyDocument::from_yaml(&short).map(|d| compile(&d.to_canonical())
            .unwrap()
            .alternatives()[0]
            .set
            .len()),
        Ok(0)
    );
}

#[test]
fn a_second_long_list_and_other_long_lists_are_refused() {
    let first = GOOD.replace("researcher, professor", &many(5, "r"));
    let second = first.replace(
        "study: {eq: $request.study}",
        &format!("study: {{in: [{}]}}", many(5, "s")),
    );
    let error = PolicyDocument::from_yaml(&second)
        .and_then(|d| compile(&d.to_canonical()))
        .unwrap_err();
    assert_eq!(error.0[0].at, "alternatives[0].visas[1].study.in");
    check_problem(
        "{in: [researcher, professor]}",
        &format!("{{not_in: [{}]}}", many(5, "r")),
        "alternatives[0].visas[0].role.not_in",
        "at most 4",
    );
    let mixed = format!("{{in: [$request.study, {}]}}", many(4, "r"));
    check_problem(
        "{eq: $request.study}",
        &mixed,
        "alternatives[0].visas[1].study.in",
        "at most 3",
    );
    let long = format!(
        "study: {{eq: $request.study}}\n        conditions: {{in: [{}]}}",
        many(5, "c")
    );
    check_problem(
        "study: {eq: $request.study}",
        &long,
        "alternatives[0].visas[1].conditions.in",
        "at most 4",
    );
}
