//! `access submit`: the institution's client submits what one of its people asked.
//!
//! The person had the own peer's word alone; two organisations' peers say the same here, or nothing
//! leaves.

use super::ask::{AskError, AskFile, differs};
use super::columns::column_names;
use super::context::{self, Word};
use super::earlier::find_recorded;
use super::{AccessError, affirm, period, request};
use crate::journey::day;
use crate::session::Session;
use crate::step::Step;
use medveil_circuits::ids::{LineageId, RequestId};
use medveil_circuits::schema::Schema;
use medveil_circuits::visa::day::to_text;
use medveil_collections_config::{MspId, Role};
use medveil_contract::Code;
use medveil_contract::call::request::{GetDataset, GetRequest, GetRequestByNullifier};
use medveil_contract::call::transient::SealedRequest;
use medveil_contract::call::{AccessTerms, AffirmAccess, Call, RequestAccess};
use medveil_contract::model::{ProofStanding, PublishedKey, RequestEntry, RequestState};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::Path;

/// What one of the institution's people asked was submitted. It does not say who.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AskSubmitted {
    #[schemars(with = "String")]
    pub request: RequestId,
    #[schemars(with = "String")]
    pub organisation: MspId,
    /// The dataset, as the ask named it; for further columns, the grant; for an affirmation, the
    /// request.
    pub dataset: String,
    /// Whether it affirms a request that was made before.
    pub affirms: bool,
    #[schemars(with = "String")]
    pub state: RequestState,
    /// The date on which the grant's lease ends, where it is granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The transaction that has it.
    pub tx_id: String,
    /// The block that holds it, where this command made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
}

impl Step for AskSubmitted {
    const NAME: &'static str = "access.submit";
}

/// Submits an ask. The same ask again answers with what the ledger has.
///
/// **Errors**: a file of another form, consortium or institution; two organisations say something
/// else than the ask; the contract refuses.
pub async fn submit(
    session: &Session,
    org: &MspId,
    path: &Path,
) -> Result<AskSubmitted, AccessError> {
    let ask = AskFile::read(path)?;
    ask.check_for(session.consortium_id(), org)?;
    let call = ask.call()?;
    // A person proves about today, and cannot move the ledger's day.
    day::tick(session, org).await?;
    session
        .settle(&session.identity(org, Role::Client)?)
        .await?;
    match call {
        Call::RequestAccess(call) => submit_request(session, org, &ask, call).await,
        Call::AffirmAccess(call) => submit_affirmation(session, org, &ask, call).await,
        other => Err(AskError::OtherCall(other.function_name()).into()),
    }
}

async fn submit_request(
    session: &Session,
    org: &MspId,
    ask: &AskFile,
    call: RequestAccess,
) -> Result<AskSubmitted, AccessError> {
    let request = call.terms.request;
    let sealed = ask.sealed()?;
    if let Some(entry) = find_recorded(session, org, request).await? {
        if entry.state.is_over() {
            return Err(period::over(session, org, &entry).await?);
        }
        return Ok(answer(org, ask, &entry, None));
    }
    let holder = confirm(session, org, ask, (&call.terms, &sealed)).await?;
    let nullifier = call.terms.nullifier;
    match request::send(session, (org, &holder), call, &sealed).await {
        Ok(sent) => {
            let entry = session.ask(org, GetRequest { request }).await?.request;
            Ok(answer(org, ask, &entry, Some(sent.committed.block)))
        }
        Err(AccessError::Session(refusal)) => Err(match refusal.code() {
            Some(Code::Stale) => AskError::Stale(Box::new(refusal)).into(),
            Some(Code::Conflict) => {
                let query = GetRequestByNullifier { nullifier };
                match session.ask(org, query).await.map(|status| status.request) {
                    Ok(entry) if entry.state.is_over() => {
                        period::over(session, org, &entry).await?
                    }
                    Ok(RequestEntry { request, state, .. }) => {
                        AskError::Used { request, state }.into()
                    }
                    Err(_) => refusal.into(),
                }
            }
            _ => refusal.into(),
        }),
        Err(other) => Err(other),
    }
}

