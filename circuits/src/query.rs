//! Cohort queries: a subset of SQL `WHERE`, compiled to a program of fixed shape that a claim
//! proves rows against (SPEC section 11).
//!
//! Contract, holder and offline verifier compile text and schema themselves, so compilation is
//! deterministic and safe for hostile texts: bounded in bytes, words and depth. `QUERY.md` is the
//! language for people. Logic has three values, as in SQL: what is missing makes a comparison
//! unknown, and unknown is never a hit.

mod build;
mod condition;
mod constant;
mod program;
mod read;
mod span;
mod text;

use crate::field::Felt;
use crate::ids::QueryHash;
use crate::page::Cell;
use crate::schema::{Column, Schema};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

pub use program::{ATOMS, Atom, COLUMNS, FORMAT_VERSION, GATES, Gate, GateOp, Op, Program, Truth};
pub use read::{MAX_BYTES, MAX_DEPTH, MAX_TOKENS};
pub use span::Span;
pub use text::quote;

/// What a claim counts.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    BorshSerialize,
    BorshDeserialize,
    Serialize,
    Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum CountUnit {
    Rows,
    /// Subjects with at least one such row.
    Subjects,
}

impl CountUnit {
    /// 0 for rows, 1 for subjects.
    pub fn code(self) -> u64 {
        match self {
            CountUnit::Rows => 0,
            CountUnit::Subjects => 1,
        }
    }
}

/// Why a text is not a query over a schema. The text is public, so messages may quote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Longer than any query needs to be.
    #[error("query: expected at most {most} {what}, got {got}")]
    TooLong {
        /// What is counted.
        what: &'static str,
        most: usize,
        got: usize,
    },
    /// Brackets and NOTs too deep.
    #[error("query: expected at most {MAX_DEPTH} nested brackets and NOTs")]
    TooDeep,
    #[error("query: {0}")]
    Syntax(String),
    /// SQL, but not of this subset.
    #[error("query: expected {expected}, got `{got}`")]
    Unsupported {
        /// What the language has.
        expected: &'static str,
        got: String,
    },
    /// No such column.
    #[error("query: expected a column of the schema, got `{0}`")]
    Column(String),
    /// A column of several cells.
    #[error("query: column {0} is wider than 24 bits: it can be shared, but not queried yet")]
    Wide(String),
    /// A constant that does not fit its column's type.
    #[error("query: column {column}: expected {expected}, got `{got}`")]
    Constant {
        column: String,
        expected: String,
        got: String,
    },
    /// More than a circuit holds.
    #[error(
        "query: expected at most {COLUMNS} columns, {ATOMS} comparisons and {GATES} connectives, got {columns}, {atoms} and {gates} (BETWEEN is two comparisons and one AND, IN of n values is n comparisons and n - 1 ORs)"
    )]
    TooLarge {
        columns: usize,
        atoms: usize,
        /// Different pairs of AND or OR.
        gates: usize,
    },
}

/// A compiled query: the program and what people want to know about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    program: Program,
    columns: Vec<usize>,
    atoms: usize,
    gates: usize,
    text: String,
}

/// Compiles a cohort expression.
///
/// **Errors**: a text over its bounds, outside the language, about columns or constants that the
/// schema does not have, or too large for the circuit.
///
/// **Cost**: bounded by `MAX_BYTES` of text, whatever it says.
pub fn compile(text: &str, schema: &Schema, unit: CountUnit) -> Result<Query, QueryError> {
    let condition = read::condition(text, schema)?;
    build::query(&condition, schema, unit)
}

impl Query {
    /// The program: what the circuit opens.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The one text of the program: compiling it gives the program again. Claims carry no other.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The hash of the program.
    pub fn hash(&self) -> QueryHash {
        self.program.hash()
    }

    /// Rows or subjects.
    pub fn unit(&self) -> CountUnit {
        self.program.unit
    }

    /// Hash of the schema it was compiled against.
    pub fn schema_hash(&self) -> Felt {
        self.program.schema_hash
    }

    /// Schema columns that it asks about, in the order of the program.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// How many of the circuit's comparisons and connectives it uses.
    pub fn cost(&self) -> (usize, usize) {
        (self.atoms, self.gates)
    }

    /// Whether a row satisfies it: `None` is unknown.
    ///
    /// **Shape**: the cells of a whole row, one a limb, in layout order; cells that are not there
    /// are absent.
    pub fn evaluate(&self, row: &[Cell]) -> Option<bool> {
        let cell = |position: u64| {
            usize::try_from(position)
                .ok()
                .and_then(|p| row.get(p.checked_sub(2)?))
                .copied()
                .unwrap_or_default()
        };
        self.program.evaluate(&self.program.positions.map(cell))
    }

    /// What is proven of the values of its columns: `verify` prints it.
    pub fn spans(&self, schema: &Schema) -> Vec<Span> {
        self.columns
            .iter()
            .filter_map(|i| schema.columns().get(*i))
            .map(Column::span)
            .collect()
    }
}

#[cfg(test)]
mod tests;
