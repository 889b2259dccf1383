//! What a malicious client, a malicious organisation and a clock can and cannot do.

use medveil_collections_config::Role;
use medveil_contract::{Code, ContractError};
use medveil_embedded::testing::*;
use medveil_embedded::*;
use medveil_embedded_wire::*;
use medveil_ledger::LedgerError;
use medveil_msp::{MspError, Validity};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::error::Error;
use std::sync::Arc;

/// Every organisation runs the test contract, and one of them another one.
fn patched(
    world: &World,
    who: &'static str,
    contract: fn(&mut Simulator, &[Vec<u8>]) -> Result<Vec<u8>, ContractError>,
) -> EmbeddedLedger {
    world.open_with(|o| {
        o.chaincode = Arc::new(move |_, msp_id| {
            Ok(if msp_id.as_str() == who {
                Arc::new(contract)
            } else {
                Arc::new(run)
            })
        });
    })
}

fn other_value(view: &mut Simulator, args: &[Vec<u8>]) -> Result<Vec<u8>, ContractError> {
    let mut args = args.to_vec();
    if let Some(value) = args.get_mut(2) {
        *value = b"forged".to_vec();
    }
    run(view, &args)
}

/// Writes into the collection whatever it is asked, also without private arguments and for
/// everybody.
fn no_checks(view: &mut Simulator, args: &[Vec<u8>]) -> Result<Vec<u8>, ContractError> {
    let text = |i: usize| String::from_utf8(args[i].clone()).unwrap();
    let collection = text(1).parse().unwrap();
    let key = medveil_contract::StateKey::parse(&text(2)).unwrap();
    poll_ready(async {
        let value = b"forged".to_vec();
        medveil_contract::Ledger::put_private(view, &collection, &key, value).await?;
        Ok(Vec::new())
    })
}

fn verdict(ledger: &EmbeddedLedger, prepared: Prepared) -> ValidationCode {
    ledger.order(vec![prepared]).unwrap()[0].code
}

/// Signs an envelope again after it was changed.
fn resign(identity: &medveil_msp::Identity, mut prepared: Prepared) -> Prepared {
    let Envelope {
        proposal,
        action,
        endorsements,
        ..
    } = &prepared.envelope;
    prepared.envelope.signature = identity
        .sign(&Envelope::message(proposal, action, endorsements))
        .unwrap();
    prepared
}

#[test]
fn p10_a_peer_that_returns_another_value_is_noticed_before_signing() {
    let world = World::new(30);
    let ledger = patched(&world, "HospitalB", other_value);
    let a = world.client_of(&ledger, "HospitalA");
    let refused = submit(&a, call(&["put", "k", "v"], &MAJORITY)).unwrap_err();
    assert!(
        matches!(refused, LedgerError::Mismatch { ref peer, .. } if *peer == msp("HospitalB")),
        "{refused}"
    );
    assert_eq!(ledger.height(), 0);
    // Also where the client's own peer does not endorse, and where it may not execute.
    let e = world.client_of(&ledger, "EthicsBoard");
    assert!(matches!(
        submit(&e, call(&["put", "k", "v"], &MAJORITY)),
        Err(LedgerError::Mismatch { .. })
    ));
    drop((ledger, a, e));
    let ledger = patched(&world, "University", no_checks);
    let a = world.client_of(&ledger, "HospitalA");
    let handover = private(
        &["receive", "_implicit_org_University", "k"],
        &["University"],
        b"wrapped",
    );
    assert!(matches!(
        submit(&a, handover),
        Err(LedgerError::Mismatch { .. })
    ));
    assert_eq!(ledger.height(), 0);
}

#[test]
fn p10_what_the_own_peer_refuses_is_not_signed_where_others_write_publicly() {
    fn refuse(_: &mut Simulator, _: &[Vec<u8>]) -> Result<Vec<u8>, ContractError> {
        Err(ContractError::new(Code::Refused, "test", "not this"))
    }
    let world = World::new(42);
    let ledger = patched(&world, "EthicsBoard", refuse);
    let e = world.client_of(&ledger, "EthicsBoard");
    let refused = submit(&e, call(&["put", "k", "v"], &MAJORITY)).unwrap_err();
    assert!(
        matches!(refused, LedgerError::Mismatch { what, .. } if what.contains("public writes")),
        "{refused}"
    );
    assert_eq!(ledger.height(), 0);
}

