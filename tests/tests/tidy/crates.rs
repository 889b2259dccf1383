//! Which crate may import which, and what the contract and the bundle never link.

use crate::sources::{all, root};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Crate, without `medveil-`, and our crates that it may import outside its tests.
const ALLOWED: &[(&str, &[&str])] = &[
    ("pairing", &[]),
    ("text", &[]),
    ("circuits", &["pairing", "text"]),
    ("collections-config", &["text"]),
    ("plain-file", &[]),
    ("prover", &["circuits", "plain-file"]),
    ("peers", &["circuits", "prover"]),
    ("contract", &["circuits", "collections-config", "text"]),
    ("shim", &[]),
    (
        "verifier-chaincode",
        &["circuits", "collections-config", "contract", "shim"],
    ),
    ("fabric-net", &["collections-config"]),
    (
        "source",
        &["circuits", "fhir", "sql-on-fhir", "tables", "text"],
    ),
    ("fhir", &["sql-on-fhir"]),
    ("sql-on-fhir", &[]),
    ("tables", &["plain-file", "text"]),
    ("msp", &["collections-config"]),
    ("custody", &["plain-file"]),
    ("ledger", &["collections-config", "contract", "msp"]),
    ("embedded-wire", &["collections-config", "msp"]),
    (
        "embedded",
        &[
            "circuits",
            "collections-config",
            "contract",
            "custody",
            "embedded-wire",
            "ledger",
            "msp",
        ],
    ),
    (
        "fabric-wire",
        &["collections-config", "contract", "ledger", "msp"],
    ),
    (
        "fabric-client",
        &[
            "collections-config",
            "contract",
            "custody",
            "fabric-wire",
            "ledger",
            "msp",
        ],
    ),
    (
        "bundle",
        &[
            "circuits",
            "collections-config",
            "contract",
            "embedded-wire",
            "fabric-wire",
            "msp",
        ],
    ),
    ("bundle-wasm", &["bundle"]),
    (
        "audit",
        &[
            "circuits",
            "collections-config",
            "contract",
            "embedded",
            "embedded-wire",
            "fabric-wire",
            "ledger",
            "msp",
        ],
    ),
    (
        "gateway",
        &[
            "audit",
            "bundle",
            "circuits",
            "collections-config",
            "contract",
            "custody",
            "embedded",
            "embedded-wire",
            "fabric-client",
            "fabric-net",
            "fabric-wire",
            "ledger",
            "msp",
            "peers",
            "prover",
            "source",
            "text",
        ],
    ),
];
/// Leaves: they may import everything, and nothing imports them.
const LEAVES: &[&str] = &["benches", "clock", "crash", "fuzz", "tests"];

fn short(name: &str) -> Option<&str> {
    name.strip_prefix("medveil-")
}

fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn imports_follow_the_table() {
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let metadata = metadata();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let name = short(name).unwrap_or_else(|| panic!("{name} does not begin with medveil-"));
        if LEAVES.contains(&name) {
            continue;
        }
        let table = allowed.get(name);
        let table = table.unwrap_or_else(|| panic!("{name} is not in the table"));
        for dependency in package["dependencies"].as_array().unwrap() {
            let is_test_only = dependency["kind"].as_str() == Some("dev");
            let Some(target) = dependency["name"].as_str().and_then(short) else {
                continue;
            };
            assert!(
                is_test_only || table.contains(&target),
                "{name} must not import {target}"
            );
        }
    }
}

/// What a package links outside its tests, by name.
fn linked(package: &str, target: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "-p", package, "-e", "normal", "--prefix", "none"])
        .args(["--target", target, "-f", "{p}"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    let name = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
    text.lines().map(name).collect()
}

#[test]
fn an_outsiders_check_links_no_network_and_no_prover() {
    let native = linked("medveil-bundle", "x86_64-unknown-linux-gnu");
    for stranger in ["tokio", "tonic", "hyper", "rayon", "redb", "medveil-prover"] {
        assert!(
            !native.contains(stranger),
            "medveil-bundle links {stranger}"
        );
    }
    let web = linked("medveil-bundle-wasm", "wasm32-unknown-unknown");
    for stranger in ["ring", "getrandom"] {
        assert!(
            !web.contains(stranger),
            "{stranger} asks its host for something"
        );
    }
}

#[test]
fn the_shim_knows_no_proofs() {
    let linked = linked("medveil-shim", "x86_64-unknown-linux-gnu");
    let ours: Vec<&String> = linked
        .iter()
        .filter(|n| n.starts_with("medveil-"))
        .collect();
    assert_eq!(ours, ["medveil-shim"]);
}

#[test]
fn the_contract_is_pure() {
    let words = [
        "HashMap",
        "HashSet",
        "SystemTime",
        "Instant::now",
        "thread_rng",
        "OsRng",
        "getrandom",
        "rayon",
        "f32",
        "f64",
        "ProvingKey",
    ];
    for source in all() {
        if !source.name.starts_with("verifier-chaincode/contract/src/") {
            continue;
        }
        let found = words.iter().find(|word| source.text.contains(**word));
        assert!(found.is_none(), "{} contains {found:?}", source.name);
    }
}
