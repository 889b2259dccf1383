//! Why access could not be asked for, decided, delivered or shown.

use super::Tally;
use super::inputs::LONGEST_LETTER;
use crate::actor::Actor;
use crate::classify::{Classify, Kind, kind_of_io};
use crate::journey::dataset::DatasetError;
use crate::journey::day::DayError;
use crate::journey::visa::VisaError;
use crate::keyring::KeyringError;
use crate::session::{ProvingError, SessionError};
use medveil_circuits::babyjubjub::PointError;
use medveil_circuits::eligibility::{Ineligible, PrepareError};
use medveil_circuits::ids::{DatasetRoot, RequestId};
use medveil_circuits::policy::PolicyError;
use medveil_circuits::schema::SchemaProblems;
use medveil_collections_config::MspId;
use medveil_contract::model::{Decision, RequestState};
use medveil_custody::CustodyError;
use medveil_custody::sealing::SealingError;
use medveil_ledger::LedgerError;
use std::path::PathBuf;

/// What the contract said, below words that a person can use.
type Refusal = Box<SessionError>;

/// Why access could not be asked for, decided, delivered or shown.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// A text that names no dataset.
    #[error("expected a dataset as its lineage id or as HOLDER/NAME, got \"{got}\"")]
    DatasetName { got: String },
    /// No dataset of that name.
    #[error("no dataset {dataset} on the ledger: {}", datasets(.known))]
    NoDataset { dataset: String, known: Vec<String> },
    /// Nobody put a policy for it.
    #[error(
        "the dataset {dataset} is registered and has no policy: its holder runs `medveil policy put`"
    )]
    NoPolicy {
        dataset: String,
        #[source]
        refusal: Refusal,
    },
    /// The ledger knows neither a policy nor a version of it.
    #[error(
        "the dataset {dataset} has no policy and no registered version: its holder runs `medveil policy put` and `medveil dataset register`"
    )]
    NeitherPolicyNorVersion {
        dataset: String,
        #[source]
        refusal: Refusal,
    },
    /// There is a policy and no rows.
    #[error(
        "{holder} has registered no version of {name}: it runs `medveil dataset register --name {name}`"
    )]
    NoVersion { holder: MspId, name: String },
    /// The policy's circuit has no key.
    #[error(
        "no key of the circuit {circuit} is active: an administrator runs `medveil circuit propose {name}`, others `circuit approve {name}`, then one `circuit activate {name}`"
    )]
    NoCircuit { circuit: String, name: &'static str },
    /// The ledger's policy is not a valid one.
    #[error("the policy on the ledger")]
    Policy(#[source] PolicyError),
    /// The ledger's policy is another one than its root says.
    #[error("the policy document does not compile to the recorded root")]
    PolicyRoot,
    /// The ledger's schema is not a valid one.
    #[error("the schema on the ledger")]
    Schema(#[source] SchemaProblems),
    /// The dataset has no such column.
    #[error("expected columns or groups of {}, got \"{got}\"", .known.join(", "))]
    Column { got: String, known: Vec<String> },
    /// No disease of that code.
    #[error(
        "expected a disease code of ICD-10, as a chapter (IV), a category (E11) or one digit more (E11.9), got \"{0}\""
    )]
    Disease(String),
    /// The letter cannot be read.
    #[error("letter {}", path.display())]
    LetterFile {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The letter would not fit a transaction.
    #[error("letter: expected at most {LONGEST_LETTER} bytes, got {0}")]
    LetterTooLong(usize),
    /// Nobody can seal to the holder.
    #[error("{holder} has published no key for letters: it must run `medveil keys publish` first")]
    NoLetterKey { holder: MspId },
    /// A key for letters is not a valid one.
    #[error(transparent)]
    LetterKey(SealingError),
    /// The letter could not be sealed.
    #[error(transparent)]
    Seal(SealingError),
    /// The letter does not open.
    #[error(transparent)]
    Unsealed(SealingError),
    /// The letter is no text.
    #[error("letter")]
    LetterText(#[source] std::string::FromUtf8Error),
    /// No visas of the person satisfy the policy. All that is lacking is told.
    #[error("{person} is not eligible for {dataset}: {reasons}")]
    Ineligible {
        person: Actor,
        dataset: String,
        reasons: Ineligible,
    },
    /// The witness could not be built.
    #[error("eligibility")]
    Prepare(#[source] PrepareError),
    /// The recipient's key is not a valid one.
    #[error("recipient key")]
    Recipient(#[source] PointError),
    /// The nullifier is used up.
    #[error(
        "{person} made another request for {dataset} in this period, which allows one: `medveil access show {request}` shows it"
    )]
    OtherRequest {
        person: Actor,
        dataset: String,
        request: RequestId,
        #[source]
        refusal: Refusal,
    },
    /// Day, registry or policy changed since the proof was begun.
    #[error(
        "the day, the issuers or the policy changed while the proof was made: run the command again"
    )]
    Stale(#[source] Refusal),
    /// The ledger has no such request.
    #[error("no request {request} on the ledger: `medveil access list` shows those that are")]
    NoRequest {
        request: RequestId,
        #[source]
        refusal: Refusal,
    },
    /// Only the committee votes.
    #[error("{org} is not on the request's committee: {} vote", list(.committee))]
    NotOnCommittee {
        org: MspId,
        committee: Vec<MspId>,
        #[source]
        refusal: Refusal,
    },
    /// A vote is final.
    #[error("{org} {} this request already, and a vote is final: {tally}", vote_words(*.decision))]
    VotedAlready {
        org: MspId,
        decision: Decision,
        tally: Tally,
        #[source]
        refusal: Refusal,
    },
    /// The request is in another state than the call needs.
    #[error(
        "expected a request that is {expected}, got one that is {}: {}", .tally.state, fate(.tally, .holder, .request)
    )]
    State {
        request: RequestId,
        expected: RequestState,
        holder: MspId,
        tally: Tally,
        #[source]
        refusal: Option<Refusal>,
    },
    /// Only the holder has the keys.
    #[error(
        "the request {request} is for a dataset of {holder}, and only {holder} hands over its keys, not {org}"
    )]
    NotHolder {
        org: MspId,
        holder: MspId,
        request: RequestId,
    },
    /// Only the parties end a grant.
    #[error("{org} is no party of the grant: {holder} or {submitter} may close it")]
    NotParty {
        org: MspId,
        holder: MspId,
        submitter: MspId,
        #[source]
        refusal: Refusal,
    },
    /// There is nothing to confirm yet.
    #[error(
        "the keys are not handed over yet: {holder} runs `medveil access handover {request}` first"
    )]
    NotHandedOver {
        request: RequestId,
        holder: MspId,
        #[source]
        refusal: Option<Refusal>,
    },
    /// A delivery is confirmed once.
    #[error(
        "the keys were delivered and confirmed already: {recipient} reads with `medveil dataset read --grant {request}`"
    )]
    Delivered {
        request: RequestId,
        recipient: MspId,
        #[source]
        refusal: Refusal,
    },
    /// A version without a segment has no keys.
    #[error("the version {dataset} has no segment")]
    NoSegment { dataset: DatasetRoot },
    /// The scalar that wraps keys.
    #[error("handover: the ephemeral scalar is 0")]
    ZeroScalar,
    /// Something that this program made has no bytes.
    #[error("handover")]
    Encode(#[source] std::io::Error),
    #[error(transparent)]
    Day(#[from] DayError),
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    #[error(transparent)]
    Visa(#[from] VisaError),
    #[error(transparent)]
    Proving(#[from] ProvingError),
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Session(#[from] SessionError),
}

fn datasets(known: &[String]) -> String {
    match known {
        [] => "there is none yet".to_owned(),
        known => format!("there are {}", known.join(", ")),
    }
}

fn list(orgs: &[MspId]) -> String {
    let names: Vec<&str> = orgs.iter().map(MspId::as_str).collect();
    names.join(", ")
}

fn vote_words(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "approved",
        Decision::Reject => "rejected",
    }
}

/// How a request got where it is, and what comes next.
fn fate(tally: &Tally, holder: &MspId, request: &RequestId) -> String {
    match tally.state {
        RequestState::Submitted => format!(
            "{tally}; it takes {} more of {} approvals: `medveil access decide {request} --approve`",
            tally.missing(),
            tally.quorum
        ),
        RequestState::Approved => {
            format!("{tally}; next, {holder} runs `medveil access handover {request}`")
        }
        RequestState::Rejected => format!(
            "{tally}; a rejection is final for the period, and the person may ask again in the next one"
        ),
        RequestState::Closed => "this is final for its period".to_owned(),
    }
}

impl From<CustodyError> for AccessError {
    fn from(error: CustodyError) -> Self {
        AccessError::Keyring(error.into())
    }
}

impl Classify for AccessError {
    fn kind(&self) -> Kind {
        use AccessError as E;
        match self {
            E::DatasetName { .. } | E::Column { .. } | E::Disease(_) => Kind::Input,
            E::LetterTooLong(_) | E::LetterKey(_) | E::LetterText(_) => Kind::Input,
            E::LetterFile { source, .. } => kind_of_io(source),
            E::NoDataset { .. } | E::NoPolicy { .. } | E::NoVersion { .. } => Kind::NotFound,
            E::NeitherPolicyNorVersion { .. } => Kind::NotFound,
            E::NoCircuit { .. } | E::NoLetterKey { .. } | E::NoRequest { .. } => Kind::NotFound,
            E::NotHandedOver { .. } | E::NoSegment { .. } => Kind::NotFound,
            E::PolicyRoot | E::Unsealed(_) | E::Ineligible { .. } => Kind::Refused,
            E::OtherRequest { .. } | E::Stale(_) | E::NotOnCommittee { .. } => Kind::Refused,
            E::VotedAlready { .. } | E::State { .. } | E::NotHolder { .. } => Kind::Refused,
            E::NotParty { .. } | E::Delivered { .. } => Kind::Refused,
            E::Policy(_) | E::Schema(_) | E::Seal(_) => Kind::Internal,
            E::Prepare(_) | E::Recipient(_) | E::ZeroScalar | E::Encode(_) => Kind::Internal,
            E::Day(e) => e.kind(),
            E::Dataset(e) => e.kind(),
            E::Visa(e) => e.kind(),
            E::Proving(e) => e.kind(),
            E::Keyring(e) => e.kind(),
            E::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        use AccessError as E;
        match self {
            E::NoPolicy { refusal, .. } | E::NoRequest { refusal, .. } => refusal.ledger(),
            E::NeitherPolicyNorVersion { refusal, .. } => refusal.ledger(),
            E::OtherRequest { refusal, .. } | E::Stale(refusal) => refusal.ledger(),
            E::NotOnCommittee { refusal, .. } | E::VotedAlready { refusal, .. } => refusal.ledger(),
            E::NotParty { refusal, .. } | E::Delivered { refusal, .. } => refusal.ledger(),
            E::State { refusal, .. } | E::NotHandedOver { refusal, .. } => {
                refusal.as_ref()?.ledger()
            }
            E::Day(e) => e.ledger(),
            E::Dataset(e) => e.ledger(),
            E::Visa(e) => e.ledger(),
            E::Proving(e) => e.ledger(),
            E::Session(e) => e.ledger(),
            E::DatasetName { .. }
            | E::NoDataset { .. }
            | E::NoVersion { .. }
            | E::NoCircuit { .. }
            | E::Policy(_)
            | E::PolicyRoot
            | E::Schema(_)
            | E::Column { .. }
            | E::Disease(_)
            | E::LetterFile { .. }
            | E::LetterTooLong(_)
            | E::NoLetterKey { .. }
            | E::LetterKey(_)
            | E::Seal(_)
            | E::Unsealed(_)
            | E::LetterText(_)
            | E::Ineligible { .. }
            | E::Prepare(_)
            | E::Recipient(_)
            | E::NotHolder { .. }
            | E::NoSegment { .. }
            | E::ZeroScalar
            | E::Encode(_)
            | E::Keyring(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_not_eligible_reads_what_each_alternative_lacks() {
        let lacks = |text: &str| vec![text.to_owned()];
        let error = AccessError::Ineligible {
            person: Actor::parse("University/alice").unwrap(),
            dataset: "HospitalA/visits".to_owned(),
            reasons: Ineligible {
                alternatives: vec![
                    (
                        "approved study".to_owned(),
                        lacks("there is no ethics visa in the wallet"),
                    ),
                    ("steward".to_owned(), lacks("the request names no study")),
                ],
            },
        };
        let expected = "University/alice is not eligible for HospitalA/visits: no alternative of the policy is satisfied; \"approved study\": there is no ethics visa in the wallet; \"steward\": the request names no study";
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.kind(), Kind::Refused);
    }
}
