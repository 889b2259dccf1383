//! `access show`: one request, and for its holder the letter.

use super::{AccessError, json, read_status};
use crate::actor::Actor;
use crate::journey::letter;
use crate::session::Session;
use crate::step::Step;
use medveil_circuits::ids::RequestId;
use medveil_collections_config::MspId;
use medveil_contract::call::reply::RequestStatus;
use medveil_contract::call::request::ReadLetter;
use medveil_custody::sealing::{LetterSecret, open};
use schemars::JsonSchema;
use serde::Serialize;

/// One request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AccessShown {
    #[schemars(with = "json::RequestStatus")]
    pub request: RequestStatus,
    /// The letter, where the holder asks and can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub letter: Option<String>,
    /// Why the holder cannot read the letter.
    #[serde(skip)]
    pub letter_error: Option<AccessError>,
}

impl Step for AccessShown {
    const NAME: &'static str = "access.show";
}

/// Shows one request; the holder also reads its letter.
///
/// **Errors**: no such request.
pub async fn show(
    session: &Session,
    org: &MspId,
    request: RequestId,
) -> Result<AccessShown, AccessError> {
    let status = read_status(session, org, request).await?;
    let mut shown = AccessShown {
        request: status,
        letter: None,
        letter_error: None,
    };
    if *org == shown.request.request.holder {
        match read_letter(session, org, request).await {
            Ok(text) => shown.letter = Some(text),
            Err(error) => shown.letter_error = Some(error),
        }
    }
    Ok(shown)
}

async fn read_letter(
    session: &Session,
    holder: &MspId,
    request: RequestId,
) -> Result<String, AccessError> {
    let sealed = session.ask_private(holder, ReadLetter { request }).await?;
    let vault = session.keyring.open(&Actor::organisation(holder.clone()))?;
    let secret = LetterSecret::from_bytes(&vault.get(letter::SECRET)?);
    let secret = secret.map_err(AccessError::LetterKey)?;
    let text = open(&secret, &letter::context(session), &sealed.letter);
    let text = text.map_err(AccessError::Unsealed)?;
    String::from_utf8(text.to_vec()).map_err(AccessError::LetterText)
}
