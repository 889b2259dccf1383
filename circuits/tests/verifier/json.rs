//! V4: snarkjs JSON.

use super::{Pair, inputs, proven, rng};
use medveil_circuits::field::Felt;
use medveil_circuits::proof::ProofError;
use medveil_circuits::snarkjs::{
    DecimalError, MAX_JSON_BYTES, SnarkjsError, key_from_json, key_to_json, points_to_json,
    proof_from_json, proof_to_json, public_from_json, public_to_json,
};
use medveil_circuits::testing::Trapdoor;
use medveil_circuits::verify::{Batch, ForeignKey, KeyError, Trust};
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
    assert_eq!(
        public_from_json(&public_to_json(&public.0), 2).unwrap(),
        felts
    );
    assert_eq!(
        public_to_json(&inputs(&[7, 0]).0)
            .split_whitespace()
            .collect::<String>(),
        r#"["7","0"]"#
    );
}

#[test]
fn v4_other_systems_and_missing_fields_are_named() {
    let plonk = r#"{"A": ["1", "2", "1"], "protocol": "plonk", "curve": "bn128"}"#;
    assert_eq!(proof_from_json(plonk), Err(SnarkjsError::Protocol));
    assert_eq!(
        key_from_json(plonk, 1, Trust::Sound).map(drop),
        Err(SnarkjsError::Protocol)
    );
    let without = |name: &str| refused(|value| drop(value.as_object_mut().unwrap().remove(name)));
    assert!(
        without("pi_b")
            .to_string()
            .ends_with("whose pi_b is missing")
    );
    // rapidsnark's.
    let mut value = proof();
    value.as_object_mut().unwrap().remove("curve");
    proof_from_json(&value.to_string()).unwrap();
}

