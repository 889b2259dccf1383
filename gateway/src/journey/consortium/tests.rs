use super::*;
use crate::classify::{Classify, Kind};
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
    let files = files(&home, None, None, &mut rng).unwrap();
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

    // The same again changes nothing; another consortium is refused.
    let same = super::files(&home, None, None, &mut rng).unwrap();
    let mut found_again = |files| found(&home, &session.keyring, files, &SystemClock, &mut rng);
    found_again(&same).unwrap();
    let again = bootstrap(&session).await.unwrap();
    assert_eq!(again.transaction, Transaction::earlier(None));
    let other = ConsortiumFiles::read(None, None, &"ab".repeat(16)).unwrap();
    let again = found_again(&other).unwrap_err();
    assert!(matches!(again, ConsortiumError::Exists(_)), "{again}");
    assert_eq!(again.kind(), Kind::Input);
}

#[tokio::test]
async fn m10_founding_goes_on_where_it_was_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().join("home"));
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let keyring = Keyring::founding_with(home.clone(), |_| {
        Passphrase::new("correct horse battery".to_owned())
    });
    let first = files(&home, None, None, &mut rng).unwrap();
    found(&home, &keyring, &first, &SystemClock, &mut rng).unwrap();
    // As if the run had ended before the last file, and before the Bootstrap.
    for path in [home.consortium(), home.collections()] {
        std::fs::remove_file(path).unwrap();
    }
    let certificate = std::fs::read(home.authority(&MspId::new("HospitalA").unwrap())).unwrap();
    let second = files(&home, None, None, &mut rng).unwrap();
    assert_eq!(second.consortium, first.consortium);
    found(&home, &keyring, &second, &SystemClock, &mut rng).unwrap();
    let session = Startup::new(home.clone()).open_with(Some(keyring)).unwrap();
    assert!(!is_founded(&session).await.unwrap());
    bootstrap(&session).await.unwrap();
    assert!(is_founded(&session).await.unwrap());
    let same = std::fs::read(home.authority(&MspId::new("HospitalA").unwrap())).unwrap();
    assert_eq!(same, certificate, "identities that the ledger knows stay");
}

#[test]
fn problems_of_files_say_which_file() {
    let folder = tempfile::tempdir().unwrap();
    let nonce = "ab".repeat(16);
    let read = |consortium: Option<&Path>, groups: Option<&Path>| {
        ConsortiumFiles::read(consortium, groups, &nonce)
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
