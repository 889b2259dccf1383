//! Interrupted commits, and refusals that a person can use.

#![allow(clippy::unwrap_used)]

mod kept;

use super::testing::{SCHEMA, TestHome, hospital, kept_proofs, patients};
use super::*;
use crate::Session;
use crate::actor::Actor;
use crate::classify::{Classify, Kind};
use crate::keyring::{get_secret, put_secret};
use crate::session::DraftSeed;
use medveil_circuits::babyjubjub::{Point, PublicPoint};
use medveil_circuits::dataset::{SegmentKeys, fresh_segment};
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::handover::Handover;
use medveil_circuits::ids::{
    DatasetRoot, Day, IssuerRoot, KeyCommitment, LineageId, Nullifier, PolicyRoot, RequestId,
    SegmentId,
};
use medveil_circuits::registration::Registration;
use medveil_collections_config::{CollectionName, MspId};
use medveil_contract::Code;
use medveil_contract::call::RegisterDataset;
use medveil_contract::call::reply::RequestStatus;
use medveil_contract::judge::registration::{rebuild, verify};
use medveil_contract::judge::{KeyRing, PreparedKey};
use medveil_contract::model::{ProofStanding, ProofTime, RequestEntry, RequestState};
use serde_json::json;

async fn commit_rows(
    home: &TestHome,
    session: &Session,
    name: &str,
    rows: &str,
) -> Result<DatasetCommitted, DatasetError> {
    let options = CommitOptions {
        source: &home.write("visits.csv", rows),
        views: None,
        accept: &[],
        schema: Some(&home.write("visits.schema.json", SCHEMA)),
        name,
        group: "research",
    };
    commit(session, &hospital(), &options).await
}

fn registered(session: &Session, name: &str) -> RegisterDataset {
    let local = LocalDataset::new(session, &hospital(), name).unwrap();
    local.registration().unwrap()
}

fn proofs(registration: &RegisterDataset) -> Vec<Vec<u8>> {
    let blocks = registration.chunks.iter().flat_map(|c| &c.blocks);
    blocks.map(|b| b.proof.to_bytes().to_vec()).collect()
}

/// The keys and the segment that an interrupted commit uses.
fn drafted(session: &Session, name: &str) -> (KeyCommitment, SegmentId) {
    let vault = session.keyring.open(&Actor::organisation(hospital()));
    let seed: DraftSeed = get_secret(&vault.unwrap(), &format!("draft-dataset-{name}")).unwrap();
    let mut rng = seed.rng();
    let keys = SegmentKeys::generate(&mut rng).commitment();
    (keys, fresh_segment(&mut rng))
}

fn interrupted(home: &TestHome) -> Session {
    home.interrupted("proving registration", 2)
}

#[tokio::test]
async fn an_interrupted_commit_goes_on_where_it_stopped_and_other_rows_meet_no_old_key() {
    let home = TestHome::new();
    home.activate::<Registration<16>>();

    let stopped = commit_rows(&home, &interrupted(&home), "visits", &patients()).await;
    assert!(matches!(stopped, Err(DatasetError::Proving(_))));
    let session = home.session();
    let (kept, draft) = (
        kept_proofs(&home.home(), "dataset-visits"),
        drafted(&session, "visits"),
    );
    assert_eq!(kept.len(), 1, "the second proof was under way");
    let committed = commit_rows(&home, &session, "visits", &patients())
        .await
        .unwrap();
    assert_eq!((committed.chunks, committed.rows), (3, 40));
    let args = registered(&session, "visits");
    let anew = proofs(&args).into_iter().filter(|p| !kept.contains(p));
    assert_eq!(anew.count(), 2, "one of three proofs is not made again");
    assert_eq!((args.key_commitment, args.segment), draft, "the same keys");
    check_proofs(&session, &args);
    assert!(kept_proofs(&home.home(), "dataset-visits").is_empty());
    let vault = session
        .keyring
        .open(&Actor::organisation(hospital()))
        .unwrap();
    assert!(!vault.has("draft-dataset-visits"), "the draft is removed");

    // One value of the source changes before the work goes on.
    let stopped = commit_rows(&home, &interrupted(&home), "changed", &patients()).await;
    assert!(stopped.is_err());
    let (kept, draft) = (
        kept_proofs(&home.home(), "dataset-changed"),
        drafted(&session, "changed"),
    );
    assert_eq!(kept.len(), 1);
    let changed = patients().replace("p39,59,no", "p39,58,no");
    assert_ne!(changed, patients());
    commit_rows(&home, &session, "changed", &changed)
        .await
        .unwrap();
    let args = registered(&session, "changed");
    assert_ne!(args.key_commitment, draft.0, "other keys");
    assert_ne!(args.segment, draft.1, "another segment");
    assert!(proofs(&args).iter().all(|p| !kept.contains(p)));
    check_proofs(&session, &args);

    // The same again is done; other rows need another name.
    let again = commit_rows(&home, &session, "visits", &patients()).await;
    assert_eq!(again.unwrap().rows, 40);
    let other = commit_rows(&home, &session, "visits", &changed).await;
    assert!(matches!(other.unwrap_err(), DatasetError::Committed { .. }));
    let other = home.session();
    let local = LocalDataset::new(&other, &hospital(), "visits").unwrap();
    let keys = local.keys(&other).unwrap().commitment();
    assert_eq!(keys, registered(&other, "visits").key_commitment);
}

