//! docs/THREATS.md C9: gnark's verifier accepts what this project proves and exports, and nothing
//! else.
//!
//! Needs Go, whose client builds gnark from this crate's lock file into the build folder.

use ark_bn254::{Fq2, G2Affine};
use ark_ff::PrimeField;
use medveil_circuits::field::Fr;
use medveil_circuits::handover::Handover;
use medveil_circuits::snarkjs::{key_to_json, points_to_json, proof_to_json, public_to_json};
use medveil_circuits::statement::PublicInputs;
use medveil_circuits::testing::handover_fixture;
use medveil_circuits::verify::Trust;
use medveil_peers::peer::{Had, Peer, Places};
use medveil_prover::groth16::CircuitProver;
use medveil_prover::r1cs::Sizes;
use medveil_prover::{Prover, R1cs, Witness, insecure_key, setup, wtns};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use tempfile::TempDir;

/// gnark with a folder for the files that it is given.
struct Gnark {
    program: PathBuf,
    folder: TempDir,
}

fn build() -> Option<PathBuf> {
    let places = Places {
        cache: Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers"),
        worker: Vec::new(),
        rapidsnark: None,
    };
    let is_ci = std::env::var_os("CI").is_some_and(|ci| !ci.is_empty());
    match Had::get(Peer::Gnark, &places) {
        Ok(had) => Some(had.program.path),
        Err(why) if why == "`go` is not installed here" && !is_ci => {
            eprintln!("{why}, so gnark's verifier is left out");
            None
        }
        Err(why) => panic!("gnark's verifier cannot be had: {why}"),
    }
}

impl Gnark {
    /// `None` where there is no Go, but in continuous integration.
    fn get() -> Option<Self> {
        static PROGRAM: OnceLock<Option<PathBuf>> = OnceLock::new();
        let program = PROGRAM.get_or_init(build).clone()?;
        let folder = tempfile::tempdir().unwrap();
        Some(Gnark { program, folder })
    }

    fn code(&self, key: &str, public: &str, proof: &str) -> (Option<i32>, String) {
        let mut command = Command::new(&self.program);
        command.arg("verify").current_dir(self.folder.path());
        for (name, text) in [("key", key), ("public", public), ("proof", proof)] {
            std::fs::write(self.folder.path().join(name), text).unwrap();
            command.arg(name);
        }
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).unwrap();
        (output.status.code(), said.trim_end().to_owned())
    }

    /// What it says against a proof; anything but its two verdicts is a failure of the test.
    #[track_caller]
    fn refusal(&self, key: &str, public: &str, proof: &str) -> Option<String> {
        match self.code(key, public, proof) {
            (Some(0), said) if said == "verified" => None,
            (Some(1), said) => Some(said.strip_prefix("refused: ").expect(&said).to_owned()),
            (code, said) => panic!("{code:?}: {said}"),
        }
    }

    #[track_caller]
    fn accepts(&self, key: &str, public: &str, proof: &str) {
        assert_eq!(self.refusal(key, public, proof), None);
    }

    #[track_caller]
    fn refuses(&self, key: &str, public: &str, proof: &str, why: &str) {
        let said = self.refusal(key, public, proof).expect("a refusal");
        assert!(said.contains(why), "{said}");
    }

    /// Every input must be the one that was proven, and all of them must be there.
    fn refuses_other_inputs(&self, key: &str, public: &[Fr], proof: &str) {
        for at in 0..public.len() {
            let mut wrong = public.to_vec();
            wrong[at] += Fr::from(1);
            self.refuses(key, &public_to_json(&wrong), proof, PAIRING);
        }
        let (_, fewer) = public.split_last().unwrap();
        let more = [public, &[Fr::from(0)]].concat();
        for wrong in [fewer, &more] {
            self.refuses(key, &public_to_json(wrong), proof, "invalid witness size");
        }
    }
}

/// gnark's words for a proof of something else.
const PAIRING: &str = "pairing doesn't match";

/// A proof with another value at a place.
fn with(proof: &str, place: &str, value: Value) -> String {
    let mut proof: Value = serde_json::from_str(proof).unwrap();
    *proof.pointer_mut(place).unwrap() = value;
    proof.to_string()
}

fn at(proof: &str, place: &str) -> Value {
    let proof: Value = serde_json::from_str(proof).unwrap();
    proof.pointer(place).unwrap().clone()
}

