use super::*;
use crate::domain::{CIRCOMLIB, KEYSTREAM, PAGE};
use ark_r1cs_std::alloc::AllocVar;
use ark_relations::gr1cs::{ConstraintSystem, SynthesisMode};

fn witnesses(cs: &ConstraintSystemRef<Fr>, n: u64) -> Vec<FpVar<Fr>> {
    (1..=n)
        .map(|i| FpVar::new_witness(cs.clone(), || Ok(Fr::from(i * i + 3))).unwrap())
        .collect()
}

fn values(n: u64) -> Vec<Fr> {
    (1..=n).map(|i| Fr::from(i * i + 3)).collect()
}

#[test]
fn every_width_equals_the_native_hash_at_the_predicted_cost() {
    for n in 1..=16u64 {
        let cs = ConstraintSystem::<Fr>::new_ref();
        let out = hash_var(CIRCOMLIB, &witnesses(&cs, n)).unwrap();
        assert_eq!(
            out.value().unwrap(),
            super::super::hash(CIRCOMLIB, &values(n))
        );
        assert!(cs.is_satisfied().unwrap());
        let partial = params(n as usize + 1).offsets.len();
        assert_eq!(
            cs.num_constraints(),
            3 * (8 * (n as usize + 1) + partial) - 3
        );
    }
}

#[test]
fn costs_of_two_and_sixteen_inputs() {
    for (n, cost) in [(2, 240), (16, 609)] {
        let cs = ConstraintSystem::<Fr>::new_ref();
        let _ = hash_var(CIRCOMLIB, &witnesses(&cs, n)).unwrap();
        assert_eq!(cs.num_constraints(), cost);
    }
}

#[test]
fn outputs_feed_further_hashes() {
    let cs = ConstraintSystem::<Fr>::new_ref();
    let out = fold_var(PAGE, &witnesses(&cs, 40)).unwrap();
    assert_eq!(out.value().unwrap(), super::super::fold(PAGE, &values(40)));
    cs.finalize();
    assert!(cs.is_satisfied().unwrap());
}

#[test]
fn keystreams_equal_the_native_ones() {
    let cs = ConstraintSystem::<Fr>::new_ref();
    let out = keystream_var(KEYSTREAM, &witnesses(&cs, 2)).unwrap();
    let expected = super::super::keystream(KEYSTREAM, &values(2));
    assert!(
        out.iter()
            .zip(expected)
            .all(|(a, b)| a.value().unwrap() == b)
    );
    assert_eq!(cs.num_constraints(), 609 - 3 * 14);
    assert!(cs.is_satisfied().unwrap());
}

#[test]
fn setup_mode_needs_no_values_and_has_the_same_shape() {
    let cs = ConstraintSystem::<Fr>::new_ref();
    cs.set_mode(SynthesisMode::Setup);
    let inputs: Vec<FpVar<Fr>> = (0..16)
        .map(|_| {
            FpVar::new_witness(cs.clone(), || {
                Err::<Fr, _>(SynthesisError::AssignmentMissing)
            })
            .unwrap()
        })
        .collect();
    let _ = hash_var(CIRCOMLIB, &inputs).unwrap();
    assert_eq!(cs.num_constraints(), 609);
}

#[test]
fn constants_cost_nothing() {
    let out = hash_var(
        CIRCOMLIB,
        &[
            FpVar::Constant(Fr::from(1u64)),
            FpVar::Constant(Fr::from(2u64)),
        ],
    )
    .unwrap();
    assert_eq!(
        out.value().unwrap(),
        super::super::hash(CIRCOMLIB, &[Fr::from(1u64), Fr::from(2u64)])
    );
}
