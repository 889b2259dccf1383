//! Why a claim could not be proven, published, listed or exported.

use super::ClaimedTerms;
use crate::classify::{Classify, Kind, kind_of_io};
use crate::journey::consortium::ConsortiumError;
use crate::journey::dataset::size::TooLarge;
use crate::journey::dataset::{DatasetError, PagesError};
use crate::keyring::KeyringError;
use crate::session::{ProvingError, SessionError};
use medveil_bundle::BundleError;
use medveil_circuits::claim::{ClaimPlanError, DisclosureError};
use medveil_circuits::field::Felt;
use medveil_circuits::ids::DatasetRoot;
use medveil_circuits::query::QueryError;
use medveil_circuits::schema::SchemaProblems;
use medveil_contract::judge::JudgeError;
use medveil_custody::CustodyError;
use medveil_ledger::LedgerError;
use std::path::PathBuf;

/// Why a cohort expression is not a valid one over a dataset's schema.
#[derive(Debug, thiserror::Error)]
pub enum ClaimQueryError {
    /// It names no column: perhaps a text that is not quoted.
    #[error(
        "query: expected a column of the schema, got \"{got}\": the columns are {}; a text stands in single quotes, as in '{got}'", .columns.join(", ")
    )]
    NoColumn { got: String, columns: Vec<String> },
    #[error(transparent)]
    Compile(QueryError),
}

/// Why a claim may not be published, true or not.
#[derive(Debug, thiserror::Error)]
pub enum DisclosureRefusal {
    #[error(transparent)]
    Rule(DisclosureError),
    #[error(
        "no threshold of this query may be published: at least {floor} subjects must be inside and {floor} outside it"
    )]
    NoThreshold { floor: u64 },
}

