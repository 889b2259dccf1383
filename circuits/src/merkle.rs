//! Poseidon trees of arity 16 (SPEC section 2, "Trees").
//!
//! A node's hash carries the kind of its tree and its level, so a path of another depth or tree
//! cannot lead to the same root. The tree keeps its non-empty prefix in memory; leaves are field
//! elements, and 0 is the empty leaf.

#[cfg(feature = "r1cs")]
pub mod r1cs;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use ark_ff::AdditiveGroup;
use std::sync::OnceLock;

use crate::domain::{Tag, TreeKind};
use crate::field::{Felt, Fr};
use crate::poseidon;

/// Children of a node.
pub const ARITY: usize = 16;
/// Deepest tree handled: 16^8 leaves.
pub const MAX_DEPTH: usize = 8;

/// Why a tree or path is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MerkleError {
    /// The depth is 0 or over the limit.
    #[error("tree: expected a depth of 1 to 8, got {0}")]
    Depth(usize),
    /// An index beyond the last leaf.
    #[error("tree: index {index} is beyond depth {depth}")]
    Index {
        /// The index asked for.
        index: u64,
        /// Depth of the tree.
        depth: usize,
    },
    /// More leaves than the depth holds.
    #[error("tree: {leaves} leaves do not fit depth {depth}")]
    TooManyLeaves {
        leaves: usize,
        /// Depth of the tree.
        depth: usize,
    },
    /// A path of another depth.
    #[error("tree path: expected depth {expected}, got {got}")]
    PathDepth {
        /// Depth of the tree.
        expected: usize,
        /// Depth of the path.
        got: usize,
    },
    /// The path leads to another root.
    #[error("tree path: leads to another root")]
    Root,
}

/// The 15 siblings of a node on the way from a leaf to the root, at every level.
///
/// **Shape**: `siblings[0]` stands beside the leaf; base-16 digit i of `index` is the position
/// among the children at level i.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// Position of the leaf.
    pub index: u64,
    /// Siblings by level, left to right.
    pub siblings: Vec<[Fr; ARITY - 1]>,
}

impl Path {
    /// Levels of the path.
    pub fn depth(&self) -> usize {
        self.siblings.len()
    }

    /// A path of zeros: what fills the place of a path that is switched off.
    pub fn placeholder(depth: usize) -> Self {
        Path {
            index: 0,
            siblings: vec![[Fr::ZERO; ARITY - 1]; depth],
        }
    }

    /// Checks depth and index.
    ///
    /// **Errors**: another depth, or an index that does not fit it.
    pub fn check_shape(&self, depth: usize) -> Result<(), MerkleError> {
        if self.depth() != depth {
            return Err(MerkleError::PathDepth {
                expected: depth,
                got: self.depth(),
            });
        }
        check_index(self.index, depth)
    }

    /// Checks shape and root.
    ///
    /// **Errors**: another shape, or another root.
    pub fn verify(
        &self,
        kind: TreeKind,
        depth: usize,
        root: Fr,
        leaf: Fr,
    ) -> Result<(), MerkleError> {
        self.check_shape(depth)?;
        if root_from_path(kind, leaf, self) == root {
            Ok(())
        } else {
            Err(MerkleError::Root)
        }
    }
}

fn check_depth(depth: usize) -> Result<(), MerkleError> {
    if (1..=MAX_DEPTH).contains(&depth) {
        Ok(())
    } else {
        Err(MerkleError::Depth(depth))
    }
}

fn check_index(index: u64, depth: usize) -> Result<(), MerkleError> {
    check_depth(depth)?;
    if index < capacity(depth) {
        Ok(())
    } else {
        Err(MerkleError::Index { index, depth })
    }
}

/// Leaves of a tree of this depth.
pub const fn capacity(depth: usize) -> u64 {
    1u64 << (4 * depth)
}

/// One node over 16 children; `level` 0 is the parent of leaves.
pub fn node(kind: TreeKind, level: usize, children: &[Fr; ARITY]) -> Fr {
    poseidon::hash(Tag::node(kind, level as u64), children)
}

/// The 16 children: the siblings in order, with the node at `slot`.
pub(crate) fn place(node: Fr, slot: usize, siblings: &[Fr; ARITY - 1]) -> [Fr; ARITY] {
    let mut children = [node; ARITY];
    children[..slot].copy_from_slice(&siblings[..slot]);
    children[slot + 1..].copy_from_slice(&siblings[slot..]);
    children
}

/// The root that a leaf and its path lead to. The caller checks the shape of an untrusted path
/// (`Path::check_shape`).
pub fn root_from_path(kind: TreeKind, leaf: Fr, path: &Path) -> Fr {
    let mut position = path.index;
    let mut acc = leaf;
    for (level, siblings) in path.siblings.iter().enumerate() {
        let slot = (position % ARITY as u64) as usize;
        acc = node(kind, level, &place(acc, slot, siblings));
        position /= ARITY as u64;
    }
    acc
}

/// The root of a tree with these leaves and zeros after them. Leaves beyond the capacity are a
/// programming error and make the answer 0.
pub fn root_of(kind: TreeKind, depth: usize, leaves: &[Fr]) -> Fr {
    Tree::from_leaves(kind, depth, leaves)
        .map(|tree| tree.root())
        .unwrap_or(Fr::ZERO)
}

/// A tree in memory.
#[derive(Clone, Debug)]
pub struct Tree {
    kind: TreeKind,
    depth: usize,
    /// `levels[0]` are the leaves up to the last one set, `levels[depth]` holds the root; beyond
    /// each level's end everything is `empty[level]`.
    levels: Vec<Vec<Fr>>,
    empty: &'static [Fr],
}