#[test]
fn p11_one_patched_member_cannot_write_in_an_explicit_collection() {
    let world = World::new(31);
    let honest = world.open();
    let both = ["HospitalA", "HospitalB"];
    submit(
        &world.client_of(&honest, "HospitalB"),
        private(&["store", "hospitals", "p"], &both, b"true"),
    )
    .unwrap();
    drop(honest);
    let ledger = patched(&world, "HospitalA", no_checks);
    let a = world.client_of(&ledger, "HospitalA");
    for key in ["p", "new"] {
        let mut tx = call(&["store", "hospitals", key], &["HospitalA"]);
        tx.transient.insert("value".into(), b"forged".to_vec());
        let refused = submit(&a, tx).unwrap_err();
        assert!(
            matches!(
                refused,
                LedgerError::Invalid { verdict, .. }
                    if verdict == medveil_embedded::verdict(ValidationCode::EndorsementPolicy)
            ),
            "{refused}"
        );
    }
    // The same signature twice, or with a client's beside it, is still one organisation.
    let alone = a
        .prepare(&call(&["store", "hospitals", "p"], &["HospitalA"]))
        .unwrap();
    let mut twice = alone.clone();
    twice
        .envelope
        .endorsements
        .push(alone.envelope.endorsements[0].clone());
    assert_eq!(
        verdict(&ledger, resign(a.identity(), twice)),
        ValidationCode::BadEndorsement
    );
    let mut helped = alone.clone();
    let endorser = world.org("HospitalB").client.creator().clone();
    let signature = world
        .org("HospitalB")
        .client
        .sign(&alone.envelope.action.message(&endorser))
        .unwrap();
    helped.envelope.endorsements.push(Endorsement {
        endorser,
        signature,
    });
    assert_eq!(
        verdict(&ledger, resign(a.identity(), helped)),
        ValidationCode::EndorsementPolicy
    );
    let b = world.client_of(&ledger, "HospitalB");
    assert_eq!(ask(&b, &["fetch", "hospitals", "p"]).unwrap(), b"true");
}

#[test]
fn b1_changed_envelopes_do_not_count() {
    let world = World::new(32);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    let good = a.prepare(&call(&["put", "k", "v"], &MAJORITY)).unwrap();
    let unsigned: [fn(&mut Envelope); 3] = [
        |e| e.proposal.args[2] = b"w".to_vec(),
        |e| e.action.set.writes[0].value = b"w".to_vec(),
        |e| e.signature[10] ^= 1,
    ];
    for change in unsigned {
        let mut bad = good.clone();
        change(&mut bad.envelope);
        assert_eq!(verdict(&ledger, bad), ValidationCode::BadCreator);
    }
    assert!(
        ledger.transaction(&good.tx_id()).unwrap().is_none(),
        "a stranger must not use up a transaction id"
    );
    use ValidationCode::{BadEndorsement, EndorsementPolicy, Malformed};
    let signed: [(fn(&mut Envelope), ValidationCode); 6] = [
        (
            |e| e.action.set.writes[0].value = b"w".to_vec(),
            BadEndorsement,
        ),
        (|e| e.action.payload = b"w".to_vec(), BadEndorsement),
        (|e| e.proposal.args[2] = b"w".to_vec(), Malformed),
        (|e| e.proposal.channel = "other".into(), Malformed),
        (|e| e.endorsements.truncate(2), EndorsementPolicy),
        (
            |e| e.endorsements[0].endorser = e.endorsements[1].endorser.clone(),
            BadEndorsement,
        ),
    ];
    for (change, expected) in signed {
        let mut bad = a.prepare(&call(&["put", "k", "v"], &MAJORITY)).unwrap();
        change(&mut bad.envelope);
        assert_eq!(verdict(&ledger, resign(a.identity(), bad)), expected);
    }
    assert_eq!(ask(&a, &["get", "k"]).unwrap(), b"");
    // The envelope itself was never spoilt.
    assert_eq!(verdict(&ledger, good), ValidationCode::Valid);
}

#[test]
fn m6_a_client_that_signs_as_endorser_is_not_named_as_one() {
    let world = World::new(36);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    let mut prepared = a.prepare(&call(&["put", "k", "v"], &MAJORITY)).unwrap();
    let client = world.client("EthicsBoard");
    let endorser = client.creator().clone();
    let signature = client
        .sign(&prepared.envelope.action.message(&endorser))
        .unwrap();
    let endorsement = Endorsement {
        endorser,
        signature,
    };
    prepared.envelope.endorsements.push(endorsement);
    prepared
        .envelope
        .endorsements
        .sort_by(|a, b| a.endorser.cmp(&b.endorser));
    let prepared = resign(a.identity(), prepared);
    let tx_id = prepared.tx_id();
    assert_eq!(verdict(&ledger, prepared), ValidationCode::Valid);
    let view = ledger.transaction(&tx_id).unwrap().unwrap();
    assert_eq!(view.envelope.endorsements.len(), MAJORITY.len() + 1);
    assert!(view.record().endorsers.into_iter().eq(MAJORITY.map(msp)));
}

