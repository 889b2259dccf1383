use super::*;
use crate::indexed::{REVOCATION_DEPTH, RevocationTree, verify_absence};
use ark_relations::gr1cs::{ConstraintSystem, SynthesisMode};

const VALUES: [u64; 5] = [50, 10, u64::MAX - 1, 30, 1];

fn run(
    enabled: bool,
    depth: usize,
    root: Fr,
    x: u64,
    absence: Option<&Absence>,
) -> (ConstraintSystemRef<Fr>, bool) {
    let cs = ConstraintSystem::<Fr>::new_ref();
    if absence.is_none() {
        cs.set_mode(SynthesisMode::Setup);
    }
    let on = Boolean::new_witness(cs.clone(), || Ok(enabled)).unwrap();
    let root = FpVar::new_input(cs.clone(), || Ok(root)).unwrap();
    let x = FpVar::new_witness(cs.clone(), || Ok(Fr::from(x))).unwrap();
    let absence = AbsenceVar::new_witness(cs.clone(), depth, absence).unwrap();
    enforce_absent(&on, &root, &x, absence).unwrap();
    let ok = !cs.is_in_setup_mode() && cs.is_satisfied().unwrap();
    (cs, ok)
}

#[test]
fn circuit_and_native_check_agree() {
    let tree = RevocationTree::from_values(2, &VALUES).unwrap();
    for slot_of in [2u64, 20, 40, 60, u64::MAX] {
        let proof = tree.absence_proof(slot_of).unwrap();
        for x in [
            0u64,
            1,
            2,
            10,
            11,
            29,
            30,
            31,
            50,
            51,
            u64::MAX - 1,
            u64::MAX,
        ] {
            let native = verify_absence(tree.root(), x, &proof).is_ok();
            assert_eq!(
                run(true, 2, tree.root(), x, Some(&proof)).1,
                native,
                "{x} by the leaf below {slot_of}"
            );
        }
    }
}

#[test]
fn another_root_is_refused_and_zeros_pass_where_disabled() {
    let tree = RevocationTree::from_values(2, &VALUES).unwrap();
    let proof = tree.absence_proof(20).unwrap();
    assert!(!run(true, 2, tree.root() + Fr::ONE, 20, Some(&proof)).1);
    assert!(run(false, 2, Fr::ZERO, 0, Some(&Absence::placeholder(2))).1);
    assert!(!run(true, 2, Fr::ZERO, 0, Some(&Absence::placeholder(2))).1);
}

#[test]
fn c3_low_leaf_values_beyond_64_bits_are_refused() {
    // The leaf (10, 2^64 + 5) cannot come from the contract; the circuit refuses it by itself.
    let cs = ConstraintSystem::<Fr>::new_ref();
    let witness = |v: Fr| FpVar::new_witness(cs.clone(), || Ok(v)).unwrap();
    let (low, next) = (Fr::from(10u64), Fr::from(u64::MAX) + Fr::from(6u64));
    let tree = crate::merkle::Tree::from_leaves(
        TreeKind::Revocation,
        1,
        &[crate::poseidon::hash(REVOCATION_LEAF, &[low, next])],
    )
    .unwrap();
    let path = PathVar::new_witness(cs.clone(), 1, Some(&tree.path(0).unwrap())).unwrap();
    let is_last = Boolean::new_witness(cs.clone(), || Ok(false)).unwrap();
    let absence = AbsenceVar {
        low_value: witness(low),
        low_next: witness(next),
        is_last,
        path,
    };
    enforce_absent(
        &Boolean::TRUE,
        &witness(tree.root()),
        &witness(Fr::from(20u64)),
        absence,
    )
    .unwrap();
    assert!(!cs.is_satisfied().unwrap());
}

#[test]
fn cost_at_the_depth_in_use() {
    let tree = RevocationTree::from_values(REVOCATION_DEPTH, &VALUES).unwrap();
    let (cs, ok) = run(
        true,
        REVOCATION_DEPTH,
        tree.root(),
        20,
        Some(&tree.absence_proof(20).unwrap()),
    );
    let enabled_bit = 1;
    assert!(ok);
    assert_eq!(
        cs.num_constraints(),
        enabled_bit + 628 * REVOCATION_DEPTH + 240 + 4 * 65 + 5
    );
    let setup = run(true, REVOCATION_DEPTH, tree.root(), 20, None).0;
    assert_eq!(setup.num_constraints(), cs.num_constraints());
}
