//! `access request` and `access extend`: prove eligibility and ask for access.
//!
//! Everything is durable before the submit: recipient key, body, request id and proof; a retry
//! sends the same proof, or answers as the first time.

use super::earlier::{self, EarlierRequest};
use super::inputs::{Ask, Asker, RequestInputs};
use super::proof::prove_request;
use super::stored::StoredRequest;
use super::{AccessError, period, retry_stale};
use crate::actor::Actor;
use crate::journey::visa::wallet;
use crate::journey::{day, sealing};
use crate::session::{Private, Session, SessionError};
use crate::step::Step;
use medveil_circuits::ids::RequestId;
use medveil_collections_config::{CollectionName, MspId, Role};
use medveil_contract::Code;
use medveil_contract::call::request::GetRequestByNullifier;
use medveil_contract::call::transient::{REQUEST, SealedRequest};
use medveil_contract::call::{Call, Parties, RequestAccess};
use medveil_contract::model::{Entry, RequestEntry, RequestState};
use medveil_contract::state_key::StateKey;
use medveil_ledger::{Committed, ExpectedWrite, Transient};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::PathBuf;

/// What a researcher asks for.
#[derive(Clone, Debug, Default)]
pub struct AccessOptions {
    /// Lineage id, or `HOLDER/NAME`.
    pub dataset: String,
    /// Shown to those who decide, hidden behind a hash from everybody else.
    pub study: String,
    pub purpose: Option<String>,
    /// Disease code.
    pub disease: Option<String>,
    pub region: Option<String>,
    /// Columns or groups; none is all.
    pub columns: Vec<String>,
    /// File of a letter to those who decide.
    pub letter: Option<PathBuf>,
    /// Its media type, where its name does not say it.
    pub letter_type: Option<String>,
}

/// Further columns of what was granted.
#[derive(Clone, Debug)]
pub struct ExtensionOptions {
    pub grant: RequestId,
    /// Columns or groups.
    pub columns: Vec<String>,
    /// File of a letter to those who decide.
    pub letter: Option<PathBuf>,
    /// Its media type, where its name does not say it.
    pub letter_type: Option<String>,
}

/// Access was asked for.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessRequested {
    #[schemars(with = "String")]
    pub request: RequestId,
    /// Who asked, as `ORG/NAME`. Only this home knows.
    pub person: String,
    /// The dataset, as the options named it; for further columns, the grant.
    pub dataset: String,
    /// Visas that the chosen alternative takes. Only this home knows.
    pub visas: u8,
    /// Size of the circuit: 1 or 4 visas.
    pub tier: u8,
    /// Organisations that can open study and letter.
    pub readers: Vec<String>,
    /// The transaction that made the request.
    pub tx_id: String,
    /// The block that holds it, where this command made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u64>,
    /// Size of the public arguments, where this command sent them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<usize>,
    /// Only where the ledger had the request before this command: `submitted` or `approved`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub state: Option<RequestState>,
}

impl Step for AccessRequested {
    const NAME: &'static str = "access.request";
    const VERSION: u32 = 2;
}

/// Proves eligibility and submits the request through the researcher's institution. The same
/// options again, in the same period, send the same proof, or answer as the first time where the
/// ledger has it.
///
/// **Errors**: no visa fits, in words per alternative; another request of the person in this
/// period, or one that was rejected or closed; the contract refuses.
pub async fn request(
    session: &Session,
    person: &Actor,
    options: &AccessOptions,
) -> Result<AccessRequested, AccessError> {
    ask(session, person, Ask::First(options)).await
}

/// Asks for further columns of a granted dataset, under the nullifier of the grant. The grant runs
/// on, whatever is decided.
///
/// **Errors**: as [`request`]; no running grant of the person's.
pub async fn extend(
    session: &Session,
    person: &Actor,
    options: &ExtensionOptions,
) -> Result<AccessRequested, AccessError> {
    ask(session, person, Ask::Further(options)).await
}

async fn ask(
    session: &Session,
    person: &Actor,
    ask: Ask<'_>,
) -> Result<AccessRequested, AccessError> {
    let _lock = session.lock(person, "access-request").await?;
    retry_stale(session, || attempt(session, person, ask)).await
}

/// Asks with a proof about what holds now.
async fn attempt(
    session: &Session,
    person: &Actor,
    ask: Ask<'_>,
) -> Result<AccessRequested, AccessError> {
    let org = &person.org;
    let wallet = wallet(session, person)?;
    day::tick(session, org).await?;
    session
        .settle(&session.identity(org, Role::Client)?)
        .await?;
    let asker = Asker::through_institution(session, person);
    let inputs = RequestInputs::read(asker, ask, wallet).await?;
    match proven(session, &inputs).await? {
        EarlierRequest::Recorded(stored, entry) => Ok(AccessRequested {
            state: Some(entry.state),
            ..answer(&inputs, &stored, entry.tx_id)
        }),
        EarlierRequest::Current(stored) => submit(session, &inputs, *stored).await,
    }
}

