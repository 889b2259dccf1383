//! Interrupted claims, and refusals that a person can use.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::Session;
use crate::actor::Actor;
use crate::classify::{Classify, Kind};
use crate::journey::dataset::testing::{
    SCHEMA, TestHome, changed, hospital, kept_proofs, patients,
};
use crate::journey::dataset::{CommitOptions, LocalDataset, commit};
use medveil_circuits::claim::{ClaimChunk, ClaimFinal, CountUnit};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::ids::Day;
use medveil_circuits::registration::Registration;
use medveil_collections_config::error_chain;
use medveil_contract::Code;
use medveil_contract::call::PublishClaim;
use medveil_contract::judge::claim::{ClaimFacts, rebuild, verify};
use medveil_contract::judge::registration::{self, Registered};
use medveil_contract::judge::{KeyRing, PreparedKey};
use medveil_contract::model::DatasetEntry;
use medveil_custody::write_secret_file;
use serde_json::json;

/// Commits forty patients and lets the ledger call them registered.
async fn registered(home: &TestHome) -> (DatasetEntry, Vec<Felt>) {
    home.activate::<Registration<16>>();
    let session = home.session();
    let options = CommitOptions {
        source: &home.write("visits.csv", &patients()),
        views: None,
        accept: &[],
        schema: Some(&home.write("visits.schema.json", SCHEMA)),
        name: "visits",
        group: "research",
    };
    commit(&session, &hospital(), &options).await.unwrap();
    let local = LocalDataset::new(&session, &hospital(), "visits").unwrap();
    let args = local.registration().unwrap();
    let rebuilt = registration::rebuild(session.consortium_id(), &hospital(), &args).unwrap();
    let transaction = Registered {
        holder: &hospital(),
        circuit: Digest([0; 32]),
        day: Day(20_000),
        tx_id: &"77".repeat(32),
    };
    let entry = rebuilt.entry(&args, transaction);
    let version = json!({ "dataset": entry, "schema": args.schema });
    home.ledger.answer("GetDataset", Ok(version));
    let none = json!({ "entries": [], "bookmark": "" });
    home.ledger.answer("ListClaims", Ok(none));
    let lineage = json!({
        "lineage": rebuilt.lineage,
        "holder": hospital(),
        "name": "visits",
        "nonce": "00".repeat(16),
        "versions": [rebuilt.root],
    });
    let all = json!({ "entries": [lineage], "bookmark": "" });
    home.ledger.answer("ListDatasets", Ok(all));
    (entry, rebuilt.chunk_roots)
}

async fn claim(
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
    prove(session, &hospital(), &options).await
}

fn proofs(claim: &PublishClaim) -> Vec<Vec<u8>> {
    let chunks = claim.chunks.iter().map(|c| &c.proof);
    let all = chunks.chain([&claim.proof]);
    all.map(|proof| proof.to_bytes().to_vec()).collect()
}

/// The judge accepts a claim with kept and new proofs.
fn check_proofs(session: &Session, dataset: &(DatasetEntry, Vec<Felt>), args: &PublishClaim) {
    let local = LocalDataset::new(session, &hospital(), "visits").unwrap();
    let facts = ClaimFacts {
        consortium: session.consortium_id(),
        chaincode: crate::session::CHAINCODE,
        dataset: &dataset.0,
        schema: &local.registration().unwrap().schema,
        floor: session.consortium.subject_floor(),
    };
    let mut ring = KeyRing::default();
    for key in session.keys.verifying_keys().unwrap() {
        ring.insert(PreparedKey::parse(key.to_bytes()).unwrap());
    }
    let rebuilt = rebuild(&facts, args, &dataset.1).unwrap();
    verify(&rebuilt, dataset.0.tier, args, &ring).unwrap();
}

