//! Why a person could not be enrolled.

use crate::actor::Actor;
use crate::classify::{Classify, Kind};
use crate::journey::join::IdentityError;
use crate::keyring::KeyringError;
use crate::session::SessionError;
use medveil_collections_config::MspId;
use medveil_ledger::LedgerError;
use medveil_msp::MspError;

/// Why a person could not be enrolled.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// On a Fabric network the authority is the institution's own program.
    #[error(
        "the authority of {0} is not in this home: give `--certificate`, an MSP folder or a wallet's file with a client identity that it issued"
    )]
    NoAuthority(MspId),
    #[error("expected a certificate of the role client, got one of the role {0}")]
    Role(&'static str),
    /// A shared key tells nobody apart.
    #[error("expected an identity of the person alone, got the one that {0} itself submits with")]
    Shared(MspId),
    #[error("expected an identity of the person alone, got the one of {0}")]
    Taken(Actor),
    /// Another key of the person's is in use.
    #[error("{person} is enrolled with another certificate, {subject}: `--renew` replaces it")]
    Enrolled { person: Actor, subject: String },
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// A certificate that the institution's authority did not issue, or an expired one.
    #[error("certificate")]
    Msp(#[from] MspError),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Classify for MemberError {
    fn kind(&self) -> Kind {
        match self {
            MemberError::NoAuthority(_) => Kind::NotFound,
            MemberError::Role(_)
            | MemberError::Shared(_)
            | MemberError::Taken(_)
            | MemberError::Msp(_) => Kind::Input,
            MemberError::Enrolled { .. } => Kind::Refused,
            MemberError::Identity(e) => e.kind(),
            MemberError::Keyring(e) => e.kind(),
            MemberError::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            MemberError::Session(e) => e.ledger(),
            MemberError::NoAuthority(_)
            | MemberError::Role(_)
            | MemberError::Shared(_)
            | MemberError::Taken(_)
            | MemberError::Enrolled { .. }
            | MemberError::Identity(_)
            | MemberError::Msp(_)
            | MemberError::Keyring(_) => None,
        }
    }
}
