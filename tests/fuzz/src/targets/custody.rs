//! Sealed bodies, vaults and their secrets.

use crate::fixture::{self, BODY_CONTEXT, WRAPPED, passphrase, scratch, sealing_secret};
use crate::target::{Form, Reading, Target};
use medveil_custody::sealing::{BodyKey, SealingKey};
use medveil_custody::{Vault, write_secret_file};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

pub(super) const TARGETS: &[Target] = &[
    Target::new("sealed_body", Form::Borsh, sealed_body),
    Target::new("vault", Form::Json, vault).with_words(&["medveil-vault-1", "memory_kib"]),
    Target::new("secret", Form::Borsh, secret),
];

/// A wrapped key, and the body that it opens.
fn sealed_body(input: &[u8]) -> Reading {
    let _ = SealingKey::from_bytes(input).map(|key| assert_eq!(key.to_bytes(), input));
    let (wrapped, body) = input.split_at(input.len().min(WRAPPED));
    let key = BodyKey::unwrap(&sealing_secret(), BODY_CONTEXT, wrapped);
    Reading::of(key.and_then(|key| key.open(BODY_CONTEXT, body)))
}

/// Most memory that a vault of the fuzzer may ask for. A vault may ask for 1 GiB and 16 passes:
/// that is its owner's choice and no error of the decoder.
///
/// **Units**: KiB.
const MOST_MEMORY: u64 = 16 * 1024;

fn vault(input: &[u8]) -> Reading {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| scratch("vault"));
    let file = serde_json::from_slice::<serde_json::Value>(input).unwrap_or_default();
    let cost = |name: &str| {
        file.pointer(&format!("/argon2id/{name}"))
            .and_then(|n| n.as_u64())
    };
    if cost("memory_kib").is_some_and(|kib| kib > MOST_MEMORY) || cost("passes") > Some(4) {
        return Reading::refused("a stretch that takes long");
    }
    put(&FOLDER.join("vault.json"), input);
    Reading::of(Vault::open(&FOLDER, &passphrase()))
}

fn secret(input: &[u8]) -> Reading {
    static VAULT: LazyLock<(Vault, PathBuf)> = LazyLock::new(|| {
        let folder = scratch("secrets");
        let _ = std::fs::remove_file(folder.join("vault.json"));
        (fixture::vault(&folder), folder)
    });
    put(&VAULT.1.join("key.secret"), input);
    Reading::of(VAULT.0.get("key"))
}

/// Puts a file of mode 0600 there; only the first time by way of a new file.
fn put(path: &Path, bytes: &[u8]) {
    if path.exists() {
        std::fs::write(path, bytes).expect("a file");
    } else {
        write_secret_file(path, bytes).expect("a secret file");
    }
}