#[tokio::test]
async fn claims_go_on_where_they_stopped_and_refusals_say_the_claim_in_words() {
    let home = TestHome::new();
    let dataset = registered(&home).await;
    refusals(&home.session()).await;

    home.activate::<ClaimChunk<16>>();
    home.activate::<ClaimFinal>();
    let (goal, unit) = (Goal::AtLeast(20), CountUnit::Subjects);
    let session = home.interrupted("proving the claim", 3);
    let stopped = claim(&session, "age >= 35", goal, unit).await;
    let stopped = stopped.err().unwrap();
    assert!(matches!(stopped, ClaimError::Proving(_)), "{stopped:?}");
    let session = home.session();
    let drafts = home
        .home()
        .drafts(&crate::actor::Actor::organisation(hospital()));
    let folders = || std::fs::read_dir(&drafts).unwrap().flatten();
    let draft = folders().find(|e| e.path().is_dir() && e.file_name() != "dataset-visits");
    let draft = draft.unwrap().file_name().into_string().unwrap();
    let kept = kept_proofs(&home.home(), &draft);
    assert_eq!(kept.len(), 2, "the third proof was under way");

    // Another claim in between takes nothing away.
    let other = claim(&session, "age BETWEEN 35 AND 90", goal, unit);
    let other = other.await.unwrap();
    assert_eq!(kept_proofs(&home.home(), &draft).len(), 2);
    let proven = claim(&session, "age >= 35", goal, unit).await.unwrap();
    assert_ne!(proven.claim, other.claim);
    assert_eq!((proven.proofs, proven.terms.k), (4, 20));
    let args = LocalClaim::new(&session, &hospital(), proven.claim)
        .load()
        .unwrap();
    changed_claims_are_found(&home, proven.claim).await;
    let anew = proofs(&args).into_iter().filter(|p| !kept.contains(p));
    assert_eq!(anew.count(), 2, "two of four proofs are not made again");
    check_proofs(&session, &dataset, &args);
    assert!(kept_proofs(&home.home(), &draft).is_empty());

    // One patient is 35: next to what waits already she would be singled out.
    let singled = claim(&session, "age >= 36", goal, unit).await.unwrap_err();
    assert_eq!(singled.kind(), Kind::Refused);
    let words = singled.to_string();
    assert!(
        words.contains("`age >= 36` would single out fewer than 11"),
        "{words}"
    );
    let named = |claim: Felt| words.contains(&claim.to_string());
    assert!(named(proven.claim) || named(other.claim), "{words}");
    for waiting in [proven.claim, other.claim] {
        home.ledger.answer("GetClaim", Err(Code::NotFound));
        discard(&session, &hospital(), waiting).await.unwrap();
    }
    claim(&session, "age >= 36", goal, unit).await.unwrap();
}

async fn changed_claims_are_found(home: &TestHome, claim: Felt) {
    let folder = home.home().private(&Actor::organisation(hospital()));
    let path = folder.join("claims").join(claim.to_string());
    let kept = std::fs::read(&path).unwrap();
    for bytes in changed(&kept) {
        write_secret_file(&path, &bytes).unwrap();
        let error = publish(&home.session(), &hospital(), claim, false).await;
        let error = error.err().unwrap();
        assert_eq!(error.kind(), Kind::Damaged, "{error}");
    }
    write_secret_file(&path, &kept).unwrap();
}

/// None of these costs a proof: no circuit of claims is active.
async fn refusals(session: &Session) {
    use CountUnit::{Rows, Subjects};
    let refused = async |query: &str, goal: Goal, unit: CountUnit| {
        let error = claim(session, query, goal, unit).await.unwrap_err();
        (error.kind(), error_chain(&error))
    };
    let (kind, words) = refused("age >= 41", Goal::AtLeast(20), Subjects).await;
    assert_eq!(kind, Kind::Refused);
    let expected = "of visits it does not hold that at least 20 subjects have `age >= 41`: claim a smaller number, or the largest that holds with --largest";
    assert_eq!(words, expected, "and the count itself, 19, is not told");
    let (kind, words) = refused("age >= 35", Goal::AtLeast(25), Rows).await;
    assert_eq!(kind, Kind::Refused);
    assert!(
        words.contains("multiple of 20, got 25; 20 is the next below"),
        "{words}"
    );

    let (kind, words) = refused("female = 1", Goal::AtLeast(11), Subjects).await;
    let expected = "query: expected a column of the schema, got \"female\": the columns are age, smoker; a text stands in single quotes, as in 'female'";
    assert_eq!((kind, words.as_str()), (Kind::Input, expected));
    let (kind, words) = refused("age >= ", Goal::AtLeast(11), Subjects).await;
    assert_eq!(kind, Kind::Input);
    assert_eq!(words.matches("query:").count(), 1, "{words}");

    let (kind, words) = refused("age >= 58", Goal::AtLeast(2), Subjects).await;
    assert_eq!(kind, Kind::Refused);
    assert!(
        words.contains("at least 11, the consortium's floor, got 2"),
        "{words}"
    );
    let error = claim(session, "age >= 58", Goal::Largest, Subjects)
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        ClaimError::Disclosure(DisclosureRefusal::NoThreshold { floor: 11 })
    ));
    let error = publish(session, &hospital(), Felt::from_u64(4), false)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound, "{error}");
}
