//! V1, V3, V5: single proofs.

use super::{Inputs, Pair, inputs, proven, rng};
use ark_bn254::{Bn254, Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInteger, PrimeField};
use ark_groth16::{Groth16, Proof as ArkProof};
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use medveil_circuits::field::Fr;
use medveil_circuits::proof::{PROOF_BYTES, Proof, ProofError, RawProof};
use medveil_circuits::testing::Trapdoor;
use medveil_circuits::verify::{VerifyError, verify};
use proptest::prelude::*;

fn count_error(got: usize) -> Result<(), VerifyError> {
    Err(VerifyError::InputCount {
        circuit: "test-pair/v1".into(),
        expected: 2,
        got,
    })
}

#[test]
fn v1_surplus_and_missing_inputs_are_refused() {
    let (key, public, proof) = proven();
    assert_eq!(verify(&key, &public, &proof), Ok(()));
    assert_eq!(verify(&key, &inputs(&[7, 0, 99]), &proof), count_error(3));
    assert_eq!(verify(&key, &inputs(&[7]), &proof), count_error(1));
    assert_eq!(verify(&key, &inputs(&[]), &proof), count_error(0));
}

/// [seen] on ark-groth16 0.6. When this fails, the library has begun to count, and the note in
/// docs/THREATS.md V1 can go.
#[test]
fn v1_the_raw_library_ignores_surplus_and_missing_inputs() {
    let trapdoor = Trapdoor::<Pair>::generate(&mut rng(1));
    let vk = trapdoor.verifying_key().into_typed::<Pair>().unwrap();
    let prepared = ark_groth16::prepare_verifying_key::<Bn254>(vk.points());
    let proof = trapdoor.forge(&inputs(&[7, 0]), &mut rng(2));
    let raw = |values: &[u64]| {
        let Inputs(values) = inputs(values);
        Groth16::<Bn254>::verify_proof(&prepared, proof.raw().points(), &values).unwrap()
    };
    assert!(raw(&[7, 0]));
    assert!(raw(&[7, 0, 99]), "a third input is ignored");
    assert!(raw(&[7]), "a missing input that equals 0 is accepted");
    assert!(!raw(&[8]));
}

#[test]
fn v1_another_instance_is_refused() {
    let (key, _, proof) = proven();
    for other in [[7, 1], [8, 0], [0, 7], [0, 0]] {
        assert!(matches!(
            verify(&key, &inputs(&other), &proof),
            Err(VerifyError::Invalid { .. })
        ));
    }
}

