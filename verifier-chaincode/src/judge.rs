//! Verification without a ledger: rebuilds instances from entries and arguments and checks the
//! proofs.
//!
//! The contract, offline `verify` and the ledger's audit run this very code. Nothing here reads
//! state: whoever calls says which keys and entries count, and a key exists in a ring only by the
//! digest it was asked for.

pub mod audit;
pub mod claim;
pub mod eligibility;
pub mod handover;
mod keys;
pub mod pages;
pub mod policy;
pub mod registration;

use crate::call::LineageName;
use circuits::eligibility as eligibility_hashes;
use circuits::ids::{ConsortiumId, LineageId};
use collections_config::MspId;
pub use keys::{KeyCache, KeyRing, PreparedKey, check_known, known_circuits};

/// Why the judge does not accept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JudgeError {
    /// The arguments do not make an instance.
    #[error("{stage}: {message}")]
    Input {
        /// Which part.
        stage: &'static str,
        /// What was expected and what came.
        message: String,
    },
    /// A key is missing, unknown or not for this statement.
    #[error("verifying key: {0}")]
    Key(String),
    /// A proof does not hold.
    #[error(transparent)]
    Proof(#[from] circuits::verify::VerifyError),
}

impl JudgeError {
    pub(crate) fn input(stage: &'static str, message: impl std::fmt::Display) -> Self {
        JudgeError::Input {
            stage,
            message: message.to_string(),
        }
    }
}

/// Lineage id of a holder's dataset.
pub fn lineage_id(consortium: ConsortiumId, holder: &MspId, name: &LineageName) -> LineageId {
    eligibility_hashes::lineage_id(consortium, holder.as_str(), &name.name, name.nonce)
}
