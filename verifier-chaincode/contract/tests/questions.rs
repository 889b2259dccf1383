//! How often transactions ask their peer: once for what their arguments name, and once more for
//! each step that needs the answer before it. A question takes as long for one key as for ten.

use medveil_circuits::ids::RequestId;
use medveil_circuits::indexed::{REVOCATION_DEPTH, RevocationTree};
use medveil_contract::Call;
use medveil_contract::call::{CloseGrant, Decision, RetireIssuer, UpdateRevocations};
use medveil_contract::judge::eligibility::request_id;
use medveil_contract::testing::access::Access;
use medveil_contract::testing::claims::Claims;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL, UNIVERSITY};
use medveil_contract::testing::registry::issuer;
use medveil_contract::testing::{Bench, DAY_MS, msp};
use std::collections::{BTreeMap, BTreeSet};

fn commit(bench: &mut Bench, who: &str, peer: &str, call: &Call, extra: Option<Vec<u8>>) {
    let done = bench.commit(&msp(who), &msp(peer), call, extra);
    done.unwrap_or_else(|error| panic!("{}: {error}", call.function_name()));
}

fn registry(bench: &mut Bench) {
    let issuer = issuer(UNIVERSITY, 1, "affiliation", "universities");
    let key = issuer.key;
    commit(
        bench,
        UNIVERSITY,
        BOARD,
        &Call::RegisterIssuer(issuer),
        None,
    );
    let mut tree = RevocationTree::new(REVOCATION_DEPTH).expect("a tree");
    for value in [70, 30] {
        let revoke = Call::UpdateRevocations(UpdateRevocations {
            issuer: 0,
            insertions: vec![tree.insert(value).expect("inserted")],
            urgent: false,
        });
        commit(bench, UNIVERSITY, BOARD, &revoke, None);
    }
    let retire = Call::RetireIssuer(RetireIssuer { key, urgent: false });
    for who in [HOSPITAL, UNIVERSITY] {
        commit(bench, who, BOARD, &retire, None);
    }
}

/// A grant, or an extension of it, with everything that follows until its keys are delivered.
fn grant(access: &mut Access, extension: u32, columns: u16) -> RequestId {
    let (mut terms, _) = access.terms(5, b"letter");
    (terms.extension, terms.columns) = (extension, columns);
    terms.request = request_id(&msp(UNIVERSITY), &terms);
    let args = access.prove(|_| {}, &terms);
    access.request(args).expect("asked");
    for who in [HOSPITAL, BOARD] {
        let decided = access.decide(who, terms.request, Decision::Approve);
        decided.expect("a vote");
    }
    let affirm = Call::AffirmAccess(access.affirm(terms.request));
    commit(&mut access.bench, UNIVERSITY, HOSPITAL, &affirm, None);
    let (package, hand_over, confirm) = access.handover(&terms);
    let package = borsh::to_vec(&package).ok();
    let bench = &mut access.bench;
    let hand_over = Call::HandOverKey(hand_over);
    commit(bench, HOSPITAL, UNIVERSITY, &hand_over, package);
    let confirm = Call::ConfirmDelivery(confirm);
    commit(bench, HOSPITAL, BOARD, &confirm, None);
    let pages = borsh::to_vec(&access.dataset.pages()).ok();
    let mut store = access.dataset.store(access.root);
    store.grant = Some(terms.request);
    commit(bench, HOSPITAL, UNIVERSITY, &Call::StorePages(store), pages);
    terms.request
}

fn asked() -> BTreeMap<&'static str, BTreeSet<usize>> {
    let mut access = Access::new();
    let pages = borsh::to_vec(&access.dataset.pages()).ok();
    let store = Call::StorePages(access.dataset.store(access.root));
    commit(&mut access.bench, HOSPITAL, UNIVERSITY, &store, pages);
    registry(&mut access.bench);
    let close = CloseGrant {
        grant: grant(&mut access, 0, 0b10111),
    };
    grant(&mut access, 1, 0b01001);
    commit(
        &mut access.bench,
        HOSPITAL,
        BOARD,
        &Call::CloseGrant(close),
        None,
    );
    // The next day needs one organisation, a later one two.
    for days in [1, 2] {
        access.bench.now_ms += days * DAY_MS;
        commit(&mut access.bench, BOARD, BOARD, &Call::Tick(()), None);
    }
    let mut claims = Claims::new();
    let publish = Call::PublishClaim(claims.young());
    commit(&mut claims.bench, HOSPITAL, BOARD, &publish, None);
    let mut asked = access.bench.questions;
    asked.extend(claims.bench.questions.remove_entry("PublishClaim"));
    asked
}

#[test]
fn no_transaction_asks_more_often_than_it_must() {
    let expected: [(&str, &[usize]); 19] = [
        ("ActivateCircuit", &[2]),
        ("AffirmAccess", &[3]),
        ("ApproveCircuit", &[1]),
        ("Bootstrap", &[1]),
        ("CloseGrant", &[3]),
        ("ConfirmDelivery", &[4]),
        ("DecideAccess", &[3]),
        ("HandOverKey", &[3]),
        ("ProposeCircuit", &[1]),
        ("PublishClaim", &[3]),
        ("PublishKey", &[1]),
        ("PutPolicy", &[2]),
        ("RegisterDataset", &[2]),
        ("RegisterIssuer", &[2]),
        ("RequestAccess", &[4]),
        ("RetireIssuer", &[3]),
        ("StorePages", &[2]),
        ("Tick", &[1, 2]),
        ("UpdateRevocations", &[1, 2]),
    ];
    let expected = expected.map(|(name, n)| (name, n.iter().copied().collect()));
    assert_eq!(asked(), BTreeMap::from(expected));
}
