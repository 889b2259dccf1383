//! Why access could not be asked for, decided, delivered or shown.

mod kind;
mod words;

use self::words::{datasets, fate, list, unopened, vote_words, what_now};
use super::ask::AskError;
use super::body::LONGEST_STUDY;
use super::{AccessChecked, Tally};
use crate::actor::Actor;
use crate::journey::dataset::DatasetError;
use crate::journey::day::DayError;
use crate::journey::sealing::OpenBodyError;
use crate::journey::visa::VisaError;
use crate::keyring::KeyringError;
use crate::session::{ProvingError, SessionError};
use medveil_circuits::babyjubjub::PointError;
use medveil_circuits::eligibility::{Ineligible, PrepareError};
use medveil_circuits::ids::{DatasetRoot, Day, RequestId};
use medveil_circuits::policy::PolicyError;
use medveil_circuits::schema::SchemaProblems;
use medveil_circuits::visa::day::to_text;
use medveil_collections_config::MspId;
use medveil_contract::call::reply::RequestStatus;
use medveil_contract::judge::JudgeError;
use medveil_contract::model::{Decision, ProofStanding, RequestState};
use medveil_custody::CustodyError;
use medveil_custody::sealing::SealingError;
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
    /// Whoever asked could not know what a proof of another day is used for.
    #[error(
        "the peer says that the ledger's day is {}, and here it is {}: nothing was proven", to_text(*.current), to_text(*.today)
    )]
    FutureDay { current: Day, today: Day },
    /// A word that the contract would refuse.
    #[error("{what}: expected 1 to 128 bytes of visible text with single blanks")]
    Word { what: &'static str },
    /// The letter cannot be read.
    #[error("letter {}", path.display())]
    LetterFile {
        path: PathBuf,
        source: std::io::Error,
    },
    /// Not a media type.
    #[error("letter: expected a media type such as application/pdf, got {got:?}")]
    LetterType { got: String },
    /// The letter says that it is text, and is none.
    #[error("letter: expected text in utf-8; `--letter-type` names another type")]
    LetterText(#[source] std::str::Utf8Error),
    /// A study of no or too many letters.
    #[error("study: expected 1 to {LONGEST_STUDY} bytes, got {got}")]
    Study { got: usize },
    /// Nobody can seal to this organisation.
    #[error(
        "{org} has published no key that requests can be sealed to: it must run `medveil keys publish` first (`--rotate` replaces one)"
    )]
    NoSealingKey { org: String },
    /// The body could not be sealed.
    #[error("request body")]
    Seal(#[source] SealingError),
    /// The body does not open.
    #[error("{}", unopened(.0))]
    Unopened(#[source] OpenBodyError),
    /// The keys in the vault are of another dataset than the one that was granted.
    #[error(
        "the keys of {name} in this home are not those that {dataset} was registered with: nothing was handed over"
    )]
    OtherKeys { name: String, dataset: DatasetRoot },
    /// The body has no known form.
    #[error("the request's body: expected the form of this release")]
    BodyForm(#[source] std::io::Error),
    /// The body is not the one that was proven.
    #[error("the body that opens is another one than the proof was made with: reject the request")]
    OtherBody,
    /// The study is not the one that was proven.
    #[error(
        "the study in the body is another one than the proof was made with: reject the request"
    )]
    OtherStudy,
    /// A vote without having looked.
    #[error(
        "this organisation has not opened the request: `medveil access show {request}` does, and `--unseen` votes without"
    )]
    NotSeen { request: RequestId },
    /// Another person's request, or another home's.
    #[error("{person} made no request {request} in this home")]
    NotRequester { person: Actor, request: RequestId },
    /// Nothing new is asked for.
    #[error("expected further columns, and some of these are of the grant {grant} already")]
    GrantedColumns { grant: RequestId },
    /// A grant's keys go out on a fresh proof and a running lease only.
    #[error("{reason}: whoever asked at {submitter} runs `medveil access affirm {request}` first")]
    AffirmFirst {
        request: RequestId,
        submitter: MspId,
        reason: String,
    },
    /// A request that could not be made now. All that is in its way is told.
    #[error("the request cannot be made now: {}", .0.problems.join("; "))]
    NotReady(Box<AccessChecked>),
    /// No circuit proves the policy.
    #[error("the policy on the ledger")]
    Circuit(#[source] JudgeError),
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
        "{person} made another request for {dataset} in this period, which allows one: `medveil access show {request}` shows it, `access extend {request}` asks for further columns once it is granted, and the next period begins on {}", to_text(*.again)
    )]
    OtherRequest {
        person: Actor,
        dataset: String,
        request: RequestId,
        again: Day,
        #[source]
        refusal: Option<Refusal>,
    },
    /// The period's request is over.
    #[error(
        "request {request} for {dataset} was {state}, which is final for {}", what_now(*.extends, *.again)
    )]
    Over {
        dataset: String,
        request: RequestId,
        state: RequestState,
        /// Whether it asked for further columns of a grant.
        extends: bool,
        /// First day on which the dataset can be asked for anew.
        again: Day,
    },
    /// Day, registry or policy changed since the proof was begun.
    #[error(
        "the day, the issuers, the policy or a key changed while the proof was made: run the command again"
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
        /// The vote's transaction.
        tx_id: String,
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
    Ask(#[from] AskError),
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

impl AccessError {
    /// A call that needs a grant met a request that is none.
    pub(super) fn not_approved(status: &RequestStatus, refusal: Option<Refusal>) -> Self {
        AccessError::State {
            request: status.request.request,
            expected: RequestState::Approved,
            holder: status.request.holder.clone(),
            tally: Tally::of(status),
            refusal,
        }
    }

    /// A grant whose latest proof does not suffice any more.
    pub(super) fn affirm_first(status: &RequestStatus) -> Self {
        let request = &status.request;
        let lapsed = request
            .lease
            .as_ref()
            .filter(|lease| !lease.runs(status.today));
        AccessError::AffirmFirst {
            request: request.request,
            submitter: request.submitter.clone(),
            reason: match (lapsed, status.proof) {
                (Some(lease), _) => format!("the grant's lease ended on {}", to_text(lease.until)),
                (None, ProofStanding::Void) => {
                    "an urgent revocation voided the registry that the proof speaks of".to_owned()
                }
                (None, ProofStanding::Old | ProofStanding::Fresh) => {
                    format!("the proof of {} is old", to_text(request.proven.day))
                }
            },
        }
    }
}

impl From<CustodyError> for AccessError {
    fn from(error: CustodyError) -> Self {
        AccessError::Keyring(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::{Classify, Kind};

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
