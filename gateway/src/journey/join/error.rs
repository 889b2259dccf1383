//! Why a home could not join a network.

use super::connection::ConnectionError;
use super::identity::IdentityError;
use super::{FORMAT, TlsClientError};
use crate::classify::{Classify, Kind, kind_of_io};
use crate::journey::consortium::FilesError;
use crate::keyring::KeyringError;
use crate::session::SessionError;
use medveil_collections_config::{MspId, NameError};
use medveil_custody::CustodyError;
use medveil_fabric_client::ProfileError;
use medveil_msp::MspError;
use std::io;
use std::path::PathBuf;

/// Why a home could not join a network.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// There is no join file.
    #[error(
        "{}: no join file is there: `medveil net deploy` writes one for each organisation of a network on this machine, the operator of another network writes it by hand", path.display()
    )]
    NoFile { path: PathBuf, source: io::Error },
    /// A file that the join file names cannot be read.
    #[error("{}", path.display())]
    File { path: PathBuf, source: io::Error },
    /// It is not the JSON of a join file.
    #[error("{}: expected a join file", path.display())]
    Json {
        path: PathBuf,
        source: serde_json::Error,
    },
    #[error("{}: expected format {FORMAT}, got {got}", path.display())]
    Format { path: PathBuf, got: String },
    #[error("msp_id")]
    Name(#[from] NameError),
    #[error(transparent)]
    Files(#[from] FilesError),
    #[error("expected the authority of {0}")]
    NoAuthority(MspId),
    #[error(
        "{}: expected an MSP folder with an authority's certificate in cacerts", .0.display()
    )]
    NoRoot(PathBuf),
    /// Authorities that are not valid ones, or an identity that they did not issue.
    #[error("{}", path.display())]
    Msp { path: PathBuf, source: MspError },
    #[error("authorities")]
    Members(#[source] MspError),
    #[error("expected admin and client, or, for a home of one person, neither; got one")]
    OneIdentity,
    #[error(
        "{}: expected a certificate of the role {wanted}, got one of the role {got}", path.display()
    )]
    Role {
        path: PathBuf,
        wanted: &'static str,
        got: &'static str,
    },
    #[error(transparent)]
    Identity(#[from] IdentityError),
    #[error("expected either peers and tls_authority, or connection_profile")]
    Peers,
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error(transparent)]
    TlsClient(#[from] TlsClientError),
    /// The home has a ledger of its own.
    #[error(
        "{} holds an embedded ledger: join from another home, named with --home DIR", .0.display()
    )]
    Embedded(PathBuf),
    #[error(
        "{} is joined to another network: join from another home, named with --home DIR", .0.display()
    )]
    OtherNetwork(PathBuf),
    /// A key or certificate that was read cannot be kept.
    #[error("identity")]
    Keep(#[source] MspError),
    #[error(transparent)]
    Profile(#[from] ProfileError),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl From<CustodyError> for JoinError {
    fn from(error: CustodyError) -> Self {
        JoinError::Keyring(error.into())
    }
}

impl Classify for JoinError {
    fn kind(&self) -> Kind {
        match self {
            JoinError::NoFile { .. } => Kind::NotFound,
            JoinError::File { source, .. } => kind_of_io(source),
            JoinError::Files(e) => e.kind(),
            JoinError::Identity(e) => e.kind(),
            JoinError::Connection(e) => e.kind(),
            JoinError::TlsClient(e) => e.kind(),
            JoinError::Keyring(e) => e.kind(),
            JoinError::Session(e) => e.kind(),
            JoinError::Json { .. }
            | JoinError::Format { .. }
            | JoinError::Name(_)
            | JoinError::NoAuthority(_)
            | JoinError::NoRoot(_)
            | JoinError::Msp { .. }
            | JoinError::Members(_)
            | JoinError::Role { .. }
            | JoinError::OneIdentity
            | JoinError::Peers
            | JoinError::Embedded(_)
            | JoinError::OtherNetwork(_)
            | JoinError::Keep(_)
            | JoinError::Profile(_) => Kind::Input,
        }
    }
}
