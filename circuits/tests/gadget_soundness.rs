//! docs/THREATS.md C1 for the gadgets of the primitives: in a satisfied circuit, change each
//! witness variable in turn, to several values; some constraint must fail.
#![cfg(feature = "r1cs")]
#![allow(clippy::unwrap_used)]

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::eq::EqGadget;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystem, ConstraintSystemRef, R1CS_PREDICATE_LABEL};
use medveil_circuits::babyjubjub::r1cs::{PointVar, any_base_mul, fixed_base_mul};
use medveil_circuits::babyjubjub::{Point, Scalar};
use medveil_circuits::domain::{PAGE, TreeKind};
use medveil_circuits::eddsa::r1cs::{SignatureVar, enforce_verify};
use medveil_circuits::eddsa::{PrivateKey, Signature};
use medveil_circuits::field::Fr;
use medveil_circuits::indexed::r1cs::{AbsenceVar, enforce_absent};
use medveil_circuits::indexed::{Absence, RevocationTree};
use medveil_circuits::merkle::Tree;
use medveil_circuits::merkle::r1cs::{PathVar, enforce_member};
use medveil_circuits::pedersen::r1cs::{commit_var, scalar_bits};
use medveil_circuits::poseidon::r1cs::{hash_var, keystream_var};
use medveil_circuits::range::r1cs as range;
use std::collections::BTreeSet;

/// The circuit as rows over one assignment (instance first), with the rows that each variable is
/// in.
struct Flat {
    rows: Vec<[Vec<(Fr, usize)>; 3]>,
    rows_of: Vec<Vec<usize>>,
    values: Vec<Fr>,
    n_instance: usize,
}

impl Flat {
    fn new(cs: &ConstraintSystemRef<Fr>) -> Self {
        cs.finalize();
        assert!(cs.is_satisfied().unwrap(), "the fixture must be satisfied");
        let matrices = cs.to_matrices().unwrap();
        let [a, b, c] = &matrices[R1CS_PREDICATE_LABEL][..] else {
            panic!("three matrices")
        };
        let rows: Vec<_> = a
            .iter()
            .zip(b)
            .zip(c)
            .map(|((a, b), c)| [a.clone(), b.clone(), c.clone()])
            .collect();
        let values: Vec<Fr> = [
            cs.instance_assignment().unwrap(),
            cs.witness_assignment().unwrap(),
        ]
        .concat();
        let mut rows_of = vec![BTreeSet::new(); values.len()];
        for (i, row) in rows.iter().enumerate() {
            row.iter().flatten().for_each(|(_, variable)| {
                rows_of[*variable].insert(i);
            });
        }
        let rows_of = rows_of
            .into_iter()
            .map(|set| set.into_iter().collect())
            .collect();
        Flat {
            rows,
            rows_of,
            values,
            n_instance: cs.num_instance_variables(),
        }
    }

    fn holds(&self, row: usize) -> bool {
        let [a, b, c] = &self.rows[row];
        let dot = |line: &[(Fr, usize)]| {
            line.iter()
                .fold(Fr::ZERO, |sum, (k, v)| sum + *k * self.values[*v])
        };
        dot(a) * dot(b) == dot(c)
    }

    /// Whether the circuit still holds with the variable changed.
    fn survives(&mut self, variable: usize, value: Fr) -> bool {
        let old = std::mem::replace(&mut self.values[variable], value);
        let holds = self.rows_of[variable].iter().all(|row| self.holds(*row));
        self.values[variable] = old;
        holds
    }

    /// Witness variables (by position) that can be changed alone.
    fn survivors(&mut self) -> Vec<usize> {
        let mut out = Vec::new();
        for variable in self.n_instance..self.values.len() {
            let old = self.values[variable];
            let tries = [
                Fr::ONE - old,
                old + Fr::ONE,
                -old,
                old.double(),
                Fr::ZERO,
                Fr::from(0xdead_beef_u64),
            ];
            if tries
                .into_iter()
                .any(|value| value != old && self.survives(variable, value))
            {
                out.push(variable - self.n_instance);
            }
        }
        out
    }

    /// How a row changes with its variables, at this assignment.
    fn gradient(&self, row: usize) -> Vec<(usize, Fr)> {
        let [a, b, c] = &self.rows[row];
        let dot = |line: &[(Fr, usize)]| {
            line.iter()
                .fold(Fr::ZERO, |sum, (k, v)| sum + *k * self.values[*v])
        };
        let (at_a, at_b) = (dot(a), dot(b));
        let mut out = std::collections::BTreeMap::new();
        for (line, factor) in [(a, at_b), (b, at_a), (c, -Fr::ONE)] {
            for (k, v) in line {
                *out.entry(*v).or_insert(Fr::ZERO) += *k * factor;
            }
        }
        out.into_iter().filter(|(_, k)| *k != Fr::ZERO).collect()
    }

