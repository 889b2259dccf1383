//! Why a vault could not be used.

use crate::actor::Actor;
use crate::classify::{Classify, Kind};
use medveil_collections_config::MspId;
use medveil_custody::CustodyError;

/// Why a vault could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The home has no such organisation.
    #[error("expected one of {} (organisations of this home), got {org}", .known.join(", "))]
    NoOrganisation { org: MspId, known: Vec<String> },
    /// Nobody of that name has a vault.
    #[error("{actor} has no vault in this home: {}", those_known(.known))]
    NoVault { actor: Actor, known: Vec<String> },
    /// A passphrase that is none, or another vault's; or the vault was changed.
    #[error(
        "the vault of {actor} does not open with the passphrase {came_from}: `--passphrase-file {actor}=FILE` gives its own"
    )]
    Passphrase {
        actor: Actor,
        came_from: String,
        source: CustodyError,
    },
    /// No passphrase came from where it was said to be.
    #[error("the vault of {actor}: no passphrase {came_from}")]
    NoPassphrase {
        actor: Actor,
        came_from: String,
        source: CustodyError,
    },
    /// A passphrase was named for nobody here.
    #[error("a passphrase file is named for {actor}, who has no vault in this home: {}", those_known(.known))]
    NamedForNobody { actor: Actor, known: Vec<String> },
    /// One environment variable would be of two vaults.
    #[error("{variable} would be of {} alike: give `--passphrase-file NAME=FILE`", names(.actors))]
    Ambiguous {
        variable: String,
        actors: Vec<Actor>,
    },
    /// The vault itself.
    #[error(transparent)]
    Custody(#[from] CustodyError),
    /// What is kept under a name is not of its form.
    #[error("vault: {name}: not of the expected form")]
    Form { name: String },
}

fn those_known(names: &[String]) -> String {
    match names {
        [] => "nobody has one yet; `visa request` makes a person's".to_owned(),
        names => format!("those who have one are {}", names.join(", ")),
    }
}

fn names(actors: &[Actor]) -> String {
    let names: Vec<String> = actors.iter().map(Actor::to_string).collect();
    names.join(" and ")
}

impl Classify for KeyringError {
    fn kind(&self) -> Kind {
        match self {
            KeyringError::NoOrganisation { .. }
            | KeyringError::NoVault { .. }
            | KeyringError::NamedForNobody { .. } => Kind::NotFound,
            KeyringError::Ambiguous { .. } => Kind::Input,
            KeyringError::Custody(e)
            | KeyringError::Passphrase { source: e, .. }
            | KeyringError::NoPassphrase { source: e, .. } => e.kind(),
            KeyringError::Form { .. } => Kind::Damaged,
        }
    }
}
