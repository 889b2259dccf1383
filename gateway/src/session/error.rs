//! Why a session could not be opened or used.

use crate::actor::Actor;
use crate::classify::{Classify, Kind, kind_behind, kind_of_open, kind_of_own_file};
use crate::keyring::KeyringError;
use crate::session::network::HomeNetwork;
use medveil_circuits::ids::Day;
use medveil_circuits::visa::day::to_text;
use medveil_collections_config::{MspId, Problems};
use medveil_contract::call::MissingParty;
use medveil_custody::CustodyError;
use medveil_embedded::OpenError;
use medveil_fabric_client::ProfileError;
use medveil_ledger::LedgerError;
use medveil_msp::MspError;
use medveil_prover::KeyStoreError;
use std::path::PathBuf;

/// Why a session could not be opened or used.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Nothing was founded or joined there.
    #[error(
        "{} holds no consortium: run `medveil consortium init` or `medveil quickstart`", .0.display()
    )]
    NoConsortium(PathBuf),
    /// A file of the home cannot be read or written.
    #[error("home: {}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    /// A file of the home is not there any more.
    #[error("home: {}: gone: take it from a backup of this home", .0.display())]
    Gone(PathBuf),
    /// The consortium file or the collections.
    #[error("home: consortium files")]
    Consortium(#[from] Problems),
    /// A file of the home contradicts its ledger.
    #[error("home: {}: {what}", path.display())]
    Differs {
        path: PathBuf,
        /// What it is not, and what can be done.
        what: &'static str,
    },
    /// The home is joined to a network that cannot be used so.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The embedded ledger cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// This home acts for other organisations.
    #[error("this home has no identity of {org}: {}", those_here(.here))]
    NoIdentity { org: MspId, here: Vec<MspId> },
    /// A certificate or key of an organisation.
    #[error("identity")]
    Identity(#[from] MspError),
    /// A person's own certificate.
    #[error("the certificate of {person} was valid until {}: run `medveil --as {person} member enrol` again", to_text(*.last))]
    PersonExpired { person: Actor, last: Day },
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The key store.
    #[error(transparent)]
    KeyStore(#[from] KeyStoreError),
    /// The contract's own rule on endorsers does not fit the call.
    #[error("endorsers")]
    Endorsement(#[from] MissingParty),
    /// Nobody could endorse the call.
    #[error("no set of organisations satisfies the endorsement rule")]
    NoEndorsers,
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No peer that is needed, of the network that the home is joined to, answers.
    #[error(
        "this home is joined to {network}; those that this command needs do not answer: `medveil net up` starts a network of this machine, its operator another one; a network that was removed needs a new home"
    )]
    Unreachable {
        network: HomeNetwork,
        source: LedgerError,
    },
    /// The contract answered in another form than this program knows.
    #[error("the contract's reply to {query} is not of the expected form")]
    Reply {
        query: &'static str,
        source: serde_json::Error,
    },
    /// Revoked indices of an issuer do not hash to its registered root.
    #[error("the revoked indices of issuer {slot} do not give its registered root")]
    Revocations { slot: u16 },
    /// Another process does the same work.
    #[error("{what} is under way in another process")]
    UnderWay { what: String },
    /// What is kept of interrupted work is not of its form.
    #[error("draft {}: not of the expected form: remove it", .0.display())]
    Draft(PathBuf),
    /// The system has no randomness or refuses threads.
    #[error("{0}")]
    System(
        &'static str,
        #[source] Box<dyn std::error::Error + Send + Sync>,
    ),
}

fn those_here(orgs: &[MspId]) -> String {
    match orgs {
        [] => "it acts for nobody yet".to_owned(),
        orgs => {
            let names: Vec<&str> = orgs.iter().map(MspId::as_str).collect();
            format!("it acts for {}", names.join(", "))
        }
    }
}

impl From<CustodyError> for SessionError {
    fn from(error: CustodyError) -> Self {
        SessionError::Keyring(error.into())
    }
}

impl SessionError {
    /// What the system says of a file that this home has had from its beginning.
    pub(crate) fn own_file(path: PathBuf, source: std::io::Error) -> Self {
        match source.kind() {
            std::io::ErrorKind::NotFound => SessionError::Gone(path),
            _ => SessionError::File { path, source },
        }
    }

    /// The code of the contract's refusal, when that is the reason.
    pub fn code(&self) -> Option<medveil_contract::Code> {
        self.ledger().and_then(LedgerError::code)
    }
}

impl Classify for SessionError {
    fn kind(&self) -> Kind {
        match self {
            SessionError::NoConsortium(_) | SessionError::NoIdentity { .. } => Kind::NotFound,
            SessionError::NoEndorsers => Kind::NotFound,
            SessionError::File { source, .. } => kind_of_own_file(source),
            SessionError::Gone(_)
            | SessionError::Consortium(_)
            | SessionError::Differs { .. }
            | SessionError::Draft(_) => Kind::Damaged,
            SessionError::Profile(e) => kind_behind(e, Kind::Input),
            SessionError::Identity(MspError::Expired(_) | MspError::Revoked(_)) => Kind::Input,
            SessionError::Identity(_) => Kind::Damaged,
            SessionError::PersonExpired { .. } => Kind::Input,
            SessionError::Open(e) => kind_of_open(e),
            SessionError::Keyring(e) => e.kind(),
            SessionError::KeyStore(e) => e.kind(),
            SessionError::Endorsement(_) | SessionError::Reply { .. } => Kind::Internal,
            SessionError::Ledger(source) | SessionError::Unreachable { source, .. } => {
                source.kind()
            }
            SessionError::Revocations { .. } => Kind::Refused,
            SessionError::UnderWay { .. } => Kind::Locked,
            SessionError::System(..) => Kind::Internal,
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            SessionError::Ledger(source) | SessionError::Unreachable { source, .. } => Some(source),
            SessionError::NoConsortium(_)
            | SessionError::File { .. }
            | SessionError::Gone(_)
            | SessionError::Consortium(_)
            | SessionError::Differs { .. }
            | SessionError::Profile(_)
            | SessionError::Open(_)
            | SessionError::NoIdentity { .. }
            | SessionError::Identity(_)
            | SessionError::PersonExpired { .. }
            | SessionError::Keyring(_)
            | SessionError::KeyStore(_)
            | SessionError::Endorsement(_)
            | SessionError::NoEndorsers
            | SessionError::Reply { .. }
            | SessionError::Revocations { .. }
            | SessionError::UnderWay { .. }
            | SessionError::Draft(_)
            | SessionError::System(..) => None,
        }
    }
}
