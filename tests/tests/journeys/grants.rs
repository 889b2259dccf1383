//! What follows a request: a grant follows the approval behind it, and further columns are asked
//! for under the same nullifier.

use crate::access::{ask, decide, give_visa, share};
use crate::world::{Kind, World, org, wait};
use medveil_circuits::ids::RequestId;
use medveil_circuits::visa::VisaTexts;
use medveil_contract::call::Decision;
use medveil_gateway::Session;
use medveil_gateway::actor::Actor;
use medveil_gateway::journey::access::{
    self, AccessError, AccessOptions, Awaits, ExtensionOptions, VoteOptions,
};
use medveil_gateway::journey::dataset;
use medveil_gateway::journey::issuer::Issuer;
use medveil_gateway::{Classify, Kind as ErrorKind};

mod ledgers {
    crate::on_both!(
        m5_a_grant_follows_the_approval_behind_it,
        m4_a_rejected_request_says_when_it_can_be_made_again,
    );
}

pub const STUDY: &str = "canary-study-1";

/// A shared dataset, and alice with two visas; gives the indices of her visas.
fn eligible(world: &World, session: &Session, alice: &Actor) {
    for circuit in ["registration-16", "eligibility-4", "handover"] {
        world.activate(session, circuit);
    }
    share(world, session, &world.path("policy.yaml"));
    give_both_visas(world, session, alice);
}

/// An affiliation, and the board's approval of the study.
pub fn give_both_visas(world: &World, session: &Session, alice: &Actor) {
    let role = VisaTexts {
        role: Some("researcher".into()),
        ..VisaTexts::default()
    };
    let place = ("University", "affiliation", "universities");
    give_visa(world, session, alice, place.0, place.1, place.2, role, &[]);
    let study = VisaTexts {
        study: Some(STUDY.into()),
        ..VisaTexts::default()
    };
    let place = ("EthicsBoard", "ethics", "boards");
    give_visa(
        world,
        session,
        alice,
        place.0,
        place.1,
        place.2,
        study,
        &["GRU"],
    );
}

/// The board revokes alice's visa urgently.
fn revoke_hers(session: &Session) {
    let board = Issuer::new(session, &org("EthicsBoard"), "ethics", "boards").unwrap();
    let listed = wait(board.list()).unwrap();
    let index = listed.visas[0].revocation_index.parse().unwrap();
    revoke(session, index);
}

/// The board revokes an index urgently, which may be nobody's.
pub fn revoke(session: &Session, index: u64) {
    let board = Issuer::new(session, &org("EthicsBoard"), "ethics", "boards").unwrap();
    wait(board.revoke(&[index], true)).unwrap();
}

fn deliver(session: &Session, request: RequestId) {
    let a = org("HospitalA");
    wait(access::handover(session, &a, request)).unwrap();
    wait(access::confirm(session, &a, request)).unwrap();
}

fn is_affirm_first<T>(answer: Result<T, AccessError>) -> bool {
    matches!(answer.err(), Some(AccessError::AffirmFirst { .. }))
}

