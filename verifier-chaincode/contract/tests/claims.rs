//! Claims: whole or refused, bound to everything they name, and above the floors.

use medveil_circuits::eligibility::period;
use medveil_circuits::field::Felt;
use medveil_circuits::ids::{DatasetRoot, Day};
use medveil_contract::call::request::{GetClaim, ListClaims};
use medveil_contract::call::{BlockOpening, CountUnit, PublishClaim};
use medveil_contract::judge::KeyCache;
use medveil_contract::judge::audit::Committed;
use medveil_contract::model::{ClaimsPublished, Entry};
use medveil_contract::testing::claims::Claims;
use medveil_contract::testing::fixture::{BOARD, HOSPITAL};
use medveil_contract::testing::sharing::consortium_id;
use medveil_contract::testing::{Refusal, msp, refusal};
use medveil_contract::{Call, Code, StateKey};

const PROOF: Refusal = (Code::Refused, "proof");
const CLAIM: Refusal = (Code::Refused, "claim");

#[test]
fn a_claim_is_published_once_and_found() {
    let mut claims = Claims::new();
    let args = claims.young();
    let answer = claims.publish(HOSPITAL, &args).expect("published");
    assert_eq!(
        refusal(claims.publish(HOSPITAL, &args)),
        (Code::Conflict, "claim")
    );
    let claim = answer.claim;
    let found = claims
        .bench
        .ask(&msp(BOARD), &msp(BOARD), GetClaim { claim })
        .expect("a claim");
    assert_eq!(
        (found.query.as_str(), found.k, found.subject_floor),
        ("age < 25", 20, 11)
    );
    let listed = claims
        .bench
        .ask(
            &msp(BOARD),
            &msp(BOARD),
            ListClaims {
                bookmark: String::new(),
            },
        )
        .expect("claims");
    assert_eq!(listed.entries, [found]);

    let keys = KeyCache::default();
    let state = |key: &medveil_contract::StateKey| {
        claims
            .bench
            .world
            .state
            .get(key)
            .map(|(value, _)| value.clone())
    };
    let hospital = msp(HOSPITAL);
    let committed = Committed {
        consortium: consortium_id(),
        chaincode: "medveil",
        caller: &hospital,
        state: &state,
        keys: &keys,
    };
    let call = Call::PublishClaim(args.clone());
    assert_eq!(committed.recheck(&call).expect("holds"), 4);
    let mut changed = args;
    changed.chunks[2].proof = changed.chunks[1].proof.clone();
    assert!(committed.recheck(&Call::PublishClaim(changed)).is_err());
}

#[test]
fn m8_a_holder_has_a_number_of_claims_a_period() {
    let mut claims = Claims::new();
    let args = claims.young();
    let today = Day::of_millis(claims.bench.now_ms);
    let key = StateKey::claim_budget(&msp(HOSPITAL), period(today, 90));
    let spent = |n: u32| ClaimsPublished { n }.to_entry_bytes();
    let world = &mut claims.bench.world;
    world.state.insert(key.clone(), (spent(64), 1));
    let refused = (Code::Refused, "claims");
    assert_eq!(refusal(claims.publish(HOSPITAL, &args)), refused);
    let world = &mut claims.bench.world;
    world.state.insert(key.clone(), (spent(63), 1));
    claims.publish(HOSPITAL, &args).expect("the last one");
    assert_eq!(claims.bench.world.state[&key].0, spent(64));
}

