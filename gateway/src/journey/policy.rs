//! Access policies: compiled here to be checked and explained, and again by the contract, which
//! believes nobody's root.
//!
//! Checking and explaining need no ledger. What a policy may say is `circuits::policy`'s business.

mod error;
#[cfg(test)]
mod tests;

pub use error::PolicyError;

use super::dataset::LocalDataset;
use crate::infile;
use crate::session::Session;
use crate::step::{Step, Transaction};
use medveil_circuits::ids::{Day, LineageId, PolicyRoot};
use medveil_circuits::policy::explain::{Explanation, IssuerLineView};
use medveil_circuits::policy::{MAX_BYTES, PolicyDocument, Program, compile};
use medveil_circuits::visa::day;
use medveil_collections_config::{Consortium, MspId, Role};
use medveil_contract::Code;
use medveil_contract::call::request::{GetLineage, GetPolicy, GetPublishedKey};
use medveil_contract::call::{Call, PutPolicy, reply};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

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
    let text = infile::text_within(path, MAX_BYTES as u64).map_err(io)?;
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
    /// The consortium that it was checked against; absent where the home has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consortium: Option<String>,
    /// What to beware of, line by line.
    pub warnings: Vec<String>,
}

impl Step for PolicyChecked {
    const NAME: &'static str = "policy.check";
}

/// Compiles a policy, and holds it against the consortium where there is one: the root, or every
/// problem.
///
/// **Errors**: no such file, too long, or every problem with its place.
pub fn check(consortium: Option<&Consortium>, file: &Path) -> Result<PolicyChecked, PolicyError> {
    let program = read(file)?.program;
    if let Some(consortium) = consortium {
        check_fit(consortium, file, &program)?;
    }
    Ok(PolicyChecked {
        file: file.to_owned(),
        policy: PolicySummary::of(&program),
        consortium: consortium.map(|c| c.name().to_owned()),
        warnings: warnings(&program, consortium),
    })
}

/// What to beware of: the same wherever a policy is shown.
fn warnings(program: &Program, consortium: Option<&Consortium>) -> Vec<String> {
    let lines = consortium.map(issuer_lines).unwrap_or_default();
    [program.singling_out(), program.explain(&lines).warnings].concat()
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
    let Explanation { lines, .. } = program.explain(&lines);
    let warnings = warnings(&program, consortium);
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
    /// The date from which it is in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active_from: Option<String>,
    /// What to beware of, line by line.
    pub warnings: Vec<String>,
    #[serde(flatten)]
    pub transaction: Transaction,
}

impl Step for PolicyPut {
    const NAME: &'static str = "policy.put";
    const VERSION: u32 = 3;

    fn transaction(&self) -> Option<&Transaction> {
        Some(&self.transaction)
    }
}

/// Which dataset a policy is for.
#[derive(Clone, Copy, Debug)]
pub struct PutOptions<'a> {
    pub dataset: &'a str,
    /// Whether the dataset may be one that is not registered yet.
    pub future: bool,
}

/// Puts a policy on the ledger for a dataset of the holder's. It is in force at once until somebody
/// asked; then a replacement waits. Putting the newest one again changes nothing.
///
/// **Errors**: as [`check`]; a dataset that is not registered, where that was not said; a member of
/// the committee without a key for requests; the contract refuses.
pub async fn put(
    session: &Session,
    holder: &MspId,
    file: &Path,
    options: PutOptions<'_>,
) -> Result<PolicyPut, PolicyError> {
    let dataset = options.dataset;
    let compiled = read(file)?;
    check_fit(&session.consortium, file, &compiled.program)?;
    let committee = &compiled.program.dac().members;
    if !committee.iter().any(|name| name == holder.as_str()) {
        return Err(PolicyError::NoHolder(holder.clone()));
    }
    let local = LocalDataset::new(session, holder, dataset)?;
    if !options.future {
        check_registered(session, &local).await?;
    }
    check_keys(session, holder, committee).await?;
    let (active_from, transaction) = send(session, &local, compiled.canonical).await?;
    Ok(PolicyPut {
        holder: holder.clone(),
        dataset: dataset.to_owned(),
        lineage: local.lineage(session)?,
        policy: PolicySummary::of(&compiled.program),
        active_from: active_from.map(day::to_text),
        warnings: warnings(&compiled.program, Some(&session.consortium)),
        transaction,
    })
}

