//! Keys that requests are sealed to, and the bodies that they open.

use crate::actor::Actor;
use crate::keyring::KeyringError;
use crate::session::Session;
use medveil_circuits::ids::RequestId;
use medveil_collections_config::MspId;
use medveil_contract::call::reply::SealedBody;
use medveil_contract::call::transient::{KeyWrap, SealedRequest};
use medveil_contract::model::PublishedKey;
use medveil_custody::sealing::{BodyKey, SealingError, SealingKey, SealingSecret};
use zeroize::Zeroizing;

/// What begins the names of secrets that open bodies.
pub const SECRETS: &str = "sealing-key-";

/// The name of the secret of a published key: one that was replaced still opens what was sealed to
/// it.
pub fn secret_name(key: SealingKey) -> String {
    format!("{SECRETS}{}", &hex::encode(key.to_bytes())[..40])
}

/// What a sealed body and its wrapped keys are bound to: consortium, request and submitter.
fn context(session: &Session, request: RequestId, submitter: &MspId) -> Vec<u8> {
    let (consortium, request) = (session.consortium_id().to_string(), request.to_string());
    [
        "medveil/v2/request",
        &consortium,
        &request,
        submitter.as_str(),
    ]
    .join("/")
    .into_bytes()
}

/// Seals a body to these organisations.
///
/// **Errors**: a published key is none.
pub fn seal(
    session: &Session,
    keys: &[PublishedKey],
    (request, submitter): (RequestId, &MspId),
    body: &[u8],
) -> Result<SealedRequest, SealingError> {
    let (mut rng, context) = (session.rng(), context(session, request, submitter));
    let (body, key) = BodyKey::generate(&mut rng).seal(&context, body)?;
    let mut wraps = Vec::with_capacity(keys.len());
    for published in keys {
        let to = SealingKey::from_bytes(&published.key)?;
        wraps.push(KeyWrap {
            msp_id: published.msp_id.clone(),
            to: published.key,
            wrapped: key.wrap(&to, &context, &mut rng)?,
        });
    }
    Ok(SealedRequest { body, keys: wraps })
}

/// Why a body does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenBodyError {
    #[error("{org} has no secret of the key that the request is sealed to, in this home")]
    NoSecret { org: MspId },
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    #[error(transparent)]
    Sealing(#[from] SealingError),
}

/// Opens a body as one of its readers.
///
/// **Errors**: no secret, or the body is of another request, another submitter, or changed.
pub fn open(
    session: &Session,
    org: &MspId,
    sealed: &SealedBody,
    (request, submitter): (RequestId, &MspId),
) -> Result<Zeroizing<Vec<u8>>, OpenBodyError> {
    let vault = session.keyring.open(&Actor::organisation(org.clone()))?;
    let name = secret_name(SealingKey::from_bytes(&sealed.to)?);
    if !vault.has(&name) {
        return Err(OpenBodyError::NoSecret { org: org.clone() });
    }
    let secret = vault.get(&name).map_err(KeyringError::from)?;
    let secret = SealingSecret::from_bytes(&secret)?;
    let context = context(session, request, submitter);
    let key = BodyKey::unwrap(&secret, &context, &sealed.wrapped)?;
    Ok(key.open(&context, &sealed.body)?)
}
