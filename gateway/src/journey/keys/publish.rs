//! The published key of an organisation, to which requests are sealed.

use super::KeysError;
use crate::actor::Actor;
use crate::journey::sealing::secret_name;
use crate::keyring::{get_secret, put_secret};
use crate::session::Session;
use crate::step::{Step, Transaction};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::request::GetPublishedKey;
use medveil_contract::call::{Call, PublishKey};
use medveil_custody::Vault;
use medveil_custody::sealing::{SealingKey, SealingSecret};
use rand::{CryptoRng, RngCore};
use schemars::JsonSchema;
use serde::Serialize;

/// An organisation's key for sealed requests is on the ledger.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeyPublished {
    #[schemars(with = "String")]
    pub org: MspId,
    /// X25519 public key, 64 hex digits.
    pub key: String,
    /// The key in whose place it was asked for. Absent where none was named or rotated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// Absent where the ledger had the key before this command.
    #[serde(flatten)]
    pub transaction: Option<Transaction>,
}

impl Step for KeyPublished {
    const NAME: &'static str = "keys.publish";
}

/// Which key is to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Publication {
    /// One, whichever it is.
    Any,
    /// Another one than the first.
    Rotated,
    /// Another one than this.
    Replacing(SealingKey),
}

/// Which key took the place of which, from before the new one is sent.
#[derive(Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
struct Rotation {
    from: [u8; 32],
    to: [u8; 32],
}

/// Publishes the organisation's key for sealed requests. The same ask again answers as the first
/// time: a rotation that was asked for without the key's name happens once, and every later one
/// names the key that it replaces. The vault keeps those before, which open what was sealed to them.
///
/// **Errors**: the key to be replaced is not the published one; the vault does not open; the
/// contract refuses.
pub async fn publish(
    session: &Session,
    org: &MspId,
    which: Publication,
) -> Result<KeyPublished, KeysError> {
    let actor = Actor::organisation(org.clone());
    let _lock = session.lock(&actor, "sealing-key").await?;
    let vault = session.keyring.open(&actor)?;
    let published = match session.ask(org, GetPublishedKey { msp: org.clone() }).await {
        Err(e) if e.code() == Some(Code::NotFound) => None,
        other => Some(SealingKey::from_bytes(&other?.key)?),
    };
    let rotation = match vault.has(ROTATION) {
        true => Some(get_secret::<Rotation>(&vault, ROTATION)?),
        false => None,
    };
    let from = match replaced(which, published, rotation)? {
        Replaced::Before { key, from } => return Ok(KeyPublished::new(org, key, Some(from), None)),
        Replaced::None => None,
        Replaced::Now(from) => Some(from),
    };
    let is_ours = |key: &SealingKey| vault.has(&secret_name(*key));
    if let Some(key) = published.filter(is_ours).filter(|_| from.is_none()) {
        return Ok(KeyPublished::new(org, key, None, None));
    }
    // One that an earlier process made and did not publish serves now.
    let made = unpublished(&vault, published)?;
    let key = match made {
        Some(key) => key,
        None => make(&vault, &mut session.rng())?,
    };
    if let Some(from) = from {
        let (from, to) = (from.to_bytes(), key.to_bytes());
        put_secret(&vault, ROTATION, &Rotation { from, to }, &mut session.rng())?;
    }
    let call = Call::PublishKey(PublishKey {
        key: key.to_bytes(),
    });
    let committed = session.submit_public(org, &call).await?;
    let transaction = Some(Transaction::from(&committed));
    Ok(KeyPublished::new(org, key, from, transaction))
}

const LATEST: &str = "sealing-latest";
const ROTATION: &str = "sealing-rotation";

/// What an ask means for the key that is published.
enum Replaced {
    /// It is to be replaced by none.
    None,
    /// It is to be replaced.
    Now(SealingKey),
    /// It took the place of the one before.
    Before { key: SealingKey, from: SealingKey },
}

fn replaced(
    which: Publication,
    published: Option<SealingKey>,
    rotation: Option<Rotation>,
) -> Result<Replaced, KeysError> {
    let Some(key) = published else {
        return match which {
            Publication::Replacing(named) => Err(KeysError::NotPublished { named, key: None }),
            Publication::Any | Publication::Rotated => Ok(Replaced::None),
        };
    };
    let last = rotation.filter(|r| r.to == key.to_bytes());
    let from = last.map(|r| SealingKey::from_bytes(&r.from)).transpose()?;
    match (which, from) {
        (Publication::Any, _) => Ok(Replaced::None),
        (Publication::Rotated, Some(from)) => Ok(Replaced::Before { key, from }),
        (Publication::Rotated, None) => Ok(Replaced::Now(key)),
        (Publication::Replacing(named), _) if named == key => Ok(Replaced::Now(key)),
        (Publication::Replacing(named), Some(from)) if named == from => {
            Ok(Replaced::Before { key, from })
        }
        (Publication::Replacing(named), _) => {
            let key = Some(key);
            Err(KeysError::NotPublished { named, key })
        }
    }
}

fn make(vault: &Vault, rng: &mut (impl RngCore + CryptoRng)) -> Result<SealingKey, KeysError> {
    let secret = SealingSecret::generate(rng);
    let key = secret.public()?;
    vault.create_secret(&secret_name(key), secret.to_bytes().as_ref(), rng)?;
    put_secret(vault, LATEST, &key.to_bytes(), rng)?;
    Ok(key)
}

/// The key that was made last, where it is not the published one.
fn unpublished(
    vault: &Vault,
    published: Option<SealingKey>,
) -> Result<Option<SealingKey>, KeysError> {
    if !vault.has(LATEST) {
        return Ok(None);
    }
    let latest: [u8; 32] = get_secret(vault, LATEST)?;
    let latest = SealingKey::from_bytes(&latest)?;
    Ok(Some(latest).filter(|key| published != Some(*key)))
}

impl KeyPublished {
    fn new(
        org: &MspId,
        key: SealingKey,
        from: Option<SealingKey>,
        transaction: Option<Transaction>,
    ) -> Self {
        let text = |key: SealingKey| hex::encode(key.to_bytes());
        KeyPublished {
            org: org.clone(),
            key: text(key),
            replaces: from.map(text),
            transaction,
        }
    }
}
