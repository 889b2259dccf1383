//! `--ask FILE`: the person's part alone. The person proves and seals, reading the own peer with a
//! key of their own; the file waits for the institution's `access submit`. It names nobody. Study and
//! letter in it are sealed to the keys that the own peer named: whoever runs the institution's peer
//! and its client together could name its own.

mod error;
mod file;

pub use error::AskError;
pub(super) use file::{AskFile, differs};

use super::affirm::{ProvenAnew, prove_anew};
use super::earlier::EarlierRequest;
use super::inputs::{Ask, Asker, RequestInputs};
use super::request::proven;
use super::stored::StoredRequest;
use super::{AccessError, AccessOptions, ExtensionOptions, retry_stale};
use crate::actor::Actor;
use crate::journey::sealing;
use crate::journey::visa::wallet;
use crate::session::Session;
use crate::step::Step;
use medveil_circuits::ids::RequestId;
use medveil_circuits::visa::day::to_text;
use medveil_contract::call::Call;
use medveil_contract::model::{RequestEntry, RequestState};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// A person's part is done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AskWritten {
    #[schemars(with = "String")]
    pub request: RequestId,
    /// Who asks, as `ORG/NAME`. Only this home knows; the file does not say it.
    pub person: String,
    /// The dataset, as the options named it; for further columns, the grant; for an affirmation,
    /// the request.
    pub dataset: String,
    /// Visas that the chosen alternative takes. Only this home knows.
    pub visas: u8,
    /// Size of the circuit: 1 or 4 visas.
    pub tier: u8,
    /// Organisations that can open study and letter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readers: Vec<String>,
    /// The day that the proof is about: it is submitted while that day lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day: Option<String>,
    /// Absent where the ledger needs nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub file: Option<PathBuf>,
    /// Only where the ledger needs nothing: what it has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub state: Option<RequestState>,
}

impl Step for AskWritten {
    const NAME: &'static str = "access.ask";
}

/// Writes a request for the institution to submit. Nothing is sent.
///
/// **Errors**: as [`request`](super::request()); a file that is no ask is in the place.
pub async fn ask_request(
    session: &Session,
    person: &Actor,
    options: &AccessOptions,
    path: &Path,
) -> Result<AskWritten, AccessError> {
    ask(session, person, Ask::First(options), path).await
}

/// Writes a request for further columns.
///
/// **Errors**: as [`extend`](super::extend); a file that is no ask is in the place.
pub async fn ask_extension(
    session: &Session,
    person: &Actor,
    options: &ExtensionOptions,
    path: &Path,
) -> Result<AskWritten, AccessError> {
    ask(session, person, Ask::Further(options), path).await
}

/// Writes an affirmation.
///
/// **Errors**: as [`affirm`](super::affirm()); a file that is no ask is in the place.
pub async fn ask_affirmation(
    session: &Session,
    person: &Actor,
    request: RequestId,
    path: &Path,
) -> Result<AskWritten, AccessError> {
    AskFile::check_place(path)?;
    let _lock = session.lock(person, "access-request").await?;
    retry_stale(session, || affirmation(session, person, request, path)).await
}

async fn affirmation(
    session: &Session,
    person: &Actor,
    request: RequestId,
    path: &Path,
) -> Result<AskWritten, AccessError> {
    let asker = Asker::alone(session, person);
    let (entry, call, visas, tier, day) = match prove_anew(asker, request).await? {
        ProvenAnew::Stands(entry) => return Ok(needs_nothing(person, request.to_string(), &entry)),
        ProvenAnew::Call {
            entry,
            call,
            visas,
            tier,
            day,
        } => (entry, call, visas, tier, day),
    };
    let named = request.to_string();
    let file = AskFile::new(session, person, &named, &Call::AffirmAccess(call));
    file.write(&session.home, path)?;
    Ok(AskWritten {
        visas,
        tier,
        day: Some(to_text(day)),
        file: Some(path.to_owned()),
        state: None,
        ..needs_nothing(person, named, &entry)
    })
}

async fn ask(
    session: &Session,
    person: &Actor,
    ask: Ask<'_>,
    path: &Path,
) -> Result<AskWritten, AccessError> {
    AskFile::check_place(path)?;
    let _lock = session.lock(person, "access-request").await?;
    retry_stale(session, || attempt(session, person, ask, path)).await
}

async fn attempt(
    session: &Session,
    person: &Actor,
    ask: Ask<'_>,
    path: &Path,
) -> Result<AskWritten, AccessError> {
    let wallet = wallet(session, person)?;
    let inputs = RequestInputs::read(Asker::alone(session, person), ask, wallet).await?;
    match proven(session, &inputs).await? {
        EarlierRequest::Recorded(_, entry) => {
            Ok(needs_nothing(person, inputs.named.clone(), &entry))
        }
        EarlierRequest::Current(stored) => write(session, &inputs, &stored, path),
    }
}

fn write(
    session: &Session,
    inputs: &RequestInputs<'_>,
    stored: &StoredRequest,
    path: &Path,
) -> Result<AskWritten, AccessError> {
    let (person, request) = (inputs.person, stored.call.terms.request);
    let to = (request, &person.org);
    let sealed = sealing::seal(session, &inputs.readers, to, &stored.body);
    let sealed = borsh::to_vec(&sealed.map_err(AccessError::Seal)?).map_err(AccessError::Encode)?;
    let call = Call::RequestAccess(stored.call.clone());
    let mut file = AskFile::new(session, person, &inputs.named, &call);
    file.columns = inputs.columns();
    file.sealed = Some(hex::encode(sealed));
    file.write(&session.home, path)?;
    let day = stored.call.terms.day;
    let readers = inputs.readers.iter().map(|key| key.msp_id.to_string());
    Ok(AskWritten {
        request,
        person: person.to_string(),
        dataset: inputs.named.clone(),
        visas: stored.visas,
        tier: stored.tier,
        readers: readers.collect(),
        day: Some(to_text(day)),
        file: Some(path.to_owned()),
        state: None,
    })
}

fn needs_nothing(person: &Actor, dataset: String, entry: &RequestEntry) -> AskWritten {
    AskWritten {
        request: entry.request,
        person: person.to_string(),
        dataset,
        visas: 0,
        tier: 0,
        readers: Vec::new(),
        day: None,
        file: None,
        state: Some(entry.state),
    }
}
