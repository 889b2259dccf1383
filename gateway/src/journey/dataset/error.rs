//! Why a dataset could not be made, shared, read or listed.

use super::reading::ReportError;
use super::size::TooLarge;
use super::source::DroppedValues;
use super::{ListedProblem, PagesError, SchemaChecked};
use crate::actor::Actor;
use crate::classify::{Classify, Kind, kind_behind, kind_of_io};
use crate::keyring::KeyringError;
use crate::session::{ProvingError, SessionError};
use medveil_circuits::ids::{DatasetRoot, RequestId};
use medveil_circuits::registration::PlanError;
use medveil_circuits::schema::{SchemaProblems, ValueError};
use medveil_collections_config::{MspId, NameError};
use medveil_contract::model::RequestState;
use medveil_custody::CustodyError;
use medveil_ledger::LedgerError;
use medveil_source::SourceError;
use serde_json::Value;
use std::path::PathBuf;

/// One line a column and reason, then one for each thing that does not fit.
fn problems(checked: &SchemaChecked) -> String {
    let (n, listed) = (checked.problem_count, checked.listed.len());
    let mut lines = vec![format!("schema: {n} values or rows do not fit")];
    let reason = |p: &DroppedValues| {
        let column = p.column.as_ref().map(|column| format!("column {column}: "));
        format!("  {}{}: {}", column.unwrap_or_default(), p.reason, p.count)
    };
    lines.extend(checked.problems.iter().map(reason));
    lines.push(match n > listed as u64 {
        true => format!("the first {listed} of them:"),
        false => "each of them:".to_owned(),
    });
    let one = |p: &ListedProblem| {
        let column = p.column.as_ref().map(|column| format!(", column {column}"));
        let found = p.found.map(|found| format!(", got {found}"));
        let (column, found) = (column.unwrap_or_default(), found.unwrap_or_default());
        format!("  {}{column}: {}{found}", p.place, p.expected)
    };
    lines.extend(checked.listed.iter().map(one));
    lines.join("\n")
}

