use super::*;
use crate::eddsa::{EddsaError, PrivateKey};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

fn fixture() -> (HolderSecret, Visa, VisaTexts) {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let secret = HolderSecret::generate(&mut rng);
    let blind = fresh_felt(&mut rng);
    let mut visa = Visa::new(
        VisaSchema::Ethics,
        secret.commitment(blind),
        Day(20_000),
        Day(21_000),
        &mut rng,
    );
    let texts = VisaTexts {
        study: Some("STUDY-7".into()),
        region: Some("EU".into()),
        ..VisaTexts::default()
    };
    texts.apply(&mut visa);
    visa.permissions = codes::permissions(["GRU", "HMB"]).unwrap();
    visa.disease = codes::disease("E11").unwrap();
    (secret, visa, texts)
}

fn signed() -> SignedVisa {
    let (_, visa, texts) = fixture();
    SignedVisa::sign(visa, texts, &PrivateKey::from_bytes([9; 32])).unwrap()
}

fn refuse(change: impl FnOnce(&mut Visa)) -> VisaError {
    let (_, mut visa, _) = fixture();
    change(&mut visa);
    SignedVisa::sign(visa, VisaTexts::default(), &PrivateKey::from_bytes([9; 32]))
        .err()
        .unwrap()
}

#[test]
fn files_go_round() {
    let signed = signed();
    let again = SignedVisa::from_json(&signed.to_json()).unwrap();
    assert!(
        again.visa() == signed.visa()
            && again.texts() == signed.texts()
            && again.key() == signed.key()
    );
    assert_eq!(again.to_json(), signed.to_json());
    assert!(Visa::from_slots(&signed.visa().slots()).unwrap() == *signed.visa());
}

#[test]
fn v4_numbers_are_strict() {
    let r = "21888242871839275222246405745257275088548364400416034343698204186575808495617";
    let r_minus_1 = "21888242871839275222246405745257275088548364400416034343698204186575808495616";
    assert_eq!(parse(r_minus_1), Some(Felt(-Fr::from(1u64))));
    for text in [
        r,
        "",
        "-1",
        "+1",
        "01",
        "00",
        " 1",
        "1 ",
        "0x1",
        "1e3",
        "1.0",
        "٣",
        &"9".repeat(77),
        &"1".repeat(1_000_000),
        &"G".repeat(64),
        &"f".repeat(64),
    ] {
        assert_eq!(parse(text), None);
    }
    assert_eq!(parse("0"), Some(Felt::ZERO));
    assert_eq!(
        parse(&Felt::from_u64(77).to_hex()),
        Some(Felt::from_u64(77))
    );

    fn parse(text: &str) -> Option<Felt> {
        signed::parse_number(text)
    }
}

#[test]
fn b_files_of_another_form_are_refused() {
    let good = signed().to_json();
    let bad = [
        good.replace("medveil-visa-2", "medveil-visa-1"),
        good.replacen("\"ethics\"", "\"terms\"", 1),
        good.replacen("\"role\": \"0\"", "\"role\": 0", 1),
        good.replacen("\"role\": \"0\"", "\"role\": \"0\", \"role\": \"0\"", 1),
        good.replacen("\"role\": \"0\"", "\"rule\": \"0\"", 1),
        good.replacen("\"role\": \"0\",", "", 1),
        good.replacen("{", "{\"more\": 1,", 1),
        format!("{good} x"),
        good.replace("STUDY-7", "STUDY-8"),
        " ".repeat(20_000),
        "[".repeat(10_000),
    ];
    for text in bad {
        assert_ne!(text, good);
        assert!(SignedVisa::from_json(&text).is_err());
    }
}

#[test]
fn changed_slots_break_the_signature() {
    let good = signed().to_json();
    let text = good.replacen("\"permissions\": \"6\"", "\"permissions\": \"7\"", 1);
    assert_ne!(text, good);
    assert_eq!(
        SignedVisa::from_json(&text).err(),
        Some(VisaError::Signature(EddsaError::Equation))
    );
}

#[test]
fn e9_slots_over_their_width_are_refused() {
    let (_, visa, _) = fixture();
    for (slot, bits) in [
        (Slot::Expiry, 20),
        (Slot::Asserted, 20),
        (Slot::By, 32),
        (Slot::Disease, 32),
        (Slot::Permissions, 32),
        (Slot::RevocationIndex, 64),
    ] {
        let mut slots = visa.slots();
        slots.set(slot, ark_ff::Field::pow(&Fr::from(2u64), [bits as u64]));
        assert_eq!(
            Visa::from_slots(&slots).err(),
            Some(VisaError::Width {
                slot: slot.name(),
                bits
            })
        );
    }
}

#[test]
fn what_no_issuer_must_sign() {
    assert_eq!(refuse(|v| v.asserted = Day(0)), VisaError::Days);
    assert_eq!(refuse(|v| v.asserted = v.expiry), VisaError::Days);
    assert_eq!(
        refuse(|v| v.expiry = Day(1 << 20)),
        VisaError::Width {
            slot: "expiry",
            bits: 20
        }
    );
    assert_eq!(
        refuse(|v| v.revocation_index = 0),
        VisaError::Missing {
            slot: "revocation_index",
            schema: "ethics"
        }
    );
    assert_eq!(
        refuse(|v| v.holder = Felt::ZERO),
        VisaError::Missing {
            slot: "holder",
            schema: "ethics"
        }
    );
    assert_eq!(
        refuse(|v| v.study = Felt::ZERO),
        VisaError::Missing {
            slot: "study",
            schema: "ethics"
        }
    );
    assert!(matches!(
        refuse(|v| v.disease = u32::MAX),
        VisaError::Code {
            slot: "disease",
            ..
        }
    ));
}

#[test]
fn commitments_hide_by_blind_and_keep_the_secret() {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let secret = HolderSecret::generate(&mut rng);
    let (a, b) = (fresh_felt(&mut rng), fresh_felt(&mut rng));
    assert_ne!(secret.commitment(a), secret.commitment(b));
    let again = HolderSecret::from_bytes(&secret.to_bytes()).unwrap();
    assert_eq!(again.commitment(a), secret.commitment(a));
    assert!(HolderSecret::from_bytes(&[0; 32]).is_none());
}

#[test]
fn c6_schema_ids_differ_and_name_their_code_lists() {
    let ids: std::collections::BTreeSet<_> =
        VisaSchema::ALL.map(VisaSchema::id).into_iter().collect();
    assert_eq!(ids.len(), 4);
    let (diseases, permissions) = codes::digests();
    for schema in VisaSchema::ALL {
        assert_eq!(VisaSchema::by_id(schema.id()), Some(schema));
        let json = schema.canonical_json();
        assert!(json.contains(&diseases.to_hex()) && json.contains(&permissions.to_hex()));
    }
    assert_eq!(
        VisaSchema::ALL
            .into_iter()
            .filter(|s| s.is_anchor())
            .count(),
        1
    );
}