#[test]
fn b1_other_channels_envelopes_do_not_count() {
    let (here, there) = (World::new(33), World::new(34));
    let (ledger, foreign) = (here.open(), there.open());
    let foreign = there
        .client_of(&foreign, "HospitalA")
        .prepare(&call(&["put", "k", "v"], &MAJORITY))
        .unwrap();
    assert_eq!(verdict(&ledger, foreign), ValidationCode::BadCreator);
    assert!(ledger.client(there.client("HospitalA")).is_err());
}

#[test]
fn private_values_must_be_those_that_were_endorsed() {
    let world = World::new(35);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    let prepare = || {
        a.prepare(&private(
            &["store", "hospitals", "p"],
            &["HospitalA", "HospitalB"],
            b"v",
        ))
        .unwrap()
    };
    let mut other = prepare();
    other.private[0].value = b"w".to_vec();
    assert!(matches!(
        ledger.order(vec![other]),
        Err(OrderError::PrivateValues)
    ));
    let mut none = prepare();
    none.private.clear();
    assert!(matches!(
        ledger.order(vec![none]),
        Err(OrderError::PrivateValues)
    ));
    assert_eq!(verdict(&ledger, prepare()), ValidationCode::Valid);
}

#[test]
fn b_an_envelope_over_eight_mib_is_refused() {
    let world = World::new(36);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    // Argument, write and answer each hold the value.
    let fits = "x".repeat(2 << 20);
    submit(&a, call(&["put", "k", &fits], &MAJORITY)).unwrap();
    let large = "x".repeat(3 << 20);
    let refused = submit(&a, call(&["put", "k", &large], &MAJORITY)).unwrap_err();
    assert!(
        matches!(refused, LedgerError::NotOrdered { .. }),
        "{refused}"
    );
    let reason = refused.source().and_then(|e| e.downcast_ref());
    assert!(matches!(reason, Some(OrderError::TooLarge(_))));
    assert!(submit(&a, call(&["put", "k2", "v"], &MAJORITY)).is_ok());
}

fn endorse_at(
    world: &World,
    ledger: &EmbeddedLedger,
    identity: &medveil_msp::Identity,
    timestamp_ms: u64,
) -> Result<ProposalResponse, EndorseError> {
    let proposal = Proposal {
        channel: "medveil".into(),
        chaincode: "medveil".into(),
        args: args(&["get", "k"]),
        transient: false,
        creator: identity.creator().clone(),
        timestamp_ms,
        nonce: [7; 24],
    };
    let signature = identity.sign(&proposal.message()).unwrap();
    let clock_ms = ledger.clock_ms();
    let signed = SignedProposal {
        proposal: &proposal,
        signature: &signature,
        transient: &Transient::new(),
        clock_ms,
    };
    ledger
        .peer(world.org("HospitalB").peer.msp_id())
        .unwrap()
        .endorse(&signed, Mode::Update)
}

#[test]
fn f_clocks_may_differ_by_fourteen_minutes_and_not_by_sixteen() {
    let world = World::new(37);
    let ledger = world.open();
    let client = world.client("HospitalA");
    const MINUTE: u64 = 60_000;
    for ok in [NOW - 14 * MINUTE, NOW, NOW + 14 * MINUTE] {
        assert!(endorse_at(&world, &ledger, &client, ok).is_ok());
    }
    for bad in [NOW - 16 * MINUTE, NOW + 16 * MINUTE, 0, u64::MAX] {
        assert!(matches!(
            endorse_at(&world, &ledger, &client, bad),
            Err(EndorseError::TimeWindow { .. })
        ));
    }
}

#[test]
fn f_expired_certificates_neither_propose_nor_count() {
    let world = World::new(38);
    let ledger = world.open();
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let short = world
        .org("HospitalA")
        .authority
        .issue(
            Role::Client,
            "guest",
            Validity::years_from(NOW, 1),
            &mut rng,
        )
        .unwrap();
    let guest = ledger.client(Arc::new(short)).unwrap();
    submit(&guest, call(&["put", "k", "v"], &MAJORITY)).unwrap();
    world.clock.set(NOW + 400 * 86_400_000);
    assert!(matches!(
        submit(&guest, call(&["put", "k", "w"], &MAJORITY)),
        Err(LedgerError::Endorse { .. })
    ));
    let refused = ledger.client(Arc::new(guest.identity().clone())).err();
    let Some(LedgerError::Identity(reason)) = refused else {
        panic!("an expired certificate was accepted")
    };
    assert!(matches!(reason.downcast_ref(), Some(MspError::Expired(_))));
    // What it did while it was valid goes on counting.
    drop((ledger, guest));
    let ledger = world.open();
    assert_eq!(
        ask(&world.client_of(&ledger, "University"), &["get", "k"]).unwrap(),
        b"v"
    );
}
