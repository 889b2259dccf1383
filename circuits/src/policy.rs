//! Policies: what a data access committee writes, and the program that the circuit opens (SPEC
//! section 6).
//!
//! YAML (`POLICY.md`) becomes a `PolicyDocument`, that becomes canonical JSON, and `compile` turns
//! the JSON into a `Program` of fixed layout. The contract compiles by itself, so a policy root
//! always belongs to a document that people can read. Matching of data-use terms is not here:
//! permissions are operands.

pub mod code;
pub mod compile;
pub mod document;
pub mod explain;
mod read;
mod singling;
#[cfg(test)]
mod tests;

pub use code::{AlternativeCode, BlockCode, ClauseCode, Header, Op, Req, RequestElements};
pub use compile::compile;
pub use document::{
    AlternativeDocument, ClauseDocument, Dac, Operand, PolicyDocument, Verb, VisaDocument, Word,
};
pub use singling::PUBLISHED_ROLES;

use crate::domain::{self, TreeKind};
use crate::field::{Felt, Fr};
use crate::ids::PolicyRoot;
use crate::merkle::{self, MerkleError, Path, Tree};
use crate::poseidon;

/// Most alternatives of a policy.
pub const ALTERNATIVES: usize = 4;
/// Most visas of an alternative.
pub const MAX_VISAS: usize = 4;
/// Clauses of a visa, beside the path clause.
pub const CLAUSES: usize = 6;
/// Operands of a clause.
pub const OPERANDS: usize = 4;
/// Depth of the set tree of a path clause.
pub const SET_DEPTH: usize = 4;
/// Most values of the path clause's list.
pub const MAX_SET: usize = 4096;
/// Largest policy that is read.
///
/// **Units**: bytes.
pub const MAX_BYTES: usize = 256 * 1024;

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyProblem {
    /// Path in the document, such as `alternatives[0].visas[1].disease`.
    pub at: String,
    /// What was expected and what came.
    pub what: String,
}

/// Everything that is wrong with a policy; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PolicyError(pub Vec<PolicyProblem>);

impl std::fmt::Display for PolicyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            let at = if problem.at.is_empty() {
                "policy"
            } else {
                &problem.at
            };
            write!(f, "{separator}{at}: {}", problem.what)?;
        }
        Ok(())
    }
}

impl PolicyError {
    pub(crate) fn one(at: &str, what: impl Into<String>) -> Self {
        PolicyError(vec![PolicyProblem {
            at: at.to_owned(),
            what: what.into(),
        }])
    }
}

/// One compiled alternative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternative {
    /// What the circuit opens.
    pub code: AlternativeCode,
    /// Values of the path clause's list, in leaf order; empty where there is none.
    pub set: Vec<Felt>,
}

/// A compiled policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    document: PolicyDocument,
    tier: u8,
    alternatives: Vec<Alternative>,
}

impl Program {
    /// Circuit tier: 1 or 4 visas.
    pub fn tier(&self) -> u8 {
        self.tier
    }
    /// The document it comes from.
    pub fn document(&self) -> &PolicyDocument {
        &self.document
    }
    /// Its one to four alternatives.
    pub fn alternatives(&self) -> &[Alternative] {
        &self.alternatives
    }
    pub fn dac(&self) -> &Dac {
        &self.document.dac
    }
    /// Length of a nullifier period, where the policy says so.
    ///
    /// **Units**: days.
    pub fn period_days(&self) -> Option<u32> {
        self.document.period_days
    }

    /// Hashes of the four alternatives; absent ones repeat the first.
    pub fn hashes(&self) -> [Fr; ALTERNATIVES] {
        let hashes: Vec<Fr> = self.alternatives.iter().map(|a| a.code.hash()).collect();
        std::array::from_fn(|i| {
            hashes
                .get(i)
                .or(hashes.first())
                .copied()
                .unwrap_or_default()
        })
    }

    /// `policy_root = P_15(alt0..alt3)`.
    pub fn root(&self) -> PolicyRoot {
        PolicyRoot::new(Felt(root_of(&self.hashes())))
    }
}

/// `P_15(alt0..alt3)`.
pub fn root_of(alternatives: &[Fr; ALTERNATIVES]) -> Fr {
    poseidon::hash(domain::POLICY, alternatives)
}

/// Leaf of a value in the set tree.
pub fn set_leaf(value: Fr) -> Fr {
    poseidon::hash(domain::SET_LEAF, &[value])
}

fn set_leaves(values: &[Felt]) -> Vec<Fr> {
    values.iter().map(|value| set_leaf(value.0)).collect()
}

/// Root of the set tree over values, in this order.
///
/// **Shape**: at most [`MAX_SET`] values.
pub fn set_root(values: &[Felt]) -> Fr {
    merkle::root_of(TreeKind::Set, SET_DEPTH, &set_leaves(values))
}

/// Path of a value in the set tree, if it is in the list.
///
/// **Errors**: more values than the tree holds.
pub fn set_path(values: &[Felt], value: Fr) -> Result<Option<Path>, MerkleError> {
    let Some(index) = values.iter().position(|v| v.0 == value) else {
        return Ok(None);
    };
    Tree::from_leaves(TreeKind::Set, SET_DEPTH, &set_leaves(values))?
        .path(index as u64)
        .map(Some)
}
