//! What can go wrong in a command, sorted by what the caller can do about it.
//!
//! The only place where an error becomes an exit code. Messages name the stage, what was expected
//! and what came; never a private value.

use std::fmt::Display;
use verifier_chaincode::Code;

/// What the caller can do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A fault of this program or its machine.
    Internal,
    /// Bad usage or bad input.
    Input,
    /// Refused by a statement, the contract or the verifier.
    Refused,
    /// Something named does not exist or cannot be reached.
    NotFound,
}

impl ErrorKind {
    /// The exit code of the process.
    pub const fn exit_code(self) -> i32 {
        match self {
            ErrorKind::Internal => 1,
            ErrorKind::Input => 2,
            ErrorKind::Refused => 3,
            ErrorKind::NotFound => 4,
        }
    }

    /// The word that `--json` prints.
    pub const fn word(self) -> &'static str {
        match self {
            ErrorKind::Internal => "internal",
            ErrorKind::Input => "input",
            ErrorKind::Refused => "refused",
            ErrorKind::NotFound => "not_found",
        }
    }
}

/// What a ledger's error says beside its words, for machines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerFacts {
    /// The transaction, once there is one.
    pub tx_id: Option<String>,
    /// Fabric's own validation code, unchanged.
    pub validation_code: Option<i32>,
    /// The contract's refusal.
    pub refusal: Option<Code>,
}

/// An error of a command: its kind, the stage it happened in, and a message.
#[derive(Debug, thiserror::Error)]
#[error("{stage}: {message}")]
pub struct GatewayError {
    kind: ErrorKind,
    stage: &'static str,
    message: String,
    facts: LedgerFacts,
}

impl GatewayError {
    /// A fault of this program or its machine.
    pub fn internal(stage: &'static str, message: impl Display) -> Self {
        Self::new(ErrorKind::Internal, stage, message)
    }

    /// Bad usage or bad input.
    pub fn input(stage: &'static str, message: impl Display) -> Self {
        Self::new(ErrorKind::Input, stage, message)
    }

    /// Refused by a statement, the contract or the verifier.
    pub fn refused(stage: &'static str, message: impl Display) -> Self {
        Self::new(ErrorKind::Refused, stage, message)
    }

    /// Something named does not exist or cannot be reached.
    pub fn not_found(stage: &'static str, message: impl Display) -> Self {
        Self::new(ErrorKind::NotFound, stage, message)
    }

    /// An error of the given kind.
    pub fn new(kind: ErrorKind, stage: &'static str, message: impl Display) -> Self {
        GatewayError {
            kind,
            stage,
            message: message.to_string(),
            facts: LedgerFacts::default(),
        }
    }

    /// The same, with what the ledger says beside.
    #[must_use]
    pub fn with_facts(self, facts: LedgerFacts) -> Self {
        GatewayError { facts, ..self }
    }

    /// What the ledger says beside.
    pub fn facts(&self) -> &LedgerFacts {
        &self.facts
    }

    /// What the caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Where it happened.
    pub fn stage(&self) -> &'static str {
        self.stage
    }

    /// The message without the stage.
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// Puts a stage and a kind on a foreign error.
pub trait Context<T> {
    /// As a fault of this program or its machine.
    fn internal(self, stage: &'static str) -> Result<T, GatewayError>;
    /// As bad usage or input.
    fn input(self, stage: &'static str) -> Result<T, GatewayError>;
    /// As a refusal.
    fn refused(self, stage: &'static str) -> Result<T, GatewayError>;
    /// As something missing.
    fn not_found(self, stage: &'static str) -> Result<T, GatewayError>;
}

impl<T, E: Display> Context<T> for Result<T, E> {
    fn internal(self, stage: &'static str) -> Result<T, GatewayError> {
        self.map_err(|e| GatewayError::internal(stage, e))
    }
    fn input(self, stage: &'static str) -> Result<T, GatewayError> {
        self.map_err(|e| GatewayError::input(stage, e))
    }
    fn refused(self, stage: &'static str) -> Result<T, GatewayError> {
        self.map_err(|e| GatewayError::refused(stage, e))
    }
    fn not_found(self, stage: &'static str) -> Result<T, GatewayError> {
        self.map_err(|e| GatewayError::not_found(stage, e))
    }
}