    /// Witness variables left undetermined when, from the inputs and the first `given` witnesses,
    /// every row with one unknown determines it. None left means that no direction exists in
    /// which several variables could move together.
    fn undetermined(&self, given: usize) -> Vec<usize> {
        let mut known = vec![false; self.values.len()];
        known[..self.n_instance + given].fill(true);
        let gradients: Vec<_> = (0..self.rows.len()).map(|row| self.gradient(row)).collect();
        let mut queue: Vec<usize> = (0..self.rows.len()).rev().collect();
        while let Some(row) = queue.pop() {
            let mut unknown = gradients[row]
                .iter()
                .filter(|(variable, _)| !known[*variable]);
            if let (Some((variable, _)), None) = (unknown.next(), unknown.next()) {
                known[*variable] = true;
                queue.extend(&self.rows_of[*variable]);
            }
        }
        (self.n_instance..self.values.len())
            .filter(|variable| !known[*variable])
            .map(|v| v - self.n_instance)
            .collect()
    }

    /// C2: instance variables that no constraint mentions.
    fn unbound_inputs(&self) -> Vec<usize> {
        (1..self.n_instance)
            .filter(|variable| self.rows_of[*variable].is_empty())
            .collect()
    }
}

/// As `sweep` with no survivor, and every witness after the first `given` is determined by what
/// comes before.
fn sweep_determined(name: &str, given: usize, build: impl FnOnce(&ConstraintSystemRef<Fr>)) {
    let cs = ConstraintSystem::<Fr>::new_ref();
    build(&cs);
    let mut flat = Flat::new(&cs);
    assert_eq!(flat.unbound_inputs(), Vec::<usize>::new(), "{name}");
    assert_eq!(flat.survivors(), Vec::<usize>::new(), "{name}");
    assert_eq!(
        flat.undetermined(given),
        Vec::<usize>::new(),
        "{name} of {}",
        flat.values.len()
    );
}

/// No survivor but `allowed`, and every public input is bound.
fn sweep(name: &str, allowed: usize, build: impl FnOnce(&ConstraintSystemRef<Fr>)) {
    let cs = ConstraintSystem::<Fr>::new_ref();
    build(&cs);
    let mut flat = Flat::new(&cs);
    assert_eq!(flat.unbound_inputs(), Vec::<usize>::new(), "{name}");
    let survivors = flat.survivors();
    assert_eq!(
        survivors.len(),
        allowed,
        "{name}: {survivors:?} of {}",
        flat.values.len()
    );
}

fn witness(cs: &ConstraintSystemRef<Fr>, value: Fr) -> FpVar<Fr> {
    FpVar::new_witness(cs.clone(), || Ok(value)).unwrap()
}

/// Inputs are public, so that only the gadget's own witnesses are swept.
fn input(cs: &ConstraintSystemRef<Fr>, value: Fr) -> FpVar<Fr> {
    FpVar::new_input(cs.clone(), || Ok(value)).unwrap()
}

fn publish(cs: &ConstraintSystemRef<Fr>, point: &PointVar) {
    PointVar::new_input(cs.clone(), Some(&point.value().unwrap()))
        .unwrap()
        .enforce_equal(point)
        .unwrap();
}

#[test]
fn c1_the_sweep_finds_an_unconstrained_variable() {
    let cs = ConstraintSystem::<Fr>::new_ref();
    let x = witness(&cs, Fr::from(3u64));
    let _free = witness(&cs, Fr::from(4u64));
    input(&cs, Fr::from(9u64))
        .enforce_equal(&(&x * &x))
        .unwrap();
    let mut flat = Flat::new(&cs);
    // x may become -x, the free variable anything.
    assert_eq!(flat.survivors(), vec![0, 1]);
}

#[test]
fn c1_poseidon() {
    sweep_determined("hash", 0, |cs| {
        let inputs: Vec<FpVar<Fr>> = (1..=5u64).map(|i| input(cs, Fr::from(i))).collect();
        input(
            cs,
            medveil_circuits::poseidon::hash(PAGE, &(1..=5u64).map(Fr::from).collect::<Vec<_>>()),
        )
        .enforce_equal(&hash_var(PAGE, &inputs).unwrap())
        .unwrap();
    });
    sweep_determined("keystream", 0, |cs| {
        let inputs: Vec<FpVar<Fr>> = (1..=3u64).map(|i| input(cs, Fr::from(i))).collect();
        let native = medveil_circuits::poseidon::keystream(
            PAGE,
            &(1..=3u64).map(Fr::from).collect::<Vec<_>>(),
        );
        for (lane, value) in keystream_var(PAGE, &inputs).unwrap().iter().zip(native) {
            input(cs, value).enforce_equal(lane).unwrap();
        }
    });
}