#[test]
fn c12_a_claim_is_whole_or_refused() {
    let mut claims = Claims::new();
    let good = claims.young();
    let mut check = |expected: Refusal, change: &dyn Fn(&mut PublishClaim)| {
        let mut args = good.clone();
        change(&mut args);
        assert_eq!(refusal(claims.publish(HOSPITAL, &args)), expected);
    };
    check(CLAIM, &|a| {
        a.chunks.pop();
    });
    check(CLAIM, &|a| a.chunks.extend_from_within(2..));
    check(CLAIM, &|a| a.chunks.swap(0, 1));
    check(CLAIM, &|a| a.chunks[1] = a.chunks[0].clone());
    // The leaves of another chunk, closed blocks, none, and a hidden one that is right but not
    // open.
    check(CLAIM, &|a| a.chunks[1].blocks = a.chunks[0].blocks.clone());
    check(CLAIM, &|a| {
        if let BlockOpening::Leaves(leaves) = &mut a.chunks[1].blocks[0] {
            leaves.swap(2, 4);
        }
    });
    check(CLAIM, &|a| a.chunks[1].blocks.extend_from_within(..));
    check(CLAIM, &|a| {
        if let BlockOpening::Leaves(leaves) = &a.chunks[1].blocks[0] {
            a.chunks[1].blocks[0] =
                BlockOpening::Root(Felt(medveil_circuits::dataset::block_root(leaves)));
        }
    });
    check(CLAIM, &|a| a.chunks[1].lane.x = Felt::from_u64(5));
    check(PROOF, &|a| a.chunks[1].lane = a.chunks[0].lane);
    check(PROOF, &|a| a.chunks[1].link_out = Felt::from_u64(5));
    check(PROOF, &|a| a.chunks[1].proof = a.chunks[0].proof.clone());
    check(PROOF, &|a| a.proof = a.chunks[0].proof.clone());
    check(CLAIM, &|a| a.terms.k = 21);
    check(PROOF, &|a| a.terms.unit = CountUnit::Rows);
    check(PROOF, &|a| a.terms.query = "age < 24".to_owned());
    check(CLAIM, &|a| a.terms.query = "height < 24".to_owned());
    check(CLAIM, &|a| a.terms.query = "age <".to_owned());
    check((Code::NotFound, "dataset"), &|a| {
        a.terms.dataset = DatasetRoot::new(Felt::from_u64(1))
    });
    check((Code::BadInput, "arguments"), &|a| a.chunks.clear());
    assert_eq!(
        refusal(claims.publish(BOARD, &good)),
        (Code::Forbidden, "caller")
    );
    claims
        .publish(HOSPITAL, &good)
        .expect("the unchanged one is published");
}

#[test]
fn a_final_proof_over_another_sum_or_context_is_refused() {
    let mut claims = Claims::new();
    let good = claims.young();
    // Chunks of one query with the final proof of another, and chunks that were proven for another
    // chaincode.
    let other = claims.claim("age < 30", CountUnit::Subjects, 20, 11, "medveil");
    let mixed = PublishClaim {
        proof: other.proof.clone(),
        ..good.clone()
    };
    assert_eq!(refusal(claims.publish(HOSPITAL, &mixed)), PROOF);
    let mixed = PublishClaim {
        chunks: other.chunks,
        ..good
    };
    assert_eq!(refusal(claims.publish(HOSPITAL, &mixed)), PROOF);
    let foreign = claims.claim("age < 25", CountUnit::Subjects, 20, 11, "other");
    assert_eq!(refusal(claims.publish(HOSPITAL, &foreign)), PROOF);
    // A holder that proves a lower floor than the consortium's.
    let low = claims.claim("age < 25", CountUnit::Subjects, 20, 5, "medveil");
    assert_eq!(refusal(claims.publish(HOSPITAL, &low)), PROOF);
}

#[test]
fn p5_m7_floors_and_grid_without_exemption() {
    let mut claims = Claims::new();
    let mut check = |text: &str, unit, k, floor, expected: Option<Refusal>| {
        let args = claims.claim(text, unit, k, floor, "medveil");
        let found = claims.publish(HOSPITAL, &args).err();
        assert_eq!(found.map(|e| (e.code(), e.stage())), expected, "{text} {k}");
    };
    let (rows, subjects) = (CountUnit::Rows, CountUnit::Subjects);
    check("age < 25", subjects, 10, 11, Some(CLAIM));
    check("age < 25", subjects, 30, 11, Some(CLAIM));
    check("age < 25", subjects, 21, 11, Some(CLAIM));
    check("age < 25", subjects, 0, 11, Some(CLAIM));
    // An inclusion criterion is no exemption, whatever floor the holder proves.
    check("t2dm = TRUE AND age > 37", subjects, 1, 0, Some(CLAIM));
    check("t2dm = TRUE AND age > 37", subjects, 20, 0, Some(PROOF));
    check("t2dm = TRUE", subjects, 40, 0, Some(CLAIM));
    check("TRUE", subjects, 40, 0, Some(CLAIM));
    check("age < 25", rows, 20, 11, None);
    check("age < 25", subjects, 20, 11, None);
}

#[test]
fn m6_a_query_says_what_its_program_says() {
    let mut claims = Claims::new();
    for text in [
        "age  < 25",
        "AGE < 25",
        "(age < 25)",
        "age < 25 ",
        "age < 25\n",
        "NOT age >= 25",
        "age < 25 AND TRUE",
    ] {
        let args = claims.claim(text, CountUnit::Subjects, 20, 11, "medveil");
        let refused = claims.publish(HOSPITAL, &args).expect_err(text);
        assert_eq!((refused.code(), refused.stage()), CLAIM, "{text}");
        let words = ["text of the program", "printable ASCII with single blanks"];
        let is_about_text = words.iter().any(|w| refused.to_string().contains(w));
        assert!(is_about_text, "{refused}");
    }
}
