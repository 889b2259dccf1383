//! What a request is proven against: the access context, as two organisations' peers sign it.

use super::AccessError;
use crate::journey::dataset::lineages;
use crate::session::Session;
use medveil_circuits::eligibility::Eligibility;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::{DatasetRoot, LineageId};
use medveil_circuits::policy::{Program, compile};
use medveil_circuits::statement::Statement;
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::reply::AccessContext;
use medveil_contract::call::request;

/// Reads the context, confirmed by two organisations' peers, so that no single gateway can invent a
/// policy.
///
/// **Errors**: the dataset has no policy, or peers disagree.
pub(super) async fn read(
    session: &Session,
    org: &MspId,
    lineage: LineageId,
    dataset: &str,
) -> Result<AccessContext, AccessError> {
    let request = request::AccessContext { lineage };
    let at = pairs(session, org);
    match session.ask_confirmed(org, request, at).await {
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

/// Every two organisations other than this one; in a small consortium this one is among them.
fn pairs(session: &Session, org: &MspId) -> Vec<Vec<MspId>> {
    let members = session.consortium.members().iter();
    let mut others: Vec<MspId> = members.map(|m| m.msp_id.clone()).collect();
    others.retain(|m| m != org);
    if others.len() < 2 {
        others.push(org.clone());
    }
    let mut pairs = Vec::new();
    for (i, first) in others.iter().enumerate() {
        let seconds = others[i + 1..].iter();
        pairs.extend(seconds.map(|second| vec![first.clone(), second.clone()]));
    }
    pairs
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

/// The active key of the policy's circuit.
///
/// **Errors**: none is active.
pub(super) fn circuit_key(
    context: &AccessContext,
    program: &Program,
) -> Result<Digest, AccessError> {
    context.circuit.key.ok_or_else(|| AccessError::NoCircuit {
        circuit: context.circuit.name.clone(),
        name: match program.tier() {
            1 => Eligibility::<1>::CIRCUIT.name,
            _ => Eligibility::<4>::CIRCUIT.name,
        },
    })
}

/// The policy in force, compiled here.
///
/// **Errors**: the document does not compile to the recorded root.
pub(super) fn program(context: &AccessContext) -> Result<Program, AccessError> {
    let active = &context.policy.active;
    let program = compile(&active.document).map_err(AccessError::Policy)?;
    if program.root() == active.root {
        return Ok(program);
    }
    Err(AccessError::PolicyRoot)
}

/// Finds a lineage by its id or by `HOLDER/NAME`.
///
/// **Errors**: none such.
pub(super) async fn find_lineage(
    session: &Session,
    org: &MspId,
    text: &str,
) -> Result<LineageId, AccessError> {
    if let Ok(lineage) = text.parse() {
        return Ok(lineage);
    }
    let wanted = text.split_once('/');
    let (holder, name) = wanted.ok_or_else(|| AccessError::DatasetName {
        got: text.to_owned(),
    })?;
    let all = lineages(session, org).await?;
    let found = all
        .iter()
        .find(|e| e.holder.as_str() == holder && e.name == name);
    found
        .map(|e| e.lineage)
        .ok_or_else(|| AccessError::NoDataset {
            dataset: text.to_owned(),
            known: all
                .iter()
                .map(|e| format!("{}/{}", e.holder, e.name))
                .collect(),
        })
}
