use super::*;
use ark_ff::{AdditiveGroup, Field};

fn key() -> PrivateKey {
    PrivateKey::from_bytes([7; 32])
}

fn order_two() -> Point {
    Point {
        x: Fr::ZERO,
        y: -Fr::ONE,
    }
}

#[test]
fn signatures_verify_and_bind_key_and_message() {
    let message = Fr::from(42u64);
    let signature = key().sign(message);
    assert_eq!(verify(&key().public_key(), message, &signature), Ok(()));
    assert_eq!(
        verify(&key().public_key(), Fr::from(43u64), &signature),
        Err(EddsaError::Equation)
    );
    let other = PrivateKey::from_bytes([8; 32]).public_key();
    assert_eq!(
        verify(&other, message, &signature),
        Err(EddsaError::Equation)
    );
    let mut moved = signature.clone();
    moved.s = moved.s.add(&Scalar::from_u64(1));
    assert_eq!(
        verify(&key().public_key(), message, &moved),
        Err(EddsaError::Equation)
    );
    let mut moved = signature;
    moved.r8 = moved.r8.add(&order_two());
    assert_eq!(
        verify(&key().public_key(), message, &moved),
        Err(EddsaError::Equation)
    );
}

#[test]
fn signing_is_deterministic() {
    assert!(key().sign(Fr::ONE) == key().sign(Fr::ONE));
    assert!(key().sign(Fr::ONE).r8 != key().sign(Fr::ZERO).r8);
}

#[test]
fn c5_keys_of_small_order_and_other_cosets_are_refused() {
    // With a small-order key 8*h*A is the identity, so (nonce*B8, nonce) would sign anything.
    let forged = Signature {
        r8: Point::BASE8,
        s: Scalar::from_u64(1),
    };
    for bad in [
        order_two(),
        Point::IDENTITY,
        key().public_key().add(&order_two()),
    ] {
        assert_eq!(verify(&bad, Fr::ONE, &forged), Err(EddsaError::Key));
    }
    let off_curve = Point {
        x: Fr::ONE,
        y: Fr::ONE,
    };
    assert_eq!(verify(&off_curve, Fr::ONE, &forged), Err(EddsaError::Key));
}

#[test]
fn c5_s_at_or_above_the_order_and_r8_off_the_curve_are_refused() {
    let signature = key().sign(Fr::ONE);
    let bytes = signature.to_bytes();
    assert!(Signature::from_bytes(&bytes).is_ok_and(|s| s == signature));
    let order = Felt(Scalar::zero().sub(&Scalar::from_u64(1)).to_field() + Fr::ONE);
    let mut high = bytes;
    high[64..].copy_from_slice(&order.to_bytes());
    assert!(Signature::from_bytes(&high).is_err_and(|e| e == EddsaError::S));
    let mut off = bytes;
    off[0] ^= 1;
    assert!(Signature::from_bytes(&off).is_err_and(|e| e == EddsaError::R8));
    assert!(
        Signature::from_bytes(&[&bytes[..], &[0]].concat())
            .is_err_and(|e| e == EddsaError::Encoding)
    );
}

#[test]
fn codecs_round_trip_and_are_strict() {
    let signature = key().sign(Fr::ONE);
    let text = serde_json::to_string(&signature).unwrap();
    assert!(serde_json::from_str::<Signature>(&text).unwrap() == signature);
    assert!(serde_json::from_str::<Signature>(&text.to_uppercase()).is_err());
    let bytes = borsh::to_vec(&signature).unwrap();
    assert!(borsh::from_slice::<Signature>(&bytes).unwrap() == signature);
}
