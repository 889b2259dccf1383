//! What evaluation can refuse. No message holds a value of the resource: only kinds and counts.

/// The kind of a value, for messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A whole or decimal number.
    Number,
    Text,
    /// A date, perhaps of a year or a month only.
    Date,
    /// A date with a time.
    DateTime,
    /// A time of day.
    Time,
    /// A number with a unit.
    Quantity,
    /// An object, such as a name or a period.
    Object,
    /// An element that has extensions and no value.
    NoValue,
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Kind::Boolean => "a boolean",
            Kind::Number => "a number",
            Kind::Text => "a text",
            Kind::Date => "a date",
            Kind::DateTime => "a date time",
            Kind::Time => "a time",
            Kind::Quantity => "a quantity",
            Kind::Object => "an object",
            Kind::NoValue => "an element without a value",
        })
    }
}

/// Why an expression has no answer on a resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// More values than one where one is asked for.
    #[error("{what}: at most one value expected, got {got}")]
    NotSingle {
        /// Operator or function.
        what: &'static str,
        /// How many there were.
        got: usize,
    },
    /// A value of another kind.
    #[error("{what}: {expected} expected, got {got}")]
    WrongKind {
        /// Operator or function.
        what: &'static str,
        /// What it takes.
        expected: &'static str,
        got: Kind,
    },
    /// Two values that cannot be put together.
    #[error("{what}: {left} and {right} do not go together")]
    Mismatch {
        /// Operator or function.
        what: &'static str,
        /// Kind of the left value.
        left: Kind,
        /// Kind of the right value.
        right: Kind,
    },
    /// JSON alone does not say the type of the element: it is no `value[x]` and no resource.
    #[error("{what}: the type of this element is not written in the resource")]
    TypeUnknown {
        /// Operator or function.
        what: &'static str,
    },
    /// An element that has one form in a resource, in several.
    #[error("{element}[x]: one form expected, got several")]
    SeveralForms {
        /// Its name without a type.
        element: &'static str,
    },
    /// A number or a date that is too large to be exact.
    #[error("{what}: the result or an operand has more digits than are kept exactly")]
    OutOfRange {
        /// Operator or function.
        what: &'static str,
    },
    /// A regular expression that is none, or compiles to too much.
    #[error("{what}: not a regular expression, or too large a one")]
    Pattern {
        /// Function.
        what: &'static str,
    },
    /// More work than one resource may cause.
    #[error("more than {limit} {what}")]
    TooMuch {
        /// What there is too much of.
        what: &'static str,
        /// How much there may be.
        limit: usize,
    },
}