/// Why a dataset could not be made, shared, read or listed.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// No name of a dataset.
    #[error(
        "dataset: expected a name of 1 to 40 lower-case letters, digits and hyphens, got \"{0}\""
    )]
    Name(String),
    /// A file that is to be written is there.
    #[error(
        "{}: is there already: name another place with `--out`, or move it away",
        path.display()
    )]
    SchemaThere { path: PathBuf },
    /// The schema's file cannot be read.
    #[error("schema {}", path.display())]
    SchemaFile {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The schema is not a valid one. All problems are told, however many.
    #[error("schema {}:\n{problems}", path.display())]
    Schema {
        path: PathBuf,
        problems: SchemaProblems,
    },
    /// A reading report cannot be made or opened.
    #[error("reading report")]
    Report(#[from] ReportError),
    #[error("reading report {}", path.display())]
    ReportFile {
        path: PathBuf,
        source: std::io::Error,
    },
    /// Only FHIR has a schema that ships.
    #[error("schema: a table or a query needs one: give --schema FILE")]
    NoSchema,
    /// The source cannot be read. All that is wrong is told, however much.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A schema does not fit its source. All that does not is told.
    #[error("{}", problems(.0))]
    DoesNotFit(Box<SchemaChecked>),
    /// The reading lost something, and nobody said that this may be.
    #[error(
        "source: the reading lost {}: `medveil dataset inspect` shows what and why, and `--accept` with each of these words lets it stand", .0.join(", ")
    )]
    Lost(Vec<String>),
    /// A value of the source does not fit the schema.
    #[error("source")]
    Value(#[from] ValueError),
    /// No name of a sharing group.
    #[error("sharing group \"{group}\"")]
    Group { group: String, source: NameError },
    /// The holder shares with other groups.
    #[error("{holder} is no member of a sharing group \"{group}\": {}", groups_of(.groups))]
    NotMember {
        holder: MspId,
        group: String,
        groups: Vec<String>,
    },
    /// A dataset is committed once.
    #[error(
        "{name} is committed already, from other rows: `medveil dataset register --name {name}` registers it; choose another name for these"
    )]
    Committed { name: String },
    /// Nothing was committed under this name.
    #[error("{holder} has no committed dataset {name}: {}", committed_words(.known))]
    NotCommitted {
        holder: MspId,
        name: String,
        known: Vec<String>,
    },
    /// What a holder keeps of a dataset was changed.
    #[error("{}: not of the expected form", .0.display())]
    Form(PathBuf),
    /// The kept name of a lineage is another one than was committed under.
    #[error("{}: not the lineage that this dataset was committed under: put it back from a backup", .0.display())]
    OtherLineage(PathBuf),
    /// Something that this program made has no bytes.
    #[error("dataset")]
    Encode(#[source] std::io::Error),
    /// What stands under the master key's name is not a valid key.
    #[error("vault: holder-master: expected 32 bytes, got {0}")]
    MasterKey(usize),
    /// A new key would make strangers of the same people.
    #[error(
        "vault: holder-master is missing, and {0} was committed under it: bring it back from a copy of the vault"
    )]
    NoMasterKey(String),
    /// A pseudonym that its key did not give.
    #[error("a row has a pseudonym that its source's key did not give")]
    Pseudonym,
    /// The registering call would be too large.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The rows do not make a segment.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Another process began the dataset at the same moment.
    #[error("{0}: another process began a dataset of this name meanwhile: run the command again")]
    LineageTaken(String),
    /// The name stands for a registered version.
    #[error(
        "{holder} registered {name} already, as dataset {root}: `medveil dataset store --name {name}` stores its pages; commit other rows under another name"
    )]
    Registered {
        holder: MspId,
        name: String,
        root: DatasetRoot,
        /// What the contract said.
        refusal: Box<SessionError>,
    },
    /// Only a registered dataset has pages to store, and only of one can something be claimed.
    #[error("{name} is not registered: run `medveil dataset register --name {name}` first")]
    NotRegistered { name: String },
    /// Nobody made such a request.
    #[error("no request {request} is on the ledger: `medveil access list` shows those that are")]
    NoRequest { request: RequestId },
    /// The request was not approved, or ended.
    #[error("request {request} is {state}, not approved: there are no keys to read with")]
    NotGranted {
        request: RequestId,
        state: RequestState,
    },
    /// The holder has not delivered the keys yet.
    #[error(
        "{holder} has not delivered the keys of grant {grant}: it runs `medveil access handover {grant}` and `medveil access confirm {grant}`"
    )]
    NotHandedOver { grant: RequestId, holder: MspId },
    /// The keys were delivered, and the peer has lost them or not received them yet.
    #[error(
        "the keys of grant {grant} were delivered, but {org}'s peer does not hold them: try again when it has caught up"
    )]
    KeysMissing { grant: RequestId, org: MspId },
    /// Another person asked for the grant.
    #[error(
        "{actor} has no key for grant {grant}: only the person who asked for it can read the dataset"
    )]
    NotRecipient { actor: Actor, grant: RequestId },
    /// What stands under a recipient's name is no key.
    #[error("vault: the key for grant {0} is not of the expected form")]
    RecipientKey(RequestId),
    /// The handed over package is not of its form.
    #[error("grant {0}: expected a handover package")]
    Package(RequestId),
    /// The peer holds another package than the confirmed one.
    #[error("grant {0}: the package is not the one that was confirmed")]
    OtherPackage(RequestId),
    /// The reader's peer has no pages.
    #[error(
        "{org}'s peer holds no pages of chunk {chunk}: {holder} stores them with members of the dataset's sharing group by `medveil dataset store`"
    )]
    NoPages {
        org: MspId,
        holder: MspId,
        chunk: u32,
    },
    /// A version without a segment has no rows.
    #[error("dataset {0} has no segment")]
    NoSegment(DatasetRoot),
    /// The schema on the ledger.
    #[error("the ledger's schema of dataset {root}:\n{problems}")]
    LedgerSchema {
        root: DatasetRoot,
        problems: SchemaProblems,
    },
    #[error(transparent)]
    Pages(#[from] PagesError),
    /// The thread that worked ended early.
    #[error("dataset: stopped")]
    Stopped(#[source] tokio::task::JoinError),
    /// A proof could not be made.
    #[error(transparent)]
    Proving(#[from] ProvingError),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The ledger or the home.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl From<CustodyError> for DatasetError {
    fn from(error: CustodyError) -> Self {
        DatasetError::Keyring(error.into())
    }
}

fn groups_of(groups: &[String]) -> String {
    match groups {
        [] => "it is a member of none: `sharing-groups.json` names them".to_owned(),
        groups => format!("it is a member of {}", groups.join(", ")),
    }
}

fn committed_words(known: &[String]) -> String {
    match known {
        [] => "run `medveil dataset commit` first".to_owned(),
        known => format!("committed are {}", known.join(", ")),
    }
}

impl Classify for DatasetError {
    fn kind(&self) -> Kind {
        use DatasetError as E;
        match self {
            E::SchemaFile { source, .. } | E::ReportFile { source, .. } => kind_of_io(source),
            E::Report(e) => e.kind(),
            E::Name(_) | E::Schema { .. } | E::SchemaThere { .. } | E::NoSchema | E::Value(_) => {
                Kind::Input
            }
            E::Source(e) => kind_behind(e, Kind::Input),
            E::Lost(_) => Kind::Refused,
            E::DoesNotFit(_) => Kind::Input,
            E::Group { .. } | E::NotMember { .. } | E::Committed { .. } => Kind::Input,
            E::Form(_) | E::OtherLineage(_) | E::MasterKey(_) | E::RecipientKey(_) => Kind::Damaged,
            E::NoMasterKey(_) => Kind::Input,
            E::Pseudonym => Kind::Internal,
            E::TooLarge(_) | E::Plan(_) => Kind::Input,
            E::NotCommitted { .. } | E::NotRegistered { .. } | E::NoRequest { .. } => {
                Kind::NotFound
            }
            E::NotGranted { .. } | E::NotHandedOver { .. } | E::KeysMissing { .. } => {
                Kind::NotFound
            }
            E::NotRecipient { .. } | E::NoPages { .. } | E::NoSegment(_) => Kind::NotFound,
            E::LineageTaken(_) | E::Registered { .. } | E::Package(_) | E::OtherPackage(_) => {
                Kind::Refused
            }
            E::Encode(_) | E::LedgerSchema { .. } | E::Stopped(_) => Kind::Internal,
            E::Pages(e) => e.kind(),
            E::Proving(e) => e.kind(),
            E::Keyring(e) => e.kind(),
            E::Session(e) => e.kind(),
        }
    }

    fn answer(&self) -> Option<Value> {
        match self {
            DatasetError::DoesNotFit(checked) => serde_json::to_value(checked).ok(),
            _ => None,
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            DatasetError::Registered { refusal, .. } => refusal.ledger(),
            DatasetError::Proving(e) => e.ledger(),
            DatasetError::Session(e) => e.ledger(),
            DatasetError::Name(_)
            | DatasetError::SchemaFile { .. }
            | DatasetError::SchemaThere { .. }
            | DatasetError::Schema { .. }
            | DatasetError::NoSchema
            | DatasetError::Source(_)
            | DatasetError::Lost(_)
            | DatasetError::DoesNotFit(_)
            | DatasetError::Value(_)
            | DatasetError::Group { .. }
            | DatasetError::NotMember { .. }
            | DatasetError::Committed { .. }
            | DatasetError::NotCommitted { .. }
            | DatasetError::Form(_)
            | DatasetError::OtherLineage(_)
            | DatasetError::Encode(_)
            | DatasetError::MasterKey(_)
            | DatasetError::NoMasterKey(_)
            | DatasetError::Pseudonym
            | DatasetError::TooLarge(_)
            | DatasetError::Plan(_)
            | DatasetError::NotRegistered { .. }
            | DatasetError::LineageTaken(_)
            | DatasetError::NoRequest { .. }
            | DatasetError::NotGranted { .. }
            | DatasetError::NotHandedOver { .. }
            | DatasetError::KeysMissing { .. }
            | DatasetError::NotRecipient { .. }
            | DatasetError::RecipientKey(_)
            | DatasetError::Package(_)
            | DatasetError::OtherPackage(_)
            | DatasetError::NoPages { .. }
            | DatasetError::NoSegment(_)
            | DatasetError::LedgerSchema { .. }
            | DatasetError::Pages(_)
            | DatasetError::Stopped(_)
            | DatasetError::Report(_)
            | DatasetError::ReportFile { .. }
            | DatasetError::Keyring(_) => None,
        }
    }
}
