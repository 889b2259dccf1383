//! The indexed Merkle tree of revoked indices (SPEC section 2): sorted linked leaves, so that
//! absence has a short proof.
//!
//! Leaf = P_10(value, next); slot 0 starts as (0, 0); `next = 0` means "none". The whole tree is
//! public; the contract never holds it, it checks each insertion against the root
//! (`apply_insertion`). Values are never removed: a revocation is final.

#[cfg(feature = "r1cs")]
pub mod r1cs;

use ark_ff::AdditiveGroup;
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use crate::domain::{REVOCATION_LEAF, TreeKind};
use crate::field::Fr;
use crate::merkle::{self, MerkleError, Path, Tree};
use crate::poseidon;

/// Depth of every issuer's revocation tree: 16^5 slots.
pub const REVOCATION_DEPTH: usize = 5;

/// Why a proof, an insertion or a lookup is refused. Never names the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IndexedError {
    /// 0 is no revocation index.
    #[error("revocation index: expected 1 to 2^64 - 1, got 0")]
    Zero,
    /// The value is in the tree.
    #[error("revocation tree: the value is already in it")]
    Present,
    /// The low leaf does not surround the value.
    #[error("revocation tree: the low leaf does not surround the value")]
    NotBetween,
    /// The new slot is not the first unused one.
    #[error("revocation tree: expected slot {expected}, got {got}")]
    Slot {
        /// First unused slot.
        expected: u64,
        /// Slot of the insertion.
        got: u64,
    },
    /// A path is wrong, or the tree is full.
    #[error(transparent)]
    Merkle(#[from] MerkleError),
}

/// `P_10(value, next)`.
pub fn leaf(value: u64, next: u64) -> Fr {
    poseidon::hash(REVOCATION_LEAF, &[Fr::from(value), Fr::from(next)])
}

/// Whether a leaf shows that `x` is absent: value < x and (x < next or there is no next).
pub fn surrounds(low_value: u64, low_next: u64, x: u64) -> bool {
    low_value < x && (x < low_next || low_next == 0)
}

/// A proof that a value is not in the tree.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// The greatest value below.
    pub low_value: u64,
    /// Its successor, 0 for none.
    pub low_next: u64,
    /// Where that leaf is.
    pub path: Path,
}

impl Absence {
    /// What fills the place of a proof that is switched off.
    pub fn placeholder(depth: usize) -> Self {
        Absence {
            low_value: 0,
            low_next: 0,
            path: Path::placeholder(depth),
        }
    }
}

/// Checks that `x` is not in the tree with this root. The path's length is the depth: paths of
/// other lengths lead to other roots.
///
/// **Errors**: 0, a leaf that does not surround x, a path to another root.
pub fn verify_absence(root: Fr, x: u64, absence: &Absence) -> Result<(), IndexedError> {
    if x == 0 {
        return Err(IndexedError::Zero);
    }
    if !surrounds(absence.low_value, absence.low_next, x) {
        return Err(IndexedError::NotBetween);
    }
    let depth = absence.path.depth();
    Ok(absence.path.verify(
        TreeKind::Revocation,
        depth,
        root,
        leaf(absence.low_value, absence.low_next),
    )?)
}

/// One insertion, with what a verifier needs who knows only the root and the number of slots in
/// use.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Insertion {
    /// The new value.
    pub value: u64,
    /// The greatest value below.
    pub low_value: u64,
    /// Its successor before the insertion, 0 for none.
    pub low_next: u64,
    /// Path of the low leaf before the insertion.
    pub low_path: Path,
    /// Path of the first unused slot after the low leaf was changed.
    pub slot_path: Path,
}

/// Checks an insertion and returns the root after it. `n_leaves` slots are in use before (1 in a
/// new tree), n_leaves + 1 after.
///
/// **Errors**: 0, a present value, a wrong low leaf, a wrong slot, wrong paths, a full tree.
pub fn apply_insertion(root: Fr, n_leaves: u64, insertion: &Insertion) -> Result<Fr, IndexedError> {
    let Insertion {
        value,
        low_value,
        low_next,
        low_path,
        slot_path,
    } = insertion;
    if *value == 0 {
        return Err(IndexedError::Zero);
    }
    if !surrounds(*low_value, *low_next, *value) {
        return Err(if value == low_value || value == low_next {
            IndexedError::Present
        } else {
            IndexedError::NotBetween
        });
    }
    if slot_path.index != n_leaves {
        return Err(IndexedError::Slot {
            expected: n_leaves,
            got: slot_path.index,
        });
    }
    let depth = low_path.depth();
    low_path.verify(
        TreeKind::Revocation,
        depth,
        root,
        leaf(*low_value, *low_next),
    )?;
    let between = merkle::root_from_path(TreeKind::Revocation, leaf(*low_value, *value), low_path);
    slot_path.verify(TreeKind::Revocation, depth, between, Fr::ZERO)?;
    Ok(merkle::root_from_path(
        TreeKind::Revocation,
        leaf(*value, *low_next),
        slot_path,
    ))
}

