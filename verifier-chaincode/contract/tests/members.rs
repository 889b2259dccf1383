//! Bootstrap, day and published keys.

use medveil_circuits::ids::Day;
use medveil_collections_config::MspId;
use medveil_contract::call::reply::Ticked;
use medveil_contract::call::request::{GetDay, GetPublishedKey};
use medveil_contract::call::{Bootstrap, PublishKey};
use medveil_contract::judge::sealing::{SMALL_ORDER, is_sealing_key};
use medveil_contract::testing::fixture::{
    BOARD, HOSPITAL, UNIVERSITY, bench, bootstrap, config, consortium, empty_bench,
};
use medveil_contract::testing::{Bench, DAY_MS, MINUTE_MS, msp};
use medveil_contract::{Call, Code, ContractError, Query, Role, StateKey};
use std::collections::BTreeMap;
use std::fmt::Debug;

fn code<T: Debug>(result: Result<T, ContractError>) -> Code {
    result.expect_err("a refusal").code()
}

fn tick(bench: &mut Bench, who: &str) -> Result<Ticked, ContractError> {
    bench.submit(&msp(who), &msp(HOSPITAL), (), None)
}

#[test]
fn bootstrap_happens_once_and_only_for_the_configured_consortium() {
    let mut bench = empty_bench();
    assert_eq!(code(tick(&mut bench, HOSPITAL)), Code::NotFound);
    let other = Bootstrap {
        consortium: consortium("ffeeddccbbaa99887766554433221100").to_canonical(),
    };
    assert_eq!(
        code(bench.submit(&msp(HOSPITAL), &msp(HOSPITAL), other, None)),
        Code::Refused
    );
    assert_eq!(
        code(bench.submit(&msp("Stranger"), &msp(HOSPITAL), bootstrap(), None)),
        Code::Forbidden
    );
    bench
        .submit(&msp(HOSPITAL), &msp(HOSPITAL), bootstrap(), None)
        .expect("bootstrap");
    assert_eq!(
        code(bench.submit(&msp(BOARD), &msp(BOARD), bootstrap(), None)),
        Code::Conflict
    );
    let day = bench.ask(&msp(BOARD), &msp(BOARD), GetDay).expect("a day");
    assert_eq!(day.current, Day(20_000));
}

#[test]
fn a_process_of_another_consortium_or_organisation_refuses_to_serve() {
    let mut bench = bench();
    let foreign = medveil_contract::ContractConfig {
        msp_id: msp(HOSPITAL),
        ..config(&consortium("ffeeddccbbaa99887766554433221100"))
    };
    let contract = medveil_contract::Contract::new(foreign).expect("a contract");
    let tx = bench.context(
        &msp(HOSPITAL),
        Role::Client,
        &msp(HOSPITAL),
        BTreeMap::new(),
    );
    let refusal = bench
        .world
        .simulate(&contract, tx, &Query::GetDay.to_args())
        .expect_err("a refusal");
    assert_eq!(
        (refusal.code(), refusal.stage()),
        (Code::Refused, "consortium")
    );
    let tx = bench.context(&msp(HOSPITAL), Role::Client, &msp(BOARD), BTreeMap::new());
    let refusal = bench
        .world
        .simulate(
            &bench.contracts[&msp(HOSPITAL)],
            tx,
            &Query::GetDay.to_args(),
        )
        .expect_err("a refusal");
    assert_eq!(
        (refusal.code(), refusal.stage()),
        (Code::Internal, "process")
    );
}

#[test]
fn roles_and_membership_are_checked() {
    let mut bench = bench();
    let tx = bench.context(&msp(HOSPITAL), Role::Peer, &msp(HOSPITAL), BTreeMap::new());
    let refusal = bench
        .world
        .simulate(
            &bench.contracts[&msp(HOSPITAL)],
            tx,
            &Call::Tick(()).to_args(),
        )
        .expect_err("a refusal");
    assert_eq!(refusal.code(), Code::Forbidden);
    assert_eq!(code(tick(&mut bench, "Stranger")), Code::Forbidden);
    let transient = BTreeMap::from([("request".to_owned(), vec![1])]);
    let tx = bench.context(&msp(HOSPITAL), Role::Client, &msp(HOSPITAL), transient);
    let refusal = bench
        .world
        .simulate(
            &bench.contracts[&msp(HOSPITAL)],
            tx,
            &Call::Tick(()).to_args(),
        )
        .expect_err("a refusal");
    assert_eq!(refusal.stage(), "transient");
}

