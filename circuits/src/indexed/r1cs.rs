//! The circuit reading of an absence proof.

use ark_ff::{AdditiveGroup, Field};
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::Absence;
use crate::domain::{REVOCATION_LEAF, TreeKind};
use crate::field::Fr;
use crate::merkle::r1cs::{PathVar, enforce_member};
use crate::poseidon::r1cs::hash_var;
use crate::range::r1cs::{enforce_bits, linear};

/// Bits of a revocation index.
pub const INDEX_BITS: usize = 64;

/// An absence proof as a witness.
pub struct AbsenceVar {
    low_value: FpVar<Fr>,
    low_next: FpVar<Fr>,
    /// Whether the low leaf is the last one.
    is_last: Boolean<Fr>,
    path: PathVar,
}

impl AbsenceVar {
    /// Allocates a proof against a tree of this depth; `None` for key set-up.
    ///
    /// **Errors**: a path of another depth, or an index beyond it.
    pub fn new_witness(
        cs: ConstraintSystemRef<Fr>,
        depth: usize,
        absence: Option<&Absence>,
    ) -> Result<Self, SynthesisError> {
        let missing = SynthesisError::AssignmentMissing;
        Ok(AbsenceVar {
            low_value: FpVar::new_witness(cs.clone(), || {
                absence.map(|a| Fr::from(a.low_value)).ok_or(missing)
            })?,
            low_next: FpVar::new_witness(cs.clone(), || {
                absence.map(|a| Fr::from(a.low_next)).ok_or(missing)
            })?,
            is_last: Boolean::new_witness(cs.clone(), || {
                absence.map(|a| a.low_next == 0).ok_or(missing)
            })?,
            path: PathVar::new_witness(cs, depth, absence.map(|a| &a.path))?,
        })
    }
}

/// Enforces, where `enabled`, that x is not in the tree with this root. Where not enabled, zeros
/// (`Absence::placeholder`) satisfy it for any x and root.
///
/// **Shape**: x already known to have 64 bits; x = 0 fails, because no leaf is below it.
/// **Cost**: 628 per level, 240 for the leaf, 4 * 65 for the ranges, 5.
pub fn enforce_absent(
    enabled: &Boolean<Fr>,
    root: &FpVar<Fr>,
    x: &FpVar<Fr>,
    absence: AbsenceVar,
) -> Result<(), SynthesisError> {
    let AbsenceVar {
        low_value,
        low_next,
        is_last,
        path,
    } = absence;
    enforce_bits(&low_value, INDEX_BITS)?;
    enforce_bits(&low_next, INDEX_BITS)?;
    let on = FpVar::from(enabled.clone());
    let last = FpVar::from(is_last);
    // low_value < x.
    let above = linear(-Fr::ONE, &[(Fr::ONE, x), (-Fr::ONE, &low_value)])?;
    enforce_bits(&(&on * &above), INDEX_BITS)?;
    // x < low_next, or low_next = 0 and 2^64 stands in its place.
    last.mul_equals(&low_next, &FpVar::Constant(Fr::ZERO))?;
    let infinity = Fr::from(2u64).pow([INDEX_BITS as u64]);
    let below = linear(
        -Fr::ONE,
        &[(Fr::ONE, &low_next), (infinity, &last), (-Fr::ONE, x)],
    )?;
    enforce_bits(&(&on * &below), INDEX_BITS)?;
    let leaf = hash_var(REVOCATION_LEAF, &[low_value, low_next])?;
    enforce_member(enabled, TreeKind::Revocation, root, &leaf, path)
}

#[cfg(test)]
mod tests {
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
}
