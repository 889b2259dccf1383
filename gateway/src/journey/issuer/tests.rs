//! Issuers and wallets over the embedded ledger.

mod again;

use super::*;
use crate::classify::{Classify, Kind};
use crate::cli::render::Render;
use crate::journey::dataset::testing::changed;
use crate::journey::testing::{ScriptedHome, fields, org, person};
use crate::journey::visa;
use medveil_circuits::visa::VisaTexts;
use medveil_custody::write_secret_file;
use serde::Deserialize;
use serde_json::{Map, Value};

fn kind_of<T, E: Classify>(answer: Result<T, E>) -> Kind {
    answer.err().expect("a refusal").kind()
}

fn assertion() -> Assertion {
    let texts = VisaTexts {
        role: Some("researcher".into()),
        ..VisaTexts::default()
    };
    Assertion {
        days: 30,
        texts,
        ..Assertion::default()
    }
}

async fn registered(session: &Session) -> Issuer<'_> {
    let university = org("University");
    let issuer = Issuer::new(session, &university, "affiliation", "universities").unwrap();
    assert!(!issuer.has_key().unwrap());
    issuer.init(None).unwrap();
    issuer.register(None).await.unwrap();
    issuer
}

#[derive(Deserialize)]
struct IssuedFields {
    revocation_index: String,
}

#[derive(Deserialize)]
struct RevokedFields {
    revoked: u64,
    block: u64,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Deserialize)]