fn m5_a_grant_follows_the_approval_behind_it(kind: Kind) {
    let world = World::new(kind);
    let alice = Actor::person(org("University"), "alice").unwrap();
    let (a, session) = (org("HospitalA"), world.session());
    eligible(&world, &session, &alice);
    let options = AccessOptions {
        columns: vec!["age".into()],
        ..ask(&world, STUDY)
    };
    let checked = wait(access::check(&session, &alice, &options)).unwrap();
    assert!(checked.ready && checked.readers == ["HospitalA", "HospitalB"]);
    assert!(
        wait(access::list(&session, &a))
            .unwrap()
            .requests
            .is_empty(),
        "nothing was sent"
    );
    let request = wait(access::request(&session, &alice, &options))
        .unwrap()
        .request;
    let awaits = |name: &str| wait(access::list(&session, &org(name))).unwrap().requests[0].awaits;
    assert_eq!(
        (awaits("HospitalB"), awaits("University")),
        (Some(Awaits::Vote), None)
    );

    // Somebody's visa is revoked urgently before the vote: the proof speaks of a void registry.
    revoke(&session, 4711);
    decide(&session, request);
    assert!(is_affirm_first(wait(access::handover(
        &session, &a, request
    ))));
    assert_eq!(awaits("University"), Some(Awaits::Affirmation));
    let affirmed = wait(access::affirm(&session, &alice, request)).unwrap();
    assert!(affirmed.transaction.is_some() && affirmed.until.is_some());
    let again = wait(access::affirm(&session, &alice, request)).unwrap();
    assert!(again.transaction.is_none(), "today's proof stands");
    assert_eq!(awaits("HospitalA"), Some(Awaits::Handover));
    deliver(&session, request);

    // Further columns are another record; the grant runs on meanwhile.
    let further = ExtensionOptions {
        grant: request,
        columns: vec!["smoker".into()],
        letter: options.letter.clone(),
        letter_type: None,
    };
    let extension = wait(access::extend(&session, &alice, &further)).unwrap();
    let repeated = wait(access::extend(&session, &alice, &further)).unwrap();
    assert_eq!(
        repeated.request, extension.request,
        "the same ask has one answer"
    );
    let header = |name: &str| {
        let out = world.path(name);
        wait(dataset::read(&session, &alice, request, Some(&out))).unwrap();
        let text = std::fs::read_to_string(out).unwrap();
        text.lines().next().unwrap().to_owned()
    };
    assert_eq!(header("first.csv"), "_pseudonym,age");
    decide(&session, extension.request);

    // Now her own approval is revoked: nothing more is handed over, and she cannot affirm.
    revoke_hers(&session);
    assert!(is_affirm_first(wait(access::handover(
        &session,
        &a,
        extension.request
    ))));
    let refused = wait(access::affirm(&session, &alice, extension.request));
    assert!(matches!(
        refused.err(),
        Some(AccessError::Ineligible { .. })
    ));
    assert_eq!(
        header("later.csv"),
        "_pseudonym,age",
        "what was handed over stays"
    );
    let board = ("EthicsBoard", "ethics", "boards");
    renew(&world, &session, &alice, board);
    wait(access::affirm(&session, &alice, extension.request)).unwrap();
    deliver(&session, extension.request);
    assert_eq!(header("both.csv"), "_pseudonym,age,smoker");

    wait(access::close(&session, &a, request)).unwrap();
    let shown = wait(access::show(&session, &a, request, None)).unwrap();
    assert!(shown.opened.is_none() && shown.unopened.is_some(), "purged");
    drop(session);
    world.audit();
}

/// Another approval for alice, by the same issuer.
fn renew(world: &World, session: &Session, alice: &Actor, place: (&str, &str, &str)) {
    use medveil_gateway::journey::issuer::Assertion;
    use medveil_gateway::journey::visa::{self, RequestFile};
    let (request, signed) = (world.path("renewed.request"), world.path("renewed.visa"));
    visa::request(session, alice, place.1, &request).unwrap();
    let texts = VisaTexts {
        study: Some(STUDY.into()),
        ..VisaTexts::default()
    };
    let assertion = Assertion {
        days: 30,
        texts,
        permissions: vec!["GRU".into()],
        disease: None,
    };
    let issuer = Issuer::new(session, &org(place.0), place.1, place.2).unwrap();
    let request = RequestFile::read(&request).unwrap();
    wait(issuer.issue(&request, &assertion, &signed)).unwrap();
    wait(visa::import(session, alice, &signed)).unwrap();
}

fn m4_a_rejected_request_says_when_it_can_be_made_again(kind: Kind) {
    let world = World::new(kind);
    let alice = Actor::person(org("University"), "alice").unwrap();
    let session = world.session();
    eligible(&world, &session, &alice);
    let options = ask(&world, STUDY);
    let request = wait(access::request(&session, &alice, &options))
        .unwrap()
        .request;
    let vote = VoteOptions {
        request,
        decision: Decision::Reject,
        unseen: true,
    };
    wait(access::decide(&session, &org("HospitalB"), &vote)).unwrap();
    let other = AccessOptions {
        purpose: Some("teaching".into()),
        ..ask(&world, STUDY)
    };
    for options in [&options, &other] {
        let refused = wait(access::request(&session, &alice, options))
            .err()
            .unwrap();
        assert_eq!(refused.kind(), ErrorKind::Over, "{refused}");
        assert!(
            refused.to_string().contains("asked again from 20"),
            "{refused}"
        );
    }
    let unready = wait(access::check(&session, &alice, &other)).err().unwrap();
    let AccessError::NotReady(checked) = &unready else {
        panic!("{unready}")
    };
    assert!(
        !checked.ready && checked.problems.len() == 1,
        "{:?}",
        checked.problems
    );
}
