//! Where private values and keys lie on disk, and what a refused call leaves.

use medveil_embedded::testing::*;
use medveil_embedded::*;
use medveil_ledger::Transaction;
use std::path::{Path, PathBuf};

#[test]
fn p1_private_values_are_on_members_disks_only() {
    let world = World::new(39);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    let canary = b"CANARY-patient-7f3a91-HbA1c-9.9";
    submit(
        &a,
        private(
            &["store", "hospitals", "p"],
            &["HospitalA", "HospitalB"],
            canary,
        ),
    )
    .unwrap();
    submit(
        &a,
        private(
            &["receive", "_implicit_org_University", "k"],
            &["University"],
            canary,
        ),
    )
    .unwrap();
    let refused = private(
        &["store", "nowhere", "p"],
        &["HospitalA", "HospitalB"],
        canary,
    );
    let error = submit(&a, refused).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("CANARY"));
    drop((ledger, a));
    let mut hits = Vec::new();
    files_with(&forms(canary), &world.root(), &mut hits);
    hits.sort();
    let expected = ["HospitalA", "HospitalB", "University"]
        .map(|org| world.root().join(format!("orgs/{org}/private.redb")));
    assert_eq!(hits, expected);
}

/// The forms that a secret could stand in a file.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let base64 = |shift: usize| STANDARD_NO_PAD.encode(&secret[shift..]).into_bytes();
    vec![
        secret.to_vec(),
        hex::encode(secret).into_bytes(),
        base64(0),
        base64(1),
        base64(2),
        secret.iter().flat_map(|b| [*b, 0]).collect(),
    ]
}

/// Finds the files below a folder that hold one of these.
fn files_with(forms: &[Vec<u8>], folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if entry.file_type().unwrap().is_dir() {
            files_with(forms, &path, found);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let holds = |form: &Vec<u8>| memchr::memmem::find(&bytes, form).is_some();
        if forms.iter().any(holds) {
            found.push(path);
        }
    }
}

#[cfg(unix)]
#[test]
fn p7_peer_keys_and_stores_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new(40);
    drop(world.open());
    let org = world.root().join("orgs/HospitalA");
    for name in ["peer.key", "state.redb", "private.redb"] {
        assert_eq!(
            std::fs::metadata(org.join(name))
                .unwrap()
                .permissions()
                .mode()
                & 0o777,
            0o600,
            "{name}"
        );
    }
    std::fs::set_permissions(org.join("peer.key"), std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(matches!(
        world.try_open(world.options()),
        Err(OpenError::Custody(_))
    ));
}

#[test]
fn a_refused_call_writes_and_stages_nothing() {
    let world = World::new(41);
    let ledger = world.open();
    let a = world.client_of(&ledger, "HospitalA");
    assert!(
        submit(
            &a,
            private(
                &["store", "nowhere", "p"],
                &["HospitalA", "HospitalB"],
                b"v"
            )
        )
        .is_err()
    );
    assert!(submit(&a, Transaction::call(args(&["nothing"]), msps(&MAJORITY))).is_err());
    assert_eq!(ledger.height(), 0);
    for org in ORGS {
        assert_eq!(
            ledger
                .peer(&msp(org))
                .unwrap()
                .private()
                .forget_staged()
                .unwrap(),
            0
        );
    }
}