#[test]
fn v4_a_list_is_no_object() {
    let value = proof();
    let names = ["pi_a", "pi_b", "pi_c", "protocol", "curve"];
    let list = Value::from_iter(names.map(|name| value[name].clone()));
    let refused = proof_from_json(&list.to_string()).unwrap_err();
    assert!(matches!(refused, SnarkjsError::Shape { .. }), "{refused}");
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

/// The key as JSON with a change.
fn key(change: impl FnOnce(&mut Value), trust: Trust) -> Result<ForeignKey, SnarkjsError> {
    let key = Trapdoor::<Pair>::generate(&mut rng(1)).verifying_key();
    let mut json: Value = serde_json::from_str(&key_to_json(&key)).unwrap();
    change(&mut json);
    key_from_json(&json.to_string(), 2, trust)
}

#[test]
fn v4_keys_are_read_as_they_were_written_and_verify() {
    let trapdoor = Trapdoor::<Pair>::generate(&mut rng(1));
    let own = key(|_| (), Trust::Sound).unwrap();
    assert_eq!(*own.points(), *trapdoor.verifying_key().points());
    assert_eq!(
        points_to_json(own.points()),
        key_to_json(&trapdoor.verifying_key())
    );
    let public = inputs(&[3, 4]);
    let proof = trapdoor.forge(&public, &mut rng(2));
    own.verify(&public.0, proof.raw()).unwrap();
    for wrong in [&public.0[..1], &inputs(&[3, 5]).0, &inputs(&[3, 4, 0]).0] {
        own.verify(wrong, proof.raw()).unwrap_err();
    }
    let mut batch = Batch::new();
    batch.push_foreign(&own, &public.0, proof.raw(), "first");
    batch.verify().unwrap();
    batch.push_foreign(&own, &inputs(&[3, 5]).0, proof.raw(), "second");
    let said = batch.verify().unwrap_err().to_string();
    assert!(said.contains("(second)"), "{said}");
    // What snarkjs adds, and this program computes.
    let ab = json!([
        [["1", "2"], ["3", "4"], ["5", "6"]],
        [["1", "2"], ["3", "4"], ["5", "6"]]
    ]);
    key(|v| v["vk_alphabeta_12"] = ab, Trust::Sound).unwrap();
}

/// V2: delta is nobody's; gamma is the generator in every key of snarkjs.
#[test]
fn v2_foreign_keys_are_linted() {
    let generator = |v: &mut Value, name: &str| {
        let json = serde_json::to_value(g2_generator()).unwrap();
        v[name] = json;
    };
    key(|v| generator(v, "vk_gamma_2"), Trust::Sound).unwrap();
    let said = |change: &dyn Fn(&mut Value)| {
        key(change, Trust::Anything).unwrap();
        match key(change, Trust::Sound).err().unwrap() {
            SnarkjsError::Key(KeyError::Lint { why, .. }) => why,
            other => panic!("{other}"),
        }
    };
    assert!(said(&|v| generator(v, "vk_delta_2")).contains("delta is infinity or the generator"));
    assert!(said(&|v| generator(v, "vk_beta_2")).contains("beta is infinity or the generator"));
    // As in keys of powers to which nobody contributed.
    let one = json!(["1", "2", "1"]);
    assert!(
        said(&|v| v["vk_alpha_1"] = one.clone()).contains("alpha is infinity or the generator")
    );
    let same = |v: &mut Value| v["vk_gamma_2"] = v["vk_delta_2"].clone();
    assert!(said(&same).contains("gamma and delta"));
    let infinity = json!(["0", "1", "0"]);
    assert!(said(&|v| v["IC"][1] = infinity.clone()).contains("IC point is infinity"));
    assert!(said(&|v| v["IC"][1] = v["IC"][2].clone()).contains("twice"));
    assert!(said(&|v| v["vk_alpha_1"] = infinity.clone()).contains("alpha"));
}

#[test]
fn v4_keys_of_other_shapes_are_refused() {
    let refused = |change: &dyn Fn(&mut Value)| {
        // Whatever they are trusted with.
        let said = key(change, Trust::Anything).err().unwrap();
        assert_eq!(key(change, Trust::Sound).err().unwrap(), said);
        said
    };
    assert_eq!(
        refused(&|v| v["nPublic"] = json!(3)),
        SnarkjsError::Points {
            expected: 4,
            got: 3
        }
    );
    assert_eq!(
        refused(&|v| v["protocol"] = json!("fflonk")),
        SnarkjsError::Protocol
    );
    let off = |name: &'static str| {
        move |v: &mut Value| match name {
            "vk_beta_2" => v[name][0][0] = json!("1"),
            "IC" => v[name][2][0] = json!("1"),
            _ => v[name][0] = json!("1"),
        }
    };
    for name in ["vk_alpha_1", "vk_beta_2", "IC"] {
        assert!(matches!(
            refused(&off(name)),
            SnarkjsError::Key(KeyError::Format(_))
        ));
    }
    let shape = |change: &dyn Fn(&mut Value)| {
        assert!(matches!(refused(change), SnarkjsError::Shape { .. }));
    };
    shape(&|v| v["more"] = json!(1));
    shape(&|v| v["IC"][0] = json!(["1", "2"]));
    shape(&|v| v["vk_alphabeta_12"] = json!([]));
    shape(&|v| v["nPublic"] = json!(-1));
    let without = refused(&|v| drop(v.as_object_mut().unwrap().remove("IC")));
    assert!(matches!(without, SnarkjsError::Missing { field, .. } if field == "IC"));
    let json = key_to_json(&Trapdoor::<Pair>::generate(&mut rng(1)).verifying_key());
    assert!(matches!(
        key_from_json(&json, 1, Trust::Sound),
        Err(SnarkjsError::Key(KeyError::Inputs { .. }))
    ));
    assert_eq!(
        public_from_json(r#"["1","2"]"#, 1).unwrap_err(),
        SnarkjsError::Inputs {
            expected: 1,
            got: 2
        }
    );
}

/// As snarkjs writes it.
fn g2_generator() -> [[String; 2]; 3] {
    let point = <ark_bn254::G2Affine as ark_ec::AffineRepr>::generator();
    let text = |own: ark_bn254::Fq2| [own.c0.to_string(), own.c1.to_string()];
    [text(point.x), text(point.y), ["1".into(), "0".into()]]
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
        SnarkjsError::TooLong {
            expected: MAX_JSON_BYTES,
            got: 20_000
        }
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
        SnarkjsError::Proof(ProofError::Infinity("A"))
    );
    for other in [["0", "2", "0"], ["1", "1", "0"], ["0", "0", "0"]] {
        assert_eq!(
            refused(|v| v["pi_c"] = json!(other)),
            SnarkjsError::NotAffine
        );
    }
    let r = "21888242871839275222246405745257275088548364400416034343698204186575808495617";
    for bad in [r, "0x1", " 1", "01", ""] {
        assert!(
            public_from_json(&json!([bad]).to_string(), 1).is_err(),
            "{bad}"
        );
    }
    assert!(public_from_json(r#"[1]"#, 1).is_err());
    assert!(public_from_json(&json!(["9".repeat(1_000_000)]).to_string(), 64).is_err());
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
