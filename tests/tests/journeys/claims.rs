//! Journey three: claims against a plain computation, published, exported, and verified where there
//! is no ledger.

use crate::world::{Kind, World, org, wait};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use medveil_bundle::trust::Trust;
use medveil_bundle::{Bundle, BundleError, verify};
use medveil_circuits::claim::CountUnit;
use medveil_circuits::field::Digest;
use medveil_gateway::Session;
use medveil_gateway::journey::claim::{self, ClaimError, ClaimOptions, ClaimProven, Goal};
use medveil_gateway::journey::consortium;
use medveil_gateway::journey::dataset::{self, CommitOptions};
use medveil_gateway::{Classify, Kind as ErrorKind};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const SCHEMA: &str = include_str!("visits.schema.json");

/// Forty patients, every fourth with a second visit; sugar is missing for every fifth.
fn rows() -> Vec<(String, i64, Option<f64>, &'static str)> {
    let mut rows = Vec::new();
    for p in 0..40i64 {
        let sugar = (p % 5 != 0).then_some(4.0 + (p % 9) as f64 * 0.5);
        rows.push((
            format!("p{p}"),
            20 + p,
            sugar,
            if p % 2 == 0 { "yes" } else { "no" },
        ));
        if p % 4 == 0 {
            rows.push((format!("p{p}"), 21 + p, Some(9.0), ""));
        }
    }
    rows
}

/// Registers the rows and activates what claims need.
pub fn registered(world: &World) {
    let (source, schema) = (world.path("visits.csv"), world.path("visits.schema.json"));
    let line = |(id, age, sugar, smoker): &(String, i64, Option<f64>, &str)| {
        format!(
            "{id},{age},{},{smoker}\n",
            sugar.map(|s| s.to_string()).unwrap_or_default()
        )
    };
    let table: String = std::iter::once("patient,age,sugar,smoker\n".to_owned())
        .chain(rows().iter().map(line))
        .collect();
    std::fs::write(&source, table).unwrap();
    std::fs::write(&schema, SCHEMA).unwrap();
    let session = world.session();
    for circuit in ["registration-16", "claim-chunk-16", "claim-final"] {
        world.activate(&session, circuit);
    }
    let holder = org("HospitalA");
    wait(dataset::commit(
        &session,
        &holder,
        &CommitOptions {
            source: &source,
            views: None,
            accept: &[],
            schema: Some(&schema),
            name: "visits",
            group: "research",
        },
    ))
    .unwrap();
    wait(claim::register_dataset(&session, &holder, "visits", false)).unwrap();
}

pub fn prove(
    session: &Session,
    query: &str,
    goal: Goal,
    unit: CountUnit,
) -> Result<ClaimProven, ClaimError> {
    let options = ClaimOptions {
        dataset: "visits",
        query,
        goal,
        unit,
        uncompared: false,
    };
    wait(claim::prove(session, &org("HospitalA"), &options))
}

/// The stage that a claim failed at.
fn stage(error: &ClaimError) -> &'static str {
    match error {
        ClaimError::Disclosure { .. } => "disclosure",
        ClaimError::Query { .. } => "query",
        ClaimError::DoesNotHold { .. } => "prove",
        other => panic!("{other}"),
    }
}

fn subjects(hit: impl Fn(i64, Option<f64>, &str) -> bool) -> u64 {
    let hits = rows();
    let mut ids: Vec<&String> = hits
        .iter()
        .filter(|(_, age, sugar, smoker)| hit(*age, *sugar, smoker))
        .map(|(id, ..)| id)
        .collect();
    ids.dedup();
    ids.len() as u64
}

mod ledgers {
    crate::on_both!(
        claims_hold_up_to_the_plain_count_and_no_further,
        b_a_bundle_is_verified_where_there_is_no_ledger_and_no_changed_byte_is_accepted,
    );
}