#[test]
fn v3_bytes_round_trip_and_have_one_length() {
    let (_, _, proof) = proven();
    let bytes = proof.to_bytes();
    assert_eq!(RawProof::from_bytes(&bytes).unwrap().to_bytes(), bytes);
    for len in [0, 1, 127, 129, 256] {
        assert_eq!(
            RawProof::from_bytes(&vec![0; len]).unwrap_err(),
            ProofError::Length(len)
        );
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(
        RawProof::from_bytes(&longer).unwrap_err(),
        ProofError::Length(129)
    );
    assert!(
        ArkProof::<Bn254>::deserialize_compressed(&longer[..]).is_ok(),
        "the raw library accepts trailing bytes"
    );
    assert!(borsh::from_slice::<RawProof>(&longer).is_err());
    assert_eq!(borsh::from_slice::<RawProof>(&bytes).unwrap(), *proof.raw());
}

fn replaced(at: std::ops::Range<usize>, with: &[u8]) -> Result<RawProof, ProofError> {
    let mut bytes = proven().2.to_bytes();
    bytes[at].copy_from_slice(with);
    RawProof::from_bytes(&bytes)
}

fn compressed(point: &impl CanonicalSerialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    point.serialize_compressed(&mut bytes).unwrap();
    bytes
}

#[test]
fn v3_infinity_is_refused() {
    let g1 = compressed(&G1Affine::zero());
    let g2 = compressed(&G2Affine::zero());
    assert_eq!(replaced(0..32, &g1).unwrap_err(), ProofError::Infinity("A"));
    assert_eq!(
        replaced(32..96, &g2).unwrap_err(),
        ProofError::Infinity("B")
    );
    assert_eq!(
        replaced(96..128, &g1).unwrap_err(),
        ProofError::Infinity("C")
    );
    let points = |a, b, c| RawProof::from_points(ArkProof { a, b, c }).unwrap_err();
    let (one, two) = (G1Affine::generator(), G2Affine::generator());
    assert_eq!(
        points(G1Affine::zero(), two, one),
        ProofError::Infinity("A")
    );
    assert_eq!(
        points(one, G2Affine::zero(), one),
        ProofError::Infinity("B")
    );
    assert_eq!(
        points(one, two, G1Affine::zero()),
        ProofError::Infinity("C")
    );
}

#[test]
fn v3_other_encodings_of_infinity_are_refused() {
    let mut g1 = compressed(&G1Affine::zero());
    g1[0] = 5;
    assert!(replaced(0..32, &g1).is_err());
    assert!(replaced(96..128, &g1).is_err());
    let mut both_flags = compressed(&G1Affine::generator());
    both_flags[31] |= 0xc0;
    assert!(replaced(0..32, &both_flags).is_err());
}

#[test]
fn v3_coordinates_at_or_above_the_field_order_are_refused() {
    // The generator has x = 1; p + 1 is the same point in another encoding.
    let mut order = Fq::MODULUS;
    order.add_with_carry(&1u64.into());
    let bytes = order.to_bytes_le();
    assert_eq!(replaced(0..32, &bytes).unwrap_err(), ProofError::Point("A"));
    let mut x0_too_large = compressed(&G2Affine::generator());
    x0_too_large[..32].copy_from_slice(&bytes);
    assert_eq!(
        replaced(32..96, &x0_too_large).unwrap_err(),
        ProofError::Point("B")
    );
}

#[test]
fn v3_points_off_the_curve_and_out_of_the_subgroup_are_refused() {
    // No point of G1 has x = 0: 3 is not a square.
    assert!(G1Affine::get_point_from_x_unchecked(Fq::from(0u64), true).is_none());
    assert_eq!(
        replaced(0..32, &[0; 32]).unwrap_err(),
        ProofError::Point("A")
    );
    let outside = (1u64..)
        .filter_map(|x| {
            G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(x), Fq::from(0u64)), true)
        })
        .find(|point| !point.is_in_correct_subgroup_assuming_on_curve())
        .unwrap();
    assert!(outside.is_on_curve());
    assert_eq!(
        replaced(32..96, &compressed(&outside)).unwrap_err(),
        ProofError::Point("B")
    );
    let one = G1Affine::generator();
    assert_eq!(
        RawProof::from_points(ArkProof {
            a: one,
            b: outside,
            c: one
        })
        .unwrap_err(),
        ProofError::Point("B")
    );
    let off_curve = G1Affine::new_unchecked(Fq::from(1u64), Fq::from(1u64));
    assert_eq!(
        RawProof::from_points(ArkProof {
            a: off_curve,
            b: G2Affine::generator(),
            c: one
        })
        .unwrap_err(),
        ProofError::Point("A")
    );
}

/// Why replay protection must never look at proof bytes.
#[test]
fn v5_proofs_are_malleable() {
    let (key, public, proof) = proven();
    let points = proof.raw().points();
    let negated = ArkProof {
        a: -points.a,
        b: -points.b,
        c: points.c,
    };
    let negated = Proof::<Pair>::new(RawProof::from_points(negated).unwrap());
    assert_eq!(verify(&key, &public, &negated), Ok(()));
    assert_ne!(negated.to_bytes(), proof.to_bytes());

    let vk = Trapdoor::<Pair>::generate(&mut rng(1))
        .verifying_key()
        .into_typed::<Pair>()
        .unwrap();
    let again = Groth16::<Bn254>::rerandomize_proof(vk.points(), points, &mut rng(3));
    let again = Proof::<Pair>::new(RawProof::from_points(again).unwrap());
    assert_eq!(verify(&key, &public, &again), Ok(()));
    assert_ne!(again.to_bytes(), proof.to_bytes());
}

#[test]
fn v3_every_flipped_bit_is_refused() {
    let (key, public, proof) = proven();
    let bytes = proof.to_bytes();
    for bit in 0..PROOF_BYTES * 8 {
        let mut changed = bytes;
        changed[bit / 8] ^= 1 << (bit % 8);
        let refused = Proof::<Pair>::from_bytes(&changed)
            .map_or(true, |p| verify(&key, &public, &p).is_err());
        assert!(refused, "bit {bit}");
    }
}

proptest! {
    #[test]
    fn b_random_bytes_are_no_proof_or_decode_to_themselves(bytes in prop::collection::vec(any::<u8>(), 120..136)) {
        if let Ok(proof) = RawProof::from_bytes(&bytes) {
            prop_assert_eq!(&proof.to_bytes()[..], &bytes[..]);
        }
    }

    #[test]
    fn v1_only_the_proven_instance_passes(a in any::<u64>(), b in any::<u64>()) {
        let (key, public, proof) = proven();
        let same = public.0 == [Fr::from(a), Fr::from(b)];
        prop_assert_eq!(verify(&key, &inputs(&[a, b]), &proof).is_ok(), same);
    }
}
