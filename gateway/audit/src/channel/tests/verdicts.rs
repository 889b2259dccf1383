//! Verdicts, derived again.

use super::*;

#[test]
fn wrong_verdicts_are_found() {
    let check = |make: &dyn Fn(&Channel) -> Draft, code, expected: &[&str]| {
        let mut channel = Channel::new();
        channel.commits(&[&channel.tick(1)]);
        let bytes = channel.net.seal(&make(&channel));
        channel.commit(vec![(bytes, code)]);
        channel.finds(expected);
    };
    check(&|c| c.alone(public(&[], &[("k", "v")])), POLICY, &[]);
    check(
        &|c| c.tick(2),
        POLICY,
        &["although its endorsements suffice"],
    );
    check(
        &|c| c.tick(2),
        CONFLICT,
        &["although all it read was current"],
    );
    check(
        &|c| c.tick(2),
        DUPLICATE,
        &["although its id was not used before"],
    );
    // Private values that were read count alike.
    let reads = |at| move |c: &Channel| c.alone(private(OWN, &[(1, at)], &[(1, 3)]));
    check(
        &reads(None),
        CONFLICT,
        &["although all it read was current"],
    );
    check(&reads(Some((1, 0))), CONFLICT, &[]);
}

#[test]
fn reads_are_compared_as_fabric_compares_them() {
    let net = Net::new();
    let mut state = State::default();
    let reads = |state: &State, part: Part, block| state.reads(&[part], block, &net.collections);
    state.apply(
        (2, 0),
        &[
            public(&[], &[("a", "1"), ("b", "1")]),
            private(OWN, &[], &[(1, 2)]),
        ],
    );
    let read = |at| public(&[("a", at)], &[]);
    assert_eq!(reads(&state, read(Some((2, 0))), 3), Reads::Current);
    assert_eq!(
        reads(&state, read(Some((2, 0))), 2),
        Reads::Stale,
        "written in the same block, whatever version is named"
    );
    assert_eq!(reads(&state, read(None), 3), Reads::Stale);
    assert_eq!(
        reads(&state, private(OWN, &[(1, Some((2, 0)))], &[]), 3),
        Reads::Current
    );
    assert_eq!(
        reads(&state, private("hospitals", &[(1, Some((2, 0)))], &[]), 3),
        Reads::Stale,
        "another collection"
    );
    let mut deletes = public(&[], &[]);
    (deletes.writes, deletes.metadata) = (
        vec![(b"a".to_vec(), None)],
        vec![b"a".to_vec(), b"b".to_vec()],
    );
    state.apply((4, 1), &[deletes]);
    assert_eq!(reads(&state, read(None), 4), Reads::Stale);
    assert_eq!(reads(&state, read(None), 5), Reads::Current);
    assert_eq!(
        reads(&state, public(&[("b", Some((4, 1)))], &[]), 5),
        Reads::Current,
        "metadata raises the version"
    );
}

#[test]
fn a_valid_transaction_has_a_new_id_and_current_reads() {
    let mut channel = Channel::new();
    let tick = channel.net.seal(&channel.tick(1));
    let rival = channel.net.seal(&channel.tick(1));
    channel.commit(vec![(tick.clone(), VALID), (rival, VALID)]);
    channel.commit(vec![(tick, VALID)]);
    let found = channel.audit().findings;
    let count = |what: &str| found.iter().filter(|f| f.what.contains(what)).count();
    assert_eq!(count("values that were no longer current"), 1, "{found:#?}");
    assert_eq!(count("its id was used before"), 1, "{found:#?}");
}

#[test]
fn an_id_that_was_refused_for_its_form_is_used_from_the_next_block_on() {
    let mut channel = Channel::new();
    let tick = channel.net.seal(&channel.tick(1));
    // In one block Fabric counts only copies that passed.
    channel.commit(vec![(tick.clone(), 4), (tick.clone(), VALID)]);
    channel.commit(vec![(tick, DUPLICATE)]);
    channel.finds(&[]);
}
