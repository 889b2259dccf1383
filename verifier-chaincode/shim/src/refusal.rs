//! Refusals, as clients read them in a peer's answer: a code, then words.

use std::fmt::Display;

/// Why a call wrote nothing.
///
/// Its code is counted in the metrics, so it must be one of few and never what a caller chose.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {words}")]
pub struct Refusal {
    code: &'static str,
    words: String,
}

impl Refusal {
    /// A refusal under a code of the chaincode's own.
    pub fn new(code: &'static str, words: impl Display) -> Self {
        Refusal {
            code,
            words: words.to_string(),
        }
    }

    /// `bad_input`: the call is not well formed.
    pub fn bad_input(words: impl Display) -> Self {
        Refusal::new("bad_input", words)
    }

    /// `too_large`: the call exceeds a cap.
    pub fn too_large(words: impl Display) -> Self {
        Refusal::new("too_large", words)
    }

    /// `busy`: too much at once, try again.
    pub fn busy(words: impl Display) -> Self {
        Refusal::new("busy", words)
    }

    /// `internal`: the chaincode or the ledger failed.
    pub fn internal(words: impl Display) -> Self {
        Refusal::new("internal", words)
    }

    pub fn code(&self) -> &'static str {
        self.code
    }
}
