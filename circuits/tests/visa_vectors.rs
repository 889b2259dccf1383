//! Visas made and signed outside, from SPEC section 4 alone (`tools/make_visa_vectors.mjs`):
//! accepted, and every hash is ours.
#![allow(clippy::unwrap_used)]

use medveil_circuits::eddsa::EddsaError;
use medveil_circuits::field::Felt;
use medveil_circuits::visa::{HolderSecret, SignedVisa, VisaError, VisaSchema, codes};
use serde_json::Value;

fn vectors() -> Vec<Value> {
    let text = include_str!("../vectors/visa.json");
    serde_json::from_str::<Value>(text).unwrap()["vectors"]
        .as_array()
        .unwrap()
        .clone()
}

fn felt(value: &Value) -> Felt {
    Felt::from_hex(value.as_str().unwrap()).unwrap()
}

#[test]
fn c9_visas_signed_by_circomlibjs_are_accepted() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 8);
    for vector in vectors {
        let signed = SignedVisa::from_json(&vector["file"].to_string()).unwrap();
        let visa = signed.visa();
        assert_eq!(
            VisaSchema::parse(vector["file"]["schema"].as_str().unwrap()),
            Some(visa.schema)
        );
        assert_eq!(
            visa.schema.canonical_json(),
            vector["schema_json"].as_str().unwrap()
        );
        assert_eq!(Felt(visa.slots().hash()), felt(&vector["hash"]));
        let secret = HolderSecret::from_bytes(&felt(&vector["secret"]).to_bytes()).unwrap();
        assert_eq!(secret.commitment(felt(&vector["blind"])), visa.holder);
        assert_eq!(
            codes::disease_code(visa.disease).as_deref(),
            vector["disease"].as_str()
        );
        assert_eq!(codes::permission_codes(visa.permissions), ["GRU", "HMB"]);
        assert_eq!(visa.region, felt(&vector["region"]));
        // Our own file of it reads back the same.
        assert!(SignedVisa::from_json(&signed.to_json()).unwrap().visa() == visa);
    }
}

#[test]
fn c9_their_signatures_do_not_fit_other_slots() {
    for vector in vectors() {
        let mut file = vector["file"].clone();
        file["slots"]["salt"] = "7".into();
        assert_eq!(
            SignedVisa::from_json(&file.to_string()).err(),
            Some(VisaError::Signature(EddsaError::Equation))
        );
    }
}
