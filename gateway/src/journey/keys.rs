//! The key store, and the published key of an organisation.

use super::known_circuits::{self, KnownCircuitError};
use super::sealing::secret_name;
use crate::actor::Actor;
use crate::classify::{Classify, Kind, kind_of_io};
use crate::infile;
use crate::keyring::{KeyringError, get_secret, put_secret};
use crate::session::{Session, SessionError};
use crate::step::{Step, Transaction};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_circuits::field::Digest;
use medveil_circuits::verify::{AnyVerifyingKey, Provenance};
use medveil_collections_config::MspId;
use medveil_contract::Code;
use medveil_contract::call::request::GetPublishedKey;
use medveil_contract::call::{Call, PublishKey};
use medveil_custody::sealing::{SealingError, SealingKey, SealingSecret};
use medveil_custody::{CustodyError, Vault};
use medveil_ledger::LedgerError;
use medveil_prover::{KeyStoreError, SetupError};
use rand::{CryptoRng, RngCore};
use schemars::JsonSchema;
use serde::Serialize;
use std::path::{Path, PathBuf};

/// Why keys could not be listed, imported or published.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// A file cannot be read.
    #[error("{}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The key store holds something else than keys.
    #[error(transparent)]
    Store(#[from] KeyStoreError),
    /// The files are no pair of keys.
    #[error(
        "expected a MedVeil verifying key (DIGEST.vk of a key store) in {} and the proving key that belongs to it (DIGEST.zkey) in {}", verifying.display(), proving.display()
    )]
    Pair {
        verifying: PathBuf,
        proving: PathBuf,
        source: KeyStoreError,
    },
    /// The circuit that the verifying key names.
    #[error(transparent)]
    Circuit(#[from] KnownCircuitError),
    /// The thread that checked the keys ended early.
    #[error("keys: stopped")]
    Stopped(#[source] tokio::task::JoinError),
    /// The organisation's secret for requests is not a valid one.
    #[error(transparent)]
    Sealing(#[from] SealingError),
    /// The key that is to be replaced is not the one that is published.
    #[error(
        "the key {} is not the one to be replaced: {}", hex::encode(.named.to_bytes()), published(.key)
    )]
    NotPublished {
        named: SealingKey,
        key: Option<SealingKey>,
    },
    /// A vault.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The ledger or the home.
    #[error(transparent)]
    Session(#[from] SessionError),
}

fn published(key: &Option<SealingKey>) -> String {
    match key {
        Some(key) => format!("{} is published", hex::encode(key.to_bytes())),
        None => "none is published".to_owned(),
    }
}

impl From<CustodyError> for KeysError {
    fn from(error: CustodyError) -> Self {
        KeysError::Keyring(error.into())
    }
}

impl Classify for KeysError {
    fn kind(&self) -> Kind {
        match self {
            KeysError::File { source, .. } => kind_of_io(source),
            KeysError::Store(e) => e.kind(),
            KeysError::Sealing(_) => Kind::Input,
            KeysError::NotPublished { .. } => Kind::Refused,
            KeysError::Pair { source, .. } => match source {
                KeyStoreError::Io { source, .. } => kind_of_io(source),
                KeyStoreError::Missing { .. }
                | KeyStoreError::Damaged { .. }
                | KeyStoreError::Size { .. }
                | KeyStoreError::Format { .. }
                | KeyStoreError::Earlier { .. }
                | KeyStoreError::Key(_) => Kind::Input,
            },
            KeysError::Circuit(e) => e.kind(),
            KeysError::Stopped(_) => Kind::Internal,
            KeysError::Keyring(e) => e.kind(),
            KeysError::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            KeysError::Session(e) => e.ledger(),
            KeysError::File { .. }
            | KeysError::Store(_)
            | KeysError::Pair { .. }
            | KeysError::Circuit(_)
            | KeysError::Stopped(_)
            | KeysError::NotPublished { .. }
            | KeysError::Sealing(_)
            | KeysError::Keyring(_) => None,
        }
    }
}

/// The keys of the key store.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeyList {
    pub keys: Vec<KeyLine>,
}

/// One verifying key.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeyLine {
    /// Name and version.
    pub circuit: String,
    /// Digest of the verifying key.
    #[schemars(with = "String")]
    pub key: Digest,
    /// Whether whoever knows a public seed could forge its proofs.
    pub insecure: bool,
    /// Digest of the transcript of the ceremony that made it.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ceremony: Option<Digest>,
    /// Whether the proving key is there too.
    pub proving: bool,
}

impl Step for KeyList {
    const NAME: &'static str = "keys.list";
    const VERSION: u32 = 2;
}

/// Lists the keys of the key store.
///
/// **Errors**: the folder cannot be read or holds a damaged key.
pub fn list(session: &Session) -> Result<KeyList, KeysError> {
    let mut keys = Vec::new();
    for key in session.keys.verifying_keys()? {
        keys.push(KeyLine {
            circuit: key.circuit().to_owned(),
            key: key.digest(),
            insecure: key.provenance() == Provenance::InsecureDev,
            ceremony: match key.provenance() {
                Provenance::InsecureDev => None,
                Provenance::Ceremony(transcript) => Some(transcript),
            },
            proving: session.keys.has_proving(key.digest()),
        });
    }
    Ok(KeyList { keys })
}

/// A pair of keys is in the key store.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeysImported {
    /// Name and version.
    pub circuit: String,
    /// Digest of the verifying key.
    #[schemars(with = "String")]
    pub key: Digest,
}

impl Step for KeysImported {
    const NAME: &'static str = "keys.import";
}

/// Why the thread that checks keys did not store them.
#[derive(Debug, thiserror::Error)]
enum ImportError {
    #[error(transparent)]
    Setup(#[from] SetupError),
    #[error(transparent)]
    Store(#[from] KeyStoreError),
}

/// Imports a pair of keys made elsewhere, after checking every point, and that they are of a circuit
/// of this program and of its size.
///
/// **Errors**: a file that is no key, two that do not belong together, a circuit that this program
/// does not have, or keys of another one under its name; nothing is stored then.
pub async fn import(
    session: &Session,
    verifying: &Path,
    proving: &Path,
) -> Result<KeysImported, KeysError> {
    let read = |path: &Path, limit: u64| {
        infile::bytes(path, limit).map_err(|source| KeysError::File {
            path: path.to_owned(),
            source,
        })
    };
    let public = read(verifying, infile::LONGEST_TEXT)?;
    let private = read(proving, infile::LONGEST_KEY)?;
    let pair = |source| KeysError::Pair {
        verifying: verifying.to_owned(),
        proving: proving.to_owned(),
        source,
    };
    // A key of a circuit that nothing here proves or verifies would wait there for one.
    let named = AnyVerifyingKey::parse(&public).map_err(|e| pair(e.into()))?;
    let circuit = known_circuits::of_key(&named)?;
    let store = session.keys.clone();
    let task = session.progress.begin("checking the keys", None);
    let work = move || -> Result<AnyVerifyingKey, ImportError> {
        Ok(store.import(&public, private, &circuit.synthesize()?)?)
    };
    let imported = tokio::task::spawn_blocking(work).await;
    drop(task);
    let key = imported.map_err(KeysError::Stopped)?.map_err(|e| match e {
        ImportError::Setup(e) => KeysError::Circuit(e.into()),
        ImportError::Store(source @ KeyStoreError::Size { .. }) => KeysError::Store(source),
        ImportError::Store(source) => pair(source),
    })?;
    Ok(KeysImported {
        circuit: key.circuit().to_owned(),
        key: key.digest(),
    })
}

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

#[cfg(test)]
mod tests;
