//! What a request is proven against: the access context, as two organisations' peers sign it.

use super::AccessError;
use crate::journey::dataset::lineages;
use crate::session::{Session, SessionError};
use medveil_circuits::eligibility::Eligibility;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::{DatasetRoot, LineageId, PolicyRoot};
use medveil_circuits::policy::{Program, compile};
use medveil_circuits::statement::Statement;
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::Request;
use medveil_contract::call::reply::AccessContext;
use medveil_contract::call::request::{self, GetActiveCircuit, GetDatasetByName};
use medveil_contract::judge::eligibility::circuit_of;
use medveil_contract::judge::sealing::is_sealing_key;
use medveil_contract::model::PublishedKey;

/// Whose word a request is made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Two organisations' peers, asked by the institution's client: no single gateway can invent a
    /// policy.
    TwoOrganisations,
    /// The own peer's, asked by the person. `access submit` compares it with two organisations'
    /// before anything leaves the institution.
    OwnPeer,
}

impl Word {
    /// Asks.
    ///
    /// **Errors**: refused by the contract, or peers disagree.
    pub async fn ask<R: Request>(
        self,
        session: &Session,
        org: &MspId,
        request: R,
    ) -> Result<R::Reply, SessionError> {
        match self {
            Word::TwoOrganisations => session.ask_two(org, request).await,
            Word::OwnPeer => session.ask(org, request).await,
        }
    }
}

/// Reads the context.
///
/// **Errors**: the dataset has no policy, or peers disagree.
pub(super) async fn read(
    session: &Session,
    org: &MspId,
    word: Word,
    (lineage, dataset): (LineageId, &str),
) -> Result<AccessContext, AccessError> {
    let query = request::AccessContext { lineage };
    match word.ask(session, org, query).await {
        Err(e) if e.code() == Some(Code::NotFound) => {
            let (dataset, refusal) = (dataset.to_owned(), Box::new(e));
            let registered = lineages(session, org).await?;
            let is_registered = registered.iter().any(|e| e.lineage == lineage);
            Err(match is_registered {
                true => AccessError::NoPolicy { dataset, refusal },
                false => AccessError::NeitherPolicyNorVersion { dataset, refusal },
            })
        }
        other => Ok(other?),
    }
}

/// The newest version.
///
/// **Errors**: none is registered.
pub(super) fn version(context: &AccessContext) -> Result<DatasetRoot, AccessError> {
    let root = context.dataset.as_ref().map(|d| d.root);
    root.ok_or_else(|| AccessError::NoVersion {
        holder: context.lineage.holder.clone(),
        name: context.lineage.name.clone(),
    })
}

/// The active key of a policy's circuit.
///
/// **Errors**: none is active.
pub(super) async fn circuit_key(
    session: &Session,
    org: &MspId,
    word: Word,
    (context, program): (&AccessContext, &Program),
) -> Result<Digest, AccessError> {
    let circuit = circuit_of(program.tier()).map_err(AccessError::Circuit)?;
    let none = |circuit: String| AccessError::NoCircuit {
        circuit,
        name: match program.tier() {
            1 => Eligibility::<1>::CIRCUIT.name,
            _ => Eligibility::<4>::CIRCUIT.name,
        },
    };
    if circuit == context.circuit.name {
        return context.circuit.key.ok_or_else(|| none(circuit));
    }
    let query = GetActiveCircuit {
        circuit: circuit.clone(),
    };
    match word.ask(session, org, query).await {
        Err(e) if e.code() == Some(Code::NotFound) => Err(none(circuit)),
        other => Ok(other?.key),
    }
}

/// The policy in force, compiled here.
///
/// **Errors**: the document does not compile to the recorded root.
pub(super) fn program(context: &AccessContext) -> Result<Program, AccessError> {
    let active = &context.policy.active;
    compiled(&active.document, active.root)
}

/// A policy of the ledger, compiled here.
///
/// **Errors**: the document does not compile to the recorded root.
pub(super) fn compiled(document: &str, root: PolicyRoot) -> Result<Program, AccessError> {
    let program = compile(document).map_err(AccessError::Policy)?;
    match program.root() == root {
        true => Ok(program),
        false => Err(AccessError::PolicyRoot),
    }
}

/// The keys of everybody who opens a request: the committee and the holder.
///
/// **Errors**: one of them published none.
pub(super) fn readers(
    context: &AccessContext,
    program: &Program,
) -> Result<Vec<PublishedKey>, AccessError> {
    let holder = context.lineage.holder.as_str();
    let committee = program.dac().members.iter().map(String::as_str);
    let mut orgs: Vec<&str> = committee.chain([holder]).collect();
    orgs.sort_unstable();
    orgs.dedup();
    let key_of = |org: &str| {
        let usable = |k: &&PublishedKey| k.msp_id.as_str() == org && is_sealing_key(&k.key);
        let key = context.keys.iter().find(usable);
        key.cloned().ok_or_else(|| AccessError::NoSealingKey {
            org: org.to_owned(),
        })
    };
    orgs.into_iter().map(key_of).collect()
}

/// Finds a lineage by its id or by `HOLDER/NAME`: the newest of that name.
///
/// **Errors**: none such.
pub(super) async fn find_lineage(
    session: &Session,
    org: &MspId,
    word: Word,
    text: &str,
) -> Result<LineageId, AccessError> {
    if let Ok(lineage) = text.parse() {
        return Ok(lineage);
    }
    let wanted = text.split_once('/');
    let wanted = wanted.and_then(|(holder, name)| Some((MspId::new(holder).ok()?, name)));
    let (holder, name) = wanted.ok_or_else(|| AccessError::DatasetName {
        got: text.to_owned(),
    })?;
    let query = GetDatasetByName {
        holder: holder.clone(),
        name: name.to_owned(),
    };
    match word.ask(session, org, query).await {
        Ok(entry) if entry.holder == holder && entry.name == name => Ok(entry.lineage),
        Ok(_) => Err(AccessError::PolicyRoot),
        Err(e) if e.code() == Some(Code::NotFound) => {
            let known = lineages(session, org).await?;
            Err(AccessError::NoDataset {
                dataset: text.to_owned(),
                known: known
                    .iter()
                    .map(|e| format!("{}/{}", e.holder, e.name))
                    .collect(),
            })
        }
        Err(e) => Err(e.into()),
    }
}
