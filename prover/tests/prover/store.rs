//! The key store: what it keeps, and what it refuses.

use super::{Chain, Small, chain, rng};
use medveil_circuits::field::Digest;
use medveil_circuits::handover::Handover;
use medveil_circuits::shape::Matrices;
use medveil_prover::{KeyStore, KeyStoreError, Prover, setup};
use std::path::PathBuf;

struct Fixture {
    dir: tempfile::TempDir,
    store: KeyStore,
    digest: Digest,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = KeyStore::open(&dir.path().join("keys")).unwrap();
        let (verifying, proving) = setup::<Small>(&mut rng(1)).unwrap();
        store.save(&verifying, &proving).unwrap();
        Fixture {
            dir,
            store,
            digest: verifying.digest(),
        }
    }

    fn file(&self, extension: &str) -> PathBuf {
        self.dir
            .path()
            .join("keys")
            .join(format!("{}.{extension}", self.digest))
    }

    fn change(&self, extension: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = std::fs::read(self.file(extension)).unwrap();
        change(&mut bytes);
        // Proving keys are read-only.
        std::fs::remove_file(self.file(extension)).unwrap();
        std::fs::write(self.file(extension), bytes).unwrap();
    }

    #[track_caller]
    fn damaged(&self) {
        let error = self
            .store
            .load_proving::<Small>(self.digest)
            .map(|_| ())
            .unwrap_err();
        assert!(matches!(error, KeyStoreError::Damaged { .. }), "{error}");
    }
}

#[test]
fn keys_survive_the_store() {
    let f = Fixture::new();
    let reopened = KeyStore::open(&f.dir.path().join("keys")).unwrap();
    assert_eq!(
        reopened.load_verifying(f.digest).unwrap().digest(),
        f.digest
    );
    assert!(reopened.has_proving(f.digest));
    assert_eq!(reopened.verifying_keys().unwrap().len(), 1);
    let prover = Prover::<Small>::from_store(&reopened, f.digest).unwrap();
    assert_eq!(prover.key_digest(), f.digest);
    let (public, secret) = chain(3, 5, 50);
    assert!(prover.prove(&public, &secret, &mut rng(2)).is_ok());
    let leftovers = std::fs::read_dir(f.dir.path().join("keys"))
        .unwrap()
        .count();
    assert_eq!(leftovers, 3, "no temporary file stays");
}

#[test]
fn a_missing_key_is_named() {
    let f = Fixture::new();
    let other = Digest([9; 32]);
    let error = f.store.load_verifying(other).map(|_| ()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("key store: no verifying key {other}")
    );
    std::fs::remove_file(f.file("zkey")).unwrap();
    assert!(!f.store.has_proving(f.digest));
    let error = f
        .store
        .load_proving::<Small>(f.digest)
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(
        error,
        KeyStoreError::Missing {
            kind: "proving",
            ..
        }
    ));
}

#[test]
fn every_damage_to_a_proving_key_is_noticed_before_it_is_parsed() {
    for at in [0usize, 31, 32, 40, 500, 5000] {
        let f = Fixture::new();
        f.change("zkey", |bytes| bytes[at] ^= 1);
        f.damaged();
    }
    for keep in [0usize, 31, 32, 33, 1000] {
        let f = Fixture::new();
        f.change("zkey", |bytes| bytes.truncate(keep));
        f.damaged();
    }
    let f = Fixture::new();
    f.change("zkey", |bytes| bytes.push(0));
    f.damaged();
}

#[test]
fn a_changed_or_renamed_verifying_key_is_refused() {
    let f = Fixture::new();
    f.change("vk", |bytes| *bytes.last_mut().unwrap() ^= 1);
    assert!(matches!(
        f.store.load_verifying(f.digest),
        Err(KeyStoreError::Damaged { .. })
    ));
    assert!(f.store.verifying_keys().is_err());
    let f = Fixture::new();
    let renamed = f
        .file("vk")
        .with_file_name(format!("{}.vk", Digest([9; 32])));
    std::fs::rename(f.file("vk"), renamed).unwrap();
    assert!(f.store.load_verifying(Digest([9; 32])).is_err());
}

#[test]
fn a_proving_key_of_another_verifying_key_is_refused() {
    let f = Fixture::new();
    let (verifying, proving) = setup::<Small>(&mut rng(2)).unwrap();
    f.store.save(&verifying, &proving).unwrap();
    for extension in ["zkey", "zkey.entry"] {
        let foreign = f
            .file(extension)
            .with_file_name(format!("{}.{extension}", verifying.digest()));
        std::fs::copy(foreign, f.file(extension)).unwrap();
    }
    f.damaged();
}

