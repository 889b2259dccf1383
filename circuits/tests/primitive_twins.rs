//! Property twins of the primitives: on random inputs the gadget's value is the native one and the
//! circuit holds exactly when the native check does.
#![cfg(feature = "r1cs")]
#![allow(clippy::unwrap_used)]

use ark_ff::{AdditiveGroup, UniformRand};
use ark_r1cs_std::GR1CSVar;
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystem, ConstraintSystemRef};
use medveil_circuits::babyjubjub::r1cs::{PointVar, any_base_mul, fixed_base_mul};
use medveil_circuits::babyjubjub::{Point, Scalar};
use medveil_circuits::domain::{PAGE, TreeKind};
use medveil_circuits::eddsa::r1cs::{SignatureVar, enforce_verify};
use medveil_circuits::eddsa::{PrivateKey, verify};
use medveil_circuits::field::Fr;
use medveil_circuits::indexed::r1cs::{AbsenceVar, enforce_absent};
use medveil_circuits::indexed::{RevocationTree, verify_absence};
use medveil_circuits::merkle::r1cs::{PathVar, root_var};
use medveil_circuits::merkle::{Tree, capacity, root_from_path};
use medveil_circuits::poseidon::r1cs::{fold_var, hash_var};
use medveil_circuits::{poseidon, range};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

fn new_cs() -> ConstraintSystemRef<Fr> {
    ConstraintSystem::<Fr>::new_ref()
}

fn witness(cs: &ConstraintSystemRef<Fr>, value: Fr) -> FpVar<Fr> {
    FpVar::new_witness(cs.clone(), || Ok(value)).unwrap()
}

fn bits(cs: &ConstraintSystemRef<Fr>, bits: &[bool]) -> Vec<Boolean<Fr>> {
    bits.iter()
        .map(|bit| Boolean::new_witness(cs.clone(), || Ok(*bit)).unwrap())
        .collect()
}

fn field() -> impl Strategy<Value = Fr> {
    (any::<u64>(), 0u8..6).prop_map(|(seed, shape)| match shape {
        0 => Fr::ZERO,
        1 => -Fr::from(seed % 3),
        2 => Fr::from(seed),
        _ => Fr::rand(&mut ChaCha20Rng::seed_from_u64(seed)),
    })
}

fn point(seed: u64) -> Point {
    Point::BASE8.mul(&Scalar::random_nonzero(&mut ChaCha20Rng::seed_from_u64(
        seed,
    )))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn hashes_of_witnesses_and_constants(inputs in prop::collection::vec((field(), any::<bool>()), 1..=16)) {
        let cs = new_cs();
        let vars: Vec<FpVar<Fr>> = inputs.iter().map(|(v, constant)| if *constant { FpVar::Constant(*v) } else { witness(&cs, *v) }).collect();
        let values: Vec<Fr> = inputs.iter().map(|(v, _)| *v).collect();
        prop_assert_eq!(hash_var(PAGE, &vars).unwrap().value().unwrap(), poseidon::hash(PAGE, &values));
        prop_assert!(cs.is_satisfied().unwrap());
    }

    #[test]
    fn folds_of_any_length(elements in prop::collection::vec(field(), 1..=50)) {
        let cs = new_cs();
        let vars: Vec<FpVar<Fr>> = elements.iter().map(|v| witness(&cs, *v)).collect();
        prop_assert_eq!(fold_var(PAGE, &vars).unwrap().value().unwrap(), poseidon::fold(PAGE, &elements));
        prop_assert!(cs.is_satisfied().unwrap());
    }

    #[test]
    fn paths_of_any_leaf(depth in 1usize..=3, leaves in prop::collection::vec(field(), 0..=16), at in any::<u64>()) {
        let tree = Tree::from_leaves(TreeKind::Set, depth, &leaves).unwrap();
        let index = at % capacity(depth);
        let leaf = leaves.get(index as usize).copied().unwrap_or(Fr::ZERO);
        let path = tree.path(index).unwrap();
        let cs = new_cs();
        let var = PathVar::new_witness(cs.clone(), depth, Some(&path)).unwrap();
        let root = root_var(TreeKind::Set, &witness(&cs, leaf), var).unwrap().value().unwrap();
        prop_assert_eq!(root, root_from_path(TreeKind::Set, leaf, &path));
        prop_assert_eq!(root, tree.root());
        prop_assert!(cs.is_satisfied().unwrap());
    }

    #[test]
    fn absence_of_any_index(values in prop::collection::btree_set(1u64..60, 0..12), of in 1u64..60, x in 0u64..60) {
        let values: Vec<u64> = values.into_iter().collect();
        let tree = RevocationTree::from_values(2, &values).unwrap();
        if let Ok(proof) = tree.absence_proof(of) {
            let cs = new_cs();
            let var = AbsenceVar::new_witness(cs.clone(), 2, Some(&proof)).unwrap();
            enforce_absent(&Boolean::TRUE, &witness(&cs, tree.root()), &witness(&cs, Fr::from(x)), var).unwrap();
            prop_assert_eq!(cs.is_satisfied().unwrap(), verify_absence(tree.root(), x, &proof).is_ok());
        }
    }

    #[test]
    fn multiples_of_any_point_by_any_bits(seed in any::<u64>(), scalar in prop::collection::vec(any::<bool>(), 1..=254)) {
        let base = point(seed);
        let expected = base.mul_bits_vartime(&scalar);
        let cs = new_cs();
        let var = PointVar::new_witness(cs.clone(), Some(&base)).unwrap();
        let scalar = bits(&cs, &scalar);
        prop_assert_eq!(any_base_mul(&var, &scalar).unwrap().value().unwrap(), expected);
        prop_assert_eq!(fixed_base_mul(base, &scalar).unwrap().value().unwrap(), expected);
        prop_assert!(cs.is_satisfied().unwrap());
    }

    #[test]
    fn signatures_hold_exactly_where_the_native_check_does(seed in any::<[u8; 32]>(), signed in field(), shown in field(), same in any::<bool>()) {
        let key = PrivateKey::from_bytes(seed);
        let shown = if same { signed } else { shown };
        let signature = key.sign(signed);
        let cs = new_cs();
        let key_var = PointVar::new_witness(cs.clone(), Some(&key.public_key())).unwrap();
        let signature_var = SignatureVar::new_witness(cs.clone(), Some(&signature)).unwrap();
        enforce_verify(&Boolean::TRUE, &key_var, &signature_var, &witness(&cs, shown)).unwrap();
        prop_assert_eq!(cs.is_satisfied().unwrap(), verify(&key.public_key(), shown, &signature).is_ok());
    }

    #[test]
    fn c3_ranges_and_comparisons(a in any::<u64>(), b in any::<u64>(), n in 1usize..=64, shift in 0u32..64) {
        let (a, b) = (a >> shift, b >> shift);
        let cs = new_cs();
        let (a_var, b_var) = (witness(&cs, Fr::from(a)), witness(&cs, Fr::from(b)));
        let less = range::r1cs::is_less_than_bits(&a_var, &b_var, 64).unwrap();
        prop_assert_eq!(less.value().unwrap(), a < b);
        prop_assert!(cs.is_satisfied().unwrap());
        range::r1cs::enforce_bits(&a_var, n).unwrap();
        prop_assert_eq!(cs.is_satisfied().unwrap(), range::fits(&Fr::from(a), n));
    }
}
