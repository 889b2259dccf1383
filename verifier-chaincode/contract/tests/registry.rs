//! Issuers and revocations: who may register, who may revoke, and how long old roots live.

use medveil_circuits::field::Felt;
use medveil_circuits::indexed::{Insertion, REVOCATION_DEPTH, RevocationTree};
use medveil_contract::call::reply::{
    IssuerRegistered, IssuerRetired, Registry, RevocationsUpdated,
};
use medveil_contract::call::request::{GetRegistry, GetRevocations};
use medveil_contract::call::{RegisterIssuer, RetireIssuer, UpdateRevocations};
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY, bench};
use medveil_contract::testing::registry::issuer;
use medveil_contract::testing::{Bench, MINUTE_MS, msp, refusal};
use medveil_contract::{Code, ContractError};

fn register(
    bench: &mut Bench,
    who: &str,
    args: &RegisterIssuer,
) -> Result<IssuerRegistered, ContractError> {
    bench.submit(&msp(who), &msp(HOSPITAL), args.clone(), None)
}

fn revoke(
    bench: &mut Bench,
    who: &str,
    issuer: u16,
    insertions: Vec<Insertion>,
    urgent: bool,
) -> Result<RevocationsUpdated, ContractError> {
    let args = UpdateRevocations {
        issuer,
        insertions,
        urgent,
    };
    bench.submit(&msp(who), &msp(HOSPITAL), args, None)
}

fn registry(bench: &mut Bench) -> Registry {
    bench
        .ask(&msp(BOARD), &msp(BOARD), GetRegistry)
        .expect("a registry")
}

#[test]
fn c5_an_issuer_registers_on_its_consortium_line_with_its_own_key() {
    let mut bench = bench();
    let good = issuer(UNIVERSITY, 1, "affiliation", "universities");
    register(&mut bench, UNIVERSITY, &good).expect("registered");
    assert_eq!(
        refusal(register(&mut bench, UNIVERSITY, &good)),
        (Code::Conflict, "issuer")
    );
    assert_eq!(
        refusal(register(&mut bench, HOSPITAL, &good)),
        (Code::Forbidden, "issuer line")
    );
    let line = (Code::Refused, "issuer line");
    assert_eq!(
        refusal(register(
            &mut bench,
            UNIVERSITY,
            &issuer(UNIVERSITY, 1, "cohort", "universities")
        )),
        line
    );
    assert_eq!(
        refusal(register(
            &mut bench,
            UNIVERSITY,
            &issuer(UNIVERSITY, 1, "affiliation", "others")
        )),
        line
    );
    // The university's line wants an institution in the leaf; the board's does not.
    let absent = RegisterIssuer {
        any_institution: true,
        ..issuer(UNIVERSITY, 2, "affiliation", "universities")
    };
    assert_eq!(refusal(register(&mut bench, UNIVERSITY, &absent)), line);
    let board = RegisterIssuer {
        any_institution: true,
        ..issuer(BOARD, 3, "ethics", "boards")
    };
    register(&mut bench, BOARD, &board).expect("registered");
    // A signature for another key, group or schema shows nothing.
    let possession = (Code::Refused, "possession");
    for foreign in [
        issuer(UNIVERSITY, 5, "affiliation", "universities"),
        issuer(UNIVERSITY, 4, "affiliation", "others"),
        issuer(UNIVERSITY, 4, "ethics", "universities"),
        issuer(HOSPITAL, 4, "affiliation", "universities"),
    ] {
        let stolen = RegisterIssuer {
            possession: foreign.possession,
            ..issuer(UNIVERSITY, 4, "affiliation", "universities")
        };
        assert_eq!(
            refusal(register(&mut bench, UNIVERSITY, &stolen)),
            possession
        );
    }
    let found = registry(&mut bench);
    assert_eq!(found.issuers.len(), 2);
    assert_eq!(found.issuers[1].institution, Felt::ZERO);
    assert_ne!(found.issuers[0].institution, Felt::ZERO);
}