fn claims_hold_up_to_the_plain_count_and_no_further(kind: Kind) {
    let world = World::new(kind);
    registered(&world);
    let session = world.session();
    // The floor is 11, so thresholds are multiples of 20.
    let over_40 = subjects(|age, _, _| age >= 40);
    assert_eq!(over_40, 20);
    let proven = prove(
        &session,
        "AGE  >= 40",
        Goal::AtLeast(20),
        CountUnit::Subjects,
    )
    .unwrap();
    assert_eq!(proven.terms.query, "age >= 40", "printed is what is proven");
    let best = prove(&session, "age >= 40", Goal::Largest, CountUnit::Subjects).unwrap();
    assert_eq!(best.terms.k, 20);
    let sweet = subjects(|age, sugar, _| age >= 25 && sugar.is_some_and(|s| s < 8.0));
    assert!((20..30).contains(&sweet), "{sweet}");
    let query = "age >= 25 AND sugar < 8";
    prove(&session, query, Goal::AtLeast(20), CountUnit::Subjects).unwrap();
    let over_42 = subjects(|age, _, _| age >= 42);
    assert!(over_42 < 20);
    let over = prove(
        &session,
        "age >= 42",
        Goal::AtLeast(20),
        CountUnit::Subjects,
    )
    .err()
    .unwrap();
    assert_eq!(
        (over.kind(), stage(&over)),
        (ErrorKind::Refused, "prove"),
        "{over}"
    );
    assert!(
        !over.to_string().contains(&over_42.to_string()),
        "an error never names the count: {over}"
    );

    // Floors on both sides, the grid, the language.
    for (query, goal, expected) in [
        ("age >= 58", Goal::Largest, "disclosure"),
        ("age >= 58", Goal::AtLeast(2), "disclosure"),
        ("age >= 20", Goal::AtLeast(40), "disclosure"),
        ("age >= 40", Goal::AtLeast(19), "disclosure"),
        ("smoker = 'yes' OR TRUE", Goal::AtLeast(40), "disclosure"),
        ("nothing = 1", Goal::AtLeast(20), "query"),
        ("age >= 35; DROP", Goal::AtLeast(20), "query"),
    ] {
        let refused = prove(&session, query, goal, CountUnit::Subjects)
            .err()
            .unwrap();
        assert_eq!(stage(&refused), expected, "{query}: {refused}");
    }
}

/// A world with one published claim, its bundle and its trust file.
struct Published {
    world: World,
    bundle: PathBuf,
    trust: PathBuf,
}

