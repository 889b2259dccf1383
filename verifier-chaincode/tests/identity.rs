//! What changes the contract's identity, and what does not.

#![allow(clippy::unwrap_used)]

#[path = "../build/identity.rs"]
mod identity;

use identity::{Files, identity, load};
use medveil_verifier_chaincode::{CONTRACT_DIGEST, label};
use std::path::Path;

fn workspace() -> Files {
    load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..")).unwrap()
}

fn digest(files: &Files) -> String {
    identity(files).unwrap().digest
}

/// The workspace with one piece of text replaced.
fn with(name: &str, old: &str, new: &str) -> Files {
    let mut files = workspace();
    let bytes = files.get_mut(name).unwrap_or_else(|| panic!("{name}"));
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(old), "{name} holds no {old}");
    *bytes = text.replacen(old, new, 1).into_bytes();
    files
}

/// The workspace with another version of a locked package.
fn with_locked(name: &str) -> Files {
    let lock = String::from_utf8(workspace().remove("Cargo.lock").unwrap()).unwrap();
    let begin = format!("[[package]]\nname = \"{name}\"\nversion = \"");
    let at = lock.find(&begin).unwrap_or_else(|| panic!("{name}"));
    let version = lock[at + begin.len()..].split('"').next().unwrap();
    let old = format!("{begin}{version}\"");
    with("Cargo.lock", &old, &format!("{begin}{version}-other\""))
}

#[test]
fn the_program_holds_the_digest_of_its_sources() {
    assert_eq!(digest(&workspace()), CONTRACT_DIGEST);
    assert_eq!(label(), format!("medveil_{}", &CONTRACT_DIGEST[..32]));
    assert_eq!(CONTRACT_DIGEST.len(), 64);
}

#[test]
fn tests_gadgets_and_unrelated_packages_keep_it() {
    let line = "\n// Another line.\n";
    let added = |name: &str| {
        let mut files = workspace();
        files
            .entry(name.to_owned())
            .or_default()
            .extend(line.bytes());
        files
    };
    let manifest = "verifier-chaincode/contract/Cargo.toml";
    let cases = [
        ("a unit test", added("circuits/src/eddsa/tests.rs")),
        (
            "a unit test",
            added("verifier-chaincode/contract/src/state_key/tests.rs"),
        ),
        ("a fixture", added("circuits/src/testing/claim.rs")),
        (
            "a fixture",
            added("verifier-chaincode/contract/src/testing.rs"),
        ),
        ("a gadget", added("circuits/src/eddsa/r1cs.rs")),
        ("a gadget", added("circuits/src/claim/chunk/r1cs/row.rs")),
        (
            "an integration test",
            added("verifier-chaincode/contract/tests/members.rs"),
        ),
        ("an editor's file", added("circuits/src/.field.rs.swp")),
        ("an editor's file", added("circuits/src/field.rs~")),
        ("a document", added("circuits/SPEC.md")),
        ("a progress bar", with_locked("indicatif")),
        ("a dev-dependency", with_locked("proptest")),
        (
            "a requirement",
            with("Cargo.toml", "\nindicatif = \"", "\nindicatif = \"="),
        ),
        (
            "a dev-dependency",
            with(
                manifest,
                "[dev-dependencies]\n",
                "[dev-dependencies]\nhex = \"0\"\n",
            ),
        ),
        (
            "a lint",
            with(
                "Cargo.toml",
                "unsafe_code = \"deny\"",
                "unsafe_code = \"warn\"",
            ),
        ),
    ];
    for (what, files) in cases {
        assert_eq!(digest(&files), CONTRACT_DIGEST, "{what}");
    }
}

#[test]
fn everything_that_decides_changes_it() {
    let manifest = "verifier-chaincode/contract/Cargo.toml";
    let head = |name: &str| with(name, "//! ", "//! Another. ");
    let cases = [
        head("verifier-chaincode/contract/src/judge.rs"),
        head("verifier-chaincode/contract/src/judge/claim.rs"),
        head("verifier-chaincode/contract/src/contract/query/lists.rs"),
        head("verifier-chaincode/shim/src/run.rs"),
        head("verifier-chaincode/src/ledger.rs"),
        head("verifier-chaincode/src/main.rs"),
        head("circuits/src/eligibility/check.rs"),
        head("circuits/src/verify/key.rs"),
        head("collections-config/src/policy.rs"),
        with("circuits/codes/duo.tsv", "\t", "\t "),
        with("circuits/codes/icd10-chapters.tsv", "\t", "\t "),
        with("circuits/pins/circuits.txt", "\n", "\n\n"),
        with(
            manifest,
            "borsh = { workspace = true }",
            "borsh = { workspace = true, features = [\"x\"] }",
        ),
        with("Cargo.toml", "edition = \"2024\"", "edition = \"2027\""),
        with_locked("ark-ff"),
        with_locked("borsh"),
        with_locked("serde_core"),
        with_locked("tonic"),
    ];
    let mut digests = vec![CONTRACT_DIGEST.to_owned()];
    digests.extend(cases.iter().map(digest));
    let distinct: std::collections::BTreeSet<&String> = digests.iter().collect();
    assert_eq!(distinct.len(), digests.len(), "{digests:#?}");
}

#[test]
fn a_file_more_or_less_changes_it() {
    let mut files = workspace();
    files.insert("circuits/src/new.rs".to_owned(), Vec::new());
    assert_ne!(digest(&files), CONTRACT_DIGEST);
    files = workspace();
    files.remove("verifier-chaincode/contract/src/judge/pages.rs");
    assert_ne!(digest(&files), CONTRACT_DIGEST);
}

#[test]
fn no_covered_file_holds_tests() {
    // A test beside the code would change the contract's label; it belongs into `foo/tests.rs`.
    let files = workspace();
    let covered = identity(&files).unwrap().covered;
    let holds_tests = |name: &&String| {
        let text = String::from_utf8_lossy(&files[*name]);
        text.contains("#[test]") || text.contains("mod tests {")
    };
    let found: Vec<&String> = covered
        .iter()
        .filter(|n| files.contains_key(*n))
        .filter(holds_tests)
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}