struct NotedFields {
    pending: u64,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[tokio::test]
async fn issuers_are_those_of_the_consortium_and_register_once() {
    let home = ScriptedHome::new().await;
    let session = &home.session;
    let stranger = Issuer::new(session, &org("HospitalA"), "affiliation", "universities");
    let text = stranger.err().unwrap().to_string();
    assert!(
        text.ends_with("it may vouch for cohort in committees, terms in committees"),
        "{text}"
    );
    let unknown = Issuer::new(session, &org("University"), "passport", "universities");
    assert_eq!(kind_of(unknown), Kind::Input);
    let issuer = registered(session).await;
    // The same again changes nothing; an outside key is another one.
    let made = issuer.init(None).unwrap();
    let (x, y) = (made.key_x.as_str(), made.key_y.as_str());
    assert_eq!(kind_of(issuer.init(Some(&format!("{x},{y}")))), Kind::Input);
    let again = issuer.register(None).await.unwrap().transaction;
    assert!(again.tx_id.is_some() && again.block.is_none());
    issuer.retire(false).await.unwrap();
    issuer.init(None).unwrap();
    issuer.register(None).await.unwrap();
}

#[tokio::test]
async fn a_visa_goes_into_the_wallet_that_asked_under_the_number_that_is_listed() {
    let home = ScriptedHome::new().await;
    let (session, alice, bob) = (
        &home.session,
        person("University/alice"),
        person("University/bob"),
    );
    let path = |name: &str| home.path(name);
    let issuer = registered(session).await;
    let asked = visa::request(session, &alice, "affiliation", &path("r")).unwrap();
    assert_eq!(
        kind_of(visa::request(session, &alice, "passport", &path("x"))),
        Kind::Input
    );
    visa::request(session, &bob, "affiliation", &path("r-bob")).unwrap();
    let none = visa::list(session, &alice).await.unwrap().lines();
    assert!(
        none[0].starts_with("University/alice holds no visas yet"),
        "{none:?}"
    );

    let request = RequestFile::read(&path("r")).unwrap();
    assert_eq!(request.commitment, asked.commitment);
    let issued = issuer
        .issue(&request, &assertion(), &path("v"))
        .await
        .unwrap();
    let json: IssuedFields = fields(&issued);
    assert_eq!(json.revocation_index, issued.revocation_index.to_string());
    assert_eq!(
        kind_of(visa::import(session, &bob, &path("v")).await),
        Kind::Refused
    );
    let imported = visa::import(session, &alice, &path("v")).await.unwrap();
    assert_eq!(imported.visa.number, 0);
    let again = visa::import(session, &alice, &path("v")).await.unwrap();
    assert_eq!(again.visa.number, 0);
    let listed = visa::list(session, &alice).await.unwrap();
    assert!(
        listed.lines()[0].starts_with("0: affiliation, valid "),
        "{:?}",
        listed.lines()
    );
    let shown = visa::show(session, &alice, 0).unwrap();
    assert_eq!(shown.revocation_index, issued.revocation_index.to_string());
    let none = visa::show(session, &alice, 1).err().unwrap();
    assert_eq!(
        none.to_string(),
        "no visa 1 in the wallet: the only one has number 0"
    );
    assert_eq!(none.kind(), Kind::NotFound);
}

#[tokio::test]
async fn assertions_stay_within_the_code_lists() {
    let home = ScriptedHome::new().await;
    let (session, alice) = (&home.session, person("University/alice"));
    let issuer = registered(session).await;
    let (path, out) = (home.path("r"), home.path("v"));
    visa::request(session, &alice, "affiliation", &path).unwrap();
    let mut request = RequestFile::read(&path).unwrap();
    let issue =
        async |assertion: Assertion| kind_of(issuer.issue(&request, &assertion, &out).await);
    for days in [0, u32::MAX] {
        let days = Assertion {
            days,
            ..assertion()
        };
        assert_eq!(issue(days).await, Kind::Input);
    }
    let permissions = vec!["ALL".into()];
    let unknown = Assertion {
        permissions,
        ..assertion()
    };
    assert_eq!(issue(unknown).await, Kind::Input);
    let disease = Some("E1".into());
    let unknown = Assertion {
        disease,
        ..assertion()
    };
    assert_eq!(issue(unknown).await, Kind::Input);
    request.schema = "ethics".to_owned();
    let other = issuer.issue(&request, &assertion(), &out).await;
    assert_eq!(kind_of(other), Kind::Input);
    assert!(!out.exists());
}

#[tokio::test]
async fn a_revocation_is_final_and_once() {
    let home = ScriptedHome::new().await;
    let (session, alice) = (&home.session, person("University/alice"));
    let issuer = registered(session).await;
    let visa_of = async |name: &str| {
        let (request, out) = (home.path(&format!("r{name}")), home.path(name));
        visa::request(session, &alice, "affiliation", &request).unwrap();
        let request = RequestFile::read(&request).unwrap();
        let issued = issuer.issue(&request, &assertion(), &out).await.unwrap();
        (out, issued.revocation_index)
    };
    let ((first, one), (second, two)) = (visa_of("1").await, visa_of("2").await);
    assert_eq!(kind_of(issuer.revoke(&[], false).await), Kind::Input);
    assert_eq!(kind_of(issuer.revoke(&[0], false).await), Kind::Input);
    assert_eq!(
        kind_of(issuer.revoke(&[one, one], false).await),
        Kind::Input
    );
    assert_eq!(issuer.publish().await.unwrap().revoked, 0);
    let revoked = issuer.revoke(&[one], true).await.unwrap();
    let words = revoked.lines();
    assert_eq!(
        words,
        ["University revoked 1 visa; older registry roots are refused at once"]
    );
    let json: RevokedFields = fields(&revoked);
    assert!(json.revoked == 1 && json.block > 0 && !json.others.contains_key("pending"));
    let again = issuer.revoke(&[one], false).await.unwrap();
    assert_eq!(again.lines()[1], "  1 visa revoked before");
    let later = issuer.revoke_later(&[one]).await.unwrap();
    assert_eq!((later.pending, later.revoked_before), (Some(0), 1));
    assert_eq!(
        kind_of(visa::import(session, &alice, &first).await),
        Kind::Refused
    );
    let noted = issuer.revoke_later(&[two]).await.unwrap();
    let json: NotedFields = fields(&noted);
    assert!(json.pending == 1 && !json.others.contains_key("tx_id"));
    changed_notes_are_found(&issuer).await;
    visa::import(session, &alice, &second).await.unwrap();
    let published = issuer.publish().await.unwrap();
    assert!(published.revoked == 1 && published.transaction.is_some());
    assert!(issuer.publish().await.unwrap().transaction.is_none());
    let hospital = org("HospitalB");
    let issuers = registry(session, &hospital).await.unwrap().issuers;
    let tree = crate::journey::registry::revocations(session, &hospital, &issuers[0]).await;
    assert_eq!(tree.unwrap().values(), [one, two]);
    let board = Issuer::new(session, &org("EthicsBoard"), "ethics", "boards").unwrap();
    assert_eq!(kind_of(board.revoke(&[5], false).await), Kind::NotFound);
}

async fn changed_notes_are_found(issuer: &Issuer<'_>) {
    let folder = issuer.session.home.private(&issuer.actor());
    let mut paths = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path());
    let is_noted = |path: &std::path::PathBuf| path.display().to_string().contains("/revocations");
    let path = paths.find(is_noted).unwrap();
    let kept = std::fs::read(&path).unwrap();
    for bytes in changed(&kept) {
        write_secret_file(&path, &bytes).unwrap();
        assert_eq!(kind_of(issuer.publish().await), Kind::Damaged);
    }
    write_secret_file(&path, &kept).unwrap();
}

