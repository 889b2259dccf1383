//! The layout rules of the workspace, as tests: which crate may import which, how long a file may
//! be, what no file may contain.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

const MAX_LINES: usize = 600;

/// Crate -> our crates that it may import outside its tests.
const ALLOWED: &[(&str, &[&str])] = &[
    ("circuits", &[]),
    ("collections-config", &[]),
    ("prover", &["circuits"]),
    ("verifier-chaincode", &["circuits", "collections-config"]),
    (
        "gateway",
        &[
            "circuits",
            "prover",
            "verifier-chaincode",
            "collections-config",
            "fabric-net",
        ],
    ),
    ("fabric-net", &["collections-config"]),
    (
        "benches",
        &[
            "circuits",
            "prover",
            "verifier-chaincode",
            "gateway",
            "collections-config",
        ],
    ),
    (
        "tests",
        &[
            "circuits",
            "prover",
            "verifier-chaincode",
            "gateway",
            "collections-config",
            "fabric-net",
        ],
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace root")
        .to_path_buf()
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a readable folder").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() {
            if name != "target"
                && name != "node_modules"
                && !name.to_string_lossy().starts_with('.')
            {
                sources(&path, found);
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn all_sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    sources(&root(), &mut found);
    assert!(
        found.len() > 20,
        "the walk found only {} files",
        found.len()
    );
    found
}

#[test]
fn imports_follow_the_table() {
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
        .expect("cargo metadata runs");
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON");
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let packages = metadata["packages"].as_array().expect("packages");
    assert_eq!(packages.len(), ALLOWED.len());
    for package in packages {
        let name = package["name"].as_str().expect("a name");
        let table = allowed
            .get(name)
            .unwrap_or_else(|| panic!("{name} is not in the table"));
        for dependency in package["dependencies"].as_array().expect("dependencies") {
            let target = dependency["name"].as_str().expect("a name");
            let is_ours = allowed.contains_key(target);
            let is_test_only = dependency["kind"].as_str() == Some("dev");
            assert!(
                !is_ours || is_test_only || table.contains(&target),
                "{name} must not import {target}"
            );
        }
    }
}

#[test]
fn the_contract_is_pure() {
    let mut found = Vec::new();
    sources(&root().join("verifier-chaincode/src"), &mut found);
    // The program hands a clock to the service; the contract gets none.
    for path in found
        .into_iter()
        .filter(|p| !p.ends_with("bin/medveil-chaincode.rs"))
    {
        let text = std::fs::read_to_string(&path).expect("a readable source");
        // What watches the process counts in floating point; nothing of it reaches a call.
        let is_watching = path.ends_with("shim/metrics.rs");
        for word in [
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
        ] {
            assert!(
                is_watching && word == "f64" || !text.contains(word),
                "{} contains {word}",
                path.display()
            );
        }
    }
}

#[test]
fn files_are_short_and_have_a_head() {
    let mut long = Vec::new();
    for path in all_sources() {
        let text = std::fs::read_to_string(&path).expect("a readable source");
        let lines = text.lines().count();
        if lines > MAX_LINES {
            long.push(format!("{} has {lines} lines", path.display()));
        }
        let is_test = path.file_name().is_some_and(|n| n == "tests.rs")
            || path.components().any(|c| c.as_os_str() == "tests");
        let in_src = !is_test && path.components().any(|c| c.as_os_str() == "src");
        if in_src && !text.starts_with("//!") {
            long.push(format!("{} has no module head", path.display()));
        }
        if path.file_name().is_some_and(|n| n == "mod.rs") {
            long.push(format!(
                "{}: name the file after its module",
                path.display()
            ));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn pairing_checks_live_in_the_strict_verifier_only() {
    for path in all_sources() {
        let shown = path.to_string_lossy().replace('\\', "/");
        let is_home = shown.contains("circuits/src/verify")
            || shown.contains("/tests/")
            || shown.contains("/tests.rs")
            || shown.contains("/benches/");
        let text = std::fs::read_to_string(&path).expect("a readable source");
        let code: String = text
            .lines()
            .filter(|l| !l.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        if !is_home {
            for word in [
                "multi_miller_loop",
                "final_exponentiation",
                "Groth16::<Bn254>::verify",
                "::verify_proof(",
            ] {
                assert!(!code.contains(word), "{shown} contains {word}");
            }
        }
    }
}
