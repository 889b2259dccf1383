//! Vaults of a home, and what their passphrases are told from.

use super::*;
use crate::classify::{Classify, Kind};
use crate::passphrases::PassphraseFile;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::sync::atomic::{AtomicUsize, Ordering};

fn organisation(name: &str) -> Actor {
    Actor::organisation(MspId::new(name).unwrap())
}

#[test]
fn a_new_home_asks_for_one_passphrase_once() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    let ask: AskNew = |_| {
        ASKED.fetch_add(1, Ordering::Relaxed);
        Passphrase::new("correct horse battery".to_owned())
    };
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path());
    let keyring = Keyring::founding_with(home.clone(), ask);
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let organisations = [organisation("HospitalA"), organisation("University")];
    for actor in &organisations {
        keyring.open_or_create(actor, &mut rng).unwrap();
    }
    for actor in &organisations {
        keyring.open(actor).unwrap();
    }
    assert_eq!(ASKED.load(Ordering::Relaxed), 1);

    let file = folder.path().join("passphrase");
    write_secret_file(&file, b"correct horse battery").unwrap();
    let later = Keyring::new(home, Some(PassphraseSource::File(file)));
    for actor in &organisations {
        later.open(actor).unwrap();
    }
}

#[test]
fn a_misspelt_name_is_answered_with_those_who_have_a_vault() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("passphrase");
    write_secret_file(&file, b"correct horse battery").unwrap();
    let home = Home::new(folder.path());
    let keyring = Keyring::new(home, Some(PassphraseSource::File(file)));
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let alice = Actor::parse("University/alice").unwrap();
    keyring.open_or_create(&alice, &mut rng).unwrap();
    let misspelt = Actor::parse("University/alcie").unwrap();
    let error = keyring.open(&misspelt).err().unwrap();
    assert!(error.to_string().contains("University/alice"), "{error}");
    assert_eq!(error.kind(), Kind::NotFound);
    let people = keyring.people(&alice.org).unwrap();
    assert_eq!(people, ["University/alice"]);
}

#[test]
fn a_misspelt_organisation_is_answered_with_those_of_the_home() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path());
    for name in ["University", "HospitalA"] {
        secret_dir(&home.private(&organisation(name))).unwrap();
    }
    let keyring = Keyring::new(home.clone(), Passphrases::default());
    for misspelt in ["Hospitala", "Hospitala/alice"] {
        let error = keyring
            .open(&Actor::parse(misspelt).unwrap())
            .err()
            .unwrap();
        assert_eq!(
            error.to_string(),
            "expected one of HospitalA, University (organisations of this home), got Hospitala"
        );
        assert_eq!(error.kind(), Kind::NotFound);
    }

    // A folder that cannot be read is not an empty one.
    std::fs::write(home.people(&organisation("HospitalA").org), "").unwrap();
    let bob = Actor::parse("HospitalA/bob").unwrap();
    let error = keyring.open(&bob).err().unwrap();
    let is_io = matches!(error, KeyringError::Custody(CustodyError::Io { .. }));
    assert!(is_io, "{error}");
}

#[test]
fn m9_a_passphrase_file_named_for_nobody_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::new(folder.path().join("home"));
    let file = folder.path().join("passphrase");
    write_secret_file(&file, b"correct horse battery").unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let alice = Actor::parse("University/alice").unwrap();
    let keyring = Keyring::new(home.clone(), Some(PassphraseSource::File(file.clone())));
    keyring.open_or_create(&alice, &mut rng).unwrap();
    let named = |name: &str| {
        let said = PassphraseFile {
            whose: Some(Actor::parse(name).unwrap()),
            file: file.clone(),
        };
        Keyring::new(home.clone(), Passphrases::of(&[said]).unwrap())
    };
    named("University/alice").check_named(None).unwrap();
    let misspelt = named("University/alcie");
    let error = misspelt.check_named(Some(&alice)).unwrap_err();
    assert!(error.to_string().contains("University/alice"), "{error}");
    // Who acts may get a vault now.
    let bob = Actor::parse("University/bob").unwrap();
    named("University/bob").check_named(Some(&bob)).unwrap();
    let error = named("Universty/alice").check_named(None).unwrap_err();
    assert!(error.to_string().contains("got Universty"), "{error}");
}

#[test]
fn m9_a_missing_passphrase_says_whose() {
    let folder = tempfile::tempdir().unwrap();
    let missing = PassphraseSource::File(folder.path().join("missing"));
    let keyring = Keyring::new(Home::new(folder.path().join("home")), Some(missing));
    let university = organisation("University");
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let error = keyring.open_or_create(&university, &mut rng).err().unwrap();
    let said = error.to_string();
    assert!(
        said.contains("University") && said.contains("missing"),
        "{said}"
    );
}