#[test]
fn the_day_moves_by_one_at_once_and_further_by_a_second_vote() {
    let mut bench = bench();
    assert_eq!(code(tick(&mut bench, HOSPITAL)), Code::Conflict);
    bench.now_ms += DAY_MS;
    assert_eq!(tick(&mut bench, BOARD).expect("a tick").day, Day(20_001));
    // A tick far ahead by one organisation alone moves nothing, however often it comes.
    bench.now_ms += 10 * DAY_MS;
    assert!(!tick(&mut bench, HOSPITAL).expect("a vote").moved);
    bench.now_ms += DAY_MS;
    assert!(!tick(&mut bench, HOSPITAL).expect("a vote").moved);
    // The lower of the two highest counts.
    bench.now_ms -= 5 * DAY_MS;
    let moved = tick(&mut bench, UNIVERSITY).expect("a tick");
    assert_eq!((moved.moved, moved.day), (true, Day(20_007)));
    // The first organisation's vote for day 20,012 still stands, so a second one may follow it.
    bench.now_ms += 20 * DAY_MS;
    assert_eq!(tick(&mut bench, BOARD).expect("a tick").day, Day(20_012));
}

#[test]
fn the_day_before_is_admissible_for_half_an_hour() {
    let mut bench = bench();
    bench.now_ms += DAY_MS;
    tick(&mut bench, BOARD).expect("a tick");
    let days = |bench: &mut Bench| {
        bench
            .ask(&msp(BOARD), &msp(BOARD), GetDay)
            .expect("a day")
            .admissible
    };
    assert_eq!(days(&mut bench), [Day(20_001), Day(20_000)]);
    bench.now_ms += 30 * MINUTE_MS;
    assert_eq!(days(&mut bench), [Day(20_001), Day(20_000)]);
    bench.now_ms += 1;
    assert_eq!(days(&mut bench), [Day(20_001)]);
}

#[test]
fn two_ticks_in_one_block_conflict() {
    let mut bench = bench();
    bench.now_ms += DAY_MS;
    let first = bench
        .simulate(&msp(HOSPITAL), &msp(HOSPITAL), &Call::Tick(()), None)
        .expect("a tick");
    let second = bench
        .simulate(&msp(BOARD), &msp(BOARD), &Call::Tick(()), None)
        .expect("a tick");
    bench.world.commit(&first).expect("the first");
    assert!(bench.world.commit(&second).is_err());
}

#[test]
fn a_key_is_published_and_rotated_by_its_organisation() {
    let mut bench = bench();
    let publish = |key| PublishKey { key };
    assert_eq!(
        code(bench.submit(&msp(HOSPITAL), &msp(BOARD), publish([0; 32]), None)),
        Code::BadInput
    );
    bench
        .submit(&msp(HOSPITAL), &msp(BOARD), publish([7; 32]), None)
        .expect("a key");
    assert_eq!(
        code(bench.submit(&msp(HOSPITAL), &msp(BOARD), publish([7; 32]), None)),
        Code::Conflict
    );
    bench
        .submit(&msp(HOSPITAL), &msp(BOARD), publish([8; 32]), None)
        .expect("another key");
    bench
        .submit(&msp(BOARD), &msp(BOARD), publish([9; 32]), None)
        .expect("of another organisation");
    let query = GetPublishedKey { msp: msp(HOSPITAL) };
    let found = bench.ask(&msp(BOARD), &msp(BOARD), query).expect("a key");
    assert_eq!(found.key, [8; 32]);
}

#[test]
fn two_runs_write_the_same_bytes() {
    let mut bench = bench();
    bench.now_ms += DAY_MS;
    let tx = bench.context(&msp(BOARD), Role::Client, &msp(BOARD), BTreeMap::new());
    let run = |peer: &MspId| {
        let tx = medveil_contract::TxContext {
            peer_msp: peer.clone(),
            ..tx.clone()
        };
        bench
            .world
            .simulate(&bench.contracts[peer], tx, &Call::Tick(()).to_args())
            .expect("a tick")
    };
    assert_eq!(run(&msp(BOARD)), run(&msp(BOARD)));
    assert_eq!(run(&msp(BOARD)), run(&msp(HOSPITAL)));
    assert!(
        run(&msp(BOARD))
            .writes
            .contains_key(&StateKey::day_current())
    );
}

#[test]
fn m4_no_key_of_small_order_and_no_second_spelling_is_taken() {
    let p_plus = |n: u8| {
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (0xed + n, 0x7f);
        bytes
    };
    for key in SMALL_ORDER.into_iter().chain([p_plus(0), p_plus(1)]) {
        assert!(!is_sealing_key(&key));
        let mut other = key;
        other[31] |= 0x80;
        assert!(!is_sealing_key(&other), "the bit that X25519 ignores");
    }
    let mut base = [0; 32];
    base[0] = 9;
    assert!(is_sealing_key(&base));
}
