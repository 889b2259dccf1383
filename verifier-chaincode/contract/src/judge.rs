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
pub mod reading;
pub mod registration;
pub mod sealing;

use crate::call::LineageName;
use crate::error::ContractError;
pub use keys::{KeyCache, KeyRing, PreparedKey, check_known, known_circuits};
use medveil_circuits::eligibility as eligibility_hashes;
use medveil_circuits::ids::{ConsortiumId, LineageId};
use medveil_circuits::policy::PolicyError;
use medveil_circuits::query::QueryError;
use medveil_circuits::verify::{KeyError, VerifyError};
use medveil_collections_config::MspId;
use std::error::Error;
use std::fmt::Display;

/// Why the judge does not accept.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The arguments do not make an instance.
    #[error("{stage}: {message}")]
    Input {
        stage: &'static str,
        /// What was expected and what came.
        message: String,
    },
    /// A part of the arguments is not of its form.
    #[error("{stage}")]
    Part {
        stage: &'static str,
        source: Box<dyn Error + Send + Sync>,
    },
    /// The query does not compile.
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// An entry of the ledger cannot be read.
    #[error("state")]
    State(#[from] ContractError),
    /// A key is missing, unknown or not for this statement.
    #[error("verifying key: {0}")]
    Key(String),
    #[error(transparent)]
    BadKey(#[from] KeyError),
    /// A proof does not hold.
    #[error(transparent)]
    Proof(#[from] VerifyError),
}

impl JudgeError {
    pub(crate) fn input(stage: &'static str, message: impl Display) -> Self {
        JudgeError::Input {
            stage,
            message: message.to_string(),
        }
    }

    pub(crate) fn part(stage: &'static str, source: impl Error + Send + Sync + 'static) -> Self {
        JudgeError::Part {
            stage,
            source: Box::new(source),
        }
    }
}

/// Lineage id of a holder's dataset.
pub fn lineage_id(consortium: ConsortiumId, holder: &MspId, name: &LineageName) -> LineageId {
    eligibility_hashes::lineage_id(consortium, holder.as_str(), &name.name, name.nonce)
}
