//! What is wrong with a view, and what a resource can make impossible.

use crate::error::{EvalError, Kind};
use crate::json::JsonError;
use crate::path::PathError;
use std::fmt;

/// What is wrong at one place of a view.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// No JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// A field that the specification does not have there.
    #[error("no such field in the specification")]
    UnknownField,
    /// A field that must be there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Another JSON value than the field takes.
    #[error("{0} expected")]
    Expected(&'static str),
    /// A name that a database would not take.
    #[error("a name of letters, digits and underscores that starts with a letter expected")]
    Name,
    /// A name that stands twice.
    #[error("the name {0} stands twice")]
    Twice(String),
    /// An expression that is not accepted.
    #[error(transparent)]
    Path(#[from] PathError),
    /// More than one way to iterate.
    #[error("only one of forEach, forEachOrNull and repeat may stand here")]
    Iterations,
    /// A select that makes no column.
    #[error("column, select or unionAll expected")]
    NoColumns,
    /// Branches of a union that do not agree.
    #[error("the columns {expected} expected, as in the first branch, got {got}")]
    Union {
        /// Columns of the first branch.
        expected: String,
        /// Columns of this one.
        got: String,
    },
    /// A column's type that is no single value.
    #[error("{0} is no primitive type of FHIR")]
    ColumnType(String),
    /// A constant without a value, or with several.
    #[error("exactly one value[x] of a primitive type expected")]
    ConstantValue,
    /// A constant's value that is not what its type says.
    #[error("the value is not of the type that its name says")]
    ConstantKind,
    /// Selects within selects.
    #[error("nested more than {limit} deep")]
    TooDeep {
        /// How deep they may be.
        limit: usize,
    },
}

/// One problem and its place, such as `select[0].column[2].path`.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct ViewProblem {
    /// Where in the view.
    pub place: String,
    /// What is wrong there.
    #[source]
    pub problem: Problem,
}

/// All problems of a view, in the order of the view; never empty.
#[derive(Debug)]
pub struct ViewProblems(pub(super) Vec<ViewProblem>);

impl ViewProblems {
    /// The problems.
    pub fn problems(&self) -> &[ViewProblem] {
        &self.0
    }
}

impl fmt::Display for ViewProblems {
    /// One line a problem.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ViewProblems {}

/// Why a resource has no rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowProblem {
    /// An expression without an answer.
    #[error(transparent)]
    Eval(#[from] EvalError),
    /// A criterion that is neither true nor false.
    #[error("true, false or nothing expected, got {got}")]
    NotBoolean { got: Kind },
    /// Several values in a column that is no collection.
    #[error("at most one value expected where collection is not true, got {got}")]
    ManyValues {
        /// How many there were.
        got: usize,
    },
    /// A value that is not of the column's type.
    #[error("{expected} expected, got {got}")]
    CellKind {
        /// What the column declares.
        expected: &'static str,
        got: Kind,
    },
    /// A text that is not written as the column's type asks.
    #[error("{expected} expected, and the text is not written as one")]
    CellText {
        /// What the column declares.
        expected: &'static str,
    },
    /// More rows, or elements of a `repeat`, than one resource may make.
    #[error("more than {limit} rows from one resource")]
    TooManyRows {
        /// How many there may be.
        limit: usize,
    },
    /// A `repeat` that goes on within itself.
    #[error("repeated more than {limit} deep")]
    TooDeep {
        /// How deep it may go.
        limit: usize,
    },
}

/// A problem with a resource, and the expression of the view where it came up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct RowError {
    /// Where in the view, such as `select[0].column[2].path`.
    pub place: String,
    /// What happened there.
    #[source]
    pub problem: RowProblem,
}