/// What was asked before in the same words, or a new request with its proof.
///
/// **Errors**: the period's request is used up; no visa fits.
pub(super) async fn proven(
    session: &Session,
    inputs: &RequestInputs<'_>,
) -> Result<EarlierRequest, AccessError> {
    match earlier::find(session, inputs).await? {
        Some(EarlierRequest::Recorded(stored, entry)) => {
            if entry.state.is_over() {
                return Err(period::over(session, &inputs.person.org, &entry).await?);
            }
            Ok(EarlierRequest::Recorded(stored, entry))
        }
        Some(current) => Ok(current),
        None => {
            if let Some(entry) = recorded(session, inputs).await? {
                return Err(other_request(session, inputs, &entry, None).await?);
            }
            for warning in inputs.program.singling_out() {
                session.progress.note(&warning);
            }
            let stored = prove_request(session, inputs).await?;
            Ok(EarlierRequest::Current(Box::new(stored)))
        }
    }
}

/// What the own peer has under the nullifier of a first request. Nobody else is asked: they would
/// learn which nullifier this organisation looks for.
pub(super) async fn recorded(
    session: &Session,
    inputs: &RequestInputs<'_>,
) -> Result<Option<RequestEntry>, AccessError> {
    if inputs.extension != 0 {
        return Ok(None);
    }
    let nullifier = inputs.nullifier;
    let query = GetRequestByNullifier { nullifier };
    match session.ask(&inputs.person.org, query).await {
        Ok(status) => Ok(Some(status.request)),
        Err(e) if e.code() == Some(Code::NotFound) => Ok(None),
        Err(e) => Err(e.into()),
    }
}

/// Why the period's one request is used up.
///
/// **Errors**: the ledger cannot be read.
async fn other_request(
    session: &Session,
    inputs: &RequestInputs<'_>,
    entry: &RequestEntry,
    refusal: Option<Box<SessionError>>,
) -> Result<AccessError, AccessError> {
    if entry.state.is_over() {
        return period::over(session, &inputs.person.org, entry).await;
    }
    Ok(AccessError::OtherRequest {
        person: inputs.person.clone(),
        dataset: inputs.named.clone(),
        request: entry.request,
        again: inputs.next_period(),
        refusal,
    })
}

fn answer(inputs: &RequestInputs<'_>, stored: &StoredRequest, tx_id: String) -> AccessRequested {
    let readers = inputs.readers.iter().map(|key| key.msp_id.to_string());
    AccessRequested {
        request: stored.call.terms.request,
        person: inputs.person.to_string(),
        dataset: inputs.named.clone(),
        visas: stored.visas,
        tier: stored.tier,
        readers: readers.collect(),
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
    let request = stored.call.terms.request;
    let sealed = sealing::seal(session, &inputs.readers, (request, org), &stored.body);
    let sealed = sealed.map_err(AccessError::Seal)?;
    let holder = &inputs.context.lineage.holder;
    let sent = send(session, (org, holder), stored.call.clone(), &sealed).await;
    match sent {
        Ok(sent) => Ok(AccessRequested {
            block: Some(sent.committed.block),
            bytes: Some(sent.bytes),
            ..answer(inputs, &stored, sent.committed.tx_id)
        }),
        Err(AccessError::Session(refusal)) => Err(explain_refusal(session, inputs, refusal).await),
        Err(other) => Err(other),
    }
}

/// A request that was sent.
pub(super) struct Sent {
    pub committed: Committed,
    /// Size of the public arguments.
    pub bytes: usize,
}

/// Submits a request as the institution, to the holder.
///
/// **Errors**: the contract refuses.
pub(super) async fn send(
    session: &Session,
    (org, holder): (&MspId, &MspId),
    call: RequestAccess,
    sealed: &SealedRequest,
) -> Result<Sent, AccessError> {
    let request = call.terms.request;
    let call = Call::RequestAccess(call);
    let bytes: usize = call.to_args().iter().map(Vec::len).sum();
    let value = borsh::to_vec(sealed).map_err(AccessError::Encode)?;
    let private = Private {
        transient: Transient::from([(REQUEST.to_owned(), value)]),
        expected: vec![ExpectedWrite {
            collection: CollectionName::requests(),
            key: StateKey::sealed_request(request).to_string(),
            value: sealed.to_entry_bytes(),
        }],
    };
    let parties = Parties {
        holder: Some(holder),
        ..Parties::default()
    };
    let committed = session.submit(org, &call, private, &parties).await?;
    Ok(Sent { committed, bytes })
}

/// What a refused request met.
async fn explain_refusal(
    session: &Session,
    inputs: &RequestInputs<'_>,
    refusal: SessionError,
) -> AccessError {
    match refusal.code() {
        Some(Code::Stale) => AccessError::Stale(Box::new(refusal)),
        Some(Code::Conflict) => match recorded(session, inputs).await {
            Ok(Some(entry)) => {
                let other = other_request(session, inputs, &entry, Some(Box::new(refusal)));
                other.await.unwrap_or_else(|error| error)
            }
            _ => refusal.into(),
        },
        _ => refusal.into(),
    }
}
