//! Homes that join, that cannot, and whose network is gone.

use super::file::{Fixture, write};
use super::*;
use crate::classify::{Classify, Kind};
use crate::startup::Startup;
use medveil_contract::call::request::GetDay;
use medveil_custody::PassphraseSource;
use medveil_msp::testing::NOW;

#[test]
fn without_a_join_file_one_is_told_who_writes_it() {
    let folder = tempfile::tempdir().unwrap();
    let error = JoinFile::check(&folder.path().join("HospitalA.json")).unwrap_err();
    let said = error.to_string();
    assert!(
        said.contains("HospitalA.json") && said.contains("`medveil net deploy`"),
        "{said}"
    );
    assert_eq!(error.kind(), Kind::NotFound);
    // A file that the join file names is another matter.
    let mut fixture = Fixture::new();
    fixture.file.consortium = "missing.json".into();
    let error = fixture.load(NOW).err().unwrap();
    assert!(error.to_string().ends_with("missing.json"), "{error}");
    assert_eq!(error.kind(), Kind::NotFound);
}

#[test]
fn a_home_joins_one_network_and_no_embedded_one() {
    let mut fixture = Fixture::new();
    let home = fixture.join();
    let again = |fixture: &Fixture, home: &Home| {
        let path = fixture.dir.path().join("join.json");
        write(&path, &serde_json::to_string(&fixture.file).unwrap());
        let passphrase = fixture.dir.path().join("passphrase");
        let keyring = Keyring::new(home.clone(), Some(PassphraseSource::File(passphrase)));
        join(home, &keyring, &path, &mut rng(9))
    };
    let joined = again(&fixture, &home).unwrap();
    assert_eq!(joined.peers, ["localhost:1"]);
    fixture.file.genesis = "11".repeat(32);
    let error = again(&fixture, &home).unwrap_err();
    assert!(matches!(error, JoinError::OtherNetwork(_)), "{error}");
    std::fs::remove_file(home.fabric()).unwrap();
    let error = again(&fixture, &home).unwrap_err();
    assert!(matches!(error, JoinError::Embedded(_)), "{error}");
}

#[tokio::test]
async fn a_home_whose_network_is_gone_says_which_network_it_was() {
    let fixture = Fixture::new();
    let home = fixture.join();
    let startup = Startup {
        passphrases: Some(PassphraseSource::File(
            fixture.dir.path().join("passphrase"),
        ))
        .into(),
        ..Startup::new(home)
    };
    let session = startup.open().unwrap();
    let error = session.ask(&org("University"), GetDay).await.unwrap_err();
    let said = error_chain(&error);
    for part in ["channel c", "localhost:1", "`medveil net up`", "operator"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(error.kind(), Kind::NotFound);
}
