//! FHIRPath expressions: text to tree. Reading a view reads each of its expressions once.

pub(crate) mod ast;
mod forms;
pub(crate) mod function;
mod lexer;
mod parser;
mod pattern;
pub(crate) mod quantity;
mod rank;
pub(crate) mod resources;
pub(crate) mod types;

pub(crate) use parser::parse;
pub(crate) use pattern::pattern;

/// Why a text is not accepted as an expression. Positions count bytes from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// A character that starts nothing.
    #[error("an unexpected character at {at}")]
    Character { at: usize },
    /// A text or a comment without its end.
    #[error("what starts at {at} has no end")]
    Open { at: usize },
    /// A backslash and a character that mean nothing together.
    #[error("an unknown escape in the text at {at}")]
    Escape { at: usize },
    /// A number with too many digits, or a date that is none.
    #[error("the literal at {at} is no number, date or time that can be kept exactly")]
    Literal { at: usize },
    /// Something else stands where this should.
    #[error("{expected} expected at {at}")]
    Expected {
        /// What should stand there.
        expected: &'static str,
        at: usize,
    },
    /// A constant that the view does not define.
    #[error("the constant %{name} is not defined")]
    Constant { name: String },
    /// A function that is not known here.
    #[error("the function {name}() is not supported")]
    Function { name: String },
    /// A function that is left out on purpose.
    #[error("the function {name}() is refused: {reason}")]
    Refused {
        name: String,
        /// Why.
        reason: &'static str,
    },
    /// A wrong count of arguments.
    #[error("{name}() takes {least} to {most} arguments, got {got}")]
    Arguments {
        name: String,
        /// Fewest.
        least: usize,
        /// Most.
        most: usize,
        /// How many came.
        got: usize,
    },
    /// A name that is no type of FHIR or FHIRPath.
    #[error("{name} is no type of FHIR or FHIRPath")]
    Type { name: String },
    /// A regular expression that is none, or compiles to too much.
    #[error("the pattern of {name}() is not a regular expression, or too large a one")]
    Pattern { name: String },
    /// Brackets and calls within each other.
    #[error("nested more than {limit} deep")]
    TooDeep {
        /// How deep they may be.
        limit: usize,
    },
    /// A long text.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// How long it may be.
        limit: usize,
    },
}
