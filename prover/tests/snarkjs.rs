//! docs/THREATS.md C9: an independent verifier, snarkjs from npm, accepts what this project proves
//! and exports, and nothing else.
//!
//! Needs Node.js with npm. `npm ci` in `tests/js` provides snarkjs; without that the test installs
//! it, from the same lock file, into the build folder.
#![allow(clippy::unwrap_used)]

#[path = "snarkjs/foreign.rs"]
mod foreign;
#[path = "snarkjs/phase2.rs"]
mod phase2;

use medveil_circuits::handover::Handover;
use medveil_circuits::proof::Proof;
use medveil_circuits::shape::Matrices;
use medveil_circuits::snarkjs::{key_to_json, proof_from_json, proof_to_json, public_to_json};
use medveil_circuits::statement::PublicInputs;
use medveil_circuits::testing::handover_fixture;
use medveil_circuits::verify::{PreparedVerifyingKey, verify};
use medveil_prover::{Prover, setup, wtns};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

fn snarkjs() -> PathBuf {
    package("js", "snarkjs").join("cli.js")
}

/// The folder of an npm package: of those in `tests/FOLDER`, or installed from the same lock file
/// into the build folder.
fn package(folder: &str, name: &str) -> PathBuf {
    static INSTALLING: Mutex<()> = Mutex::new(());
    let js = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests")
        .join(folder);
    let of = |dir: &Path| dir.join("node_modules").join(name);
    if of(&js).is_dir() {
        return of(&js);
    }
    let installing = INSTALLING.lock();
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    if !of(&cache).is_dir() {
        std::fs::create_dir_all(&cache).unwrap();
        for file in ["package.json", "package-lock.json"] {
            std::fs::copy(js.join(file), cache.join(file)).unwrap();
        }
        let status = Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(&cache)
            .status();
        assert!(
            status
                .expect("npm starts: this test needs Node.js with npm")
                .success(),
            "npm ci failed in {}",
            cache.display()
        );
    }
    drop(installing);
    of(&cache)
}

/// Whether snarkjs accepts; anything but its two verdicts is a failure of the test.
fn accepts(cli: &Path, dir: &Path, files: [&str; 3]) -> bool {
    let output = Command::new("node")
        .arg(cli)
        .args(["groth16", "verify"])
        .args(files)
        .current_dir(dir)
        .output()
        .unwrap();
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let said_ok = text.contains("OK!");
    assert!(said_ok || text.contains("Invalid proof"), "{text}");
    assert_eq!(said_ok, output.status.success(), "{text}");
    said_ok
}

#[test]
fn c9_snarkjs_verifies_exported_proofs() {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let (verifying, proving) = setup::<Handover>(rng).unwrap();
    let (public, private) = handover_fixture();
    let proof = Prover::<Handover>::new(proving)
        .prove(&public, &private, rng)
        .unwrap();
    let mut wrong = public.to_field();
    wrong[0] += medveil_circuits::field::Fr::from(1u64);

    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| std::fs::write(dir.path().join(name), text).unwrap();
    write("key.json", key_to_json(&verifying));
    write(
        "other_key.json",
        key_to_json(&setup::<Handover>(rng).unwrap().0),
    );
    write("proof.json", proof_to_json(proof.raw()));
    write("public.json", public_to_json(&public.to_field()));
    write("wrong.json", public_to_json(&wrong));

    let cli = snarkjs();
    assert!(accepts(
        &cli,
        dir.path(),
        ["key.json", "public.json", "proof.json"]
    ));
    assert!(!accepts(
        &cli,
        dir.path(),
        ["key.json", "wrong.json", "proof.json"]
    ));
    assert!(!accepts(
        &cli,
        dir.path(),
        ["other_key.json", "public.json", "proof.json"]
    ));
}

/// snarkjs makes a proof with a key and a witness of ours, and each verifier accepts it.
#[test]
fn snarkjs_proves_with_our_key_and_witness() {
    let (cli, dir) = (snarkjs(), tempfile::tempdir().unwrap());
    let (_, proving) = setup::<Handover>(&mut ChaCha20Rng::seed_from_u64(7)).unwrap();
    let (public, private) = handover_fixture();
    let matrices = Matrices::of::<Handover>().unwrap();
    let assignment = matrices.assign::<Handover>(&public, &private).unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).unwrap();
    write("key.zkey", proving.zkey().bytes());
    write("witness.wtns", &wtns::write(assignment.values()));
    write(
        "key.json",
        key_to_json(proving.verifying().any()).as_bytes(),
    );
    let files = ["key.zkey", "witness.wtns", "proof.json", "public.json"];
    let made = Command::new("node")
        .arg(&cli)
        .args(["groth16", "prove"])
        .args(files)
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stdout)
    );
    assert!(accepts(
        &cli,
        dir.path(),
        ["key.json", "public.json", "proof.json"]
    ));
    let proof = std::fs::read_to_string(dir.path().join("proof.json")).unwrap();
    let proof = Proof::new(proof_from_json(&proof).unwrap());
    let prepared = PreparedVerifyingKey::new(proving.verifying());
    verify(&prepared, &public, &proof).unwrap();
}
