//! A founded home from outside: what needs nobody who acts, and no passphrase.
#![allow(clippy::unwrap_used)]

use medveil_custody::write_secret_file;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::path::Path;
use std::process::{Command, Output};

fn medveil(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_medveil"))
        .current_dir(folder)
        .env_remove("MEDVEIL_PASSPHRASE")
        .arg("--json")
        .args(words)
        .output()
        .unwrap()
}

/// What is read of `consortium init`.
#[derive(Deserialize)]
struct Transaction {
    tx_id: String,
    block: u64,
}

#[derive(Deserialize)]
struct Shown {
    block: u64,
    code: String,
}

#[derive(Deserialize)]
struct Blocks {
    height: u64,
}

#[derive(Deserialize)]
struct Outbox {
    settled: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Audited {
    genesis: String,
    anchor: String,
}

/// The one answer of a command.
fn answer<T: DeserializeOwned>(folder: &Path, words: &[&str]) -> T {
    let output = medveil(folder, words);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{words:?}: {errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_embedded_ledger_is_looked_at_by_anybody() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write_secret_file(&folder.join("passphrase"), b"correct horse battery").unwrap();
    let init = ["--passphrase-file", "passphrase", "consortium", "init"];
    let founded: Transaction = answer(folder, &init);

    let blocks: Blocks = answer(folder, &["ledger", "blocks"]);
    assert_eq!(blocks.height, 1);
    let shown: Shown = answer(folder, &["ledger", "tx", &founded.tx_id]);
    assert_eq!((shown.block, shown.code.as_str()), (founded.block, "VALID"));
    let outbox: Outbox = answer(folder, &["ledger", "outbox"]);
    assert!(outbox.settled.is_empty());
    let audited: Audited = answer(folder, &["ledger", "audit"]);
    assert_eq!(audited.genesis, audited.anchor);

    // Where there is nothing yet, a list says so and what makes the first entry.
    for noun in ["circuit", "dataset", "claim", "access"] {
        let words = [noun, "list"];
        let printed = Command::new(env!("CARGO_BIN_EXE_medveil"))
            .current_dir(folder)
            .args(words)
            .output()
            .unwrap();
        let text = String::from_utf8(printed.stdout).unwrap();
        assert!(text.contains(" yet: `medveil "), "{words:?}: {text}");
    }
    // A person acts under a name of their own.
    let list = medveil(folder, &["--as", "University", "visa", "list"]);
    let error = String::from_utf8(list.stderr).unwrap();
    assert_eq!(list.status.code(), Some(2), "{error}");
    assert!(error.contains("--as University/NAME"), "{error}");
    let stranger = [
        &init[..2],
        &[
            "--as",
            "Nobody/alice",
            "visa",
            "request",
            "--schema",
            "terms",
            "--out",
            "r",
        ],
    ];
    let asked = medveil(folder, &stranger.concat());
    assert_eq!(asked.status.code(), Some(4));
    assert!(!folder.join("medveil-home/private/Nobody").exists());

    // What writes is done by somebody; a home is founded once.
    assert_eq!(medveil(folder, &["ledger", "tick"]).status.code(), Some(2));
    assert_eq!(medveil(folder, &init).status.code(), Some(0));
    let home = folder.join("medveil-home");
    let own = std::fs::read_to_string(home.join("consortium.json")).unwrap();
    std::fs::write(
        folder.join("other.json"),
        own.replace("Hospital A", "Other"),
    )
    .unwrap();
    let groups = home.join("sharing-groups.json");
    let files = [
        "--consortium",
        "other.json",
        "--groups",
        groups.to_str().unwrap(),
    ];
    let other = medveil(folder, &[&init[..], &files].concat());
    assert_eq!(other.status.code(), Some(2));
}
