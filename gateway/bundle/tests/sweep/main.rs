//! A bundle is one text: no change of it verifies, under a trust file or without one. Without one, the
//! trust that it brings may be another's; then the fingerprint is another, too.
//!
//! The bundle is one of the fuzzer's samples: a claim that its organisations endorsed. Positions are
//! drawn by a seed; `MEDVEIL_SWEEP_SEED` gives another one.
#![allow(clippy::unwrap_used)]

mod changes;

use changes::{Change, bytes, members, structure};
use medveil_bundle::trust::Trust;
use medveil_bundle::{Bundle, BundleError, BundleParts, Report, verify};
use medveil_circuits::eligibility::Eligibility;
use medveil_circuits::registration::Registration;
use medveil_circuits::statement::Statement;
use medveil_circuits::testing::Trapdoor;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

const BUNDLE: &str = include_str!("../../../../tests/fuzz/corpus/bundle/embedded");

fn check(text: &str, trust: Option<&Trust>) -> Result<Report, BundleError> {
    verify(&Bundle::from_json(text)?, trust)
}

fn seed() -> u64 {
    let given = std::env::var("MEDVEIL_SWEEP_SEED").ok();
    given.map_or(1, |seed| seed.parse().unwrap())
}

/// The trust that the sample was made under, as a file of its own.
fn given() -> Trust {
    Trust::from_json(&Bundle::from_json(BUNDLE).unwrap().trust.to_json()).unwrap()
}

/// Refuses every change, but for another trust that shows; says how many there were.
fn sweep(changes: impl Iterator<Item = Change>) -> usize {
    let (given, own) = (given(), given().fingerprint());
    let mut n = 0;
    for Change { what, text } in changes {
        assert_ne!(text, BUNDLE, "{what}");
        if let Ok(report) = check(&text, None) {
            assert!(
                !report.anchored && report.fingerprint != own,
                "{what}: accepted"
            );
            assert!(check(&text, Some(&given)).is_err(), "{what}: accepted");
        }
        n += 1;
    }
    n
}

#[test]
fn v10_the_sample_verifies() {
    let given = given();
    let (alone, anchored) = (
        check(BUNDLE, None).unwrap(),
        check(BUNDLE, Some(&given)).unwrap(),
    );
    assert!(!alone.anchored && anchored.anchored);
    assert_eq!(alone.fingerprint, given.fingerprint());
    assert_eq!(anchored.keys.len(), 3);
}

#[test]
fn v10_no_changed_byte_verifies() {
    let n = sweep(bytes(BUNDLE, seed()));
    assert!(n > 500, "{n} changes");
}

#[test]
fn v10_no_other_text_of_the_same_json_verifies() {
    let n = sweep(structure(BUNDLE));
    assert!(n > 300, "{n} changes");
}

#[test]
fn v10_no_value_of_any_depth_is_free() {
    let n = sweep(members(BUNDLE, seed()));
    assert!(n > 150, "{n} changes");
}

fn key<S: Statement>(seed: u64) -> Vec<u8> {
    let trapdoor: Trapdoor<S> = Trapdoor::generate(&mut ChaCha20Rng::seed_from_u64(seed));
    trapdoor.verifying_key().to_bytes().to_vec()
}

/// The sample with these keys, and a trust that names them.
fn with_keys(keys: Vec<Vec<u8>>) -> String {
    let sample = Bundle::from_json(BUNDLE).unwrap();
    let parts = BundleParts {
        trust: &sample.trust,
        keys,
        registration: sample.registration.clone(),
        claim: sample.claim.clone(),
    };
    Bundle::new(parts).unwrap().to_json()
}

#[test]
fn v10_keys_are_those_that_proofs_use() {
    let own: Vec<Vec<u8>> = Bundle::from_json(BUNDLE)
        .unwrap()
        .keys
        .iter()
        .map(|k| k.to_bytes().to_vec())
        .collect();
    assert_eq!(
        with_keys(own.iter().rev().cloned().collect()),
        BUNDLE,
        "made in one order"
    );
    let (foreign, second) = (key::<Eligibility<1>>(1), key::<Registration<16>>(9));
    let mut others = vec![
        with_keys(own[..2].to_vec()),
        with_keys([&own[..], std::slice::from_ref(&foreign)].concat()),
        with_keys([&own[..], std::slice::from_ref(&second)].concat()),
    ];
    for at in 0..3 {
        for other in [&foreign, &second] {
            let mut keys = own.clone();
            keys[at] = other.clone();
            others.push(with_keys(keys));
        }
    }
    for text in others {
        let refused = check(&text, None).err().unwrap();
        assert!(check(&text, Some(&given())).is_err(), "{refused}");
    }
}

#[test]
fn v8_work_is_bounded_before_it_is_done() {
    let begun = std::time::Instant::now();
    let file: serde_json::Value = serde_json::from_str(BUNDLE).unwrap();
    let key = file["keys"][0].to_string();
    // As many keys as fit, each of them sound; and texts that are too long.
    let keys = vec![key; (31 << 20) / 700].join(",");
    let first = BUNDLE.find("\"keys\":[").unwrap() + 8;
    let last = first + BUNDLE[first..].find(']').unwrap();
    let many = [&BUNDLE[..first], &keys, &BUNDLE[last..]].concat();
    let refused = Bundle::from_json(&many).err().unwrap();
    assert!(refused.to_string().contains("expected 3 keys"), "{refused}");
    let long = BUNDLE.to_owned() + &" ".repeat(32 << 20);
    let refused = Bundle::from_json(&long).err().unwrap();
    assert!(refused.to_string().contains("at most"), "{refused}");
    let claim = file["claim"].as_str().unwrap();
    let long = BUNDLE.replace(claim, &"A".repeat(12 << 20));
    let refused = Bundle::from_json(&long).err().unwrap();
    assert!(refused.to_string().contains("8 MiB"), "{refused}");
    assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
}