/// The judge accepts a registration with kept and new proofs.
fn check_proofs(session: &Session, args: &RegisterDataset) {
    let mut ring = KeyRing::default();
    for key in session.keys.verifying_keys().unwrap() {
        ring.insert(PreparedKey::parse(key.to_bytes()).unwrap());
    }
    let rebuilt = rebuild(session.consortium_id(), &hospital(), args).unwrap();
    verify(&rebuilt, args, &ring).unwrap();
}

/// A registration without proofs, kept as if it were committed.
fn keep(session: &Session, name: &str) -> LineageId {
    let local = LocalDataset::new(session, &hospital(), name).unwrap();
    let mut rng = session.rng();
    let keys = SegmentKeys::generate(&mut rng);
    let registration = RegisterDataset {
        lineage: local.lineage_name(session).unwrap(),
        collection: CollectionName::explicit("research").unwrap(),
        schema: "{}".to_owned(),
        tier: 16,
        segment: fresh_segment(&mut rng),
        key_commitment: keys.commitment(),
        reading: Digest([0; 32]),
        n_rows: 0,
        n_subjects: 0,
        chunks: Vec::new(),
    };
    let work = (Actor::organisation(hospital()), format!("dataset-{name}"));
    let (draft, _) = session.draft(&work.0, &work.1, Digest([0; 32])).unwrap();
    let pages = super::local::PagesFile::begin(&draft, name, 0).unwrap();
    local.save(session, &keys, pages, &registration).unwrap();
    session.finish(&draft).unwrap();
    local.lineage(session).unwrap()
}

#[tokio::test]
async fn a_second_registration_says_which_version_there_is_and_what_to_do() {
    let (home, root) = (TestHome::new(), DatasetRoot::new(Felt::from_u64(5)));
    let session = home.session();
    let lineage = keep(&session, "visits");
    home.ledger.answer("RegisterDataset", Err(Code::Conflict));
    let entry = json!({
        "lineage": lineage, "holder": "HospitalA", "name": "visits",
        "nonce": "ab".repeat(16), "versions": [root],
    });
    home.ledger.answer("GetLineage", Ok(entry));
    let error = register(&session, &hospital(), "visits").await.unwrap_err();
    assert_eq!(error.kind(), Kind::Refused);
    let ledger = error.ledger().unwrap();
    assert_eq!(ledger.code(), Some(Code::Conflict), "for machines");
    let words = error.to_string();
    assert!(
        words.contains(&format!("registered visits already, as dataset {root}")),
        "{words}"
    );
    assert!(words.contains("dataset store --name visits"), "{words}");

    // A conflict of another kind keeps the contract's words.
    home.ledger.answer("GetLineage", Err(Code::NotFound));
    let error = register(&session, &hospital(), "visits").await.unwrap_err();
    assert!(matches!(error, DatasetError::Session(_)), "{error}");
    let error = store(&session, &hospital(), "visits").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "visits is not registered: run `medveil dataset register --name visits` first"
    );
    assert_eq!(error.kind(), Kind::NotFound);
    let error = register(&session, &hospital(), "visit").await.unwrap_err();
    let expected = "HospitalA has no committed dataset visit: committed are visits";
    assert_eq!(
        (error.to_string().as_str(), error.kind()),
        (expected, Kind::NotFound)
    );
}

#[tokio::test]
async fn a_commit_for_a_group_of_others_names_the_own_groups() {
    let home = TestHome::new();
    let options = CommitOptions {
        source: &home.path("visits.csv"),
        views: None,
        accept: &[],
        schema: None,
        name: "visits",
        group: "laboratories",
    };
    let error = commit(&home.session(), &hospital(), &options)
        .await
        .unwrap_err();
    let expected = "HospitalA is no member of a sharing group \"laboratories\": it is a member of hospitals, research";
    assert_eq!(
        (error.to_string().as_str(), error.kind()),
        (expected, Kind::Input)
    );
}

fn request(state: RequestState) -> RequestStatus {
    let zero = Felt::from_u64(0);
    let request = RequestEntry {
        version: 1,
        state,
        request: RequestId::new(Felt::from_u64(3)),
        nullifier: Nullifier::new(zero),
        lineage: LineageId::new(zero),
        dataset: DatasetRoot::new(zero),
        holder: MspId::new("HospitalB").unwrap(),
        submitter: hospital(),
        hidden_study: zero,
        purpose: String::new(),
        disease: 0,
        region: String::new(),
        recipient: PublicPoint::new(Point::BASE8).unwrap(),
        columns: 7,
        scope: zero,
        extension: 0,
        n_extensions: 0,
        body: Digest([0; 32]),
        proven: ProofTime {
            day: Day(20_000),
            issuer_root: IssuerRoot::new(zero),
            registry_version: 0,
            at_ms: 0,
        },
        lease: None,
        policy: PolicyRoot::new(zero),
        policy_document: Digest([0; 32]),
        circuit: Digest([0; 32]),
        committee: vec![hospital()],
        quorum: 1,
        tx_id: "77".repeat(32),
        last_tx_id: "77".repeat(32),
    };
    RequestStatus {
        asked: request.asked(),
        today: Day(20_000),
        proof: ProofStanding::Fresh,
        request,
        votes: Vec::new(),
        deliveries: Vec::new(),
    }
}

