//! Why an audit could not be made at all.

use medveil_embedded::OpenError;
use medveil_ledger::{BoxError, LedgerError};
use medveil_msp::MspError;

/// Why an audit could not be made at all.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error("audit")]
    Open(#[from] OpenError),
    /// The contract does not accept its configuration.
    #[error("audit: contract")]
    Contract(#[source] BoxError),
    /// The genesis is not the one that was expected.
    #[error("audit: genesis: expected {expected}, got {got}")]
    Anchor { expected: String, got: String },
    /// The members' authorities are not one for each.
    #[error("audit: members")]
    Members(#[from] MspError),
    #[error("audit")]
    Ledger(#[from] LedgerError),
    /// Peers answer members only, and nobody said who audits.
    #[error("audit: expected a member who asks the peers")]
    NoAuditor,
    /// The audit itself was stopped.
    #[error("audit: stopped")]
    Stopped(#[source] BoxError),
}
