//! docs/THREATS.md C10: a stored proof must go on verifying, and development keys must be the same
//! on every machine.
//!
//! `UPDATE_PINS=1 cargo test -p medveil-prover --test pins` writes the file anew; that is right only
//! together with a new circuit version.
#![allow(clippy::unwrap_used)]

use medveil_circuits::claim::ClaimFinal;
use medveil_circuits::handover::Handover;
use medveil_circuits::proof::Proof;
use medveil_circuits::statement::{PublicInputs, Statement, Synthesize};
use medveil_circuits::testing::handover_fixture;
use medveil_circuits::verify::{PreparedVerifyingKey, VerifyingKey, verify};
use medveil_prover::{Prover, development_keys};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde::{Deserialize, Serialize};
use std::path::Path;

#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Pin {
    circuit: String,
    key: String,
    public: Vec<String>,
    proof: String,
}

fn pinned<T: Serialize + for<'a> Deserialize<'a>>(name: &str, make: impl FnOnce() -> T) -> T {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("pins")
        .join(name);
    if std::env::var_os("UPDATE_PINS").is_some() {
        std::fs::write(&path, serde_json::to_string_pretty(&make()).unwrap() + "\n").unwrap();
    }
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn public_hex(public: &impl PublicInputs) -> Vec<String> {
    public
        .to_field()
        .into_iter()
        .map(|f| medveil_circuits::field::Felt(f).to_hex())
        .collect()
}

#[test]
fn c10_a_stored_handover_proof_still_verifies() {
    let (public, private) = handover_fixture();
    let pin = pinned("handover-proof.json", || {
        let (verifying, proving) = development_keys::<Handover>().unwrap();
        let proof = Prover::new(proving)
            .prove(&public, &private, &mut ChaCha20Rng::seed_from_u64(1))
            .unwrap();
        let (key, proof) = (
            hex::encode(verifying.to_bytes()),
            hex::encode(proof.to_bytes()),
        );
        Pin {
            circuit: Handover::CIRCUIT.to_string(),
            key,
            public: public_hex(&public),
            proof,
        }
    });
    assert_eq!(
        pin.public,
        public_hex(&public),
        "the fixture is the one of the stored proof"
    );
    let key = VerifyingKey::<Handover>::from_bytes(&hex::decode(&pin.key).unwrap()).unwrap();
    let proof = Proof::<Handover>::from_bytes(&hex::decode(&pin.proof).unwrap()).unwrap();
    assert_eq!(
        verify(&PreparedVerifyingKey::new(&key), &public, &proof),
        Ok(())
    );
}

fn development_digest<S: Synthesize>() -> (String, String) {
    (
        S::CIRCUIT.to_string(),
        development_keys::<S>().unwrap().0.digest().to_hex(),
    )
}

/// The two smallest circuits stand for all: the keys follow from circuit name and matrices, which
/// `circuits/pins` holds.
#[test]
fn c10_development_keys_are_the_pinned_ones() {
    let found = vec![
        development_digest::<ClaimFinal>(),
        development_digest::<Handover>(),
    ];
    assert_eq!(pinned("development-keys.json", || found.clone()), found);
}