#[tokio::test]
async fn reading_what_was_not_delivered_says_who_has_to_deliver_it() {
    let home = TestHome::new();
    let (session, grant) = (home.session(), RequestId::new(Felt::from_u64(3)));
    let alice = Actor::person(hospital(), "alice").unwrap();
    let vault = session
        .keyring
        .open_or_create(&alice, &mut session.rng())
        .unwrap();
    let refused = async |state: Option<RequestState>| {
        let answer = state.map(|state| serde_json::to_value(request(state)).unwrap());
        home.ledger
            .answer("GetRequest", answer.ok_or(Code::NotFound));
        let error = read(&session, &alice, grant, None).await.unwrap_err();
        assert_eq!(error.kind(), Kind::NotFound, "{error}");
        error.to_string()
    };
    let unknown = refused(None).await;
    assert!(
        unknown.starts_with(&format!("no request {grant} is on the ledger")),
        "{unknown}"
    );
    let other = refused(Some(RequestState::Approved)).await;
    assert!(
        other.starts_with(&format!("HospitalA/alice has no key for grant {grant}")),
        "{other}"
    );

    let name = recipient_secret_name(grant);
    put_secret(&vault, &name, &[1u8; 32], &mut session.rng()).unwrap();
    let early = refused(Some(RequestState::Submitted)).await;
    assert!(
        early.starts_with(&format!("request {grant} is submitted, not approved")),
        "{early}"
    );
    let late = refused(Some(RequestState::Approved)).await;
    assert_eq!(
        late,
        format!(
            "HospitalB has not delivered the keys of grant {grant}: it runs `medveil access handover {grant}` and `medveil access confirm {grant}`"
        )
    );
}

#[tokio::test]
async fn an_inspection_tells_what_a_commit_takes() {
    let home = TestHome::new();
    home.activate::<Registration<16>>();
    let (session, today) = (home.session(), Day(20_786));
    let source = home.write("visits.csv", &patients());
    let schema = home.write("visits.schema.json", SCHEMA);
    let inspected = || {
        let input = SourceInput {
            source: &source,
            views: None,
            today,
            gather: false,
        };
        let quiet = crate::progress::Quiet;
        let told = inspect(
            &quiet,
            &home.home(),
            input,
            Some(&schema),
            &mut session.rng(),
        );
        told.unwrap().estimate
    };
    let before = inspected();
    assert_eq!(before.rate, RateSource::Calibration);
    let committed = commit_rows(&home, &session, "visits", &patients())
        .await
        .unwrap();
    let after = inspected();
    assert_eq!(after.rate, RateSource::Proofs);
    assert_eq!((after.chunks, after.proofs), (committed.chunks, 3));
    assert!((1..60).contains(&after.proving_seconds_high));
    // The call's head is not in the estimate; names, schema and numbers are.
    let bytes = committed.register_bytes as u64;
    assert!(after.register_bytes + 8192 >= bytes, "{bytes}");
    assert_eq!(after.refused, None);
}

#[tokio::test]
async fn a_lineage_keeps_the_nonce_that_it_got_first() {
    let home = TestHome::new();
    let lineage = || {
        let session = home.session();
        let local = LocalDataset::new(&session, &hospital(), "visits").unwrap();
        local.lineage(&session).unwrap()
    };
    assert_eq!(lineage(), lineage());
}

#[tokio::test]
async fn a_key_that_is_not_active_not_here_or_damaged_says_what_to_run() {
    let home = TestHome::new();
    let session = home.session();
    let refusal = async |session: &Session| {
        let error = session.prover::<Handover>(&hospital()).await.err().unwrap();
        (error.kind(), error.to_string())
    };
    let (kind, said) = refusal(&session).await;
    assert_eq!(kind, Kind::NotFound);
    assert!(
        said.contains("handover/v1 is active") && said.contains("circuit propose handover"),
        "{said}"
    );

    let key = home.activate::<Handover>().to_hex();
    let path = home.home().key_store().join(format!("{key}.zkey"));
    std::fs::write(&path, b"damaged").unwrap();
    let (kind, said) = refusal(&session).await;
    assert_eq!(kind, Kind::Damaged);
    assert!(said.contains("remove its file"), "{said}");

    std::fs::remove_file(&path).unwrap();
    let (kind, said) = refusal(&session).await;
    assert_eq!(kind, Kind::NotFound);
    assert!(said.contains("circuit approve handover"), "{said}");
}
