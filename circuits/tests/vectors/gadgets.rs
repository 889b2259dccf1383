//! The same vectors through the gadgets: the value in the circuit is the vector's and the
//! constraints hold.

use super::*;
use ark_r1cs_std::GR1CSVar;
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystem, ConstraintSystemRef};
use medveil_circuits::babyjubjub::r1cs::{PointVar, any_base_mul, fixed_base_mul};
use medveil_circuits::eddsa::r1cs::{SignatureVar, enforce_verify};
use medveil_circuits::merkle::r1cs::{PathVar, root_var};
use medveil_circuits::pedersen::r1cs::{commit_var, scalar_bits};
use medveil_circuits::poseidon::r1cs::{fold_var, hash_var, keystream_var};
use medveil_circuits::range::r1cs::to_bits_le;

fn new_cs() -> ConstraintSystemRef<Fr> {
    ConstraintSystem::<Fr>::new_ref()
}

fn witness(cs: &ConstraintSystemRef<Fr>, felt: &Felt) -> FpVar<Fr> {
    FpVar::new_witness(cs.clone(), || Ok(felt.0)).unwrap()
}

fn witnesses(cs: &ConstraintSystemRef<Fr>, felts: &[Felt]) -> Vec<FpVar<Fr>> {
    felts.iter().map(|felt| witness(cs, felt)).collect()
}

fn point(cs: &ConstraintSystemRef<Fr>, vector: PointVector) -> PointVar {
    PointVar::new_witness(cs.clone(), Some(&vector.point())).unwrap()
}

fn value(var: &FpVar<Fr>) -> Felt {
    Felt(var.value().unwrap())
}

#[test]
fn c9_poseidon_gadget() {
    for vector in load::<HashVector>("poseidon") {
        let Some(tag) = tag(vector.tag) else { continue };
        let cs = new_cs();
        assert_eq!(
            value(&hash_var(tag, &witnesses(&cs, &vector.inputs)).unwrap()),
            vector.output
        );
        assert!(cs.is_satisfied().unwrap());
    }
}

#[test]
fn c9_fold_and_keystream_gadgets() {
    for vector in load::<FoldVector>("fold") {
        let cs = new_cs();
        assert_eq!(
            value(&fold_var(tag(vector.tag).unwrap(), &witnesses(&cs, &vector.elements)).unwrap()),
            vector.output
        );
        assert!(cs.is_satisfied().unwrap());
    }
    for vector in load::<StreamVector>("keystream") {
        let cs = new_cs();
        let stream =
            keystream_var(tag(vector.tag).unwrap(), &witnesses(&cs, &vector.inputs)).unwrap();
        assert!(
            stream
                .iter()
                .zip(&vector.outputs)
                .all(|(a, b)| value(a) == *b)
        );
        assert!(cs.is_satisfied().unwrap());
    }
}

#[test]
fn c9_path_gadget() {
    for vector in load::<TreeVector>("merkle") {
        let (kind, leaves) = (kind(vector.kind).unwrap(), fields(&vector.leaves));
        let tree = merkle::Tree::from_leaves(kind, vector.depth, &leaves).unwrap();
        for index in [0u64, leaves.len() as u64 / 2, 15] {
            let cs = new_cs();
            let leaf = Felt(leaves.get(index as usize).copied().unwrap_or_default());
            let path =
                PathVar::new_witness(cs.clone(), vector.depth, Some(&tree.path(index).unwrap()))
                    .unwrap();
            assert_eq!(
                value(&root_var(kind, &witness(&cs, &leaf), path).unwrap()),
                vector.root
            );
            assert!(cs.is_satisfied().unwrap());
        }
    }
}

#[test]
fn c9_babyjubjub_gadgets() {
    for vector in load::<CurveVector>("babyjubjub") {
        let cs = new_cs();
        let (a, b) = (point(&cs, vector.a), point(&cs, vector.b));
        assert_eq!(a.add(&b).unwrap().value().unwrap(), vector.sum.point());
        if vector.in_subgroup && !vector.a.point().is_identity() {
            let scalar = Scalar::from_bytes_le(&vector.scalar.to_bytes()).unwrap();
            let bits = scalar_bits(cs.clone(), Some(&scalar)).unwrap();
            assert_eq!(
                any_base_mul(&a, &bits).unwrap().value().unwrap(),
                vector.product.point()
            );
            assert_eq!(
                fixed_base_mul(vector.a.point(), &bits)
                    .unwrap()
                    .value()
                    .unwrap(),
                vector.product.point()
            );
        }
        assert!(cs.is_satisfied().unwrap());
    }
}

#[test]
fn c5_c9_eddsa_gadget() {
    for vector in load::<SignatureVector>("eddsa") {
        let bits = ark_ff::BigInteger::to_bits_le(&ark_ff::PrimeField::into_bigint(vector.s.0));
        // S of more than 251 bits cannot even be allocated.
        if bits[251..].iter().any(|bit| *bit) {
            assert!(!vector.valid);
            continue;
        }
        let cs = new_cs();
        let s_bits = bits[..251]
            .iter()
            .map(|bit| Boolean::new_witness(cs.clone(), || Ok(*bit)).unwrap())
            .collect();
        let signature = SignatureVar {
            r8: point(&cs, vector.r8),
            s_bits,
        };
        let key = point(&cs, vector.key);
        enforce_verify(
            &Boolean::TRUE,
            &key,
            &signature,
            &witness(&cs, &vector.message),
        )
        .unwrap();
        assert_eq!(cs.is_satisfied().unwrap(), vector.valid, "{}", vector.by);
    }
}

#[test]
fn c9_commitment_gadget() {
    for vector in load::<PedersenVector>("pedersen") {
        let cs = new_cs();
        let lanes: Vec<Vec<Boolean<Fr>>> = vector
            .lanes()
            .iter()
            .map(|lane| to_bits_le(&witness(&cs, &Felt::from_u64(*lane)), 32).unwrap())
            .collect();
        let rho = Scalar::from_bytes_le(&vector.rho.to_bytes()).unwrap();
        let rho_bits = scalar_bits(cs.clone(), Some(&rho)).unwrap();
        let lanes: Vec<&[Boolean<Fr>]> = lanes.iter().map(Vec::as_slice).collect();
        assert_eq!(
            commit_var(&lanes, &rho_bits).unwrap().value().unwrap(),
            vector.point.point()
        );
        assert!(cs.is_satisfied().unwrap());
    }
}
