//! Access policies: compiled here to be checked and explained, and again by the contract, which
//! believes nobody's root.
//!
//! Checking and explaining need no ledger. What a policy may say is `circuits::policy`'s business.

#[cfg(test)]
mod tests;

use super::dataset::{DatasetError, LocalDataset};
use crate::classify::{Classify, Kind, kind_of_io};
use crate::session::{Session, SessionError};
use crate::step::{Step, Transaction};
use medveil_circuits::ids::{Day, LineageId, PolicyRoot};
use medveil_circuits::policy::explain::{Explanation, IssuerLineView};
use medveil_circuits::policy::{self, MAX_BYTES, PolicyDocument, Program, compile};
use medveil_collections_config::{Consortium, MspId};
use medveil_contract::Code;
use medveil_contract::call::{Call, PutPolicy, reply};
use medveil_ledger::LedgerError;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Why a policy could not be read or put.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// The file cannot be read.
    #[error("policy {}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The file is longer than any policy.
    #[error("policy {}: expected at most {MAX_BYTES} bytes, got {bytes}", path.display())]
    TooLong { path: PathBuf, bytes: u64 },
    /// The policy does not compile. All problems are told, however many.
    #[error("{}: {problems}", path.display())]
    Problems {
        path: PathBuf,
        problems: policy::PolicyError,
    },
    /// Somebody on the committee is no member.
    #[error("dac.members: {name} is no member of the consortium: expected some of {}", members.join(", "))]
    Stranger { name: String, members: Vec<String> },
    /// Letters are sealed to the holder, so it sits on the committee.
    #[error("dac.members: expected the holder {0} among them")]
    NoHolder(MspId),
    /// The same policy once more.
    #[error("the dataset {dataset} has this policy already: it is in force")]
    InForce {
        dataset: String,
        /// What the contract said.
        #[source]
        refusal: Box<SessionError>,
    },
    /// The dataset that it is for.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// The ledger or the home.
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Classify for PolicyError {
    fn kind(&self) -> Kind {
        use PolicyError as E;
        match self {
            E::File { source, .. } => kind_of_io(source),
            E::TooLong { .. } | E::Problems { .. } => Kind::Input,
            E::Stranger { .. } | E::NoHolder(_) => Kind::Input,
            E::InForce { .. } => Kind::Refused,
            E::Dataset(e) => e.kind(),
            E::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            PolicyError::InForce { refusal, .. } => refusal.ledger(),
            PolicyError::Dataset(e) => e.ledger(),
            PolicyError::Session(e) => e.ledger(),
            PolicyError::File { .. }
            | PolicyError::TooLong { .. }
            | PolicyError::Problems { .. }
            | PolicyError::Stranger { .. }
            | PolicyError::NoHolder(_) => None,
        }
    }
}

/// A policy that compiles.
struct Compiled {
    /// Its canonical JSON.
    canonical: String,
    program: Program,
}

/// Reads and compiles a policy in YAML.
///
/// **Errors**: no such file, too long, or every problem with its place.
fn read(path: &Path) -> Result<Compiled, PolicyError> {
    let io = |source| PolicyError::File {
        path: path.to_owned(),
        source,
    };
    let problems = |problems| PolicyError::Problems {
        path: path.to_owned(),
        problems,
    };
    let bytes = std::fs::metadata(path).map_err(io)?.len();
    if bytes > MAX_BYTES as u64 {
        let path = path.to_owned();
        return Err(PolicyError::TooLong { path, bytes });
    }
    let text = std::fs::read_to_string(path).map_err(io)?;
    let document = PolicyDocument::from_yaml(&text).map_err(problems)?;
    let canonical = document.to_canonical();
    let program = compile(&canonical).map_err(problems)?;
    Ok(Compiled { canonical, program })
}

/// What a policy comes to.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicySummary {
    #[schemars(with = "String")]
    pub root: PolicyRoot,
    /// Visas that its circuit takes: 1 or 4.
    pub tier: u8,
    /// How many alternatives it has.
    pub alternatives: usize,
    /// Approvals that a request takes.
    pub quorum: u32,
    /// Organisations that vote.
    pub committee: Vec<String>,
}

impl PolicySummary {
    fn of(program: &Program) -> Self {
        PolicySummary {
            root: program.root(),
            tier: program.tier(),
            alternatives: program.alternatives().len(),
            quorum: program.dac().quorum,
            committee: program.dac().members.clone(),
        }
    }
}

/// A policy compiles.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyChecked {
    pub file: PathBuf,
    #[serde(flatten)]
    pub policy: PolicySummary,
}

