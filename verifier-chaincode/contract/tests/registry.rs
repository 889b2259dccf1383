//! Issuers and revocations: who may register, who may revoke, and how long old roots live.

use medveil_circuits::field::Felt;
use medveil_circuits::indexed::{Insertion, REVOCATION_DEPTH, RevocationTree};
use medveil_contract::call::reply::{IssuerRegistered, Registry, RevocationsUpdated};
use medveil_contract::call::request::{GetRegistry, GetRevocations};
use medveil_contract::call::{RegisterIssuer, UpdateRevocations};
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
    let good = issuer(1, "affiliation", "universities");
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
            &issuer(1, "cohort", "universities")
        )),
        line
    );
    assert_eq!(
        refusal(register(
            &mut bench,
            UNIVERSITY,
            &issuer(1, "affiliation", "others")
        )),
        line
    );
    // The university's line wants an institution in the leaf; the board's does not.
    let absent = RegisterIssuer {
        any_institution: true,
        ..issuer(2, "affiliation", "universities")
    };
    assert_eq!(refusal(register(&mut bench, UNIVERSITY, &absent)), line);
    let board = RegisterIssuer {
        any_institution: true,
        ..issuer(3, "ethics", "boards")
    };
    register(&mut bench, BOARD, &board).expect("registered");
    // A signature for another key, group or schema shows nothing.
    let possession = (Code::Refused, "possession");
    for foreign in [
        issuer(5, "affiliation", "universities"),
        issuer(4, "affiliation", "others"),
        issuer(4, "ethics", "universities"),
    ] {
        let stolen = RegisterIssuer {
            possession: foreign.possession,
            ..issuer(4, "affiliation", "universities")
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
    assert_eq!(found.past_roots.len(), 2);
}

#[test]
fn r_an_issuer_revokes_in_its_own_tree_only() {
    let mut bench = bench();
    register(
        &mut bench,
        UNIVERSITY,
        &issuer(1, "affiliation", "universities"),
    )
    .expect("registered");
    register(&mut bench, BOARD, &issuer(2, "ethics", "boards")).expect("registered");
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
        (Code::BadInput, "arguments")
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
        &issuer(1, "affiliation", "universities"),
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

#[test]
fn updates_are_limited_and_urgent_ones_empty_the_ring() {
    let mut bench = bench();
    register(
        &mut bench,
        UNIVERSITY,
        &issuer(1, "affiliation", "universities"),
    )
    .expect("registered");
    let mut tree = RevocationTree::new(REVOCATION_DEPTH).expect("a tree");
    let mut next = |bench: &mut Bench, urgent| {
        let before = tree.clone();
        let insertion = tree.insert(tree.n_leaves() * 10).expect("inserted");
        let result = revoke(bench, UNIVERSITY, 0, vec![insertion], urgent);
        if result.is_err() {
            tree = before;
        }
        result
    };
    for _ in 0..4 {
        next(&mut bench, false).expect("revoked");
    }
    assert_eq!(
        refusal(next(&mut bench, false)),
        (Code::Refused, "rate limit")
    );
    assert_eq!(registry(&mut bench).past_roots.len(), (5));
    next(&mut bench, true).expect("revoked");
    assert!(registry(&mut bench).past_roots.is_empty());
    bench.now_ms += 60 * MINUTE_MS;
    next(&mut bench, false).expect("revoked");
    for _ in 0..7 {
        next(&mut bench, true).expect("revoked");
    }
    assert_eq!(
        refusal(next(&mut bench, true)),
        (Code::Refused, "rate limit")
    );
}
