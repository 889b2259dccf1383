//! A founded home from outside: what needs nobody who acts, and no passphrase.
#![allow(clippy::unwrap_used)]

use medveil_custody::write_secret_file;
use serde_json::Value;
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

/// The one answer of a command.
fn answer(folder: &Path, words: &[&str]) -> Value {
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
    let founded = answer(folder, &init);
    let tx_id = founded["tx_id"].as_str().unwrap();

    let blocks = answer(folder, &["ledger", "blocks"]);
    assert_eq!(blocks["height"], 1, "{blocks}");
    let shown = answer(folder, &["ledger", "tx", tx_id]);
    assert_eq!(
        (&shown["block"], &shown["code"]),
        (&founded["block"], &"VALID".into())
    );
    let outbox = answer(folder, &["ledger", "outbox"]);
    assert_eq!(outbox["settled"], Value::Array(Vec::new()));
    let audited = answer(folder, &["ledger", "audit"]);
    assert_eq!(audited["genesis"], audited["anchor"]);

    // What writes is done by somebody; a home is founded once.
    assert_eq!(medveil(folder, &["ledger", "tick"]).status.code(), Some(2));
    assert_eq!(medveil(folder, &init).status.code(), Some(2));
}