#[tokio::test]
async fn an_issuer_knows_what_it_signed_and_revokes_nothing_else() {
    let home = ScriptedHome::new().await;
    let (session, alice) = (&home.session, person("University/alice"));
    let issuer = registered(session).await;
    let (request, out) = (home.path("r"), home.path("v"));
    assert!(issuer.list().await.unwrap().visas.is_empty());
    visa::request(session, &alice, "affiliation", &request).unwrap();
    let request = RequestFile::read(&request).unwrap();
    let issued = issuer.issue(&request, &assertion(), &out).await.unwrap();
    let index = issued.revocation_index;
    let listed = issuer.list().await.unwrap().visas;
    assert_eq!(listed[0].revocation_index, index.to_string());
    assert_eq!(listed[0].holder, request.commitment);
    assert_eq!(listed[0].state, IssuedVisaState::Valid);
    // A number mistyped, or of a visa that another issuer signed.
    issuer.require_listed(&[index]).unwrap();
    let unlisted = issuer.require_listed(&[index, index ^ 1]);
    assert!(matches!(unlisted, Err(IssuerError::Unlisted(n)) if n == index ^ 1));
    // What the key signed elsewhere comes in once.
    assert_eq!(issuer.import(&out).await.unwrap().visas.len(), 1);
    let board = Issuer::new(session, &org("EthicsBoard"), "ethics", "boards").unwrap();
    board.init(None).unwrap();
    let foreign = board.import(&out).await;
    assert!(matches!(foreign, Err(IssuerError::OtherIssuer(_))));
    let revoked = issuer.revoke(&[index], false).await.unwrap();
    assert!(revoked.revoked == Some(1) && revoked.transaction.is_some());
    let again = issuer.revoke(&[index], false).await.unwrap();
    assert_eq!((again.revoked, again.revoked_before), (Some(0), 1));
    assert!(again.transaction.is_none(), "nothing was sent");
    let listed = issuer.list().await.unwrap().visas;
    assert_eq!(listed[0].state, IssuedVisaState::Revoked);
    // Urgently, afterwards; then no older root counts.
    issuer.revoke(&[], true).await.unwrap();
    let nothing = issuer.revoke(&[], true).await.unwrap();
    assert!(nothing.transaction.is_none(), "nothing to make urgent");
    assert!(issuer.publish().await.unwrap().transaction.is_none());
}

#[tokio::test]
async fn a_wallet_tells_which_visas_count() {
    let home = ScriptedHome::new().await;
    let (session, alice) = (&home.session, person("University/alice"));
    let issuer = registered(session).await;
    let mut indices = Vec::new();
    for n in 0..2 {
        let (request, out) = (home.path(&format!("r{n}")), home.path(&format!("v{n}")));
        visa::request(session, &alice, "affiliation", &request).unwrap();
        let request = RequestFile::read(&request).unwrap();
        let issued = issuer.issue(&request, &assertion(), &out).await.unwrap();
        visa::import(session, &alice, &out).await.unwrap();
        indices.push(issued.revocation_index);
    }
    let states = async || {
        let visas = visa::list(session, &alice).await.unwrap().visas;
        visas.iter().map(|visa| visa.state).collect::<Vec<_>>()
    };
    issuer.revoke(&indices[..1], false).await.unwrap();
    assert_eq!(
        states().await,
        [visa::VisaState::Revoked, visa::VisaState::Valid]
    );
    let retired = issuer.retire(false).await.unwrap();
    assert!(retired.retired);
    assert_eq!(states().await, [visa::VisaState::IssuerGone; 2]);
    let late = issuer.retire(false).await;
    assert!(late.unwrap().transaction.is_none(), "nothing to do");
    // Also afterwards, while proofs of before still count.
    let urgent = issuer.retire(true).await.unwrap();
    assert!(urgent.urgent && urgent.transaction.is_some());
    let again = issuer.retire(true).await.unwrap();
    assert!(again.retired && again.transaction.is_none(), "nothing left");
    // Another key, in the same place of the registry.
    issuer.init(None).unwrap();
    issuer.register(None).await.unwrap();
    let registered = list_registered(session, &org("HospitalB"))
        .await
        .unwrap()
        .issuers;
    assert!(registered.len() == 1 && registered[0].active && registered[0].revoked == 0);
    assert_eq!(states().await, [visa::VisaState::IssuerGone; 2]);
}

#[tokio::test]
async fn m2_votes_name_a_key_and_its_issuer_can_be_replaced() {
    let home = ScriptedHome::new().await;
    let session = &home.session;
    let issuer = registered(session).await;
    let university = org("University");
    let listed = list_registered(session, &university).await.unwrap().issuers;
    let key = listed[0].key.as_str();
    // One's own is retired by another word, not by a mistyped vote.
    let own = vote_to_retire(session, &university, key).await;
    assert!(matches!(own, Err(IssuerError::OwnIssuer { .. })));
    let unknown = vote_to_retire(session, &org("HospitalA"), "0123456789abcdef").await;
    assert!(matches!(unknown, Err(IssuerError::NoIssuer(_))));
    for (voter, retired) in [
        ("HospitalA", false),
        ("HospitalB", false),
        ("EthicsBoard", true),
    ] {
        let voted = vote_to_retire(session, &org(voter), key).await.unwrap();
        assert_eq!((voted.retired, voted.needed), (retired, Some(3)), "{voter}");
        let again = vote_to_retire(session, &org(voter), key).await.unwrap();
        assert_eq!(again.retired, retired, "{voter}");
        assert!(again.transaction.is_none(), "nothing was sent");
    }
    // What others retired is set aside by its own organisation, which then makes another.
    let aside = issuer.retire(false).await.unwrap();
    assert!(aside.retired && aside.transaction.is_none());
    issuer.init(None).unwrap();
    issuer.register(None).await.unwrap();
}
