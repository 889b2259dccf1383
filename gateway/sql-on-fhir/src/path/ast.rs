//! The tree of an expression. Chains and operators of one rank are lists, so that the height of the
//! tree, and with it the depth of recursion, is what brackets and calls make it.

use super::function::Function;
use crate::decimal::Decimal;
use crate::temporal::Temporal;
use regex::Regex;

/// A value that stands in the expression, or a constant of the view.
#[derive(Clone)]
pub(crate) enum Literal {
    Bool(bool),
    Number(Decimal),
    Text(String),
    Temporal(Temporal),
    Quantity(Decimal, String),
}

/// An operator between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Implies,
    Or,
    Xor,
    And,
    In,
    Contains,
    Equal,
    NotEqual,
    Alike,
    NotAlike,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Union,
    Plus,
    Minus,
    Concat,
    Times,
    Over,
    Div,
    Mod,
}

/// Where a type's name is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    /// Without a prefix: FHIR for elements, FHIRPath's own for computed values.
    Either,
    Fhir,
    System,
}

/// The name of a type in `is`, `as`, `ofType` or `getReferenceKey`.
#[derive(Clone)]
pub(crate) struct TypeName {
    pub(crate) space: Space,
    pub(crate) name: String,
}

/// A name behind a dot, or in front of all.
pub(crate) struct Member {
    pub(crate) name: String,
    /// FHIR has `name[x]`.
    pub(crate) choice: bool,
    /// The element of which there is one form only, and which this is or is a form of.
    pub(crate) one_of: Option<&'static str>,
    /// The type that the name says.
    pub(crate) of: Option<&'static str>,
    /// In front of all and capital: may name the type of the resource.
    pub(crate) may_be_type: bool,
}

/// A call behind a dot.
pub(crate) struct Call {
    pub(crate) function: Function,
    pub(crate) arguments: Vec<Expr>,
    pub(crate) of: Option<TypeName>,
    /// The pattern, where it is a literal.
    pub(crate) pattern: Option<Regex>,
}

/// One step along a chain.
pub(crate) enum Step {
    Member(Member),
    Index(Expr),
    Call(Call),
}

/// An expression.
pub(crate) enum Expr {
    /// `{}`.
    Nothing,
    Literal(Literal),
    /// `$this`, and the focus in front of a chain.
    This,
    /// `$index`.
    Index,
    /// `%rowIndex`.
    RowIndex,
    /// `%resource`, `%context`, `%rootResource`.
    Resource,
    Negated(Box<Expr>),
    Chain(Box<Expr>, Vec<Step>),
    /// Operators of one rank from left to right.
    Binary(Box<Expr>, Vec<(Operator, Expr)>),
}

impl Expr {
    /// How deep evaluation recurses.
    pub(crate) fn height(&self) -> usize {
        let below = match self {
            Expr::Negated(inner) => inner.height(),
            Expr::Chain(head, steps) => {
                let steps = steps.iter().map(Step::height).max();
                head.height().max(steps.unwrap_or(0))
            }
            Expr::Binary(first, rest) => {
                let rest = rest.iter().map(|(_, e)| e.height()).max();
                first.height().max(rest.unwrap_or(0))
            }
            _ => 0,
        };
        below + 1
    }
}

impl Step {
    fn height(&self) -> usize {
        match self {
            Step::Member(_) => 0,
            Step::Index(index) => index.height(),
            Step::Call(call) => call.arguments.iter().map(Expr::height).max().unwrap_or(0),
        }
    }
}