#[test]
fn c1_ranges() {
    sweep_determined("bits", 0, |cs| {
        drop(range::to_bits_le(&input(cs, Fr::from(77u64)), 64).unwrap())
    });
    for value in [Fr::from(77u64), -Fr::ONE, Fr::ZERO] {
        sweep_determined("canonical bits", 0, |cs| {
            drop(range::to_bits_canonical(&input(cs, value)).unwrap())
        });
    }
    sweep_determined("comparisons", 0, |cs| {
        let (a, b) = (input(cs, Fr::from(5u64)), input(cs, Fr::from(9u64)));
        range::enforce_less_than_bits(&a, &b, 20).unwrap();
        range::enforce_at_most_bits(&a, &b, 20).unwrap();
        let _ = range::is_less_than_bits(&a, &b, 20).unwrap();
        range::enforce_not_zero(&a).unwrap();
    });
}

#[test]
fn c1_path() {
    let leaves: Vec<Fr> = (1..=256u64).map(Fr::from).collect();
    let tree = Tree::from_leaves(TreeKind::Set, 2, &leaves).unwrap();
    sweep("path", 0, |cs| {
        let path = PathVar::new_witness(cs.clone(), 2, Some(&tree.path(77).unwrap())).unwrap();
        enforce_member(
            &Boolean::TRUE,
            TreeKind::Set,
            &input(cs, tree.root()),
            &input(cs, Fr::from(78u64)),
            path,
        )
        .unwrap();
    });
}

fn absence(cs: &ConstraintSystemRef<Fr>, enabled: bool, root: Fr, x: u64, absence: &Absence) {
    let absence = AbsenceVar::new_witness(cs.clone(), 2, Some(absence)).unwrap();
    let enabled = Boolean::new_input(cs.clone(), || Ok(enabled)).unwrap();
    enforce_absent(&enabled, &input(cs, root), &input(cs, Fr::from(x)), absence).unwrap();
}

#[test]
fn c1_absence() {
    // 255 values: the tree is full, so no two children of a node are equal.
    let values: Vec<u64> = (1..=255u64).map(|i| i * 1000).collect();
    let tree = RevocationTree::from_values(2, &values).unwrap();
    for x in [1u64, 123_456, 300_000] {
        sweep("absence", 0, |cs| {
            absence(cs, true, tree.root(), x, &tree.absence_proof(x).unwrap())
        });
    }
    // Switched off, "is last" is free: it only chooses what x is compared with, and x is compared
    // with nothing.
    sweep("absence, off", 1, |cs| {
        absence(cs, false, Fr::ZERO, 0, &Absence::placeholder(2))
    });
}

#[test]
fn c1_curve() {
    let base = Point::BASE8.mul(&Scalar::from_u64(99));
    sweep_determined("addition", 0, |cs| {
        let a = PointVar::new_input(cs.clone(), Some(&base)).unwrap();
        let b = PointVar::new_input(cs.clone(), Some(&Point::BASE8)).unwrap();
        a.enforce_on_curve().unwrap();
        publish(cs, &a.add(&b).unwrap().double().unwrap());
    });
    let scalar = Scalar::from_bytes_le(&[&[0x5a; 31][..], &[1]].concat()).unwrap();
    sweep_determined("fixed base", 0, |cs| {
        let bits: Vec<Boolean<Fr>> = scalar
            .to_bits_le()
            .iter()
            .map(|bit| Boolean::new_input(cs.clone(), || Ok(*bit)).unwrap())
            .collect();
        publish(cs, &fixed_base_mul(Point::BASE8, &bits).unwrap());
    });
    sweep_determined("any base", 0, |cs| {
        let point = PointVar::new_input(cs.clone(), Some(&base)).unwrap();
        let bits = range::to_bits_canonical(&input(cs, scalar.to_field())).unwrap();
        publish(cs, &any_base_mul(&point, &bits).unwrap());
    });
    sweep_determined("commitment", 0, |cs| {
        let lanes: Vec<Vec<Boolean<Fr>>> = [5u64, 256]
            .map(|v| range::to_bits_le(&input(cs, Fr::from(v)), 9).unwrap())
            .to_vec();
        let rho = scalar_bits(cs.clone(), Some(&scalar)).unwrap();
        publish(cs, &commit_var(&[&lanes[0], &lanes[1]], &rho).unwrap());
    });
}

fn eddsa(
    cs: &ConstraintSystemRef<Fr>,
    enabled: bool,
    key: &Point,
    message: Fr,
    signature: &Signature,
) {
    let key = PointVar::new_input(cs.clone(), Some(key)).unwrap();
    let enabled = Boolean::new_input(cs.clone(), || Ok(enabled)).unwrap();
    let signature = SignatureVar::new_witness(cs.clone(), Some(signature)).unwrap();
    enforce_verify(&enabled, &key, &signature, &input(cs, message)).unwrap();
}

#[test]
fn c1_c5_signature() {
    let key = PrivateKey::from_bytes([5; 32]);
    let message = Fr::from(1234u64);
    // R8 is the prover's; everything after it follows.
    sweep_determined("signature", 2, |cs| {
        eddsa(cs, true, &key.public_key(), message, &key.sign(message))
    });
    sweep_determined("signature, off", 2, |cs| {
        eddsa(
            cs,
            false,
            &Point::IDENTITY,
            Fr::ZERO,
            &Signature::placeholder(),
        )
    });
}