/// What stands over empty leaves, by level; the same for every tree of a kind.
fn empty(kind: TreeKind) -> &'static [Fr] {
    const KINDS: usize = TreeKind::Segment as usize + 1;
    static EMPTY: [OnceLock<Vec<Fr>>; KINDS] = [const { OnceLock::new() }; KINDS];
    EMPTY[kind as usize].get_or_init(|| {
        let mut empty = vec![Fr::ZERO];
        for level in 0..MAX_DEPTH {
            empty.push(node(kind, level, &[empty[level]; ARITY]));
        }
        empty
    })
}

impl Tree {
    /// A tree of empty leaves.
    ///
    /// **Errors**: a depth of 0 or over the limit.
    pub fn new(kind: TreeKind, depth: usize) -> Result<Self, MerkleError> {
        check_depth(depth)?;
        Ok(Tree {
            kind,
            depth,
            levels: vec![Vec::new(); depth + 1],
            empty: empty(kind),
        })
    }

    /// A tree with these first leaves.
    ///
    /// **Errors**: the depth, or more leaves than it holds.
    pub fn from_leaves(kind: TreeKind, depth: usize, leaves: &[Fr]) -> Result<Self, MerkleError> {
        let mut tree = Tree::new(kind, depth)?;
        if leaves.len() as u64 > capacity(depth) {
            return Err(MerkleError::TooManyLeaves {
                leaves: leaves.len(),
                depth,
            });
        }
        tree.levels[0] = leaves.to_vec();
        for level in 0..depth {
            tree.levels[level + 1] = (0..tree.levels[level].len().div_ceil(ARITY))
                .map(|i| tree.hash_node(level, i))
                .collect();
        }
        Ok(tree)
    }

    fn at(&self, level: usize, position: usize) -> Fr {
        self.levels[level]
            .get(position)
            .copied()
            .unwrap_or(self.empty[level])
    }

    fn hash_node(&self, level: usize, parent: usize) -> Fr {
        let children = std::array::from_fn(|i| self.at(level, parent * ARITY + i));
        node(self.kind, level, &children)
    }

    /// Levels between leaves and root.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Leaves up to the last one that was set.
    pub fn leaves(&self) -> &[Fr] {
        &self.levels[0]
    }

    pub fn root(&self) -> Fr {
        self.at(self.depth, 0)
    }

    /// The path of a leaf, set or empty.
    ///
    /// **Errors**: an index beyond the tree.
    pub fn path(&self, index: u64) -> Result<Path, MerkleError> {
        check_index(index, self.depth)?;
        let mut position = index as usize;
        let mut siblings = Vec::with_capacity(self.depth);
        for level in 0..self.depth {
            let (parent, slot) = (position / ARITY, position % ARITY);
            siblings.push(std::array::from_fn(|i| {
                self.at(level, parent * ARITY + i + usize::from(i >= slot))
            }));
            position = parent;
        }
        Ok(Path { index, siblings })
    }

    /// Sets a leaf.
    ///
    /// **Errors**: an index beyond the tree.
    pub fn set(&mut self, index: u64, leaf: Fr) -> Result<(), MerkleError> {
        check_index(index, self.depth)?;
        let mut position = index as usize;
        let mut value = leaf;
        for level in 0..=self.depth {
            // A gap before the new position is empty at every level.
            if self.levels[level].len() <= position {
                let filler = self.empty[level];
                self.levels[level].resize(position + 1, filler);
            }
            self.levels[level][position] = value;
            if level < self.depth {
                position /= ARITY;
                value = self.hash_node(level, position);
            }
        }
        Ok(())
    }

    /// Appends a leaf after the last one set and returns its index.
    ///
    /// **Errors**: the tree is full.
    pub fn push(&mut self, leaf: Fr) -> Result<u64, MerkleError> {
        let index = self.levels[0].len() as u64;
        self.set(index, leaf)?;
        Ok(index)
    }
}

#[derive(BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PathData {
    index: u64,
    siblings: Vec<[Felt; ARITY - 1]>,
}

impl From<&Path> for PathData {
    fn from(path: &Path) -> Self {
        PathData {
            index: path.index,
            siblings: path.siblings.iter().map(|level| level.map(Felt)).collect(),
        }
    }
}

impl PathData {
    fn check(self) -> Result<Path, MerkleError> {
        let path = Path {
            index: self.index,
            siblings: self
                .siblings
                .iter()
                .map(|level| level.map(|felt| felt.0))
                .collect(),
        };
        path.check_shape(path.depth())?;
        Ok(path)
    }
}

impl BorshSerialize for Path {
    fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
        BorshSerialize::serialize(&PathData::from(self), writer)
    }
}

impl BorshDeserialize for Path {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let index = u64::deserialize_reader(reader)?;
        let depth = u32::deserialize_reader(reader)? as usize;
        let invalid = |e: MerkleError| std::io::Error::new(std::io::ErrorKind::InvalidData, e);
        // Refuse before reading what a false length announces.
        check_depth(depth).map_err(invalid)?;
        let siblings = (0..depth)
            .map(|_| <[Felt; ARITY - 1]>::deserialize_reader(reader))
            .collect::<Result<Vec<_>, _>>()?;
        PathData { index, siblings }.check().map_err(invalid)
    }
}

impl Serialize for Path {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Serialize::serialize(&PathData::from(self), serializer)
    }
}

impl<'de> Deserialize<'de> for Path {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <PathData as Deserialize>::deserialize(deserializer)?
            .check()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
