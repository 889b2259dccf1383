//! The rule on signing, over write sets of no particular ledger.

use super::*;
use crate::transaction::ExpectedWrite;

fn msp(name: &str) -> MspId {
    MspId::new(name).unwrap()
}

fn pages() -> CollectionName {
    CollectionName::explicit("hospitals").unwrap()
}

/// A collection of HospitalA and HospitalB.
fn collections() -> CollectionsConfig {
    let consortium = medveil_collections_config::Consortium::from_json(
        &include_str!("../../../data/quickstart/consortium.json")
            .replace("@NONCE@", "000102030405060708090a0b0c0d0e0f"),
    )
    .unwrap();
    let groups = include_str!("../../../data/quickstart/sharing-groups.json");
    let parsed = medveil_collections_config::SharingGroups::from_json(groups, &consortium).unwrap();
    CollectionsConfig::derive(&consortium, &parsed).unwrap()
}

fn written(collection: &CollectionName, key: &str, value: &[u8]) -> WriteSet {
    let entry = (collection.clone(), sha256(key.as_bytes()), sha256(value));
    WriteSet {
        private: BTreeSet::from([entry]),
        ..WriteSet::default()
    }
}

fn transaction(endorsers: &[&str], expected: &[(&str, &[u8])]) -> Transaction {
    Transaction {
        args: vec![b"StorePages".to_vec()],
        transient: [("pages".to_owned(), b"sealed".to_vec())].into(),
        endorsers: endorsers.iter().map(|n| msp(n)).collect(),
        expected: expected
            .iter()
            .map(|(key, value)| ExpectedWrite {
                collection: pages(),
                key: (*key).to_owned(),
                value: value.to_vec(),
            })
            .collect(),
    }
}

/// Asks the rule about a call of `own` that these organisations endorse.
fn with_guard<T>(own: &str, transaction: &Transaction, ask: impl Fn(Guard<'_>) -> T) -> T {
    ask(Guard {
        own: &msp(own),
        transaction,
        collections: &collections(),
    })
}

fn public(endorsers: &[&str]) -> Transaction {
    let endorsers = endorsers.iter().map(|n| msp(n)).collect();
    Transaction::call(vec![b"Tick".to_vec()], endorsers)
}

fn public_write() -> WriteSet {
    WriteSet {
        public: [("day/current".to_owned(), vec![1])].into(),
        ..WriteSet::default()
    }
}

#[test]
fn p8_private_arguments_go_to_members_only() {
    let run = written(&pages(), "k", b"sealed");
    for (endorsers, is_fine) in [
        (&["HospitalA", "HospitalB"][..], true),
        (&["HospitalA", "University"], false),
    ] {
        let transaction = transaction(endorsers, &[("k", b"sealed")]);
        for own_run in [OwnRun::Writes(&run), OwnRun::Refused] {
            let sent = with_guard("HospitalA", &transaction, |g| g.may_send(own_run));
            assert_eq!(sent.is_ok(), is_fine, "{endorsers:?} {own_run:?}");
        }
    }
}

#[test]
fn p8_beside_public_writes_implicit_collections_are_exempt() {
    let endorsers = ["EthicsBoard", "HospitalA", "University"];
    let transaction = transaction(&endorsers, &[]);
    let mut letter = written(&CollectionName::implicit(&msp("HospitalA")), "k", b"sealed");
    let may_send = |run: &WriteSet| {
        with_guard("University", &transaction, |g| {
            g.may_send(OwnRun::Writes(run))
        })
        .is_ok()
    };
    assert!(!may_send(&letter));
    letter.public = public_write().public;
    assert!(may_send(&letter));
    letter.private = written(&pages(), "k", b"sealed").private;
    assert!(!may_send(&letter), "a collection of two");
}

#[test]
fn p8_an_organisation_alone_writes_only_where_it_is_a_member() {
    let transaction = transaction(&["University"], &[]);
    let may_send = |run: &WriteSet| {
        with_guard("University", &transaction, |g| {
            g.may_send(OwnRun::Writes(run))
        })
        .is_ok()
    };
    let own = CollectionName::implicit(&msp("University"));
    assert!(may_send(&written(&own, "k", b"sealed")));
    assert!(!may_send(&written(&pages(), "k", b"sealed")));
}

#[test]
fn p8_nobody_is_told_what_nobody_expects() {
    let transaction = transaction(&["HospitalA", "HospitalB"], &[]);
    let sent = with_guard("University", &transaction, |g| g.may_send(OwnRun::Refused));
    assert!(
        matches!(sent, Err(Breach::Mismatch { ref peer, .. }) if *peer == msp("HospitalB")),
        "{sent:?}"
    );
}

#[test]
fn p8_nothing_private_is_sent_while_the_own_peer_cannot_run_the_contract() {
    let private = transaction(&["HospitalA"], &[("k", b"sealed")]);
    let sent = with_guard("EthicsBoard", &private, |g| g.may_send(OwnRun::Unavailable));
    assert!(sent.is_err());
    let public = public(&["HospitalA", "HospitalB", "University"]);
    let sent = with_guard("EthicsBoard", &public, |g| g.may_send(OwnRun::Unavailable));
    assert!(sent.is_ok());
}

#[test]
fn p10_only_what_was_sent_is_signed() {
    let transaction = transaction(&["HospitalA", "HospitalB"], &[("k", b"sealed")]);
    let may_sign = |run: OwnRun<'_>, prepared: &WriteSet| {
        with_guard("HospitalA", &transaction, |g| g.may_sign(run, prepared)).is_ok()
    };
    let good = written(&pages(), "k", b"sealed");
    assert!(may_sign(OwnRun::Writes(&good), &good));
    let mut surplus = good.clone();
    surplus.private.extend(written(&pages(), "l", b"x").private);
    for bad in [
        written(&pages(), "k", b"other"),
        written(&pages(), "l", b"sealed"),
        WriteSet::default(),
        surplus,
    ] {
        assert!(!may_sign(OwnRun::Writes(&good), &bad), "{bad:?}");
        // Also where every peer, the own one too, came to the same wrong values, and where the own
        // peer may not execute the call.
        assert!(!may_sign(OwnRun::Writes(&bad), &bad), "{bad:?}");
        assert!(!may_sign(OwnRun::Refused, &bad), "{bad:?}");
    }
}

