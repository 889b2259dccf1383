//! Why a consortium could not be founded, or its trust file not be written.

use super::FilesError;
use crate::classify::{Classify, Kind, kind_of_open};
use crate::keyring::KeyringError;
use crate::session::SessionError;
use medveil_bundle::BundleError;
use medveil_circuits::field::FieldError;
use medveil_custody::CustodyError;
use medveil_embedded::OpenError;
use medveil_ledger::LedgerError;
use medveil_msp::MspError;
use std::path::PathBuf;

/// Why a consortium could not be founded, or its trust file not be written.
#[derive(Debug, thiserror::Error)]
pub enum ConsortiumError {
    /// One home has one consortium.
    #[error("{} holds another consortium already: name another home with --home DIR", .0.display())]
    Exists(PathBuf),
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error("a consortium needs members")]
    NoMembers,
    /// A certificate could not be made, or one of the home is not valid.
    #[error("certificates")]
    Certificates(#[from] MspError),
    #[error(transparent)]
    Ledger(#[from] OpenError),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The first block's hash in the home's profile is not a valid one.
    #[error("fabric profile: first block")]
    Genesis(#[from] FieldError),
    #[error(transparent)]
    Trust(#[from] BundleError),
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl From<CustodyError> for ConsortiumError {
    fn from(error: CustodyError) -> Self {
        ConsortiumError::Keyring(error.into())
    }
}

impl Classify for ConsortiumError {
    fn kind(&self) -> Kind {
        match self {
            ConsortiumError::Exists(_) | ConsortiumError::NoMembers => Kind::Input,
            ConsortiumError::Files(e) => e.kind(),
            ConsortiumError::Certificates(MspError::Issue(_)) => Kind::Internal,
            ConsortiumError::Certificates(_) | ConsortiumError::Genesis(_) => Kind::Input,
            ConsortiumError::Ledger(e) => kind_of_open(e),
            ConsortiumError::Keyring(e) => e.kind(),
            ConsortiumError::Trust(e) => e.kind(),
            ConsortiumError::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            ConsortiumError::Session(e) => e.ledger(),
            ConsortiumError::Exists(_)
            | ConsortiumError::Files(_)
            | ConsortiumError::NoMembers
            | ConsortiumError::Certificates(_)
            | ConsortiumError::Ledger(_)
            | ConsortiumError::Keyring(_)
            | ConsortiumError::Genesis(_)
            | ConsortiumError::Trust(_) => None,
        }
    }
}