impl Step for PolicyChecked {
    const NAME: &'static str = "policy.check";
}

/// Compiles a policy: the root, or every problem.
///
/// **Errors**: no such file, too long, or every problem with its place.
pub fn check(file: &Path) -> Result<PolicyChecked, PolicyError> {
    Ok(PolicyChecked {
        file: file.to_owned(),
        policy: PolicySummary::of(&read(file)?.program),
    })
}

/// A policy in words.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyExplained {
    #[serde(flatten)]
    pub policy: PolicySummary,
    /// What it asks for, what a grant reveals and what to beware of, line by line.
    pub explanation: Vec<String>,
    /// The lines of the explanation that warn.
    pub warnings: Vec<String>,
}

impl Step for PolicyExplained {
    const NAME: &'static str = "policy.explain";
}

/// Says what a policy asks for, what a grant reveals and what to beware of; only with a consortium
/// it can say whose issuers suffice.
///
/// **Errors**: as [`check`].
pub fn explain(
    consortium: Option<&Consortium>,
    file: &Path,
) -> Result<PolicyExplained, PolicyError> {
    let program = read(file)?.program;
    let lines: Vec<IssuerLineView<'_>> = consortium.map(issuer_lines).unwrap_or_default();
    let Explanation { lines, warnings } = program.explain(&lines);
    Ok(PolicyExplained {
        policy: PolicySummary::of(&program),
        explanation: [lines, warnings.clone()].concat(),
        warnings,
    })
}

fn issuer_lines(consortium: &Consortium) -> Vec<IssuerLineView<'_>> {
    let lines = consortium.issuers().iter();
    lines
        .map(|line| IssuerLineView {
            schema: &line.schema,
            group: &line.group,
            msps: line.msps.iter().map(MspId::as_str).collect(),
        })
        .collect()
}

/// A policy is on the ledger.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PolicyPut {
    /// Who put it.
    #[schemars(with = "String")]
    pub holder: MspId,
    /// The dataset's name within the holder.
    pub dataset: String,
    #[schemars(with = "String")]
    pub lineage: LineageId,
    #[serde(flatten)]
    pub policy: PolicySummary,
    /// The day from which it is in force, in days since 1970-01-01.
    #[schemars(with = "Option<u32>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_from: Option<Day>,
    #[serde(flatten)]
    pub transaction: Transaction,
}

impl Step for PolicyPut {
    const NAME: &'static str = "policy.put";
}

/// Puts a policy on the ledger for a dataset of the holder's, registered or still to come.
///
/// **Errors**: as [`check`]; a committee that is no part of the consortium; the contract refuses.
pub async fn put(
    session: &Session,
    holder: &MspId,
    file: &Path,
    dataset: &str,
) -> Result<PolicyPut, PolicyError> {
    let compiled = read(file)?;
    check_committee(&session.consortium, holder, &compiled.program)?;
    let local = LocalDataset::new(session, holder, dataset)?;
    let call = Call::PutPolicy(PutPolicy {
        lineage: local.lineage_name(session)?,
        policy: compiled.canonical,
    });
    let committed = match session.submit_public(holder, &call).await {
        Err(e) if e.code() == Some(Code::Conflict) => {
            return Err(PolicyError::InForce {
                dataset: dataset.to_owned(),
                refusal: Box::new(e),
            });
        }
        other => other?,
    };
    // The policy is on the ledger, so an answer of another form is no error.
    let answer: Option<reply::PolicyPut> = serde_json::from_slice(&committed.payload).ok();
    Ok(PolicyPut {
        holder: holder.clone(),
        dataset: dataset.to_owned(),
        lineage: local.lineage(session)?,
        policy: PolicySummary::of(&compiled.program),
        active_from: answer.map(|a| a.active_from),
        transaction: Transaction::from(&committed),
    })
}

/// The committee is of this consortium, and the holder sits on it.
fn check_committee(
    consortium: &Consortium,
    holder: &MspId,
    program: &Program,
) -> Result<(), PolicyError> {
    let committee = &program.dac().members;
    let members = consortium.members().iter();
    let members: Vec<String> = members.map(|m| m.msp_id.to_string()).collect();
    if let Some(name) = committee.iter().find(|name| !members.contains(name)) {
        let name = name.clone();
        return Err(PolicyError::Stranger { name, members });
    }
    if !committee.iter().any(|name| name == holder.as_str()) {
        return Err(PolicyError::NoHolder(holder.clone()));
    }
    Ok(())
}
