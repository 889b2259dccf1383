//! V2, V8: verifying keys.

use super::{Other, Pair, inputs, rng};
use ark_bn254::{Bn254, Fr, G1Affine, G1Projective, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::UniformRand;
use ark_groth16::{Groth16, Proof as ArkProof, VerifyingKey as ArkKey};
use ark_serialize::CanonicalSerialize;
use medveil_circuits::field::Digest;
use medveil_circuits::statement::Statement;
use medveil_circuits::testing::Trapdoor;
use medveil_circuits::verify::{AnyVerifyingKey, KeyError, Provenance, VerifyingKey};
use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind};

fn good() -> ArkKey<Bn254> {
    Trapdoor::<Pair>::generate(&mut rng(1))
        .verifying_key()
        .into_typed::<Pair>()
        .unwrap()
        .points()
        .clone()
}

#[track_caller]
fn refused(change: impl FnOnce(&mut ArkKey<Bn254>), expected: &str) {
    let mut key = good();
    change(&mut key);
    let error = AnyVerifyingKey::wrap(Pair::CIRCUIT, Provenance::InsecureDev, key)
        .unwrap_err()
        .to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn v2_the_linter_refuses_each_unsound_shape() {
    assert!(AnyVerifyingKey::wrap(Pair::CIRCUIT, Provenance::InsecureDev, good()).is_ok());
    refused(|k| k.gamma_g2 = k.delta_g2, "gamma and delta");
    refused(|k| k.gamma_g2 = -k.delta_g2, "gamma and delta");
    refused(|k| k.gamma_g2 = G2Affine::generator(), "gamma is");
    refused(|k| k.delta_g2 = G2Affine::generator(), "delta is");
    refused(|k| k.gamma_g2 = G2Affine::zero(), "gamma is");
    refused(|k| k.delta_g2 = G2Affine::zero(), "delta is");
    refused(|k| k.alpha_g1 = G1Affine::zero(), "alpha is infinity");
    refused(|k| k.beta_g2 = G2Affine::zero(), "beta is infinity");
    refused(|k| k.alpha_g1 = -G1Affine::generator(), "alpha is infinity");
    refused(|k| k.beta_g2 = G2Affine::generator(), "beta is infinity");
    refused(|k| k.beta_g2 = -k.gamma_g2, "beta is gamma");
    refused(|k| k.beta_g2 = k.delta_g2, "beta is gamma or delta");
    refused(|k| k.alpha_g1 = -k.gamma_abc_g1[0], "alpha is an IC point");
    refused(|k| k.gamma_abc_g1[1] = G1Affine::zero(), "infinity");
    refused(|k| k.gamma_abc_g1[2] = k.gamma_abc_g1[1], "twice");
    refused(|k| k.gamma_abc_g1[2] = -k.gamma_abc_g1[1], "twice");
    refused(|k| k.gamma_abc_g1.clear(), "IC points");
    refused(
        |k| k.gamma_abc_g1 = vec![G1Affine::generator(); 66],
        "IC points",
    );
    // -generator is the generator up to sign: the discrete logarithm is as public.
    refused(|k| k.delta_g2 = -G2Affine::generator(), "delta is");
}

#[test]
fn v2_the_number_of_inputs_must_be_the_statements() {
    let mut key = good();
    key.gamma_abc_g1.pop();
    let any = AnyVerifyingKey::wrap(Pair::CIRCUIT, Provenance::InsecureDev, key).unwrap();
    assert_eq!(any.n_inputs(), 1);
    assert!(matches!(
        any.into_typed::<Pair>(),
        Err(KeyError::InputCount {
            expected: 2,
            got: 1,
            ..
        })
    ));
}

/// What the linter is for: under this key anything can be "proven".
#[test]
fn v2_gamma_equal_to_delta_forges_everything_in_the_raw_library() {
    let mut key = good();
    key.gamma_g2 = key.delta_g2;
    let prepared = ark_groth16::prepare_verifying_key(&key);
    for _ in 0..3 {
        let values = [Fr::rand(&mut rng(9)), Fr::rand(&mut rng(10))];
        let instance = Groth16::<Bn254>::prepare_inputs(&prepared, &values).unwrap();
        let forged = ArkProof {
            a: key.alpha_g1,
            b: key.beta_g2,
            c: (-instance).into_affine(),
        };
        assert!(Groth16::<Bn254>::verify_proof(&prepared, &forged, &values).unwrap());
    }
}

/// With beta = gamma an instance goes with alpha, and with beta = delta alpha goes with C.
#[test]
fn v2_beta_equal_to_gamma_or_delta_forges_everything_in_the_raw_library() {
    let values = [Fr::rand(&mut rng(9)), Fr::rand(&mut rng(10))];
    let forges = |key: &ArkKey<Bn254>, a: G1Projective, b: G2Affine, c: G1Affine| {
        let prepared = ark_groth16::prepare_verifying_key(key);
        let a = a.into_affine();
        Groth16::<Bn254>::verify_proof(&prepared, &ArkProof { a, b, c }, &values).unwrap()
    };
    let mut key = good();
    let prepared = ark_groth16::prepare_verifying_key(&key);
    let instance = Groth16::<Bn254>::prepare_inputs(&prepared, &values).unwrap();
    let (alpha, beta) = (key.alpha_g1, key.beta_g2);
    key.gamma_g2 = beta;
    assert!(forges(&key, instance + alpha, beta, G1Affine::zero()));
    key = good();
    key.delta_g2 = beta;
    assert!(forges(&key, instance, key.gamma_g2, -alpha));
}

#[test]
fn v2_an_empty_ic_panics_in_the_raw_library() {
    let mut key = good();
    key.gamma_abc_g1.clear();
    let prepared = ark_groth16::prepare_verifying_key(&key);
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        Groth16::<Bn254>::prepare_inputs(&prepared, &inputs(&[1]).0).is_ok()
    }));
    assert!(outcome.is_err());
}