/// What the person took from the own peer, as two organisations say it; gives the holder.
async fn confirm(
    session: &Session,
    org: &MspId,
    ask: &AskFile,
    (terms, sealed): (&AccessTerms, &SealedRequest),
) -> Result<MspId, AccessError> {
    let word = Word::TwoOrganisations;
    let dataset = terms.dataset;
    let version = word.ask(session, org, GetDataset { dataset }).await?;
    let schema = Schema::from_canonical(version.schema.as_bytes()).map_err(AccessError::Schema)?;
    let columns = column_names(&schema, terms.columns);
    differs("columns", &columns.join(", "), &ask.columns.join(", "))?;
    let lineage = lineage_of(session, org, ask, terms).await?;
    let context = context::read(session, org, word, (lineage, &ask.dataset)).await?;
    if terms.extension == 0 {
        let newest = context::version(&context)?;
        differs("version", &newest.to_string(), &dataset.to_string())?;
    }
    let program = context::program(&context)?;
    let readers = context::readers(&context, &program)?;
    let named = |org: &MspId, key: &[u8; 32]| format!("{org} {}", hex::encode(key));
    let expected = |k: &PublishedKey| named(&k.msp_id, &k.key);
    let expected: Vec<String> = readers.iter().map(expected).collect();
    let got: Vec<String> = sealed
        .keys
        .iter()
        .map(|k| named(&k.msp_id, &k.to))
        .collect();
    differs(
        "keys of those who open it",
        &expected.join(", "),
        &got.join(", "),
    )?;
    Ok(context.lineage.holder)
}

/// The lineage that the person named.
async fn lineage_of(
    session: &Session,
    org: &MspId,
    ask: &AskFile,
    terms: &AccessTerms,
) -> Result<LineageId, AccessError> {
    let word = Word::TwoOrganisations;
    if terms.extension == 0 {
        return context::find_lineage(session, org, word, &ask.dataset).await;
    }
    let grant: RequestId = ask.dataset.parse().map_err(|_| AskError::Differs {
        what: "grant",
        expected: "a request id".to_owned(),
        got: ask.dataset.clone(),
    })?;
    let query = GetRequest { request: grant };
    let entry = word.ask(session, org, query).await?.request;
    let (expected, got) = (entry.nullifier.to_string(), terms.nullifier.to_string());
    differs("nullifier", &expected, &got)?;
    let (expected, got) = (entry.dataset.to_string(), terms.dataset.to_string());
    differs("version", &expected, &got)?;
    Ok(entry.lineage)
}

async fn submit_affirmation(
    session: &Session,
    org: &MspId,
    ask: &AskFile,
    call: AffirmAccess,
) -> Result<AskSubmitted, AccessError> {
    let request = call.request;
    differs("request", &request.to_string(), &ask.dataset)?;
    let query = GetRequest { request };
    let status = session.ask_two(org, query).await?;
    if status.request.state.is_over() {
        return Err(period::over(session, org, &status.request).await?);
    }
    let holder = status.request.holder.clone();
    let (entry, proven) = (&status.request, &status.request.proven);
    let stands = proven.day == call.day && proven.issuer_root == call.issuer_root;
    if stands && status.proof == ProofStanding::Fresh {
        return Ok(answer(org, ask, entry, None));
    }
    match affirm::send(session, (org, &holder), call).await {
        Ok((entry, transaction)) => Ok(answer(org, ask, &entry, transaction.block)),
        Err(AccessError::Stale(refusal)) => Err(AskError::Stale(refusal).into()),
        Err(other) => Err(other),
    }
}

fn answer(org: &MspId, ask: &AskFile, entry: &RequestEntry, block: Option<u64>) -> AskSubmitted {
    AskSubmitted {
        request: entry.request,
        organisation: org.clone(),
        dataset: ask.dataset.clone(),
        affirms: ask.sealed.is_none(),
        state: entry.state,
        until: entry.lease.as_ref().map(|lease| to_text(lease.until)),
        tx_id: match ask.sealed {
            Some(_) => entry.tx_id.clone(),
            None => entry.last_tx_id.clone(),
        },
        block,
    }
}
