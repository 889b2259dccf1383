//! Why a policy could not be read or put.

use crate::classify::{Classify, Kind, kind_of_io};
use crate::journey::dataset::DatasetError;
use crate::session::SessionError;
use medveil_circuits::policy;
use medveil_collections_config::MspId;
use medveil_ledger::LedgerError;
use std::path::PathBuf;

/// Why a policy could not be read or put.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file cannot be read.
    #[error("policy {}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The policy does not compile. All problems are told, however many.
    #[error("{}: {problems}", path.display())]
    Problems {
        path: PathBuf,
        problems: policy::PolicyError,
    },
    /// The policy does not fit the consortium. All that does not is told.
    #[error("{}: {}", path.display(), problems.join("; "))]
    Unfit {
        path: PathBuf,
        problems: Vec<String>,
    },
    /// The dataset is not registered.
    #[error(
        "{holder} has registered no dataset {dataset}: `--future` puts the policy of one that is still to come"
    )]
    UnknownDataset { holder: MspId, dataset: String },
    /// Requests could not be sealed to somebody who decides.
    #[error(
        "{} published no key for requests: each runs `medveil keys publish` first", orgs.join(", ")
    )]
    NoSealingKey { orgs: Vec<String> },
    /// Requests are for data of the holder, so it sits on the committee.
    #[error("dac.members: expected the holder {0} among them")]
    NoHolder(MspId),
    /// The dataset that it is for.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The ledger or the home.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Classify for PolicyError {
    fn kind(&self) -> Kind {
        use PolicyError as E;
        match self {
            E::File { source, .. } => kind_of_io(source),
            E::Problems { .. } => Kind::Input,
            E::Unfit { .. } | E::NoHolder(_) => Kind::Input,
            E::UnknownDataset { .. } | E::NoSealingKey { .. } => Kind::NotFound,
            E::Dataset(e) => e.kind(),
            E::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            PolicyError::Dataset(e) => e.ledger(),
            PolicyError::Session(e) => e.ledger(),
            _ => None,
        }
    }
}
