//! What tests of journeys share: a founded home, a ledger that nobody answers for, all words of an
//! error.

mod scripted;

pub(crate) use scripted::{ScriptedHome, org, person};

use super::consortium::{self, ConsortiumFounded};
use crate::home::Home;
use crate::keyring::Keyring;
use crate::session::Session;
use crate::startup::Startup;
use async_trait::async_trait;
use medveil_collections_config::MspId;
use medveil_custody::{PassphraseSource, write_secret_file};
use medveil_ledger::{
    AuditSource, BlockRecord, Committed, Ledger, LedgerError, Listen, Notice, Notices, Settled,
    SystemClock, Transaction, TransactionRecord,
};
use medveil_msp::Identity;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// The template's consortium with an embedded ledger.
pub(crate) struct TestHome {
    pub(crate) dir: TempDir,
    pub(crate) session: Session,
    pub(crate) founded: ConsortiumFounded,
}

impl TestHome {
    /// Founded, and known to its ledger.
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let home = Home::new(dir.path().join("home"));
        let file = dir.path().join("passphrase");
        write_secret_file(&file, b"correct horse battery").unwrap();
        let passphrase = Some(PassphraseSource::File(file));
        let keyring = Keyring::new(home.clone(), passphrase);
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let files = consortium::files(&home, None, None, &mut rng).unwrap();
        consortium::found(&home, &keyring, &files, &SystemClock, &mut rng).unwrap();
        let session = Startup::new(home).open_with(Some(keyring)).unwrap();
        TestHome {
            founded: consortium::bootstrap(&session).await.unwrap(),
            dir,
            session,
        }
    }

    /// As [`TestHome::new`] where nobody can open a vault.
    pub(crate) async fn without_passphrase() -> Self {
        let home = TestHome::new().await;
        let nowhere = PassphraseSource::File(home.dir.path().join("nowhere"));
        let startup = Startup {
            passphrases: Some(nowhere).into(),
            ..Startup::new(home.session.home.clone())
        };
        TestHome {
            session: startup.open().unwrap(),
            ..home
        }
    }
}

/// The fields that a test names of an answer's JSON.
pub(crate) fn fields<T: DeserializeOwned>(answer: &impl Serialize) -> T {
    serde_json::from_value(serde_json::to_value(answer).unwrap()).unwrap()
}

/// An organisation of the template.
pub(crate) fn hospital() -> MspId {
    MspId::new("HospitalA").unwrap()
}

/// A ledger whose peers are gone. Listening gives what was prepared, one list each time, and each
/// list but the last ends as a broken connection does.
pub(crate) struct GoneLedger {
    pub(crate) prepared: Mutex<Vec<Vec<Notice>>>,
    pub(crate) reader: Arc<Identity>,
}

fn gone() -> LedgerError {
    LedgerError::Unreachable("connection refused".into())
}

#[async_trait]
impl Ledger for GoneLedger {
    async fn submit(
        &self,
        _: &Arc<Identity>,
        _: Transaction,
        _: Vec<Vec<MspId>>,
    ) -> Result<Committed, LedgerError> {
        Err(gone())
    }

    async fn evaluate(&self, _: &Arc<Identity>, _: Vec<Vec<u8>>) -> Result<Vec<u8>, LedgerError> {
        Err(gone())
    }

    async fn confirm(
        &self,
        _: &Arc<Identity>,
        _: Vec<Vec<u8>>,
        _: Vec<Vec<MspId>>,
    ) -> Result<Vec<u8>, LedgerError> {
        Err(gone())
    }

    async fn settle(&self, _: &Arc<Identity>) -> Result<Vec<Settled>, LedgerError> {
        Err(gone())
    }

    async fn height(&self, _: &Arc<Identity>) -> Result<u64, LedgerError> {
        Err(gone())
    }

    async fn block(&self, _: &Arc<Identity>, _: u64) -> Result<BlockRecord, LedgerError> {
        Err(gone())
    }

    async fn transaction(
        &self,
        _: &Arc<Identity>,
        _: &str,
    ) -> Result<TransactionRecord, LedgerError> {
        Err(gone())
    }

    fn notices<'a>(&'a self, _: &'a Arc<Identity>, _: Listen) -> Notices<'a> {
        let mut prepared = self.prepared.lock().unwrap();
        let next = if prepared.is_empty() {
            Vec::new()
        } else {
            prepared.remove(0)
        };
        let end = (!prepared.is_empty()).then(|| Err(gone()));
        Box::pin(tokio_stream::iter(next.into_iter().map(Ok).chain(end)))
    }

    async fn genesis(&self) -> Result<String, LedgerError> {
        Ok("00".repeat(32))
    }

    fn audit_source(&self) -> AuditSource<'_> {
        AuditSource::Files("nowhere".into())
    }

    fn reader(&self, _: &MspId) -> Option<Arc<Identity>> {
        Some(self.reader.clone())
    }

    fn now_ms(&self) -> u64 {
        0
    }
}
