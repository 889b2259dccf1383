use super::*;
use crate::classify::{Classify, Kind};
use crate::journey::testing::TestHome;
use medveil_bundle::trust::Trust;
use medveil_collections_config::error_chain;
use medveil_custody::Passphrase;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::sync::atomic::{AtomicUsize, Ordering};

#[tokio::test]
async fn a_consortium_is_founded_with_one_question_and_its_trust_file_is_read_again() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().join("home"));
    let keyring = Keyring::founding_with(home.clone(), |_| {
        ASKED.fetch_add(1, Ordering::Relaxed);
        Passphrase::new("correct horse battery".to_owned())
    });
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let files = ConsortiumFiles::read(None, None, &mut rng).unwrap();
    found(&home, &keyring, &files, &SystemClock, &mut rng).unwrap();
    let session = Startup::new(home.clone()).open_with(Some(keyring)).unwrap();
    let founded = bootstrap(&session).await.unwrap();
    assert_eq!(founded.members.len(), 4);
    let first = &founded.members[0];
    assert_eq!(
        (first.name.as_str(), first.org.as_str()),
        ("Ethics Board", "EthicsBoard")
    );
    assert_eq!(ASKED.load(Ordering::Relaxed), 1);

    let out = folder.path().join("trust.json");
    let hospital = MspId::new("HospitalA").unwrap();
    let written = trust(&session, &hospital, &out).await.unwrap();
    let read = Trust::read(&out).unwrap();
    assert_eq!(read.fingerprint(), written.fingerprint);
    assert_eq!(read.consortium_id().to_string(), written.consortium);

    let again = found(&home, &session.keyring, &files, &SystemClock, &mut rng).unwrap_err();
    assert!(matches!(again, ConsortiumError::Exists(_)), "{again}");
    assert_eq!(again.kind(), Kind::Input);
}

#[tokio::test]
async fn a_second_bootstrap_is_refused_by_the_contract() {
    let home = TestHome::new().await;
    let error = bootstrap(&home.session).await.unwrap_err();
    let code = error.ledger().and_then(medveil_ledger::LedgerError::code);
    assert_eq!(code, Some(medveil_contract::Code::Conflict), "{error}");
}

#[test]
fn problems_of_files_say_which_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut read = |consortium: Option<&Path>, groups: Option<&Path>| {
        ConsortiumFiles::read(consortium, groups, &mut rng)
            .err()
            .unwrap()
    };
    let missing = folder.path().join("missing.json");
    let error = read(Some(&missing), None);
    assert!(error.to_string().contains("missing.json"), "{error}");
    assert_eq!(error.kind(), Kind::NotFound);
    let empty = folder.path().join("empty.json");
    std::fs::write(&empty, "{}").unwrap();
    for (consortium, groups, said) in [
        (Some(&*empty), None, "consortium: "),
        (None, Some(&*empty), "sharing groups: "),
    ] {
        let error = read(consortium, groups);
        assert!(error_chain(&error).starts_with(said), "{error}");
        assert_eq!(error.kind(), Kind::Input);
    }
}
