//! A ledger that gives some answers itself, so that a test can have requests, votes and refusals
//! without proofs.

use super::TestHome;
use crate::actor::Actor;
use crate::keyring::Keyring;
use crate::progress::Quiet;
use crate::session::{Session, SessionParts};
use crate::startup;
use async_trait::async_trait;
use medveil_collections_config::MspId;
use medveil_contract::{Code, ContractError};
use medveil_custody::PassphraseSource;
use medveil_embedded::{SharedLedger, medveil_contract};
use medveil_ledger::{
    AuditSource, BlockRecord, Committed, Ledger, LedgerError, Listen, Notices, Settled,
    SystemClock, Transaction, TransactionRecord,
};
use medveil_msp::Identity;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

pub(crate) fn org(name: &str) -> MspId {
    MspId::new(name).unwrap()
}

pub(crate) fn person(name: &str) -> Actor {
    Actor::parse(name).unwrap()
}

/// The template's consortium over a [`ScriptedLedger`].
pub(crate) struct ScriptedHome {
    pub(crate) session: Session,
    pub(crate) ledger: Arc<ScriptedLedger>,
    dir: TempDir,
}

impl ScriptedHome {
    pub(crate) async fn new() -> Self {
        let TestHome { dir, session, .. } = TestHome::new().await;
        let home = session.home.clone();
        drop(session);
        let (rng, contract) = (startup::rng().unwrap(), medveil_contract(true));
        let on_wait = Arc::new(|_: &Path| {});
        let clock = Arc::new(SystemClock);
        let inner = SharedLedger::new(&home.ledger(), clock, rng, contract, on_wait);
        let ledger = Arc::new(ScriptedLedger {
            inner,
            scripts: Mutex::default(),
            own: Mutex::default(),
        });
        let passphrase = PassphraseSource::File(dir.path().join("passphrase"));
        let session = Session::new(SessionParts {
            person: None,
            keyring: Keyring::new(home.clone(), Some(passphrase)),
            ledger: ledger.clone(),
            progress: Arc::new(Quiet),
            rng: startup::rng().unwrap(),
            pool: startup::pool().unwrap(),
            home,
        });
        ScriptedHome {
            session: session.unwrap(),
            ledger,
            dir,
        }
    }

    /// A place beside the home.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
}

/// What a function answers instead of the contract.
enum Script {
    Reply(Vec<u8>),
    Refusal(Code, &'static str),
}

/// The embedded ledger, but for functions whose answers a test gave.
pub(crate) struct ScriptedLedger {
    inner: SharedLedger,
    scripts: Mutex<BTreeMap<&'static str, Script>>,
    /// What the own peer says and no other does.
    own: Mutex<BTreeMap<&'static str, Vec<u8>>>,
}

impl ScriptedLedger {
    /// From now on this function answers so.
    pub(crate) fn reply(&self, function: &'static str, reply: &impl Serialize) {
        let reply = Script::Reply(serde_json::to_vec(reply).unwrap());
        self.scripts.lock().unwrap().insert(function, reply);
    }

    /// From now on the own peer answers so, where it is asked alone.
    pub(crate) fn own_peer_says(&self, function: &'static str, reply: &impl Serialize) {
        let reply = serde_json::to_vec(reply).unwrap();
        self.own.lock().unwrap().insert(function, reply);
    }

    /// From now on this function is refused so.
    pub(crate) fn refuse(&self, function: &'static str, code: Code, stage: &'static str) {
        let refusal = Script::Refusal(code, stage);
        self.scripts.lock().unwrap().insert(function, refusal);
    }

    fn script(&self, args: &[Vec<u8>]) -> Option<Result<Vec<u8>, LedgerError>> {
        let scripts = self.scripts.lock().unwrap();
        let name = std::str::from_utf8(&args[0]).unwrap();
        Some(match scripts.get(name)? {
            Script::Reply(bytes) => Ok(bytes.clone()),
            Script::Refusal(code, stage) => Err(LedgerError::Refused {
                tx_id: "0".repeat(64),
                peer: org("HospitalA"),
                error: ContractError::new(*code, stage, "as the test says"),
            }),
        })
    }
}

#[async_trait]
impl Ledger for ScriptedLedger {
    async fn submit(
        &self,
        signer: &Arc<Identity>,
        transaction: Transaction,
        endorsers: Vec<Vec<MspId>>,
    ) -> Result<Committed, LedgerError> {
        match self.script(&transaction.args) {
            Some(scripted) => scripted.map(|payload| Committed {
                tx_id: "1".repeat(64),
                block: 7,
                tx: None,
                payload,
            }),
            None => self.inner.submit(signer, transaction, endorsers).await,
        }
    }

    async fn evaluate(
        &self,
        signer: &Arc<Identity>,
        args: Vec<Vec<u8>>,
    ) -> Result<Vec<u8>, LedgerError> {
        let name = String::from_utf8_lossy(&args[0]).into_owned();
        let own = self.own.lock().unwrap().get(name.as_str()).cloned();
        match own.map(Ok).or_else(|| self.script(&args)) {
            Some(scripted) => scripted,
            None => self.inner.evaluate(signer, args).await,
        }
    }

    async fn confirm(
        &self,
        signer: &Arc<Identity>,
        args: Vec<Vec<u8>>,
        at: Vec<Vec<MspId>>,
    ) -> Result<Vec<u8>, LedgerError> {
        match self.script(&args) {
            Some(scripted) => scripted,
            None => self.inner.confirm(signer, args, at).await,
        }
    }

    async fn settle(&self, signer: &Arc<Identity>) -> Result<Vec<Settled>, LedgerError> {
        self.inner.settle(signer).await
    }

    async fn height(&self, signer: &Arc<Identity>) -> Result<u64, LedgerError> {
        self.inner.height(signer).await
    }

    async fn block(&self, signer: &Arc<Identity>, number: u64) -> Result<BlockRecord, LedgerError> {
        self.inner.block(signer, number).await
    }

    async fn transaction(
        &self,
        signer: &Arc<Identity>,
        tx_id: &str,
    ) -> Result<TransactionRecord, LedgerError> {
        self.inner.transaction(signer, tx_id).await
    }

    fn notices<'a>(&'a self, signer: &'a Arc<Identity>, listen: Listen) -> Notices<'a> {
        self.inner.notices(signer, listen)
    }

    async fn genesis(&self) -> Result<String, LedgerError> {
        self.inner.genesis().await
    }

    fn audit_source(&self) -> AuditSource<'_> {
        self.inner.audit_source()
    }

    fn reader(&self, org: &MspId) -> Option<Arc<Identity>> {
        self.inner.reader(org)
    }

    fn now_ms(&self) -> u64 {
        self.inner.now_ms()
    }

    fn release(&self) {
        self.inner.release();
    }
}