#[test]
fn r_an_issuer_revokes_in_its_own_tree_only() {
    let mut bench = bench();
    register(
        &mut bench,
        UNIVERSITY,
        &issuer(UNIVERSITY, 1, "affiliation", "universities"),
    )
    .expect("registered");
    register(&mut bench, BOARD, &issuer(BOARD, 2, "ethics", "boards")).expect("registered");
    let mut tree = RevocationTree::new(REVOCATION_DEPTH).expect("a tree");
    let first: Vec<Insertion> = [70, 30, 50]
        .iter()
        .map(|v| tree.insert(*v).expect("inserted"))
        .collect();
    assert_eq!(
        refusal(revoke(&mut bench, BOARD, 0, first.clone(), false)),
        (Code::Forbidden, "caller")
    );
    assert_eq!(
        refusal(revoke(&mut bench, BOARD, 9, first.clone(), false)).0,
        Code::NotFound
    );
    assert_eq!(
        refusal(revoke(&mut bench, UNIVERSITY, 0, vec![], false)),
        (Code::Refused, "insertions")
    );
    let mut wrong = first.clone();
    wrong[1].low_value = 1;
    assert_eq!(
        refusal(revoke(&mut bench, UNIVERSITY, 0, wrong, false)),
        (Code::Refused, "insertion")
    );
    assert_eq!(
        refusal(revoke(
            &mut bench,
            UNIVERSITY,
            0,
            first[1..].to_vec(),
            false
        )),
        (Code::Refused, "insertion")
    );
    let shallow = RevocationTree::new(2)
        .and_then(|mut t| t.insert(5))
        .expect("inserted");
    assert_eq!(
        refusal(revoke(&mut bench, UNIVERSITY, 0, vec![shallow], false)),
        (Code::BadInput, "insertion")
    );
    revoke(&mut bench, UNIVERSITY, 0, first.clone(), false).expect("revoked");
    assert_eq!(
        refusal(revoke(
            &mut bench,
            UNIVERSITY,
            0,
            first[..1].to_vec(),
            false
        )),
        (Code::Refused, "insertion")
    );
    let values = |bench: &mut Bench, issuer| {
        bench
            .ask(
                &msp(BOARD),
                &msp(BOARD),
                GetRevocations {
                    issuer,
                    bookmark: String::new(),
                },
            )
            .expect("revocations")
    };
    let found = values(&mut bench, 0);
    assert_eq!(found.values, [70, 30, 50]);
    assert_eq!(found.root, Felt(tree.root()));
    assert!(values(&mut bench, 1).values.is_empty());
    // The other issuer's leaf stands as it was.
    assert_eq!(registry(&mut bench).issuers[1].n_leaves, 1);
}

#[test]
fn long_lists_of_revocations_are_complete_and_in_order() {
    let mut bench = bench();
    register(
        &mut bench,
        UNIVERSITY,
        &issuer(UNIVERSITY, 1, "affiliation", "universities"),
    )
    .expect("registered");
    let mut tree = RevocationTree::new(REVOCATION_DEPTH).expect("a tree");
    let values: Vec<u64> = (0..1100u64).map(|i| i * 7919 % 100_003 + 1).collect();
    for part in values.chunks(220) {
        let insertions = part
            .iter()
            .map(|v| tree.insert(*v).expect("inserted"))
            .collect();
        revoke(&mut bench, UNIVERSITY, 0, insertions, false).expect("revoked");
        bench.now_ms += 16 * MINUTE_MS;
    }
    let query = GetRevocations {
        issuer: 0,
        bookmark: String::new(),
    };
    let found = bench
        .ask(&msp(BOARD), &msp(BOARD), query)
        .expect("revocations");
    assert_eq!((found.values, found.bookmark.as_str()), (values, ""));
}

/// Issuers of the same line, by either of its organisations.
fn cohort(registrant: &str, seed: u8) -> RegisterIssuer {
    issuer(registrant, seed, "cohort", "committees")
}

fn retire(
    bench: &mut Bench,
    who: &str,
    registration: &RegisterIssuer,
    urgent: bool,
) -> Result<IssuerRetired, ContractError> {
    let key = registration.key;
    let call = RetireIssuer { key, urgent };
    bench.submit(&msp(who), &msp(HOSPITAL), call, None)
}

#[test]
fn m1_a_copied_issuer_is_nobody_elses() {
    let mut bench = bench();
    let own = cohort(UNIVERSITY, 1);
    // Before the true issuer registers: the signature that it showed names it.
    let copied = refusal(register(&mut bench, HOSPITAL, &own));
    assert_eq!(copied, (Code::Refused, "possession"));
    register(&mut bench, UNIVERSITY, &own).expect("registered");
    // Afterwards; and not even who has the key, by whatever line.
    let copied = refusal(register(&mut bench, HOSPITAL, &own));
    assert_eq!(copied, (Code::Refused, "possession"));
    let known = (Code::Conflict, "issuer");
    for again in [cohort(HOSPITAL, 1), issuer(HOSPITAL, 1, "terms", "holders")] {
        assert_eq!(refusal(register(&mut bench, HOSPITAL, &again)), known);
    }
    // Nor once it is retired.
    retire(&mut bench, UNIVERSITY, &own, false).expect("retired");
    for again in [cohort(HOSPITAL, 1), issuer(HOSPITAL, 1, "terms", "holders")] {
        assert_eq!(refusal(register(&mut bench, HOSPITAL, &again)), known);
    }
    assert_eq!(refusal(register(&mut bench, UNIVERSITY, &own)), known);
}