/// Why a claim could not be proven, published, listed or exported.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// The dataset on the holder's disk.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The query does not compile.
    #[error(transparent)]
    Query(#[from] ClaimQueryError),
    /// The claim may not be published.
    #[error(transparent)]
    Disclosure(#[from] DisclosureRefusal),
    /// The claim is not true. How far it is from being true is not told.
    #[error(
        "of {dataset} it does not hold that {}: claim a smaller number, or the largest that holds with --largest", .terms.sentence
    )]
    DoesNotHold {
        /// Name of the dataset.
        dataset: String,
        terms: Box<ClaimedTerms>,
    },
    /// The claim is true of too few people.
    #[error(
        "of {dataset} fewer than {floor} subjects, the consortium's floor, have `{query}`: no number of them may be claimed"
    )]
    TooFew {
        /// Name of the dataset.
        dataset: String,
        query: String,
        floor: u64,
    },
    /// Too few people have a row that is no hit.
    #[error(
        "of {dataset} fewer than {floor} subjects, the consortium's floor, have a row without `{query}`: no number of rows may be claimed"
    )]
    TooFewOutside {
        /// Name of the dataset.
        dataset: String,
        query: String,
        floor: u64,
    },
    /// Together with other claims it would single somebody out. Which ones stays with the holder.
    #[error(
        "`{query}` would single out fewer than {floor} subjects, next to {}: it may not be published", .with.join(" and ")
    )]
    SinglesOut {
        query: String,
        floor: u32,
        /// Claims and datasets of this holder.
        with: Vec<String>,
    },
    /// A registration publishes how many satisfy criteria: its own, or another dataset's.
    #[error(
        "the numbers of rows and subjects of {name}, which registering publishes, would single out fewer than {floor} of them by criteria, next to {}: it may not be registered", .with.join(" and ")
    )]
    CriteriaSingleOut {
        name: String,
        floor: u32,
        /// Claims and datasets of this holder.
        with: Vec<String>,
    },
    /// What this home does not know it cannot compare with.
    #[error(
        "this home does not know whom this holder's {} speak of, and cannot compare: do this where all are known, or say `--uncompared`", .0.join(", ")
    )]
    Uncompared(Vec<String>),
    /// What is kept of a dataset's subjects is another version's.
    #[error("the kept subjects of {dataset} are not those of its rows: commit it anew")]
    Subjects { dataset: DatasetRoot },
    /// The terms and the registered dataset do not fit.
    #[error("claim")]
    Judge(#[from] JudgeError),
    /// The kept registration makes no version.
    #[error("registration")]
    Registration(#[source] JudgeError),
    /// The schema that was registered.
    #[error("the registered schema:\n{0}")]
    Schema(SchemaProblems),
    /// The publishing call would be too large.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The pages do not make a claim.
    #[error(transparent)]
    Plan(#[from] ClaimPlanError),
    /// Something that this program made has no bytes.
    #[error("claim")]
    Encode(#[source] std::io::Error),
    /// A chunk that the dataset does not have.
    #[error("chunk: expected a number below {chunks}, the first being 0, got {chunk}")]
    NoChunk { chunk: usize, chunks: usize },
    /// No such claim on the holder's disk.
    #[error("no claim {id} was proven here: run `medveil claim prove` first")]
    NotProven { id: Felt },
    /// What a holder keeps of a claim was changed.
    #[error("{}: expected a proven claim", .0.display())]
    Form(PathBuf),
    /// The same claim was published with other proofs.
    #[error(
        "claim {id} is on the ledger already, by transaction {tx_id}, with other proofs: nothing is left to publish"
    )]
    Published { id: Felt, tx_id: String },
    /// What is published stays.
    #[error("claim {id} is on the ledger, by transaction {tx_id}: it cannot be discarded")]
    IsPublished { id: Felt, tx_id: String },
    /// The folder of claims.
    #[error("{}", folder.display())]
    Folder {
        folder: PathBuf,
        source: std::io::Error,
    },
    /// Nobody published such a claim.
    #[error("no claim {id} is on the ledger: `medveil claim list` shows those that are")]
    NotPublished { id: Felt },
    /// Nothing can be asked of the schema.
    #[error("the schema has no column of 24 bits or less that is no inclusion criterion")]
    NoQuery,
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The trust file that goes into a bundle.
    #[error(transparent)]
    Trust(#[from] Box<ConsortiumError>),
    /// The thread that worked ended early.
    #[error("claim: stopped")]
    Stopped(#[source] tokio::task::JoinError),
    /// A proof could not be made.
    #[error(transparent)]
    Proving(#[from] ProvingError),
    /// The ledger or the home.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl From<PagesError> for ClaimError {
    fn from(error: PagesError) -> Self {
        ClaimError::Dataset(error.into())
    }
}

impl From<CustodyError> for ClaimError {
    fn from(error: CustodyError) -> Self {
        ClaimError::Session(error.into())
    }
}

impl From<KeyringError> for ClaimError {
    fn from(error: KeyringError) -> Self {
        ClaimError::Session(error.into())
    }
}

impl From<ConsortiumError> for ClaimError {
    fn from(error: ConsortiumError) -> Self {
        ClaimError::Trust(Box::new(error))
    }
}

impl Classify for ClaimError {
    fn kind(&self) -> Kind {
        use ClaimError as E;
        match self {
            E::Query(_) | E::TooLarge(_) => Kind::Input,
            E::NoQuery | E::NoChunk { .. } => Kind::Input,
            E::Disclosure(_) | E::Judge(_) => Kind::Refused,
            E::DoesNotHold { .. } | E::TooFew { .. } | E::Published { .. } => Kind::Refused,
            E::TooFewOutside { .. } | E::SinglesOut { .. } => Kind::Refused,
            E::Uncompared(_) | E::CriteriaSingleOut { .. } => Kind::Refused,
            E::Subjects { .. } => Kind::Internal,
            E::IsPublished { .. } => Kind::Refused,
            E::Folder { source, .. } => kind_of_io(source),
            E::NotProven { .. } | E::NotPublished { .. } => Kind::NotFound,
            E::Form(_) | E::Registration(_) => Kind::Damaged,
            E::Schema(_) | E::Plan(_) | E::Encode(_) | E::Stopped(_) => Kind::Internal,
            E::Dataset(e) => e.kind(),
            E::Bundle(e) => e.kind(),
            E::Trust(e) => e.kind(),
            E::Proving(e) => e.kind(),
            E::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            ClaimError::Dataset(e) => e.ledger(),
            ClaimError::Trust(e) => Classify::ledger(e.as_ref()),
            ClaimError::Proving(e) => e.ledger(),
            ClaimError::Session(e) => e.ledger(),
            _ => None,
        }
    }
}
