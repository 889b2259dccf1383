use super::*;
use crate::merkle::Tree;
use ark_ff::AdditiveGroup;
use ark_relations::gr1cs::{ConstraintSystem, SynthesisMode};

fn tree() -> Tree {
    let leaves: Vec<Fr> = (1..=200u64).map(Fr::from).collect();
    Tree::from_leaves(TreeKind::Issuer, 2, &leaves).unwrap()
}

#[test]
fn every_position_leads_to_the_root() {
    let tree = tree();
    for index in (0..16u64).chain([16, 33, 170, 199, 200, 255]) {
        let cs = ConstraintSystem::<Fr>::new_ref();
        let leaf = tree
            .leaves()
            .get(index as usize)
            .copied()
            .unwrap_or(Fr::ZERO);
        let leaf = FpVar::new_witness(cs.clone(), || Ok(leaf)).unwrap();
        let path = PathVar::new_witness(cs.clone(), 2, Some(&tree.path(index).unwrap())).unwrap();
        let root = root_var(TreeKind::Issuer, &leaf, path).unwrap();
        assert_eq!(root.value().unwrap(), tree.root(), "index {index}");
        assert!(cs.is_satisfied().unwrap());
    }
}

#[test]
fn a_level_costs_628() {
    for setup in [false, true] {
        let cs = ConstraintSystem::<Fr>::new_ref();
        if setup {
            cs.set_mode(SynthesisMode::Setup);
        }
        let path = tree().path(77).unwrap();
        let path = PathVar::new_witness(cs.clone(), 2, (!setup).then_some(&path)).unwrap();
        let leaf = FpVar::new_witness(cs.clone(), || Ok(Fr::from(78u64))).unwrap();
        let _ = root_var(TreeKind::Issuer, &leaf, path).unwrap();
        assert_eq!(cs.num_constraints(), 2 * LEVEL_COST);
    }
}

/// 4 digits, 15 for the multiplexer, 609 for the hash.
const LEVEL_COST: usize = 4 + 15 + 609;

#[test]
fn another_leaf_or_root_is_refused_where_enabled() {
    let tree = tree();
    for (enabled, leaf, ok) in [(true, 78u64, true), (true, 79, false), (false, 79, true)] {
        let cs = ConstraintSystem::<Fr>::new_ref();
        let on = Boolean::new_witness(cs.clone(), || Ok(enabled)).unwrap();
        let leaf = FpVar::new_witness(cs.clone(), || Ok(Fr::from(leaf))).unwrap();
        let root = FpVar::new_input(cs.clone(), || Ok(tree.root())).unwrap();
        let path = PathVar::new_witness(cs.clone(), 2, Some(&tree.path(77).unwrap())).unwrap();
        enforce_member(&on, TreeKind::Issuer, &root, &leaf, path).unwrap();
        assert_eq!(cs.is_satisfied().unwrap(), ok);
    }
}
