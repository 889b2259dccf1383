//! Keys of circuits that are not here, or that say so.

use crate::classify::{Classify, Kind};
use crate::journey::testing::ScriptedHome;
use medveil_circuits::claim::ClaimFinal;
use std::path::Path;

/// A verifying key that says that it is of another circuit.
fn renamed(key: &[u8], name: &str) -> Vec<u8> {
    let len = u32::from_le_bytes(key[17..21].try_into().unwrap()) as usize;
    let (head, rest) = (&key[..17], &key[21 + len..]);
    let length = u32::try_from(name.len()).unwrap().to_le_bytes();
    [head, &length, name.as_bytes(), rest].concat()
}

#[tokio::test]
async fn keys_of_circuits_that_are_not_here_or_under_a_changed_name_are_not_imported() {
    let (home, other) = (ScriptedHome::new().await, tempfile::tempdir().unwrap());
    let store = medveil_prover::KeyStore::open(other.path()).unwrap();
    let (key, points) = medveil_prover::development_keys::<ClaimFinal>().unwrap();
    store.save(&key, &points).unwrap();
    let file = |extension: &str| other.path().join(format!("{}.{extension}", key.digest()));
    let import =
        async |verifying: &Path| super::import(&home.session, verifying, &file("zkey")).await;
    let changed = home.path("changed.vk");
    for (name, said) in [
        (
            "claim-final/v9",
            "the key is one of the circuit claim-final/v9",
        ),
        ("no-such/v1", "the key is one of the circuit no-such/v1"),
        ("handover/v1", "another circuit's"),
        ("claim-chunk-16/v2", "another circuit's"),
    ] {
        std::fs::write(&changed, renamed(key.to_bytes(), name)).unwrap();
        let refused = import(&changed).await.err().unwrap();
        assert!(refused.to_string().contains(said), "{name}: {refused}");
        assert_eq!(refused.kind(), Kind::Input, "{name}");
        let keys = super::list(&home.session).unwrap().keys;
        assert!(keys.is_empty(), "{name}");
    }
    let imported = import(&file("vk")).await.unwrap();
    assert_eq!(imported.key, key.digest());
}
