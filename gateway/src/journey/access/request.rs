//! `access request`: proves eligibility and asks for access.
//!
//! Everything is durable before the submit: recipient key, salt, request id and proof; a retry
//! sends the same bytes, or answers as the first time.

use super::AccessError;
use super::inputs::RequestInputs;
use super::proof::prove_request;
use super::stored::{EarlierRequest, RequestTerms, StoredRequest};
use crate::actor::Actor;
use crate::journey::day;
use crate::journey::visa::wallet;
use crate::session::{Private, Session, SessionError};
use crate::step::Step;
use medveil_circuits::ids::RequestId;
use medveil_collections_config::Role;
use medveil_contract::Code;
use medveil_contract::call::request::GetRequestByNullifier;
use medveil_contract::call::transient::LETTER;
use medveil_contract::call::{Call, Parties};
use medveil_contract::model::RequestState;
use medveil_ledger::Transient;
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

/// What a researcher asks for.
#[derive(Clone, Debug, Default)]
pub struct AccessOptions {
    /// Lineage id, or `HOLDER/NAME`.
    pub dataset: String,
    /// Stays hidden behind a hash.
    pub study: String,
    pub purpose: Option<String>,
    /// Disease code.
    pub disease: Option<String>,
    pub region: Option<String>,
    /// Columns or groups; none is all.
    pub columns: Vec<String>,
    /// File of a letter to the holder.
    pub letter: Option<PathBuf>,
}

/// How often a request is proven where the registry changes under it.
const ATTEMPTS: usize = 3;

/// Access was asked for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessRequested {
    #[schemars(with = "String")]
    pub request: RequestId,
    /// Who asked, as `ORG/NAME`. Only this home knows.
    pub person: String,
    /// The dataset, as the options named it.
    pub dataset: String,
    /// Visas that the chosen alternative takes. Only this home knows.
    pub visas: u8,
    /// Size of the circuit: 1 or 4 visas.
    pub tier: u8,
    /// The transaction that made the request.
    pub tx_id: String,
    /// The block that holds it, where this command made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
    /// Size of the public arguments, where this command sent them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// Only where the ledger had the request before this command: `submitted`, `approved`,
    /// `rejected` or `closed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub state: Option<RequestState>,
}

impl Step for AccessRequested {
    const NAME: &'static str = "access.request";
}

/// Proves eligibility and submits the request through the researcher's institution. The same
/// options again, in the same period, send the same bytes, or answer as the first time where the
/// ledger has them.
///
/// **Errors**: no visa fits, in words per alternative; another request of the person in this
/// period; the contract refuses.
pub async fn request(
    session: &Session,
    person: &Actor,
    options: &AccessOptions,
) -> Result<AccessRequested, AccessError> {
    let _lock = session.lock(person, "access-request").await?;
    for _ in 1..ATTEMPTS {
        match attempt(session, person, options).await {
            Err(AccessError::Stale(_)) => {
                let text = "the day, the issuers or the policy changed meanwhile: proving anew";
                session.progress.note(text);
            }
            other => return other,
        }
    }
    attempt(session, person, options).await
}

/// Asks with a proof about what holds now.
async fn attempt(
    session: &Session,
    person: &Actor,
    options: &AccessOptions,
) -> Result<AccessRequested, AccessError> {
    let org = &person.org;
    let wallet = wallet(session, person)?;
    day::tick(session, org).await?;
    session
        .settle(&session.identity(org, Role::Client)?)
        .await?;
    let inputs = RequestInputs::read(session, person, options, wallet).await?;
    let terms = RequestTerms::new(options, inputs.columns, &inputs.letter);
    match StoredRequest::find(session, &inputs, &terms).await? {
        Some(EarlierRequest::Recorded(stored, entry)) => Ok(AccessRequested {
            state: Some(entry.state),
            ..answer(&inputs, &stored, entry.tx_id)
        }),
        Some(EarlierRequest::Current(stored)) => submit(session, &inputs, stored).await,
        None => {
            let stored = prove_request(session, &inputs, terms).await?;
            submit(session, &inputs, stored).await
        }
    }
}

fn answer(inputs: &RequestInputs<'_>, stored: &StoredRequest, tx_id: String) -> AccessRequested {
    AccessRequested {
        request: stored.call.terms.request,
        person: inputs.person.to_string(),
        dataset: inputs.options.dataset.clone(),
        visas: stored.visas,
        tier: stored.tier,
        tx_id,
        block: None,
        bytes: None,
        state: None,
    }
}

async fn submit(
    session: &Session,
    inputs: &RequestInputs<'_>,
    stored: StoredRequest,
) -> Result<AccessRequested, AccessError> {
    let org = &inputs.person.org;
    let call = Call::RequestAccess(stored.call.clone());
    let bytes: usize = call.to_args().iter().map(Vec::len).sum();
    let private = Private {
        transient: Transient::from([(LETTER.to_owned(), stored.letter.clone())]),
        expected: Vec::new(),
    };
    let parties = Parties {
        holder: Some(&inputs.context.lineage.holder),
        ..Parties::default()
    };
    let committed = match session.submit(org, &call, private, &parties).await {
        Ok(committed) => committed,
        Err(refusal) => return Err(explain_refusal(session, inputs, refusal).await),
    };
    Ok(AccessRequested {
        block: Some(committed.block),
        bytes: Some(bytes),
        ..answer(inputs, &stored, committed.tx_id)
    })
}

/// What a refused request met.
async fn explain_refusal(
    session: &Session,
    inputs: &RequestInputs<'_>,
    refusal: SessionError,
) -> AccessError {
    match refusal.code() {
        Some(Code::Stale) => AccessError::Stale(Box::new(refusal)),
        Some(Code::Conflict) => {
            let nullifier = inputs.nullifier;
            let org = &inputs.person.org;
            match session.ask(org, GetRequestByNullifier { nullifier }).await {
                Ok(status) => AccessError::OtherRequest {
                    person: inputs.person.clone(),
                    dataset: inputs.options.dataset.clone(),
                    request: status.request.request,
                    refusal: Box::new(refusal),
                },
                Err(_) => refusal.into(),
            }
        }
        _ => refusal.into(),
    }
}
