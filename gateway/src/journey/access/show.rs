//! `access show`: one request; for those who decide, with its study and letter.

use super::affirm::policy_of;
use super::body::RequestBody;
use super::columns::column_names;
use super::context::Word;
use super::list::until;
use super::{AccessError, json, meaning, read_status};
use crate::actor::Actor;
use crate::journey::sealing;
use crate::keyring::put_secret;
use crate::outfile;
use crate::session::Session;
use crate::step::Step;
use medveil_circuits::field::Digest;
use medveil_circuits::ids::RequestId;
use medveil_circuits::schema::Schema;
use medveil_circuits::visa::codes;
use medveil_circuits::visa::day::to_text;
use medveil_collections_config::MspId;
use medveil_contract::call::reply::RequestStatus;
use medveil_contract::call::request::{GetDataset, GetRequest, GetRequestByNullifier, ReadRequest};
use medveil_contract::model::{RequestEntry, RequestState};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Study and letter of a request, opened.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OpenedRequest {
    /// The study, checked against the hash that the proof speaks of.
    pub study: String,
    /// Media type of the letter; absent where none was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter_type: Option<String>,
    /// Size of the letter in bytes.
    pub letter_bytes: usize,
    /// The letter, where it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter: Option<String>,
    /// The file that it was written to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter_file: Option<PathBuf>,
}

/// One request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessShown {
    #[schemars(with = "json::RequestStatus")]
    pub request: RequestStatus,
    /// Where it is granted: the date on which its lease ends, or ended; an extension ends with its
    /// grant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Whether it is a grant whose lease is over, or an extension of one.
    pub lapsed: bool,
    /// The dataset, as `HOLDER/NAME`.
    pub dataset: String,
    /// Columns or groups that are asked for.
    pub columns: Vec<String>,
    /// Code of the disease.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disease: Option<String>,
    /// Organisations that can open study and letter.
    #[schemars(with = "Vec<String>")]
    pub readers: Vec<MspId>,
    /// Where the acting organisation is one of them and opened the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened: Option<OpenedRequest>,
    /// Where it is one of them and could not: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unopened: Option<String>,
    /// What the proof says, line by line.
    pub proof_says: Vec<String>,
    /// What it does not say, line by line.
    pub proof_does_not_say: Vec<String>,
}

impl Step for AccessShown {
    const NAME: &'static str = "access.show";
    const VERSION: u32 = 2;
}

/// Name of the secret that says what an organisation saw of a request.
fn seen_name(request: RequestId) -> String {
    format!("seen-{}", &request.to_string()[..40])
}

/// Shows one request; those who decide, and the holder, also open it, and have what they are shown
/// from two organisations. Only what was opened, checked against the public values and shown is
/// remembered as seen: a letter that is no text is shown by writing it.
///
/// **Errors**: no such request; a letter that cannot be written.
pub async fn show(
    session: &Session,
    org: &MspId,
    request: RequestId,
    letter_out: Option<&Path>,
) -> Result<AccessShown, AccessError> {
    let mut status = read_status(session, org, request).await?;
    let readers = readers(&status.request);
    // A person is no member of the committee, and has no use of its keys.
    let opens = readers.contains(org) && !session.is_personal();
    let word = match opens {
        true => Word::TwoOrganisations,
        false => Word::OwnPeer,
    };
    if opens {
        status = word.ask(session, org, GetRequest { request }).await?;
    }
    status.today = status.today.max(session.today());
    let entry = &status.request;
    let base = match entry.extension {
        0 => None,
        _ => {
            let nullifier = entry.nullifier;
            let query = GetRequestByNullifier { nullifier };
            Some(word.ask(session, org, query).await?.request)
        }
    };
    let until = until(entry, base.as_ref());
    let dataset = entry.dataset;
    let version = word.ask(session, org, GetDataset { dataset }).await?;
    let schema = Schema::from_canonical(version.schema.as_bytes());
    let schema = schema.map_err(AccessError::Schema)?;
    let program = policy_of(session, org, entry).await?;
    let mut shown = AccessShown {
        lapsed: entry.state == RequestState::Approved
            && until.is_some_and(|day| day <= status.today),
        until: until.map(to_text),
        dataset: format!("{}/{}", entry.holder, version.dataset.name),
        columns: column_names(&schema, entry.columns),
        disease: codes::disease_code(entry.disease).filter(|_| entry.disease != 0),
        proof_says: Vec::new(),
        proof_does_not_say: meaning::does_not_say(&program, &status),
        opened: None,
        unopened: None,
        readers,
        request: status,
    };
    if opens {
        match open(session, org, &shown.request.request).await {
            Ok(body) => {
                let opened = opened(session, body, letter_out)?;
                remember(session, org, &shown.request.request, &opened)?;
                shown.opened = Some(opened);
            }
            Err(error) => shown.unopened = Some(words(&error)),
        }
    }
    shown.proof_says = meaning::says(&program, &shown.request, shown.opened.is_some());
    Ok(shown)
}

/// Who opens a request: the committee and the holder.
fn readers(entry: &RequestEntry) -> Vec<MspId> {
    let readers = entry.committee.iter().chain([&entry.holder]);
    let mut readers: Vec<MspId> = readers.cloned().collect();
    readers.sort_unstable();
    readers.dedup();
    readers
}

/// An error with its sources.
fn words(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", words(source)),
        None => error.to_string(),
    }
}

/// That the organisation saw what is asked, where all of it was shown.
fn remember(
    session: &Session,
    org: &MspId,
    entry: &RequestEntry,
    opened: &OpenedRequest,
) -> Result<(), AccessError> {
    let is_shown = opened.letter_bytes == 0 || opened.letter.is_some();
    if !is_shown && opened.letter_file.is_none() {
        return Ok(());
    }
    let vault = session.keyring.open(&Actor::organisation(org.clone()))?;
    let name = seen_name(entry.request);
    Ok(put_secret(
        &vault,
        &name,
        &entry.asked(),
        &mut session.rng(),
    )?)
}

async fn open(
    session: &Session,
    org: &MspId,
    entry: &RequestEntry,
) -> Result<RequestBody, AccessError> {
    let request = entry.request;
    let sealed = session.ask_private(org, ReadRequest { request }).await?;
    let bytes = sealing::open(session, org, &sealed, (request, &entry.submitter));
    RequestBody::of(entry, &bytes.map_err(AccessError::Unopened)?)
}

fn opened(
    session: &Session,
    body: RequestBody,
    out: Option<&Path>,
) -> Result<OpenedRequest, AccessError> {
    let letter = &body.letter;
    if let Some(path) = out {
        outfile::write_secret(&session.home, path, &letter.bytes)?;
    }
    Ok(OpenedRequest {
        letter_type: Some(letter.media_type.clone()).filter(|t| !t.is_empty()),
        letter_bytes: letter.bytes.len(),
        letter: letter.text().map(str::to_owned),
        letter_file: out.map(Path::to_owned),
        study: body.study,
    })
}

/// What an organisation saw when it opened a request; none where it did not.
///
/// **Errors**: the vault does not open.
pub(super) fn seen(
    session: &Session,
    org: &MspId,
    request: RequestId,
) -> Result<Option<Digest>, AccessError> {
    let vault = session.keyring.open(&Actor::organisation(org.clone()))?;
    let name = seen_name(request);
    if !vault.has(&name) {
        return Ok(None);
    }
    Ok(Some(crate::keyring::get_secret(&vault, &name)?))
}