#[test]
fn m2_one_organisation_has_its_own_room_and_rate() {
    let mut bench = bench();
    let limit = (Code::Refused, "rate limit");
    for seed in 1..=16 {
        register(&mut bench, UNIVERSITY, &cohort(UNIVERSITY, seed)).expect("registered");
    }
    let more = cohort(UNIVERSITY, 17);
    assert_eq!(refusal(register(&mut bench, UNIVERSITY, &more)), limit);
    let mut tree = RevocationTree::new(REVOCATION_DEPTH).expect("a tree");
    let insertion = tree.insert(7).expect("inserted");
    let revoked = revoke(&mut bench, UNIVERSITY, 3, vec![insertion.clone()], false);
    assert_eq!(refusal(revoked), limit);
    // Others have theirs, and urgent updates another.
    register(&mut bench, HOSPITAL, &cohort(HOSPITAL, 100)).expect("registered");
    revoke(&mut bench, UNIVERSITY, 3, vec![insertion], true).expect("revoked");
    for round in 0..3 {
        bench.now_ms += 60 * MINUTE_MS;
        for seed in 17 + round * 16..33 + round * 16 {
            register(&mut bench, UNIVERSITY, &cohort(UNIVERSITY, seed)).expect("registered");
        }
    }
    bench.now_ms += 60 * MINUTE_MS;
    let full = refusal(register(&mut bench, UNIVERSITY, &cohort(UNIVERSITY, 90)));
    assert_eq!(full, (Code::Refused, "registry"));
    retire(&mut bench, UNIVERSITY, &cohort(UNIVERSITY, 1), false).expect("retired");
    register(&mut bench, UNIVERSITY, &cohort(UNIVERSITY, 90)).expect("room for one");
}

#[test]
fn m2_urgent_updates_are_counted_over_all_issuers_of_an_organisation() {
    let mut bench = bench();
    for seed in 1..=2 {
        register(&mut bench, UNIVERSITY, &cohort(UNIVERSITY, seed)).expect("registered");
    }
    let mut trees = [(); 2].map(|()| RevocationTree::new(REVOCATION_DEPTH).expect("a tree"));
    let mut next = |bench: &mut Bench, place: usize| {
        let tree = &mut trees[place];
        let insertion = tree.insert(tree.n_leaves() * 10).expect("inserted");
        revoke(bench, UNIVERSITY, place as u16, vec![insertion], true)
    };
    for n in 0..8 {
        next(&mut bench, n % 2).expect("revoked");
    }
    let limit = (Code::Refused, "rate limit");
    assert_eq!(refusal(next(&mut bench, 0)), limit);
    bench.now_ms += 23 * 60 * MINUTE_MS;
    assert_eq!(refusal(next(&mut bench, 1)), limit);
}

#[test]
fn m2_a_retired_place_is_used_again_with_a_tree_of_its_own() {
    let mut bench = bench();
    let (first, second) = (cohort(UNIVERSITY, 1), cohort(HOSPITAL, 2));
    register(&mut bench, UNIVERSITY, &first).expect("registered");
    let mut tree = RevocationTree::new(REVOCATION_DEPTH).expect("a tree");
    let insertion = tree.insert(7).expect("inserted");
    revoke(&mut bench, UNIVERSITY, 0, vec![insertion.clone()], false).expect("revoked");
    let retired = retire(&mut bench, UNIVERSITY, &first, false).expect("retired");
    assert!(retired.retired);
    let again = tree.insert(9).expect("inserted");
    let late = refusal(revoke(&mut bench, UNIVERSITY, 0, vec![again], false));
    assert_eq!(late, (Code::Conflict, "issuer"));
    let registered = register(&mut bench, HOSPITAL, &second).expect("registered");
    assert_eq!(registered.issuer, 0);
    let query = GetRevocations {
        issuer: 0,
        bookmark: String::new(),
    };
    let found = bench.ask(&msp(BOARD), &msp(BOARD), query).expect("none");
    assert!(found.values.is_empty());
    revoke(&mut bench, HOSPITAL, 0, vec![insertion], false).expect("revoked");
    assert_eq!(registry(&mut bench).issuers[0].registrant, msp(HOSPITAL));
    // The first issuer cannot be retired twice, whoever stands in its place.
    let twice = refusal(retire(&mut bench, UNIVERSITY, &first, false));
    assert_eq!(twice, (Code::Conflict, "issuer"));
}

#[test]
fn m2_a_majority_retires_any_issuer_by_one_vote_an_organisation() {
    let mut bench = bench();
    let bad = issuer(BOARD, 1, "ethics", "boards");
    register(&mut bench, BOARD, &bad).expect("registered");
    let voted = retire(&mut bench, HOSPITAL, &bad, false).expect("voted");
    assert_eq!((voted.retired, voted.votes, voted.needed), (false, 1, 2));
    let twice = refusal(retire(&mut bench, HOSPITAL, &bad, false));
    assert_eq!(twice, (Code::Conflict, "vote"));
    assert_eq!(registry(&mut bench).issuers[0].status, 1);
    let voted = retire(&mut bench, UNIVERSITY, &bad, false).expect("voted");
    assert_eq!((voted.retired, voted.votes), (true, 2));
    assert_eq!(registry(&mut bench).issuers[0].status, 0);
    let late = refusal(retire(&mut bench, BOARD, &bad, false));
    assert_eq!(late, (Code::Conflict, "issuer"));
}
