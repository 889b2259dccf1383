//! Why an ask could not be written or submitted.

use super::file::FORMAT;
use crate::classify::{Classify, Kind, kind_of_io};
use crate::session::SessionError;
use medveil_circuits::ids::RequestId;
use medveil_contract::ContractError;
use medveil_contract::model::RequestState;
use medveil_custody::CustodyError;
use medveil_ledger::LedgerError;
use std::io;
use std::path::PathBuf;

/// Why an ask could not be written or submitted.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error("ask {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("ask {}: another file is there: choose another name", .0.display())]
    Occupied(PathBuf),
    #[error("ask {}: expected the file that `--ask` wrote", path.display())]
    Form {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("ask {}: expected format {FORMAT}, got {got:?}", path.display())]
    Format { path: PathBuf, got: String },
    #[error("ask: expected hexadecimal digits")]
    Hex(#[source] hex::FromHexError),
    /// Arguments that are no call.
    #[error("ask: call")]
    Call(#[source] ContractError),
    /// A call that no person makes.
    #[error("ask: expected a request, an extension or an affirmation, got {0}")]
    OtherCall(&'static str),
    #[error("ask: expected the sealed body of a request")]
    NoBody,
    #[error("ask: sealed body")]
    Body(#[source] io::Error),
    /// Two organisations, or this home, say something else than the ask.
    #[error(
        "ask: expected the {what} {expected:?}, got {got:?}: nothing was sent; whoever made it asks again, and if it happens again, the own peer did not tell what the others do"
    )]
    Differs {
        what: &'static str,
        expected: String,
        got: String,
    },
    /// Day, registry, policy, version or a key changed since.
    #[error(
        "ask: the day, the issuers, the dataset, the policy or a key changed since it was made: whoever made it runs the same command again"
    )]
    Stale(#[source] Box<SessionError>),
    /// The nullifier is used up.
    #[error(
        "ask: whoever made it made the request {request} of this period before, which is {state}: `medveil access show {request}` shows it"
    )]
    Used {
        request: RequestId,
        state: RequestState,
    },
    #[error(transparent)]
    Custody(#[from] CustodyError),
}

impl Classify for AskError {
    fn kind(&self) -> Kind {
        match self {
            AskError::File { source, .. } => kind_of_io(source),
            AskError::Custody(e) => e.kind(),
            AskError::Differs { .. } | AskError::Stale(_) | AskError::Used { .. } => Kind::Refused,
            AskError::Occupied(_)
            | AskError::Form { .. }
            | AskError::Format { .. }
            | AskError::Hex(_)
            | AskError::Call(_)
            | AskError::OtherCall(_)
            | AskError::NoBody
            | AskError::Body(_) => Kind::Input,
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            AskError::Stale(refusal) => refusal.ledger(),
            _ => None,
        }
    }
}
