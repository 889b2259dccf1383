//! The circuit reading of an authentication path of arity 16.
//!
//! At each level all 16 children are witnesses; a multiplexer driven by the four digit bits of the
//! index takes one of them, which must be the running node, and the hash of the 16 is the next
//! node. So a path's index is as hidden as its siblings.

use ark_r1cs_std::GR1CSVar;
use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_r1cs_std::fields::FieldVar;
use ark_r1cs_std::fields::fp::FpVar;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use super::{ARITY, Path};
use crate::domain::{Tag, TreeKind};
use crate::field::Fr;
use crate::poseidon::r1cs::hash_var;
use crate::range::r1cs::enforce_zero_if;

/// An authentication path as a witness, for one use.
///
/// **Shape**: per level four boolean digits (position among the children); the children are
/// allocated where the path is used, so a path that is to serve for two leaves must not be built
/// from two of these.
pub struct PathVar {
    digits: Vec<[Boolean<Fr>; 4]>,
    path: Option<Path>,
}

impl PathVar {
    /// Allocates a path of this depth; `None` for key set-up.
    ///
    /// **Cost**: 4 per level.
    ///
    /// **Errors**: a path of another depth, or an index beyond it.
    pub fn new_witness(
        cs: ConstraintSystemRef<Fr>,
        depth: usize,
        path: Option<&Path>,
    ) -> Result<Self, SynthesisError> {
        if path.is_some_and(|path| path.check_shape(depth).is_err()) {
            return Err(SynthesisError::Unsatisfiable);
        }
        let mut digits = Vec::with_capacity(depth);
        for level in 0..depth {
            let bit = |i: usize| {
                let value = path.map(|p| p.index >> (4 * level + i) & 1 == 1);
                Boolean::new_witness(cs.clone(), || {
                    value.ok_or(SynthesisError::AssignmentMissing)
                })
            };
            digits.push([bit(0)?, bit(1)?, bit(2)?, bit(3)?]);
        }
        Ok(PathVar {
            digits,
            path: path.cloned(),
        })
    }

    /// The values of the 16 children at a level, given the node's value.
    fn children(&self, level: usize, node: Option<Fr>) -> Option<[Fr; ARITY]> {
        let path = self.path.as_ref()?;
        let slot = (path.index >> (4 * level) & 15) as usize;
        Some(super::place(node?, slot, &path.siblings[level]))
    }
}

/// Enforces that the child named by the digit is the node.
///
/// **Cost**: 15.
fn enforce_child(
    node: &FpVar<Fr>,
    digit: &[Boolean<Fr>; 4],
    children: &[FpVar<Fr>],
) -> Result<(), SynthesisError> {
    let mut row = children.to_vec();
    for bit in &digit[..3] {
        row = row
            .chunks_exact(2)
            .map(|pair| bit.select(&pair[1], &pair[0]))
            .collect::<Result<_, _>>()?;
    }
    FpVar::from(digit[3].clone()).mul_equals(&(&row[1] - &row[0]), &(node - &row[0]))
}

/// The root that the leaf and its path lead to.
///
/// **Cost**: 624 per level, and 4 for its digits where they were allocated.
pub fn root_var(
    kind: TreeKind,
    leaf: &FpVar<Fr>,
    path: PathVar,
) -> Result<FpVar<Fr>, SynthesisError> {
    let cs = path
        .digits
        .iter()
        .flatten()
        .fold(ConstraintSystemRef::None, |cs, bit| cs.or(bit.cs()));
    let mut node = leaf.clone();
    for (level, digit) in path.digits.iter().enumerate() {
        let values = path.children(level, node.value().ok());
        let child = |i: usize| {
            FpVar::new_witness(cs.clone(), || {
                values
                    .map(|v| v[i])
                    .ok_or(SynthesisError::AssignmentMissing)
            })
        };
        let children = (0..ARITY).map(child).collect::<Result<Vec<_>, _>>()?;
        enforce_child(&node, digit, &children)?;
        node = hash_var(Tag::node(kind, level as u64), &children)?;
    }
    Ok(node)
}

/// Enforces, where `enabled`, that the leaf is in the tree with this root.
pub fn enforce_member(
    enabled: &Boolean<Fr>,
    kind: TreeKind,
    root: &FpVar<Fr>,
    leaf: &FpVar<Fr>,
    path: PathVar,
) -> Result<(), SynthesisError> {
    enforce_zero_if(enabled, &(root_var(kind, leaf, path)? - root))
}

#[cfg(test)]
mod tests;