#[test]
fn v2_a_key_names_its_circuit_and_provenance() {
    let dev = AnyVerifyingKey::wrap(Pair::CIRCUIT, Provenance::InsecureDev, good()).unwrap();
    let real = AnyVerifyingKey::wrap(Pair::CIRCUIT, Provenance::Ceremony(Digest([7; 32])), good())
        .unwrap();
    assert_ne!(
        dev.digest(),
        real.digest(),
        "the same points under another provenance are another key"
    );
    assert_eq!(
        AnyVerifyingKey::parse(real.to_bytes())
            .unwrap()
            .provenance(),
        Provenance::Ceremony(Digest([7; 32]))
    );
    assert_eq!((dev.circuit(), dev.n_inputs()), ("test-pair/v1", 2));
    assert!(matches!(
        dev.clone().into_typed::<Other>(),
        Err(KeyError::Circuit { .. })
    ));
    assert!(VerifyingKey::<Pair>::from_bytes(dev.to_bytes()).is_ok());
}

fn container() -> Vec<u8> {
    AnyVerifyingKey::wrap(Pair::CIRCUIT, Provenance::InsecureDev, good())
        .unwrap()
        .to_bytes()
        .to_vec()
}

#[test]
fn v2_v8_containers_are_canonical_and_bounded() {
    let bytes = container();
    assert_eq!(AnyVerifyingKey::parse(&bytes).unwrap().to_bytes(), bytes);
    assert!(
        AnyVerifyingKey::parse(&[&bytes[..], &[0]].concat()).is_err(),
        "trailing byte"
    );
    assert!(
        AnyVerifyingKey::parse(&vec![0; 17 * 1024]).is_err(),
        "too long"
    );
    for len in 0..bytes.len() {
        assert!(
            AnyVerifyingKey::parse(&bytes[..len]).is_err(),
            "cut at {len}"
        );
    }
    let mut key = Vec::new();
    good().serialize_compressed(&mut key).unwrap();
    let count_at = bytes.len() - key.len() + 224;
    assert_eq!(bytes[count_at], 3);
    for count in [0u64, 2, 4, 66, u64::MAX, 1 << 60] {
        let mut changed = bytes.clone();
        changed[count_at..count_at + 8].copy_from_slice(&count.to_le_bytes());
        assert!(
            AnyVerifyingKey::parse(&changed).is_err(),
            "a count of {count}"
        );
    }
}

#[test]
fn v2_points_out_of_the_subgroup_are_refused() {
    use ark_bn254::{Fq, Fq2};
    let outside = (1u64..)
        .filter_map(|x| {
            G2Affine::get_point_from_x_unchecked(Fq2::new(Fq::from(x), Fq::from(0u64)), true)
        })
        .find(|point| !point.is_in_correct_subgroup_assuming_on_curve())
        .unwrap();
    refused(|k| k.gamma_g2 = outside, "prime-order");
}

proptest! {
    #[test]
    fn b_changed_containers_never_pass_as_the_same_key(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let bytes = container();
        let mut changed = bytes.clone();
        let at = at.index(bytes.len());
        changed[at] ^= 1 << bit;
        if let Ok(key) = AnyVerifyingKey::parse(&changed) {
            prop_assert_eq!(key.to_bytes(), &changed[..]);
            prop_assert_ne!(key.digest(), Digest::of(&bytes));
        }
    }
}