/// Sends a policy, unless it is the newest of its lineage: once more, a waiting one would wait longer.
async fn send(
    session: &Session,
    local: &LocalDataset,
    policy: String,
) -> Result<(Option<Day>, Transaction), PolicyError> {
    let holder = &local.holder;
    session
        .settle(&session.identity(holder, Role::Client)?)
        .await?;
    let lineage = local.lineage(session)?;
    let before = match session.ask(holder, GetPolicy { lineage }).await {
        Err(e) if e.code() == Some(Code::NotFound) => None,
        other => Some(other?),
    };
    let newest = before.map(|before| before.pending.unwrap_or(before.active));
    if let Some(newest) = newest.filter(|newest| newest.document == policy) {
        let transaction = Transaction::earlier(Some(newest.tx_id));
        return Ok((Some(newest.active_from), transaction));
    }
    let call = Call::PutPolicy(PutPolicy {
        lineage: local.lineage_name(session)?,
        policy,
    });
    let committed = session.submit_public(holder, &call).await?;
    // The policy is on the ledger, so an answer of another form is no error.
    let answer: Option<reply::PolicyPut> = serde_json::from_slice(&committed.payload).ok();
    let active_from = answer.map(|answer| answer.active_from);
    Ok((active_from, Transaction::from(&committed)))
}

/// The dataset of this home's lineage is on the ledger.
async fn check_registered(session: &Session, local: &LocalDataset) -> Result<(), PolicyError> {
    let unknown = || PolicyError::UnknownDataset {
        holder: local.holder.clone(),
        dataset: local.name.clone(),
    };
    // Asking for its lineage would make one.
    if !local.has_lineage() {
        return Err(unknown());
    }
    let lineage = local.lineage(session)?;
    match session.ask(&local.holder, GetLineage { lineage }).await {
        Err(e) if e.code() == Some(Code::NotFound) => Err(unknown()),
        other => Ok(other.map(drop)?),
    }
}

/// Everybody who decides has a key that requests are sealed to.
async fn check_keys(
    session: &Session,
    holder: &MspId,
    committee: &[String],
) -> Result<(), PolicyError> {
    let mut orgs = Vec::new();
    for name in committee {
        let Ok(msp) = MspId::new(name) else { continue };
        match session.ask(holder, GetPublishedKey { msp }).await {
            Err(e) if e.code() == Some(Code::NotFound) => orgs.push(name.clone()),
            other => drop(other?),
        }
    }
    match orgs.is_empty() {
        true => Ok(()),
        false => Err(PolicyError::NoSealingKey { orgs }),
    }
}

/// Whoever the policy names is of this consortium, and somebody may register issuers of every group
/// that it asks for.
fn check_fit(consortium: &Consortium, path: &Path, program: &Program) -> Result<(), PolicyError> {
    let members = consortium.members().iter();
    let members: Vec<String> = members.map(|m| m.msp_id.to_string()).collect();
    let mut problems = Vec::new();
    let committee = program
        .dac()
        .members
        .iter()
        .map(|name| ("dac.members", name.as_str()));
    let institutions = program
        .institutions()
        .into_iter()
        .map(|name| ("institution", name));
    for (at, name) in committee.chain(institutions) {
        if !members.iter().any(|member| member == name) {
            let known = members.join(", ");
            problems.push(format!(
                "{at}: {name} is no member of the consortium: expected some of {known}"
            ));
        }
    }
    let alternatives = program.document().alternatives.iter();
    let visas = alternatives.flat_map(|alternative| &alternative.visas);
    let mut groups: Vec<(&str, &str)> = visas.map(|v| (v.schema.name(), &*v.group)).collect();
    groups.sort_unstable();
    groups.dedup();
    for (schema, group) in groups {
        if consortium.issuer_line(schema, group).is_none() {
            problems.push(format!(
                "visas: nobody may register issuers of {schema} in group {group}: expected {}",
                groups_of(consortium, schema)
            ));
        }
    }
    match problems.is_empty() {
        true => Ok(()),
        false => Err(PolicyError::Unfit {
            path: path.to_owned(),
            problems,
        }),
    }
}

fn groups_of(consortium: &Consortium, schema: &str) -> String {
    let lines = consortium
        .issuers()
        .iter()
        .filter(|line| line.schema == schema);
    let groups: Vec<&str> = lines.map(|line| line.group.as_str()).collect();
    match groups.is_empty() {
        true => "no visas of it, because the consortium has no group of them".to_owned(),
        false => groups.join(" or "),
    }
}
