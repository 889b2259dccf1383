//! What a malicious client, a malicious organisation and a clock can and cannot do.

use super::support::*;
use crate::backend::embedded::*;
use crate::backend::{BackendError, Transaction};
use crate::msp::{MspError, Validity};
use collections_config::Role;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use verifier_chaincode::ContractError;

/// Every organisation runs the test contract, and one of them another one.
fn patched(
    world: &World,
    who: &'static str,
    contract: fn(&mut Simulator, &[Vec<u8>]) -> Result<Vec<u8>, ContractError>,
) -> EmbeddedLedger {
    world.open_with(|o| {
        o.chaincode = Box::new(move |_, msp_id| {
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
    let key = verifier_chaincode::StateKey::parse(&text(2)).unwrap();
    crate::backend::block_on(verifier_chaincode::Ledger::put_private(
        view,
        &collection,
        &key,
        b"forged".to_vec(),
    ))?;
    Ok(Vec::new())
}

fn verdict(ledger: &EmbeddedLedger, prepared: Prepared) -> ValidationCode {
    ledger.order(vec![prepared]).unwrap()[0].code
}

/// Signs an envelope again after it was changed.
fn resign(identity: &crate::msp::Identity, mut prepared: Prepared) -> Prepared {
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
    let a = world.backend(&ledger, "HospitalA");
    let refused = submit(&a, call(&["put", "k", "v"], &MAJORITY)).unwrap_err();
    assert!(
        matches!(refused, BackendError::Mismatch { ref peer, .. } if *peer == msp("HospitalB")),
        "{refused}"
    );
    assert_eq!(ledger.height(), 0);
    // Also where the client's own peer does not endorse, and where it may not execute.
    let e = world.backend(&ledger, "EthicsBoard");
    assert!(matches!(
        submit(&e, call(&["put", "k", "v"], &MAJORITY)),
        Err(BackendError::Mismatch { .. })
    ));
    drop((ledger, a, e));
    let ledger = patched(&world, "University", no_checks);
    let a = world.backend(&ledger, "HospitalA");
    let handover = private(
        &["receive", "_implicit_org_University", "k"],
        &["University"],
        b"wrapped",
    );
    assert!(matches!(
        submit(&a, handover),
        Err(BackendError::Mismatch { .. })
    ));
    assert_eq!(ledger.height(), 0);
}

#[test]
fn p11_one_patched_member_cannot_write_in_an_explicit_collection() {
    let world = World::new(31);
    let honest = world.open();
    let both = ["HospitalA", "HospitalB"];
    submit(
        &world.backend(&honest, "HospitalB"),
        private(&["store", "hospitals", "p"], &both, b"true"),
    )
    .unwrap();
    drop(honest);
    let ledger = patched(&world, "HospitalA", no_checks);
    let a = world.backend(&ledger, "HospitalA");
    for key in ["p", "new"] {
        let mut tx = call(&["store", "hospitals", key], &["HospitalA"]);
        tx.transient.insert("value".into(), b"forged".to_vec());
        let refused = submit(&a, tx).unwrap_err();
        assert!(
            matches!(
                refused,
                BackendError::Commit {
                    code: ValidationCode::EndorsementPolicy,
                    ..
                }
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
    let b = world.backend(&ledger, "HospitalB");
    assert_eq!(ask(&b, &["fetch", "hospitals", "p"]).unwrap(), b"true");
}

#[test]
fn b1_changed_envelopes_do_not_count() {
    let world = World::new(32);
    let ledger = world.open();
    let a = world.backend(&ledger, "HospitalA");
    let good = a.prepare(&call(&["put", "k", "v"], &MAJORITY)).unwrap();
    let check = |change: &dyn Fn(&mut Envelope), sign: bool, expected: ValidationCode| {
        let mut bad = good.clone();
        change(&mut bad.envelope);
        let bad = if sign { resign(a.identity(), bad) } else { bad };
        assert_eq!(verdict(&ledger, bad), expected);
    };
    check(
        &|e| e.proposal.args[2] = b"w".to_vec(),
        false,
        ValidationCode::BadCreator,
    );
    check(
        &|e| e.action.set.writes[0].value = b"w".to_vec(),
        false,
        ValidationCode::BadCreator,
    );
    check(&|e| e.signature[10] ^= 1, false, ValidationCode::BadCreator);
    assert!(
        ledger.transaction(&good.tx_id()).unwrap().is_none(),
        "a stranger must not use up a transaction id"
    );
    let others: Vec<Prepared> = (0..6)
        .map(|_| a.prepare(&call(&["put", "k", "v"], &MAJORITY)).unwrap())
        .collect();
    let mut others = others.into_iter();
    let mut changed = |change: &dyn Fn(&mut Envelope), expected| {
        let mut bad = others.next().unwrap();
        change(&mut bad.envelope);
        assert_eq!(verdict(&ledger, resign(a.identity(), bad)), expected);
    };
    changed(
        &|e| e.action.set.writes[0].value = b"w".to_vec(),
        ValidationCode::BadEndorsement,
    );
    changed(
        &|e| e.action.payload = b"w".to_vec(),
        ValidationCode::BadEndorsement,
    );
    changed(
        &|e| e.proposal.args[2] = b"w".to_vec(),
        ValidationCode::Malformed,
    );
    changed(
        &|e| e.proposal.channel = "other".into(),
        ValidationCode::Malformed,
    );
    changed(
        &|e| e.endorsements.truncate(2),
        ValidationCode::EndorsementPolicy,
    );
    changed(
        &|e| e.endorsements[0].endorser = e.endorsements[1].endorser.clone(),
        ValidationCode::BadEndorsement,
    );
    assert_eq!(ask(&a, &["get", "k"]).unwrap(), b"");
    // The envelope itself was never spoilt.
    assert_eq!(verdict(&ledger, good), ValidationCode::Valid);
}

#[test]
fn b1_other_channels_envelopes_do_not_count() {
    let (here, there) = (World::new(33), World::new(34));
    let (ledger, foreign) = (here.open(), there.open());
    let foreign = there
        .backend(&foreign, "HospitalA")
        .prepare(&call(&["put", "k", "v"], &MAJORITY))
        .unwrap();
    assert_eq!(verdict(&ledger, foreign), ValidationCode::BadCreator);
    assert!(ledger.backend(there.client("HospitalA")).is_err());
}

#[test]
fn private_values_must_be_those_that_were_endorsed() {
    let world = World::new(35);
    let ledger = world.open();
    let a = world.backend(&ledger, "HospitalA");
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
    let a = world.backend(&ledger, "HospitalA");
    // Argument, write and answer each hold the value.
    let fits = "x".repeat(2 << 20);
    submit(&a, call(&["put", "k", &fits], &MAJORITY)).unwrap();
    let large = "x".repeat(3 << 20);
    let refused = submit(&a, call(&["put", "k", &large], &MAJORITY)).unwrap_err();
    assert!(matches!(
        refused,
        BackendError::Submit {
            reason: OrderError::TooLarge(_),
            ..
        }
    ));
    assert!(submit(&a, call(&["put", "k2", "v"], &MAJORITY)).is_ok());
}

fn endorse_at(
    world: &World,
    ledger: &EmbeddedLedger,
    identity: &crate::msp::Identity,
    timestamp_ms: u64,
) -> Result<Answer, EndorseError> {
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
    let ask = Ask {
        proposal: &proposal,
        signature: &signature,
        transient: &Transient::new(),
        clock_ms,
    };
    ledger
        .peer(world.org("HospitalB").peer.msp_id())
        .unwrap()
        .endorse(&ask, Mode::Update)
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
    let guest = ledger.backend(Arc::new(short)).unwrap();
    submit(&guest, call(&["put", "k", "v"], &MAJORITY)).unwrap();
    world.clock.set(NOW + 400 * 86_400_000);
    assert!(matches!(
        submit(&guest, call(&["put", "k", "w"], &MAJORITY)),
        Err(BackendError::Endorse { .. })
    ));
    assert!(matches!(
        ledger.backend(Arc::new(guest.identity().clone())),
        Err(MspError::Expired(_))
    ));
    // What it did while it was valid goes on counting.
    drop((ledger, guest));
    let ledger = world.open();
    assert_eq!(
        ask(&world.backend(&ledger, "University"), &["get", "k"]).unwrap(),
        b"v"
    );
}

#[test]
fn p1_private_values_are_on_members_disks_only() {
    let world = World::new(39);
    let ledger = world.open();
    let a = world.backend(&ledger, "HospitalA");
    let canary = b"CANARY-patient-7f3a91-HbA1c-9.9";
    submit(
        &a,
        private(
            &["store", "hospitals", "p"],
            &["HospitalA", "HospitalB"],
            canary,
        ),
    )
    .unwrap();
    submit(
        &a,
        private(
            &["receive", "_implicit_org_University", "k"],
            &["University"],
            canary,
        ),
    )
    .unwrap();
    let refused = private(
        &["store", "nowhere", "p"],
        &["HospitalA", "HospitalB"],
        canary,
    );
    let error = submit(&a, refused).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("CANARY"));
    drop((ledger, a));
    let forms: Vec<Vec<u8>> = {
        use base64::Engine;
        let base64 = |shift: usize| {
            base64::engine::general_purpose::STANDARD_NO_PAD
                .encode(&canary[shift..])
                .into_bytes()
        };
        let utf16 = canary.iter().flat_map(|b| [*b, 0]).collect();
        vec![
            canary.to_vec(),
            hex::encode(canary).into_bytes(),
            base64(0),
            base64(1),
            base64(2),
            utf16,
        ]
    };
    let mut hits = Vec::new();
    let mut folders = vec![world.root()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap();
            if forms
                .iter()
                .any(|f| bytes.windows(f.len()).any(|w| w == f.as_slice()))
            {
                hits.push(
                    entry
                        .path()
                        .strip_prefix(world.root())
                        .unwrap()
                        .display()
                        .to_string(),
                );
            }
        }
    }
    hits.sort();
    assert_eq!(
        hits,
        [
            "orgs/HospitalA/private.redb",
            "orgs/HospitalB/private.redb",
            "orgs/University/private.redb"
        ]
    );
}

#[cfg(unix)]
#[test]
fn p7_peer_keys_and_stores_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new(40);
    drop(world.open());
    let org = world.root().join("orgs/HospitalA");
    for name in ["peer.key", "state.redb", "private.redb"] {
        assert_eq!(
            std::fs::metadata(org.join(name))
                .unwrap()
                .permissions()
                .mode()
                & 0o777,
            0o600,
            "{name}"
        );
    }
    std::fs::set_permissions(org.join("peer.key"), std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        world.try_open(world.options()),
        Err(OpenError::Custody(_))
    ));
}

#[test]
fn a_refused_call_writes_and_stages_nothing() {
    let world = World::new(41);
    let ledger = world.open();
    let a = world.backend(&ledger, "HospitalA");
    assert!(
        submit(
            &a,
            private(
                &["store", "nowhere", "p"],
                &["HospitalA", "HospitalB"],
                b"v"
            )
        )
        .is_err()
    );
    assert!(submit(&a, Transaction::call(args(&["nothing"]), msps(&MAJORITY))).is_err());
    assert_eq!(ledger.height(), 0);
    for org in ORGS {
        assert_eq!(
            ledger
                .peer(&msp(org))
                .unwrap()
                .private()
                .forget_staged()
                .unwrap(),
            0
        );
    }
}
