//! Refusals: what a client can act on, and never a private value.
//!
//! Every refusal carries a stable code, the stage it happened in, and what was expected and what
//! came.

use crate::ledger::LedgerError;
use medveil_circuits::ids::RequestId;
use medveil_collections_config::error_chain;
use std::error::Error;
use std::fmt::{self, Display};

/// Machine-readable kind of a refusal. The words are part of the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The arguments are not well formed.
    BadInput,
    /// Arguments or write set exceed the cap.
    TooLarge,
    /// The caller's organisation or role may not do this, or not at this peer.
    Forbidden,
    /// Something named is not on the ledger.
    NotFound,
    /// The ledger already holds this, or another state than the call needs.
    Conflict,
    /// The registry root, day or policy named is not admissible any more (or not yet): make a fresh
    /// proof.
    Stale,
    /// The transaction's day is ahead of the ledger's: `Tick` first.
    TickFirst,
    /// A proof does not hold, or a rule forbids what was asked.
    Refused,
    /// Too much verification at once: try again.
    Busy,
    /// The ledger's own state cannot be read.
    Internal,
}

impl Code {
    pub const ALL: &'static [Code] = &[
        Code::BadInput,
        Code::TooLarge,
        Code::Forbidden,
        Code::NotFound,
        Code::Conflict,
        Code::Stale,
        Code::TickFirst,
        Code::Refused,
        Code::Busy,
        Code::Internal,
    ];

    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Code::BadInput => "bad_input",
            Code::TooLarge => "too_large",
            Code::Forbidden => "forbidden",
            Code::NotFound => "not_found",
            Code::Conflict => "conflict",
            Code::Stale => "stale",
            Code::TickFirst => "tick_first",
            Code::Refused => "refused",
            Code::Busy => "busy",
            Code::Internal => "internal",
        }
    }
}

impl Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a call wrote nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {stage}: {message}")]
pub struct ContractError {
    code: Code,
    stage: &'static str,
    message: String,
    recorded: Option<RequestId>,
}

impl ContractError {
    pub fn new(code: Code, stage: &'static str, message: impl Display) -> Self {
        ContractError {
            code,
            stage,
            message: message.to_string(),
            recorded: None,
        }
    }

    /// The nullifier is known: the request that used it.
    pub fn already_recorded(request: RequestId) -> Self {
        let message = format!("this secret already made a request in this period: {request}");
        ContractError {
            code: Code::Conflict,
            stage: "nullifier",
            message,
            recorded: Some(request),
        }
    }

    /// Reads a refusal back from its words, as a peer passes them on; its stage is then part of the
    /// message.
    pub fn parse(text: &str) -> Option<Self> {
        let (word, message) = text.split_once(": ")?;
        let code = *Code::ALL.iter().find(|c| c.as_str() == word)?;
        Some(ContractError::new(code, "contract", message))
    }

    pub fn code(&self) -> Code {
        self.code
    }
    /// Where it happened, such as `caller`, `registry root` or `proof`.
    pub fn stage(&self) -> &'static str {
        self.stage
    }
    /// What was expected and what came.
    pub fn message(&self) -> &str {
        &self.message
    }
    /// The request that already used the nullifier, when that is the reason.
    pub fn recorded(&self) -> Option<RequestId> {
        self.recorded
    }
}

impl From<LedgerError> for ContractError {
    fn from(error: LedgerError) -> Self {
        let code = match &error {
            LedgerError::NotMember(_) => Code::Forbidden,
            LedgerError::NoCollection(_) => Code::NotFound,
            LedgerError::Bookmark => Code::BadInput,
            LedgerError::ScanAndWrite | LedgerError::SecondEvent | LedgerError::Store(_) => {
                Code::Internal
            }
        };
        ContractError::new(code, "ledger", error)
    }
}

/// Puts code and stage on a foreign error and its causes: a refusal is text.
pub(crate) trait Refuse<T> {
    /// As a refusal of this code in this stage.
    fn refuse(self, code: Code, stage: &'static str) -> Result<T, ContractError>;
}

impl<T, E: Error> Refuse<T> for Result<T, E> {
    fn refuse(self, code: Code, stage: &'static str) -> Result<T, ContractError> {
        self.map_err(|e| ContractError::new(code, stage, error_chain(&e)))
    }
}

/// Fails with this refusal unless `holds`.
pub(crate) fn require(
    holds: bool,
    code: Code,
    stage: &'static str,
    message: impl Display,
) -> Result<(), ContractError> {
    if holds {
        Ok(())
    } else {
        Err(ContractError::new(code, stage, message))
    }
}
