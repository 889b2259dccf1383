//! The primitives: native, and their synthesis in a circuit.
#![allow(missing_docs)]

use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystem, ConstraintSystemRef, SynthesisError, SynthesisMode};
use criterion::{Criterion, criterion_group, criterion_main};
use medveil_circuits::babyjubjub::r1cs::PointVar;
use medveil_circuits::babyjubjub::{Point, Scalar};
use medveil_circuits::domain::{BLOCK, CIRCOMLIB, KEYSTREAM, LINK, TreeKind};
use medveil_circuits::eddsa::r1cs::SignatureVar;
use medveil_circuits::eddsa::{self, PrivateKey};
use medveil_circuits::field::Fr;
use medveil_circuits::indexed::RevocationTree;
use medveil_circuits::merkle::{self, Tree};
use medveil_circuits::poseidon;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn native(c: &mut Criterion) {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let inputs: Vec<Fr> = (1..=16u64).map(Fr::from).collect();
    let key = PrivateKey::generate(rng);
    let (public, signature) = (key.public_key(), key.sign(inputs[3]));
    let scalar = Scalar::random(rng);
    let tree = Tree::from_leaves(TreeKind::Issuer, 2, &inputs).expect("room for the leaves");
    let path = tree.path(5).expect("a leaf");
    let revoked = RevocationTree::from_values(5, &[3, 5, 9]).expect("distinct values");
    let mut group = c.benchmark_group("native");
    group.bench_function("poseidon, 2 inputs", |b| {
        b.iter(|| poseidon::hash(LINK, &inputs[..2]))
    });
    group.bench_function("poseidon, 16 inputs", |b| {
        b.iter(|| poseidon::hash(BLOCK, &inputs))
    });
    group.bench_function("keystream, 16 elements", |b| {
        b.iter(|| poseidon::keystream(KEYSTREAM, &inputs[..2]))
    });
    group.bench_function("babyjubjub multiplication", |b| {
        b.iter(|| Point::BASE8.mul(&scalar))
    });
    group.bench_function("eddsa sign", |b| b.iter(|| key.sign(inputs[3])));
    group.bench_function("eddsa verify", |b| {
        b.iter(|| eddsa::verify(&public, inputs[3], &signature))
    });
    group.bench_function("merkle path, depth 2", |b| {
        b.iter(|| merkle::root_from_path(TreeKind::Issuer, inputs[5], &path))
    });
    group.bench_function("proof of absence, depth 5", |b| {
        b.iter(|| revoked.absence_proof(4))
    });
    group.finish();
}

/// Benches the synthesis of values, as a proof does it, and prints the number of constraints.
fn gadget(
    c: &mut Criterion,
    name: &str,
    synthesise: impl Fn(ConstraintSystemRef<Fr>) -> Result<(), SynthesisError>,
) {
    let shape = ConstraintSystem::<Fr>::new_ref();
    synthesise(shape.clone()).expect("the gadget can be synthesised");
    c.benchmark_group("gadget").bench_function(
        format!("{name} ({} constraints)", shape.num_constraints()),
        |b| {
            b.iter(|| {
                let cs = ConstraintSystem::<Fr>::new_ref();
                cs.set_mode(SynthesisMode::Prove {
                    construct_matrices: false,
                    generate_lc_assignments: false,
                });
                synthesise(cs)
            })
        },
    );
}

fn witnesses(cs: &ConstraintSystemRef<Fr>, n: u64) -> Result<Vec<FpVar<Fr>>, SynthesisError> {
    (1..=n)
        .map(|i| FpVar::new_witness(cs.clone(), || Ok(Fr::from(i))))
        .collect()
}

fn gadgets(c: &mut Criterion) {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let key = PrivateKey::generate(rng);
    let signature = key.sign(Fr::from(7u64));
    let tree =
        Tree::from_leaves(TreeKind::Issuer, 2, &[Fr::from(1u64)]).expect("room for the leaf");
    let path = tree.path(0).expect("a leaf");
    gadget(c, "poseidon, 2 inputs", |cs| {
        poseidon::r1cs::hash_var(CIRCOMLIB, &witnesses(&cs, 2)?).map(drop)
    });
    gadget(c, "poseidon, 16 inputs", |cs| {
        poseidon::r1cs::hash_var(CIRCOMLIB, &witnesses(&cs, 16)?).map(drop)
    });
    gadget(c, "eddsa verify", |cs| {
        let public = PointVar::new_witness(cs.clone(), Some(&key.public_key()))?;
        let message = FpVar::new_witness(cs.clone(), || Ok(Fr::from(7u64)))?;
        let enabled = Boolean::new_witness(cs.clone(), || Ok(true))?;
        eddsa::r1cs::enforce_verify(
            &enabled,
            &public,
            &SignatureVar::new_witness(cs, Some(&signature))?,
            &message,
        )
    });
    gadget(c, "merkle path, depth 2", |cs| {
        let leaf = FpVar::new_witness(cs.clone(), || Ok(Fr::from(1u64)))?;
        let path = merkle::r1cs::PathVar::new_witness(cs, 2, Some(&path))?;
        merkle::r1cs::root_var(TreeKind::Issuer, &leaf, path).map(drop)
    });
}

criterion_group!(benches, native, gadgets);
criterion_main!(benches);
