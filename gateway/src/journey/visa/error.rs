//! Why a visa could not be asked for, imported or shown.

use super::REQUEST_FORMAT;
use crate::classify::{Classify, Kind, kind_of_io};
use crate::keyring::KeyringError;
use crate::session::SessionError;
use medveil_circuits::ids::Day;
use medveil_circuits::visa::{self, VisaSchema, day};
use medveil_custody::CustodyError;
use medveil_ledger::LedgerError;
use std::path::PathBuf;

/// Why a visa could not be asked for, imported or shown.
#[derive(Debug, thiserror::Error)]
pub enum VisaError {
    /// No schema of that name.
    #[error("expected one of the visa schemas {}, got \"{got}\"", schemas())]
    Schema { got: String },
    /// A file cannot be read.
    #[error("{}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    /// A file is no request for a visa.
    #[error("{}: expected a file that `medveil visa request` wrote", path.display())]
    RequestForm {
        path: PathBuf,
        source: serde_json::Error,
    },
    /// A request of another format, or without a commitment.
    #[error(
        "{}: expected a file of format {REQUEST_FORMAT} with a commitment other than 0", .0.display()
    )]
    RequestFormat(PathBuf),
    /// A file is no signed visa, or its signature does not hold.
    #[error("{}", path.display())]
    Signed {
        path: PathBuf,
        source: visa::VisaError,
    },
    /// The wallet made no such commitment.
    #[error("the visa is for a commitment that this wallet did not make")]
    OtherHolder,
    /// What the wallet kept does not open the commitment.
    #[error("the visa's commitment does not open with what this wallet kept")]
    Commitment,
    /// Nobody registered the key that signed.
    #[error(
        "no registered issuer of {schema} visas has the key that signed: its issuer runs `medveil issuer register` first"
    )]
    UnknownIssuer { schema: &'static str },
    /// The issuer was retired.
    #[error(
        "the issuer of the visa is retired: ask for a visa by another issuer, or by its next key"
    )]
    IssuerRetired,
    /// The issuer vouches for another institution.
    #[error("the issuer may not vouch for people of the visa's institution")]
    Institution,
    /// The issuer took the visa back.
    #[error("the visa was revoked by its issuer")]
    Revoked,
    /// The visa is not valid any more.
    #[error("the visa expired on {}", day::to_text(*.0))]
    Expired(Day),
    /// The wallet has no such number.
    #[error("no visa {number} in the wallet: {}", numbers(*.held))]
    NoVisa { number: usize, held: usize },
    /// The request file cannot be written as JSON.
    #[error("visa request")]
    Encode(#[source] serde_json::Error),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The ledger or the home.
    #[error(transparent)]
    Session(#[from] SessionError),
}

fn schemas() -> String {
    VisaSchema::ALL.map(VisaSchema::name).join(", ")
}

fn numbers(held: usize) -> String {
    match held {
        0 => "it is empty".to_owned(),
        1 => "the only one has number 0".to_owned(),
        held => format!("`medveil visa list` shows numbers 0 to {}", held - 1),
    }
}

impl From<CustodyError> for VisaError {
    fn from(error: CustodyError) -> Self {
        VisaError::Keyring(error.into())
    }
}

impl Classify for VisaError {
    fn kind(&self) -> Kind {
        use VisaError as E;
        match self {
            E::Schema { .. } => Kind::Input,
            E::RequestForm { .. } | E::RequestFormat(_) => Kind::Input,
            E::File { source, .. } => kind_of_io(source),
            E::Signed { source, .. } => match source {
                visa::VisaError::Signature(_) => Kind::Refused,
                visa::VisaError::Form(_)
                | visa::VisaError::Width { .. }
                | visa::VisaError::Missing { .. }
                | visa::VisaError::Schema
                | visa::VisaError::Days
                | visa::VisaError::Text(_)
                | visa::VisaError::Code { .. } => Kind::Input,
            },
            E::OtherHolder | E::Commitment | E::UnknownIssuer { .. } => Kind::Refused,
            E::IssuerRetired | E::Institution | E::Revoked | E::Expired(_) => Kind::Refused,
            E::NoVisa { .. } => Kind::NotFound,
            E::Encode(_) => Kind::Internal,
            E::Keyring(e) => e.kind(),
            E::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            VisaError::Session(e) => e.ledger(),
            VisaError::Schema { .. }
            | VisaError::File { .. }
            | VisaError::RequestForm { .. }
            | VisaError::RequestFormat(_)
            | VisaError::Signed { .. }
            | VisaError::OtherHolder
            | VisaError::Commitment
            | VisaError::UnknownIssuer { .. }
            | VisaError::IssuerRetired
            | VisaError::Institution
            | VisaError::Revoked
            | VisaError::Expired(_)
            | VisaError::NoVisa { .. }
            | VisaError::Encode(_)
            | VisaError::Keyring(_) => None,
        }
    }
}