#[test]
fn a_key_of_another_circuit_is_refused() {
    let f = Fixture::new();
    let error = f
        .store
        .load_proving::<Handover>(f.digest)
        .map(|_| ())
        .unwrap_err();
    assert!(matches!(error, KeyStoreError::Key(_)), "{error}");
}

#[test]
fn a_mixed_pair_is_not_saved() {
    let f = Fixture::new();
    let (one, _) = setup::<Chain<20, false>>(&mut rng(1)).unwrap();
    let (_, two) = setup::<Chain<20, false>>(&mut rng(2)).unwrap();
    assert!(f.store.save(&one, &two).is_err());
    assert!(!f.store.has_proving(one.digest()));
}

#[test]
fn import_checks_every_point_and_the_pair() {
    let f = Fixture::new();
    let (vk, zkey) = (
        std::fs::read(f.file("vk")).unwrap(),
        std::fs::read(f.file("zkey")).unwrap(),
    );
    let elsewhere = tempfile::tempdir().unwrap();
    let store = KeyStore::open(elsewhere.path()).unwrap();
    let matrices = Matrices::of::<Small>().unwrap();
    let import = |zkey: &[u8]| store.import(&vk, zkey.to_vec(), &matrices);
    // A point of H is moved off the curve, and one of L is another one.
    for at in [zkey.len() - 100, zkey.len() / 2] {
        let mut bad = zkey.clone();
        bad[at] ^= 1;
        let refused = import(&bad).err().unwrap();
        assert!(matches!(refused, KeyStoreError::Format { .. }), "{refused}");
    }
    for keep in [0, 100, zkey.len() - 1] {
        assert!(import(&zkey[..keep]).is_err());
    }
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    assert_eq!(import(&zkey).unwrap().digest(), f.digest);
    assert!(store.load_proving::<Small>(f.digest).is_ok());
}

#[test]
fn keys_of_another_size_than_their_circuit_are_not_imported() {
    let f = Fixture::new();
    let read = |extension: &str| std::fs::read(f.file(extension)).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let store = KeyStore::open(elsewhere.path()).unwrap();
    let other = Matrices::of::<Chain<51, false>>().unwrap();
    let refused = store.import(&read("vk"), read("zkey"), &other);
    assert!(matches!(refused, Err(KeyStoreError::Size { .. })));
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

/// A copy is another file, of the same digest: it is noted, and then the same as before.
#[test]
fn a_copied_key_is_hashed_once() {
    let f = Fixture::new();
    let entry = || std::fs::read_to_string(f.file("zkey.entry")).unwrap();
    let (before, again) = (entry(), f.file("zkey").with_extension("copy"));
    std::fs::copy(f.file("zkey"), &again).unwrap();
    std::fs::rename(&again, f.file("zkey")).unwrap();
    assert!(f.store.load_proving::<Small>(f.digest).is_ok());
    let noted = entry();
    assert_ne!(noted, before);
    assert_eq!(noted.lines().next(), before.lines().next());
    assert!(f.store.load_proving::<Small>(f.digest).is_ok());
    assert_eq!(entry(), noted);
}

#[test]
fn an_entry_that_is_none_is_refused() {
    let right = std::fs::read_to_string(Fixture::new().file("zkey.entry")).unwrap();
    for wrong in [
        String::new(),
        right.trim_end().to_owned(),
        right.replacen(' ', "  ", 1),
        format!("{right} "),
        right.lines().next().unwrap().to_owned() + "\n",
        right.replacen(' ', " +", 1),
    ] {
        let f = Fixture::new();
        f.change("zkey.entry", |bytes| *bytes = wrong.clone().into_bytes());
        f.damaged();
    }
    let f = Fixture::new();
    std::fs::remove_file(f.file("zkey.entry")).unwrap();
    let error = f.store.load_proving::<Small>(f.digest).err().unwrap();
    assert!(matches!(error, KeyStoreError::Missing { .. }), "{error}");
}

#[test]
fn a_key_of_an_earlier_build_is_named() {
    let f = Fixture::new();
    std::fs::rename(f.file("zkey"), f.file("pk")).unwrap();
    let error = f.store.load_proving::<Small>(f.digest).err().unwrap();
    assert!(matches!(error, KeyStoreError::Earlier { .. }), "{error}");
}

#[test]
fn digests_of_files_are_those_of_their_bytes() {
    let f = Fixture::new();
    let bytes = std::fs::read(f.file("zkey")).unwrap();
    assert_eq!(
        f.store.proving_file_digest(f.digest).unwrap(),
        Digest::of(&bytes)
    );
}
