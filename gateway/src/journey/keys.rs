//! The key store, and the published key of an organisation.

mod publish;

pub use publish::{KeyPublished, Publication, publish};

use super::known_circuits::{self, KnownCircuitError};
use crate::classify::{Classify, Kind, kind_of_io};
use crate::infile;
use crate::keyring::KeyringError;
use crate::session::{Session, SessionError};
use crate::step::Step;
use medveil_circuits::field::Digest;
use medveil_circuits::verify::{AnyVerifyingKey, Provenance};
use medveil_custody::CustodyError;
use medveil_custody::sealing::{SealingError, SealingKey};
use medveil_ledger::LedgerError;
use medveil_prover::{KeyStoreError, SetupError};
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
    let read = |path: &Path, limit: u64, magic: &str| {
        infile::bytes_of(path, limit, magic).map_err(|source| KeysError::File {
            path: path.to_owned(),
            source,
        })
    };
    let public = read(verifying, infile::LONGEST_TEXT, "")?;
    let private = read(proving, infile::LONGEST_KEY, "zkey")?;
    let pair = |source| KeysError::Pair {
        verifying: verifying.to_owned(),
        proving: proving.to_owned(),
        source,
    };
    // A key of a circuit that nothing here proves or verifies would wait there for one.
    let named = AnyVerifyingKey::parse(&public).map_err(|e| pair(e.into()))?;
    let circuit = known_circuits::of_key(&named)?;
    let (store, pool) = (session.keys.clone(), session.pool.clone());
    let task = session.progress.begin("checking the keys", None);
    let work = move || -> Result<AnyVerifyingKey, ImportError> {
        let matrices = circuit.synthesize()?;
        // Its points are checked on as many threads as were asked for.
        Ok(pool.install(|| store.import(&public, private, &matrices))?)
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

#[cfg(test)]
mod tests;
