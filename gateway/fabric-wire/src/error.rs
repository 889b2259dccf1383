//! Why bytes are not what they should be.

/// What was expected, such as `a transaction of one action`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {0}")]
pub struct FormError(pub &'static str);
