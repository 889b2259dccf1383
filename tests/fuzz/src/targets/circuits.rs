//! Keys, proofs, numbers and visas.

use crate::target::{Form, Reading, Target, same_bytes, text};
use medveil_circuits::eddsa::Signature;
use medveil_circuits::field::{Digest, Felt};
use medveil_circuits::handover::Handover;
use medveil_circuits::proof::RawProof;
use medveil_circuits::snarkjs;
use medveil_circuits::verify::{AnyVerifyingKey, Trust};
use medveil_circuits::visa::SignedVisa;
use medveil_collections_config::{CollectionName, MspId, SignaturePolicy};
use medveil_prover::{Witness, Zkey, wtns};

pub(super) const TARGETS: &[Target] = &[
    Target::new("verifying_key", Form::Borsh, verifying_key),
    Target::new("proving_key", Form::Borsh, proving_key).with_words(&["zkey"]),
    Target::new("proof", Form::Borsh, proof),
    Target::new("proof_json", Form::Json, proof_json).with_words(&["groth16", "bn128", "pi_a"]),
    Target::new("public_json", Form::Json, public_json),
    Target::new("key_json", Form::Json, key_json)
        .with_words(&["groth16", "bn128", "nPublic", "IC"]),
    Target::new("witness", Form::Borsh, witness).with_words(&["wtns"]),
    Target::new("visa", Form::Json, visa).with_words(VISA),
    Target::new("names", Form::Text, names).with_words(&["_implicit_org_", ".peer", "OR(", "AND("]),
];

const VISA: &[&str] = &[
    "medveil-visa-1",
    "affiliation",
    "ethics",
    "texts",
    "institution",
];

fn verifying_key(input: &[u8]) -> Reading {
    match AnyVerifyingKey::parse(input) {
        Ok(key) => {
            same_bytes("verifying key", input, key.to_bytes());
            let _ = snarkjs::key_to_json(&key);
            assert!(key.n_inputs() <= 64, "at most 64 inputs");
            Reading::of(key.into_typed::<Handover>().map(|_| ()))
        }
        Err(error) => Reading::refused(error),
    }
}

/// A `.zkey`, checked whole.
fn proving_key(input: &[u8]) -> Reading {
    let read = Zkey::parse(input.to_vec()).and_then(|key| {
        key.check()?;
        key.contributions()?;
        Ok(key)
    });
    Reading::of(read.map(|key| same_bytes("proving key", input, key.bytes())))
}

fn proof(input: &[u8]) -> Reading {
    if let Ok(signature) = <[u8; 96]>::try_from(input) {
        let signature = Signature::from_bytes(&signature);
        return Reading::of(signature.map(|s| same_bytes("signature", input, &s.to_bytes())));
    }
    match RawProof::from_bytes(input) {
        Ok(proof) => {
            same_bytes("proof", input, &proof.to_bytes());
            let json = snarkjs::proof_to_json(&proof);
            assert_eq!(
                snarkjs::proof_from_json(&json).as_ref(),
                Ok(&proof),
                "json and back"
            );
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

fn proof_json(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match snarkjs::proof_from_json(text) {
        Ok(proof) => {
            let again = RawProof::from_bytes(&proof.to_bytes());
            assert_eq!(again.as_ref(), Ok(&proof), "bytes and back");
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

fn public_json(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match snarkjs::public_from_json(text, 64) {
        Ok(inputs) => {
            let plain: Vec<_> = inputs.iter().map(|felt| felt.0).collect();
            let again = snarkjs::public_from_json(&snarkjs::public_to_json(&plain), 64);
            assert_eq!(again.as_ref(), Ok(&inputs), "json and back");
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

fn key_json(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match snarkjs::key_from_json(text, 64, Trust::Anything) {
        Ok(key) => {
            let json = snarkjs::points_to_json(key.points());
            let again = snarkjs::key_from_json(&json, 64, Trust::Anything);
            assert_eq!(
                again.map(|key| key.digest()),
                Ok(key.digest()),
                "json and back"
            );
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

fn witness(input: &[u8]) -> Reading {
    match Witness::parse(input) {
        Ok(read) => {
            let again = wtns::write(read.values());
            assert_eq!(again.len(), input.len(), "no byte that nothing says");
            assert!(Witness::parse(&again).is_ok(), "bytes and back");
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

fn visa(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    match SignedVisa::from_json(text) {
        Ok(visa) => {
            let json = visa.to_json();
            let again = SignedVisa::from_json(&json).map(|v| v.to_json());
            assert_eq!(again.as_ref(), Ok(&json), "json and back");
            Reading::Read
        }
        Err(error) => Reading::refused(error),
    }
}

/// Single words: numbers, days, digests, names, signature policies. Each says no by itself.
fn names(input: &[u8]) -> Reading {
    let text = match text(input) {
        Ok(text) => text,
        Err(reading) => return reading,
    };
    let msp = MspId::new(text).map(|id| assert_eq!(id.as_str(), text));
    let collection = text.parse::<CollectionName>();
    let collection = collection.map(|name| assert_eq!(name.to_string(), text));
    let number = medveil_circuits::visa::signed::parse_number(text).is_some()
        || medveil_circuits::visa::day::parse(text).is_some();
    let felt = Felt::from_hex(text).map(|f| assert_eq!(f.to_hex(), text));
    let digest = Digest::from_hex(text).map(|d| assert_eq!(d.to_hex(), text));
    let policy = text.parse::<SignaturePolicy>().map(|policy| {
        let printed = policy.to_string();
        let again = printed.parse::<SignaturePolicy>().map(|p| p.to_string());
        assert_eq!(again, Ok(printed), "it prints what it reads");
    });
    let read = [
        msp.is_ok(),
        collection.is_ok(),
        number,
        felt.is_ok(),
        digest.is_ok(),
    ];
    match policy {
        Err(error) if !read.contains(&true) => Reading::refused(error),
        _ => Reading::Read,
    }
}
