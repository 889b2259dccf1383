//! Why a network of this machine is not as it was asked for.

use crate::classify::{Classify, Kind, kind_of_io};
use crate::journey::consortium::FilesError;
use crate::journey::join::IdentityError;
use crate::session::SessionError;
use medveil_collections_config::{MspId, NameError};
use medveil_contract::call::MissingParty;
use medveil_custody::CustodyError;
use medveil_fabric_net::NetError;
use medveil_fabric_wire::FormError;
use medveil_ledger::LedgerError;
use medveil_msp::MspError;
use std::path::PathBuf;

/// Why a network of this machine is not as it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    #[error("net")]
    Net(#[from] NetError),
    #[error("{} holds no network yet: run `medveil net up`", .0.display())]
    NoNetwork(PathBuf),
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error("the network was made for another consortium: run `medveil net clean` first")]
    OtherConsortium,
    #[error(
        "the network was made with peers that check clocks: run `medveil net clean` before --no-time-check"
    )]
    TimeChecked,
    /// An organisation's name is not a valid one.
    #[error("organisation")]
    Name(#[from] NameError),
    /// A file of the network cannot be read or written.
    #[error("{}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(transparent)]
    Custody(#[from] CustodyError),
    #[error("{}", path.display())]
    Block { path: PathBuf, source: FormError },
    #[error("authority of {org}")]
    Authority { org: MspId, source: MspError },
    #[error("authorities")]
    Members(#[source] MspError),
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The contract's own rule does not fit `Bootstrap`.
    #[error("endorsers")]
    Endorsement(#[from] MissingParty),
    #[error("join file")]
    JoinFile(#[from] serde_json::Error),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Classify for NetworkError {
    fn kind(&self) -> Kind {
        match self {
            NetworkError::Net(e) => kind_of_net(e),
            NetworkError::NoNetwork(_) => Kind::NotFound,
            NetworkError::Files(e) => e.kind(),
            NetworkError::OtherConsortium
            | NetworkError::TimeChecked
            | NetworkError::Name(_)
            | NetworkError::Block { .. }
            | NetworkError::Authority { .. }
            | NetworkError::Members(_) => Kind::Input,
            NetworkError::File { source, .. } => kind_of_io(source),
            NetworkError::Custody(e) => e.kind(),
            NetworkError::Identity(e) => e.kind(),
            NetworkError::Endorsement(_) | NetworkError::JoinFile(_) => Kind::Internal,
            NetworkError::Ledger(e) => e.kind(),
            NetworkError::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            NetworkError::Ledger(e) => Some(e),
            NetworkError::Session(e) => e.ledger(),
            NetworkError::Net(_) | NetworkError::NoNetwork(_) | NetworkError::Files(_) => None,
            NetworkError::OtherConsortium | NetworkError::TimeChecked => None,
            NetworkError::Name(_) | NetworkError::File { .. } | NetworkError::Custody(_) => None,
            NetworkError::Block { .. } | NetworkError::Authority { .. } => None,
            NetworkError::Members(_) | NetworkError::Identity(_) => None,
            NetworkError::Endorsement(_) | NetworkError::JoinFile(_) => None,
        }
    }
}

fn kind_of_net(error: &NetError) -> Kind {
    match error {
        NetError::Missing(_) => Kind::NotFound,
        NetError::Input(_) => Kind::Input,
        NetError::Busy { .. } => Kind::Locked,
        NetError::Io { source, .. } | NetError::Start { source, .. } => kind_of_io(source),
        NetError::Program { .. }
        | NetError::Answer { .. }
        | NetError::Ended { .. }
        | NetError::NotStopped { .. }
        | NetError::Timeout { .. } => Kind::Internal,
    }
}