/// A point of the curve that is not in the subgroup, as snarkjs writes it.
#[allow(clippy::disallowed_methods)] // Such a point is what the test is about.
fn outside_of_the_subgroup() -> Value {
    let point = (1u64..)
        .filter_map(|x| G2Affine::get_point_from_x_unchecked(Fq2::new(x.into(), 0.into()), true))
        .find(|point| !point.is_in_correct_subgroup_assuming_on_curve())
        .unwrap();
    let text = |own: Fq2| [own.c0, own.c1].map(|part| part.into_bigint().to_string());
    json!([text(point.x), text(point.y), ["1", "0"]])
}

#[test]
fn c9_gnark_verifies_exported_proofs() {
    let Some(gnark) = Gnark::get() else { return };
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let (verifying, proving) = setup::<Handover>(rng).unwrap();
    let (public, private) = handover_fixture();
    let prover = Prover::<Handover>::new(proving);
    let mut prove = || prover.prove(&public, &private, rng).unwrap();
    let (proof, other) = (prove(), prove());
    let (proof, other) = (proof_to_json(proof.raw()), proof_to_json(other.raw()));
    let (key, inputs) = (key_to_json(&verifying), public.to_field());
    let public = public_to_json(&inputs);
    gnark.accepts(&key, &public, &proof);
    gnark.accepts(&key, &public, &other);

    gnark.refuses_other_inputs(&key, &inputs, &proof);
    let (a, c) = (at(&proof, "/pi_a"), at(&proof, "/pi_c"));
    let swapped = with(&with(&proof, "/pi_a", c), "/pi_c", a);
    gnark.refuses(&key, &public, &swapped, PAIRING);
    for place in ["/pi_a", "/pi_b", "/pi_c"] {
        let mixed = with(&proof, place, at(&other, place));
        gnark.refuses(&key, &public, &mixed, PAIRING);
    }
    let (other_key, _) = setup::<Handover>(rng).unwrap();
    gnark.refuses(&key_to_json(&other_key), &public, &proof, PAIRING);
}

/// A verifier that takes any numbers for points would say nothing about proofs.
#[test]
fn c9_gnark_is_given_points_of_the_group_only() {
    let Some(gnark) = Gnark::get() else { return };
    let (key, public, proof) = foreign();
    let public = public_to_json(&public);
    let refuses = |place, value, why| {
        gnark.refuses(&key, &public, &with(&proof, place, value), why);
    };
    refuses("/pi_a/0", json!("1"), "not on the curve");
    refuses("/pi_c", json!(["0", "0", "1"]), "not on the curve");
    refuses("/pi_b/1/0", json!("1"), "not on the curve");
    refuses("/pi_b", outside_of_the_subgroup(), "not in the subgroup");
    refuses("/pi_a", json!(["0", "1", "0"]), PAIRING);
    let other = with(&key, "/vk_delta_2", outside_of_the_subgroup());
    gnark.refuses(&other, &public, &proof, "not in the subgroup");
    for (place, value) in [
        ("/pi_a/2", "2"),
        ("/pi_a/0", "-1"),
        ("/pi_a/0", "01"),
        ("/curve", "bls12381"),
    ] {
        let unread = with(&proof, place, json!(value));
        assert_eq!(gnark.code(&key, &public, &unread).0, Some(2), "{place}");
    }
}

/// Key, public values and proof of a circuit that is none of this project's: the output is the
/// product of a public and a private input.
fn foreign() -> (String, Vec<Fr>, String) {
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    let sizes = Sizes {
        wires: 4,
        outputs: 1,
        public_inputs: 1,
        private_inputs: 1,
        labels: 4,
        constraints: 1,
    };
    let rows = [2, 3, 1].map(|wire| vec![vec![(Fr::from(1), wire)]]);
    let circuit = R1cs::new(sizes, &rows).unwrap();
    let values = [1, 42, 6, 7].map(Fr::from);
    let witness = Witness::parse(&wtns::write(&values)).unwrap();
    let key = insecure_key(&circuit, rng).unwrap();
    let prover = CircuitProver::new(&key, Trust::Sound).unwrap();
    let (proof, public) = prover.prove(&witness, rng).unwrap();
    let key = points_to_json(prover.verifying().points());
    (key, public, proof_to_json(&proof))
}

#[test]
fn c9_gnark_verifies_proofs_of_foreign_circuits() {
    let Some(gnark) = Gnark::get() else { return };
    let (key, public, proof) = foreign();
    assert_eq!(public, [42, 6].map(Fr::from));
    gnark.accepts(&key, &public_to_json(&public), &proof);
    gnark.refuses_other_inputs(&key, &public, &proof);
}
