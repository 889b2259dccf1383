//! V4: snarkjs JSON.

use super::{Pair, inputs, proven, rng};
use medveil_circuits::field::Felt;
use medveil_circuits::proof::ProofError;
use medveil_circuits::snarkjs::{
    DecimalError, SnarkjsError, key_to_json, proof_from_json, proof_to_json, public_from_json,
    public_to_json,
};
use medveil_circuits::testing::Trapdoor;
use serde_json::{Value, json};

fn proof() -> Value {
    serde_json::from_str(&proof_to_json(proven().2.raw())).unwrap()
}

fn refused(change: impl FnOnce(&mut Value)) -> SnarkjsError {
    let mut value = proof();
    change(&mut value);
    proof_from_json(&value.to_string()).unwrap_err()
}

#[test]
fn v4_proofs_and_inputs_round_trip() {
    let (_, public, proof) = proven();
    assert_eq!(
        proof_from_json(&proof_to_json(proof.raw())).unwrap(),
        *proof.raw()
    );
    let felts: Vec<Felt> = public.0.iter().map(|f| Felt(*f)).collect();
    assert_eq!(public_from_json(&public_to_json(&public.0)).unwrap(), felts);
    assert_eq!(
        public_to_json(&inputs(&[7, 0]).0)
            .split_whitespace()
            .collect::<String>(),
        r#"["7","0"]"#
    );
}

#[test]
fn v4_keys_are_written_as_snarkjs_reads_them() {
    let key = Trapdoor::<Pair>::generate(&mut rng(1)).verifying_key();
    let json: Value = serde_json::from_str(&key_to_json(&key)).unwrap();
    assert_eq!(json["protocol"], "groth16");
    assert_eq!(json["nPublic"], 2);
    assert_eq!(json["IC"].as_array().unwrap().len(), 3);
    assert_eq!(json["vk_beta_2"][2], json!(["1", "0"]));
}

#[test]
fn v4_shapes_other_than_a_proof_are_refused() {
    let shape =
        |change: fn(&mut Value)| assert!(matches!(refused(change), SnarkjsError::Shape { .. }));
    shape(|v| v["pi_a"][0] = json!(1));
    shape(|v| v["pi_a"] = json!(["1", "2"]));
    shape(|v| v["pi_a"] = json!(["1", "2", "1", "1"]));
    shape(|v| v["pi_b"] = json!([["1", "2"], ["1", "2"]]));
    shape(|v| v["extra"] = json!("1"));
    shape(|v| {
        v.as_object_mut().unwrap().remove("curve");
    });
    let text = proof().to_string();
    assert!(
        proof_from_json(&format!("{text} x")).is_err(),
        "trailing text"
    );
    assert!(
        proof_from_json(&text.replacen('{', r#"{"curve":"bn128","#, 1)).is_err(),
        "a field twice"
    );
    assert!(proof_from_json("").is_err());
    assert!(proof_from_json(&"[".repeat(10_000)).is_err());
    assert_eq!(
        proof_from_json(&" ".repeat(20_000)).unwrap_err(),
        SnarkjsError::TooLong(20_000)
    );
}

#[test]
fn v4_other_protocols_and_curves_are_refused() {
    assert_eq!(
        refused(|v| v["protocol"] = json!("plonk")),
        SnarkjsError::Protocol
    );
    assert_eq!(
        refused(|v| v["curve"] = json!("bls12381")),
        SnarkjsError::Protocol
    );
}

#[test]
fn v4_numbers_have_one_spelling_in_proofs_and_inputs() {
    let order = "21888242871839275222246405745257275088696311157297823662689037894645226208583";
    assert_eq!(
        refused(|v| v["pi_a"][0] = json!(order)),
        SnarkjsError::Decimal(DecimalError::NotCanonical)
    );
    assert_eq!(
        refused(|v| v["pi_b"][1][0] = json!("01")),
        SnarkjsError::Decimal(DecimalError::LeadingZero)
    );
    assert_eq!(
        refused(|v| v["pi_c"][1] = json!("-1")),
        SnarkjsError::Decimal(DecimalError::NotDigits)
    );
    assert_eq!(
        refused(|v| v["pi_c"][2] = json!("2")),
        SnarkjsError::NotAffine
    );
    assert_eq!(
        refused(|v| v["pi_b"][2][1] = json!("1")),
        SnarkjsError::NotAffine
    );
    assert_eq!(
        refused(|v| v["pi_a"] = json!(["0", "1", "0"])),
        SnarkjsError::NotAffine
    );
    let r = "21888242871839275222246405745257275088548364400416034343698204186575808495617";
    for bad in [r, "0x1", " 1", "01", ""] {
        assert!(
            public_from_json(&json!([bad]).to_string()).is_err(),
            "{bad}"
        );
    }
    assert!(public_from_json(r#"[1]"#).is_err());
    assert!(public_from_json(&json!(["9".repeat(1_000_000)]).to_string()).is_err());
}

#[test]
fn v3_v4_points_are_checked() {
    assert_eq!(
        refused(|v| v["pi_a"] = json!(["1", "1", "1"])),
        SnarkjsError::Proof(ProofError::Point("A"))
    );
    assert_eq!(
        refused(|v| v["pi_c"] = json!(["0", "0", "1"])),
        SnarkjsError::Proof(ProofError::Infinity("C"))
    );
    assert_eq!(
        refused(|v| v["pi_b"][0][0] = json!("1")),
        SnarkjsError::Proof(ProofError::Point("B"))
    );
}
