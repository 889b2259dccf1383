use super::*;
use crate::eddsa::{PrivateKey, verify};
use ark_ff::{AdditiveGroup, Field};
use ark_relations::gr1cs::{ConstraintSystem, SynthesisMode};

fn key() -> PrivateKey {
    PrivateKey::from_bytes([7; 32])
}

fn order_two() -> Point {
    Point {
        x: Fr::ZERO,
        y: -Fr::ONE,
    }
}

/// Builds the circuit; `s_bits` overrides the bits of S.
fn build(
    enabled: bool,
    key: Option<&Point>,
    signature: Option<&Signature>,
    s_bits: Option<&[bool]>,
    message: Fr,
) -> ConstraintSystemRef<Fr> {
    let cs = ConstraintSystem::<Fr>::new_ref();
    if key.is_none() {
        cs.set_mode(SynthesisMode::Setup);
    }
    let on = Boolean::new_witness(cs.clone(), || Ok(enabled)).unwrap();
    let key = PointVar::new_witness(cs.clone(), key).unwrap();
    let mut signature = SignatureVar::new_witness(cs.clone(), signature).unwrap();
    if let Some(bits) = s_bits {
        signature.s_bits = bits
            .iter()
            .map(|bit| Boolean::new_witness(cs.clone(), || Ok(*bit)).unwrap())
            .collect();
    }
    let message = FpVar::new_witness(cs.clone(), || Ok(message)).unwrap();
    enforce_verify(&on, &key, &signature, &message).unwrap();
    cs
}

fn satisfied(enabled: bool, key: &Point, signature: &Signature, message: Fr) -> bool {
    build(enabled, Some(key), Some(signature), None, message)
        .is_satisfied()
        .unwrap()
}

#[test]
fn circuit_and_native_check_agree() {
    let message = Fr::from(42u64);
    let good = key().sign(message);
    let other_key = PrivateKey::from_bytes([8; 32]).public_key();
    let shifted = Signature {
        s: good.s.add(&Scalar::from_u64(1)),
        ..good.clone()
    };
    let torsion = Signature {
        r8: good.r8.add(&order_two()),
        ..good.clone()
    };
    let own = key().public_key();
    for (key, message, signature) in [
        (own, message, &good),
        (own, Fr::from(43u64), &good),
        (other_key, message, &good),
        (own, message, &shifted),
        (own, message, &torsion),
        (own, message, &Signature::placeholder()),
    ] {
        let native = verify(&key, message, signature).is_ok();
        assert_eq!(satisfied(true, &key, signature, message), native);
    }
}

#[test]
fn many_signatures_verify() {
    for i in 0..8u64 {
        let key = PrivateKey::from_bytes([i as u8; 32]);
        let message = Fr::from(i) - Fr::ONE;
        assert!(satisfied(
            true,
            &key.public_key(),
            &key.sign(message),
            message
        ));
    }
}

#[test]
fn cost_and_shape() {
    let message = Fr::from(42u64);
    let cs = build(
        true,
        Some(&key().public_key()),
        Some(&key().sign(message)),
        None,
        message,
    );
    let setup = build(true, None, None, None, message);
    assert_eq!(cs.num_constraints(), setup.num_constraints());
    assert_eq!(cs.num_witness_variables(), setup.num_witness_variables());
    cs.finalize();
    setup.finalize();
    assert_eq!(cs.to_matrices().unwrap(), setup.to_matrices().unwrap());
    let enabled_bit = 1;
    // S bits and bound, challenge hash and bits, selections, curve equations, 8A and its check, two
    // multiplications, sum, equation.
    let expected = 251 + 173 + 321 + 407 + 4 + 6 + 15 + 1 + 1848 + 504 + 6 + 2;
    assert_eq!(cs.num_constraints() - enabled_bit, expected);
    assert_eq!(expected, 3_538);
}

#[test]
fn zeros_and_rubbish_satisfy_it_where_disabled() {
    let zero = Point {
        x: Fr::ZERO,
        y: Fr::ZERO,
    };
    let zeros = Signature {
        r8: zero,
        s: Scalar::zero(),
    };
    assert!(satisfied(false, &zero, &zeros, Fr::ZERO));
    assert!(satisfied(
        false,
        &Point::IDENTITY,
        &Signature::placeholder(),
        Fr::ZERO
    ));
    assert!(satisfied(
        false,
        &Point {
            x: Fr::ONE,
            y: Fr::ONE
        },
        &key().sign(Fr::ONE),
        Fr::from(9u64)
    ));
    assert!(
        !build(true, Some(&zero), Some(&zeros), None, Fr::ZERO)
            .is_satisfied()
            .unwrap()
    );
}

#[test]
fn c5_small_order_keys_and_points_off_the_curve_are_refused() {
    // 8A is the identity, so S = nonce would sign anything.
    let forged = Signature {
        r8: Point::BASE8,
        s: Scalar::from_u64(1),
    };
    assert!(!satisfied(true, &order_two(), &forged, Fr::ONE));
    assert!(!satisfied(true, &Point::IDENTITY, &forged, Fr::ONE));
    let off = Point {
        x: Fr::ONE,
        y: Fr::ONE,
    };
    assert!(!satisfied(true, &off, &forged, Fr::ONE));
    let good = key().sign(Fr::ONE);
    assert!(!satisfied(
        true,
        &key().public_key(),
        &Signature { r8: off, ..good },
        Fr::ONE
    ));
}

#[test]
fn c5_s_plus_the_order_is_refused() {
    // S + l fits 251 bits for S < 2^251 - l and satisfies the equation, so only the bound refuses
    // it.
    let order = Scalar::greatest();
    let headroom = Fr::from(2u64).pow([251u64]) - Fr::from(order) - Fr::ONE;
    let (message, signature) = (0u64..)
        .map(|i| (Fr::from(i), key().sign(Fr::from(i))))
        .find(|(_, s)| s.s.to_field() < headroom)
        .unwrap();
    let high = signature.s.to_field() + Fr::from(order) + Fr::ONE;
    let bits: Vec<bool> =
        ark_ff::BigInteger::to_bits_le(&ark_ff::PrimeField::into_bigint(high))[..251].to_vec();
    let own = key().public_key();
    let cs = build(true, Some(&own), Some(&signature), Some(&bits), message);
    assert!(!cs.is_satisfied().unwrap());
    let left = fixed_base_mul(
        Point::BASE8,
        &bits
            .iter()
            .map(|b| Boolean::constant(*b))
            .collect::<Vec<_>>(),
    )
    .unwrap();
    assert_eq!(left.value().unwrap(), Point::BASE8.mul(&signature.s));
}