#[test]
fn p10_a_write_set_that_differs_from_the_own_run_is_not_signed() {
    let transaction = public(&["HospitalA", "HospitalB", "University"]);
    let (good, mut other) = (public_write(), public_write());
    other.public.insert("day/current".to_owned(), vec![2]);
    for (prepared, is_fine) in [(&good, true), (&other, false)] {
        let signed = with_guard("EthicsBoard", &transaction, |g| {
            g.may_sign(OwnRun::Writes(&good), prepared)
        });
        assert_eq!(signed.is_ok(), is_fine);
    }
}

#[test]
fn p10_without_an_own_run_only_private_values_of_members_are_signed() {
    let transaction = transaction(&["HospitalA"], &[]);
    let may_sign = |run: OwnRun<'_>, prepared: &WriteSet| {
        with_guard("EthicsBoard", &transaction, |g| g.may_sign(run, prepared)).is_ok()
    };
    let good = written(&pages(), "k", b"sealed");
    assert!(may_sign(OwnRun::Refused, &good));
    let mut public = good.clone();
    public.public.insert("key".to_owned(), vec![1]);
    let foreign = written(
        &CollectionName::implicit(&msp("University")),
        "k",
        b"sealed",
    );
    for bad in [public, foreign, written(&pages(), "k", b"other")] {
        assert!(!may_sign(OwnRun::Refused, &bad), "{bad:?}");
        assert!(!may_sign(OwnRun::Unavailable, &bad), "{bad:?}");
    }
}

/// The embedded ledger's old rule: what the own peer refuses is not signed where it writes publicly,
/// also where nothing private was sent.
#[test]
fn p10_public_writes_that_the_own_peer_refuses_are_not_signed() {
    let transaction = public(&["HospitalA", "HospitalB", "University"]);
    let may_sign = |run: OwnRun<'_>| {
        with_guard("EthicsBoard", &transaction, |g| {
            g.may_sign(run, &public_write())
        })
        .is_ok()
    };
    assert!(!may_sign(OwnRun::Refused));
    // Fabric's old rule: a majority may go on while the own peer cannot run the contract.
    assert!(may_sign(OwnRun::Unavailable));
}

#[test]
fn a_breach_names_who_answers_for_the_write_set() {
    let transaction = transaction(&["HospitalB"], &[]);
    let good = written(&pages(), "k", b"sealed");
    let blamed = |run: OwnRun<'_>| {
        let bad = written(&pages(), "k", b"other");
        match with_guard("HospitalA", &transaction, |g| g.may_sign(run, &bad)) {
            Err(Breach::Mismatch { peer, .. }) => peer,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(blamed(OwnRun::Writes(&good)), msp("HospitalA"));
    assert_eq!(blamed(OwnRun::Refused), msp("HospitalB"));
}
