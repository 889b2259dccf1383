//! `access affirm`: a fresh proof for a request that was made or granted, against today's registry.

use super::body::RequestBody;
use super::context::Word;
use super::inputs::Asker;
use super::proof::{Statement, prove};
use super::stored::StoredRequest;
use super::{AccessError, context, period, retry_stale};
use crate::actor::Actor;
use crate::journey::day;
use crate::journey::visa::wallet;
use crate::session::{CHAINCODE, Private, Session};
use crate::step::{Step, Transaction};
use medveil_circuits::ids::{Day, RequestId};
use medveil_circuits::policy::Program;
use medveil_circuits::visa::day::to_text;
use medveil_collections_config::{MspId, Role};
use medveil_contract::Code;
use medveil_contract::call::request::{GetPolicyDocument, GetRequest, GetRequestByNullifier};
use medveil_contract::call::{AffirmAccess, Call, Parties};
use medveil_contract::judge::eligibility::{Affirmed, affirmation, recorded_values};
use medveil_contract::model::{ProofStanding, RequestEntry, RequestState};
use schemars::JsonSchema;
use serde::Serialize;

/// A request was affirmed.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessAffirmed {
    #[schemars(with = "String")]
    pub request: RequestId,
    /// Who affirmed, as `ORG/NAME`. Only this home knows.
    pub person: String,
    /// `submitted` or `approved`.
    #[schemars(with = "String")]
    pub state: RequestState,
    /// Where it is a grant: the date on which its lease ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Absent where the latest proof is about today's registry already.
    #[serde(flatten)]
    pub transaction: Option<Transaction>,
}

impl Step for AccessAffirmed {
    const NAME: &'static str = "access.affirm";
}

/// Proves anew that the request's own policy holds, and submits that through the institution.
///
/// **Errors**: not the person who asked; a request that is over; no visa fits any more; the
/// contract refuses.
pub async fn affirm(
    session: &Session,
    person: &Actor,
    request: RequestId,
) -> Result<AccessAffirmed, AccessError> {
    let _lock = session.lock(person, "access-request").await?;
    retry_stale(session, || attempt(session, person, request)).await
}

async fn attempt(
    session: &Session,
    person: &Actor,
    request: RequestId,
) -> Result<AccessAffirmed, AccessError> {
    let org = &person.org;
    StoredRequest::of(session, person, request)?;
    day::tick(session, org).await?;
    session
        .settle(&session.identity(org, Role::Client)?)
        .await?;
    let asker = Asker::through_institution(session, person);
    match prove_anew(asker, request).await? {
        ProvenAnew::Stands(entry) => Ok(answer(person, &entry, None)),
        ProvenAnew::Call { entry, call, .. } => {
            let (entry, transaction) = send(session, (org, &entry.holder), call).await?;
            Ok(answer(person, &entry, Some(transaction)))
        }
    }
}

/// What a request's affirmation comes to.
pub(super) enum ProvenAnew {
    /// The latest proof is about today's registry.
    Stands(Box<RequestEntry>),
    Call {
        entry: Box<RequestEntry>,
        call: AffirmAccess,
        /// Visas that it took, and the size of the circuit.
        visas: u8,
        tier: u8,
        /// The day that it is about.
        day: Day,
    },
}

/// Proves that a request's own policy holds today.
///
/// **Errors**: not the person who asked; a request that is over; no visa fits any more.
pub(super) async fn prove_anew(
    asker: Asker<'_>,
    request: RequestId,
) -> Result<ProvenAnew, AccessError> {
    let (session, person, word) = (asker.session, asker.person, asker.word);
    let org = &person.org;
    let stored = StoredRequest::of(session, person, request)?;
    let status = word.ask(session, org, GetRequest { request }).await?;
    let entry = &status.request;
    require_open(session, org, word, entry).await?;
    let named = request.to_string();
    let context = asker.context(entry.lineage, &named).await?;
    let is_todays = entry.proven.day == context.day.current
        && entry.proven.issuer_root == context.registry.root;
    if is_todays && status.proof == ProofStanding::Fresh {
        return Ok(ProvenAnew::Stands(Box::new(status.request)));
    }
    let program = policy_of(session, org, entry).await?;
    let affirmed = Affirmed {
        version: entry.version,
        day: context.day.current,
        issuer_root: context.registry.root,
        circuit: context::circuit_key(session, org, word, (&context, &program)).await?,
    };
    let statement = Statement {
        person,
        dataset: &named,
        program: &program,
        registry: &context.registry,
        public: affirmation(session.consortium_id(), CHAINCODE, entry, &affirmed),
        values: recorded_values(entry),
    };
    let body = RequestBody::of(entry, &stored.body)?;
    let prepared = statement
        .prepare(session, &wallet(session, person)?, &body)
        .await?;
    let (visas, tier) = (prepared.visas.len() as u8, prepared.tier);
    let call = AffirmAccess {
        request,
        version: affirmed.version,
        day: affirmed.day,
        issuer_root: affirmed.issuer_root,
        circuit: affirmed.circuit,
        proof: prove(session, org, prepared).await?,
    };
    Ok(ProvenAnew::Call {
        call,
        visas,
        tier,
        day: context.day.current,
        entry: Box::new(status.request),
    })
}

/// A request that is not over, and, of an extension, whose grant runs.
async fn require_open(
    session: &Session,
    org: &MspId,
    word: Word,
    entry: &RequestEntry,
) -> Result<(), AccessError> {
    if entry.state.is_over() {
        return Err(period::over(session, org, entry).await?);
    }
    if entry.extension == 0 {
        return Ok(());
    }
    let nullifier = entry.nullifier;
    let query = GetRequestByNullifier { nullifier };
    let base = word.ask(session, org, query).await?;
    match base.request.runs(base.today.max(session.today())) {
        true => Ok(()),
        false => Err(AccessError::affirm_first(&base)),
    }
}

/// Submits an affirmation as the institution; what the ledger has then.
///
/// **Errors**: the contract refuses.
pub(super) async fn send(
    session: &Session,
    (org, holder): (&MspId, &MspId),
    call: AffirmAccess,
) -> Result<(RequestEntry, Transaction), AccessError> {
    let request = call.request;
    let parties = Parties {
        holder: Some(holder),
        ..Parties::default()
    };
    let call = Call::AffirmAccess(call);
    let committed = session.submit(org, &call, Private::default(), &parties);
    match committed.await {
        Ok(committed) => {
            let entry = session.ask(org, GetRequest { request }).await?.request;
            Ok((entry, Transaction::from(&committed)))
        }
        Err(refusal) if refusal.code() == Some(Code::Stale) => {
            Err(AccessError::Stale(Box::new(refusal)))
        }
        Err(refusal) => Err(refusal.into()),
    }
}

fn answer(
    person: &Actor,
    entry: &RequestEntry,
    transaction: Option<Transaction>,
) -> AccessAffirmed {
    AccessAffirmed {
        request: entry.request,
        person: person.to_string(),
        state: entry.state,
        until: entry.lease.as_ref().map(|lease| to_text(lease.until)),
        transaction,
    }
}

/// The policy that a request's proofs satisfy, compiled here.
///
/// **Errors**: the document does not compile to the recorded root.
pub(super) async fn policy_of(
    session: &Session,
    org: &MspId,
    entry: &RequestEntry,
) -> Result<Program, AccessError> {
    let query = GetPolicyDocument {
        lineage: entry.lineage,
        document: entry.policy_document,
    };
    let document = session.ask(org, query).await?.document;
    context::compiled(&document, entry.policy)
}
