//! What a command can fail with beside its journey.

use crate::actor::Actor;
use crate::classify::{Classify, Kind, kind_behind, kind_of_io};
use crate::error::Error;
use medveil_collections_config::MspId;
use medveil_custody::CustodyError;
use medveil_ledger::LedgerError;
use medveil_source::SourceError;
use serde_json::Value;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// Nobody was said to act.
    #[error("say who acts with {flag}; organisations here: {}", .orgs.join(", "))]
    NoActor {
        flag: &'static str,
        orgs: Vec<String>,
    },
    /// An organisation was said to act where one of its people must.
    #[error("say which person acts with --as {org}/NAME; people here: {}", people_here(.people))]
    NoPerson { org: MspId, people: Vec<String> },
    /// One of its people was said to act where the organisation must.
    #[error("{actor} is a person, and this is done by the organisation: --as {}", .actor.org)]
    NotOrganisation { actor: Actor },
    /// Text that is no id.
    #[error("expected {what} of 64 hex digits, got \"{got}\"")]
    Id { what: &'static str, got: String },
    /// A file cannot be written where it is asked for.
    #[error(transparent)]
    Place(CustodyError),
    /// Quickstart's own files.
    #[error("quickstart: {}", path.display())]
    File {
        path: std::path::PathBuf,
        source: std::io::Error,
    },
    /// Quickstart's synthetic cohort.
    #[error("quickstart")]
    Synthetic(#[source] SourceError),
    /// Quickstart found no name for another cohort.
    #[error("ten thousand cohorts in this home: choose another one")]
    NoName,
    #[error(transparent)]
    Journey(Error),
}

fn people_here(people: &[String]) -> String {
    match people {
        [] => "nobody yet, and `visa request` makes one".to_owned(),
        people => people.join(", "),
    }
}

impl<E: Into<Error>> From<E> for CommandError {
    fn from(error: E) -> Self {
        CommandError::Journey(error.into())
    }
}

impl Classify for CommandError {
    fn kind(&self) -> Kind {
        match self {
            CommandError::NoActor { .. } | CommandError::NoPerson { .. } => Kind::Input,
            CommandError::NotOrganisation { .. } => Kind::Input,
            CommandError::Id { .. } | CommandError::NoName => Kind::Input,
            CommandError::Synthetic(e) => kind_behind(e, Kind::Internal),
            CommandError::File { source, .. } => kind_of_io(source),
            CommandError::Place(e) => e.kind(),
            CommandError::Journey(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            CommandError::Journey(e) => Classify::ledger(e),
            CommandError::NoActor { .. }
            | CommandError::NoPerson { .. }
            | CommandError::NotOrganisation { .. }
            | CommandError::Id { .. }
            | CommandError::Place(_)
            | CommandError::File { .. }
            | CommandError::Synthetic(_)
            | CommandError::NoName => None,
        }
    }

    fn answer(&self) -> Option<Value> {
        match self {
            CommandError::Journey(e) => e.answer(),
            CommandError::NoActor { .. }
            | CommandError::NoPerson { .. }
            | CommandError::NotOrganisation { .. }
            | CommandError::Id { .. }
            | CommandError::Place(_)
            | CommandError::File { .. }
            | CommandError::Synthetic(_)
            | CommandError::NoName => None,
        }
    }
}
