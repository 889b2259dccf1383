//! Why a call failed, by stage.

use crate::record::Verdict;
use medveil_collections_config::{CollectionName, MspId};
use medveil_contract::{Code, ContractError};
use std::path::PathBuf;

/// Any error that another one stands on.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a call failed, by stage. Carries the transaction id once there is one.
///
/// What stands behind it is its `source()` and not part of its own words.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The contract refused, at this organisation's peer. Nothing was written.
    #[error("refused by the contract")]
    Refused {
        tx_id: String,
        peer: MspId,
        #[source]
        error: ContractError,
    },
    /// A peer did not endorse, for a reason that is not the contract's.
    #[error("endorse: {peer} (transaction {tx_id})")]
    Endorse {
        tx_id: String,
        peer: MspId,
        source: BoxError,
    },
    /// The call names organisations that are not on the channel, none, or one twice.
    #[error("endorse: expected different organisations of this channel as endorsers, got {got}")]
    Endorsers { got: String },
    /// The private arguments would have reached an organisation that is no member of the
    /// collection they are for. They were not sent.
    #[error(
        "endorse: {peer} is not a member of {collection}: private arguments are not sent there (transaction {tx_id})"
    )]
    NonMember {
        tx_id: String,
        peer: MspId,
        collection: CollectionName,
    },
    /// The result of a peer is not what was sent, or not that of another peer. Nothing was signed.
    #[error(
        "endorse: {peer}: the prepared transaction is not what was sent: {what} (transaction {tx_id})"
    )]
    Mismatch {
        tx_id: String,
        peer: MspId,
        what: &'static str,
    },
    /// The transaction was not ordered and never will be. Nothing was written.
    #[error("submit: transaction {tx_id} was not ordered")]
    NotOrdered { tx_id: String, source: BoxError },
    /// The transaction was ordered and does not count. Nothing was written.
    #[error("commit: transaction {tx_id} in block {block}: {verdict} ({})", verdict.code)]
    Invalid {
        tx_id: String,
        block: u64,
        verdict: Verdict,
    },
    /// It is not known whether the transaction was ordered. The next command of this organisation
    /// follows it to its end.
    #[error(
        "transaction {tx_id} may still be committed: `medveil ledger outbox` follows it, `medveil ledger tx {tx_id}` shows it"
    )]
    Lost { tx_id: String, source: BoxError },
    #[error("not reachable")]
    Unreachable(#[source] BoxError),
    /// The chain holds no such block or transaction.
    #[error("expected {what} on the ledger, found none")]
    NotFound {
        /// Such as `block 7`.
        what: String,
    },
    /// The transaction is not one of the contract.
    #[error("transaction {tx_id}: expected {expected}")]
    Foreign {
        tx_id: String,
        /// What a transaction of the contract is.
        expected: &'static str,
    },
    /// The identity is not one that this ledger knows.
    #[error("identity")]
    Identity(#[source] BoxError),
    /// Another process holds the ledger's files, and went on holding them.
    #[error("{}: in use by another process", .0.display())]
    InUse(PathBuf),
    /// The ledger could not be read.
    #[error("the ledger could not be read")]
    Read(#[source] BoxError),
}

impl LedgerError {
    /// An unreadable ledger.
    pub fn read(error: impl Into<BoxError>) -> Self {
        LedgerError::Read(error.into())
    }

    /// Endorsers that are not different organisations of the channel.
    pub fn endorsers(got: &[MspId]) -> Self {
        let names: Vec<&str> = got.iter().map(MspId::as_str).collect();
        let got = match names.is_empty() {
            true => "none".to_owned(),
            false => names.join(", "),
        };
        LedgerError::Endorsers { got }
    }

    pub fn no_endorsers() -> Self {
        LedgerError::endorsers(&[])
    }

    /// The contract's refusal, when that is the reason.
    pub fn refusal(&self) -> Option<&ContractError> {
        let LedgerError::Refused { error, .. } = self else {
            return None;
        };
        Some(error)
    }

    /// The code of the contract's refusal, when that is the reason.
    pub fn code(&self) -> Option<Code> {
        self.refusal().map(ContractError::code)
    }

    /// The transaction, once there is one.
    pub fn tx_id(&self) -> Option<&str> {
        match self {
            LedgerError::Refused { tx_id, .. }
            | LedgerError::Endorse { tx_id, .. }
            | LedgerError::NonMember { tx_id, .. }
            | LedgerError::Mismatch { tx_id, .. }
            | LedgerError::NotOrdered { tx_id, .. }
            | LedgerError::Foreign { tx_id, .. }
            | LedgerError::Invalid { tx_id, .. }
            | LedgerError::Lost { tx_id, .. } => Some(tx_id),
            LedgerError::Endorsers { .. }
            | LedgerError::Unreachable(_)
            | LedgerError::NotFound { .. }
            | LedgerError::Identity(_)
            | LedgerError::InUse(_)
            | LedgerError::Read(_) => None,
        }
    }

    /// Fabric's validation code, where the transaction was ordered.
    pub fn verdict(&self) -> Option<Verdict> {
        let LedgerError::Invalid { verdict, .. } = self else {
            return None;
        };
        Some(*verdict)
    }
}