/// The root of a tree that holds nothing but its first leaf (0, 0).
pub fn empty_root(depth: usize) -> Fr {
    merkle::root_of(TreeKind::Revocation, depth, &[leaf(0, 0)])
}

/// The tree itself, for issuers and provers.
#[derive(Clone, Debug)]
pub struct RevocationTree {
    tree: Tree,
    /// Value -> (slot, next).
    links: BTreeMap<u64, (u64, u64)>,
    /// Values in order of insertion.
    values: Vec<u64>,
}

impl RevocationTree {
    /// A tree that holds nothing.
    ///
    /// **Errors**: a depth of 0 or over the limit.
    pub fn new(depth: usize) -> Result<Self, IndexedError> {
        RevocationTree::from_values(depth, &[])
    }

    /// The tree after these insertions, in this order.
    ///
    /// **Errors**: the depth, a value of 0 or a repeated one, too many.
    pub fn from_values(depth: usize, values: &[u64]) -> Result<Self, IndexedError> {
        let mut links = BTreeMap::from([(0u64, (0u64, 0u64))]);
        for (slot, value) in (1u64..).zip(values) {
            let (low, (low_slot, next)) = low_of(&links, *value)?;
            links.insert(low, (low_slot, *value));
            links.insert(*value, (slot, next));
        }
        let mut leaves = vec![Fr::ZERO; links.len()];
        for (value, (slot, next)) in &links {
            leaves[*slot as usize] = leaf(*value, *next);
        }
        Ok(RevocationTree {
            tree: Tree::from_leaves(TreeKind::Revocation, depth, &leaves)?,
            links,
            values: values.to_vec(),
        })
    }

    pub fn root(&self) -> Fr {
        self.tree.root()
    }

    /// Slots in use, the first leaf included.
    pub fn n_leaves(&self) -> u64 {
        self.values.len() as u64 + 1
    }

    /// The revoked values in order of insertion: enough to rebuild the tree.
    pub fn values(&self) -> &[u64] {
        &self.values
    }

    /// Whether the value was inserted.
    pub fn contains(&self, value: u64) -> bool {
        value != 0 && self.links.contains_key(&value)
    }

    /// Inserts a value and returns what the contract needs to follow.
    ///
    /// **Errors**: 0, a present value, a full tree; the tree is then unchanged.
    pub fn insert(&mut self, value: u64) -> Result<Insertion, IndexedError> {
        let (low_value, (low_slot, low_next)) = low_of(&self.links, value)?;
        let slot = self.n_leaves();
        let low_path = self.tree.path(low_slot)?;
        self.tree.path(slot)?;
        self.tree.set(low_slot, leaf(low_value, value))?;
        let slot_path = self.tree.path(slot)?;
        self.tree.set(slot, leaf(value, low_next))?;
        self.links.insert(low_value, (low_slot, value));
        self.links.insert(value, (slot, low_next));
        self.values.push(value);
        Ok(Insertion {
            value,
            low_value,
            low_next,
            low_path,
            slot_path,
        })
    }

    /// Proves that a value is absent.
    ///
    /// **Errors**: 0, or the value is in the tree.
    pub fn absence_proof(&self, value: u64) -> Result<Absence, IndexedError> {
        let (low_value, (slot, low_next)) = low_of(&self.links, value)?;
        Ok(Absence {
            low_value,
            low_next,
            path: self.tree.path(slot)?,
        })
    }
}

/// The entry below an absent value.
fn low_of(
    links: &BTreeMap<u64, (u64, u64)>,
    value: u64,
) -> Result<(u64, (u64, u64)), IndexedError> {
    if value == 0 {
        return Err(IndexedError::Zero);
    }
    let (low, entry) = links
        .range(..=value)
        .next_back()
        .ok_or(IndexedError::NotBetween)?;
    if *low == value {
        Err(IndexedError::Present)
    } else {
        Ok((*low, *entry))
    }
}

#[cfg(test)]
mod tests;