fn published(kind: Kind) -> Published {
    let world = World::new(kind);
    registered(&world);
    let (bundle, trust) = (world.path("claim.bundle.json"), world.path("trust.json"));
    let holder = org("HospitalA");
    let id = {
        let session = world.session();
        prove(&session, "age >= 35", Goal::Largest, CountUnit::Subjects)
            .unwrap()
            .claim
    };
    let session = world.session();
    assert_eq!(
        wait(claim::publish(&session, &org("HospitalB"), id, false))
            .err()
            .unwrap()
            .kind(),
        ErrorKind::NotFound
    );
    let first = wait(claim::publish(&session, &holder, id, false)).unwrap();
    let again = wait(claim::publish(&session, &holder, id, false)).unwrap();
    assert_eq!(
        first.tx_id, again.tx_id,
        "publishing again answers as the first time"
    );
    let listed = wait(claim::list(&session, &org("EthicsBoard"))).unwrap();
    assert_eq!(listed.claims.len(), 1);
    wait(claim::bundle(&session, &org("University"), id, &bundle)).unwrap();
    wait(consortium::trust(&session, &org("University"), &trust)).unwrap();
    drop(session);
    Published {
        world,
        bundle,
        trust,
    }
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn accepts(bundle: &str, trust: Option<&Trust>) -> Result<(), BundleError> {
    verify(&Bundle::from_json(bundle)?, trust).map(drop)
}

/// The same bundle with one byte of a part changed.
fn flipped(bundle: &str, part: &str, item: Option<usize>, at: usize) -> String {
    let mut json: Value = serde_json::from_str(bundle).unwrap();
    let place = match item {
        Some(i) => &mut json[part][i],
        None => &mut json[part],
    };
    let mut bytes = STANDARD.decode(place.as_str().unwrap()).unwrap();
    let at = at % bytes.len();
    bytes[at] ^= 1;
    *place = STANDARD.encode(bytes).into();
    json.to_string()
}

fn length(bundle: &str, part: &str) -> usize {
    let json: Value = serde_json::from_str(bundle).unwrap();
    STANDARD.decode(json[part].as_str().unwrap()).unwrap().len()
}

fn b_a_bundle_is_verified_where_there_is_no_ledger_and_no_changed_byte_is_accepted(kind: Kind) {
    let Published {
        world,
        bundle,
        trust,
    } = published(kind);
    let (text, trust_text) = (read(&bundle), read(&trust));
    drop(world);
    let trust = Trust::from_json(&trust_text).unwrap();
    let report = verify(&Bundle::from_json(&text).unwrap(), Some(&trust)).unwrap();
    assert!(report.anchored && report.keys.iter().all(|k| k.insecure) && report.keys.len() == 3);
    assert_eq!((report.dataset.n_rows, report.dataset.n_subjects), (50, 40));
    assert_eq!(report.terms.k, subjects(|age, _, _| age >= 35) / 20 * 20);
    let peers = &report.publication.endorsers;
    let endorsers: BTreeSet<_> = peers.iter().map(|peer| peer.msp_id.clone()).collect();
    assert!(endorsers.len() >= 3 && endorsers.contains(&org("HospitalA")));
    assert_eq!(report.dataset.segments.len(), 1);
    assert_ne!(report.dataset.segments[0].reading, Digest([0; 32]));
    let alone = verify(&Bundle::from_json(&text).unwrap(), None).unwrap();
    assert!(!alone.anchored);
    assert_eq!(alone.fingerprint, trust.fingerprint());

    for part in ["registration", "claim"] {
        let length = length(&text, part);
        for at in (0..length)
            .step_by(length / 97 + 1)
            .chain(length - 80..length)
        {
            assert!(
                accepts(&flipped(&text, part, None, at), None).is_err(),
                "{part}, byte {at}"
            );
        }
    }
    for (key, at) in (0..3).flat_map(|key| [0, 5, 40, 200, 300].map(|at| (key, at))) {
        assert!(
            accepts(&flipped(&text, "keys", Some(key), at), None).is_err(),
            "key {key}, byte {at}"
        );
    }
    for (from, to) in [
        ("nonce", "nonc2"),
        ("medveil-channel", "medveil-channe1"),
        ("majority", "any"),
        ("MII", "MIJ"),
        ("v2", "v1"),
    ] {
        let mut json: Map<String, Value> = serde_json::from_str(&text).unwrap();
        let Some(Value::String(carried)) = json.get_mut("trust") else {
            panic!("{text}")
        };
        *carried = carried.replacen(from, to, 1);
        let changed = Value::Object(json).to_string();
        assert!(changed != text, "{from}");
        assert!(accepts(&changed, Some(&trust)).is_err(), "{from}");
    }
    assert!(
        accepts(&text.replacen('{', "{ ", 1), None).is_err(),
        "one byte form"
    );
    assert!(
        accepts(&text.replacen("{\"", "{\"more\":1,\"", 1), None).is_err(),
        "no other word"
    );
    assert!(
        Bundle::read(&bundle).is_err(),
        "the folder is gone: a clear error"
    );
}

#[test]
fn b_a_bundle_of_another_consortium_or_under_untrusted_keys_is_refused() {
    let Published {
        world,
        bundle,
        trust,
    } = published(Kind::Embedded);
    let (text, ours) = (read(&bundle), Trust::read(&trust).unwrap());
    let other = World::new(Kind::Embedded);
    let theirs = wait(consortium::trust_of(&other.session(), &org("University"))).unwrap();
    let refused = accepts(&text, Some(&theirs)).err().unwrap();
    assert!(
        refused.to_string().contains("another consortium"),
        "{refused}"
    );
    let untrusted = accepts(&text, Some(&ours.with_circuits(Default::default())))
        .err()
        .unwrap();
    assert!(
        untrusted.to_string().contains("does not name key"),
        "{untrusted}"
    );
    accepts(&text, Some(&ours)).unwrap();
    drop(world);
}
