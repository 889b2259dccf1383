//! For tests of journeys: a home of one hospital, a ledger that answers what a test says, and work
//! that is interrupted.

#![allow(clippy::unwrap_used)]

use crate::actor::Actor;
use crate::home::Home;
use crate::keyring::Keyring;
use crate::progress::{Progress, Quiet, Task};
use crate::session::{Session, SessionParts};
use async_trait::async_trait;
use medveil_circuits::field::Digest;
use medveil_circuits::statement::Synthesize;
use medveil_collections_config::{CollectionsConfig, Consortium, MspId, Role, SharingGroups};
use medveil_contract::{Code, ContractError};
use medveil_custody::{PassphraseSource, read_kept, write_file, write_secret_file};
use medveil_ledger::{
    AuditSource, BlockRecord, Committed, Ledger, LedgerError, Listen, Notices, Settled,
    Transaction, TransactionRecord,
};
use medveil_msp::{Certificate, Founded, Identity, Validity};
use medveil_prover::{KeyStore, development_keys};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use rayon::ThreadPoolBuilder;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// Within the validity of the certificates here.
const NOW: u64 = 1_800_000_000_000;
const CONSORTIUM: &str = include_str!("../../../data/quickstart/consortium.json");
const GROUPS: &str = include_str!("../../../data/quickstart/sharing-groups.json");
/// A per-record schema with a whole number, a decimal and a code.
pub const SCHEMA: &str = r#"{"format": "medveil-schema-1", "rows": "per_record",
  "subject": {"header": "patient"}, "columns": [
  {"name": "age", "type": "int", "min": 0, "max": 120, "source": {"header": "age"}},
  {"name": "smoker", "type": "code", "codes": ["no", "yes"], "source": {"header": "smoker"}}]}"#;

pub fn hospital() -> MspId {
    MspId::new("HospitalA").unwrap()
}

/// Forty patients of 20 to 59 years, every second a smoker: three chunks of 16 rows.
pub fn patients() -> String {
    let smokes = |p: u32| if p.is_multiple_of(2) { "yes" } else { "no" };
    let row = |p: u32| format!("p{p},{},{}\n", 20 + p, smokes(p));
    let rows: String = (0..40).map(row).collect();
    format!("patient,age,smoker\n{rows}")
}

/// A home with the hospital's identity and vault.
pub struct TestHome {
    folder: TempDir,
    pub ledger: Arc<TestLedger>,
}

impl TestHome {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Arc::new(TestLedger::default());
        let home = TestHome { folder, ledger };
        let path = home.path("passphrase");
        write_secret_file(&path, b"correct horse battery staple").unwrap();
        let consortium = CONSORTIUM.replace("@NONCE@", &"ab".repeat(16));
        let consortium = Consortium::from_json(&consortium).unwrap();
        let groups = SharingGroups::from_json(GROUPS, &consortium).unwrap();
        let collections = CollectionsConfig::derive(&consortium, &groups).unwrap();
        write_file(&home.home().consortium(), &consortium.to_canonical()).unwrap();
        write_file(&home.home().collections(), collections.to_json().as_bytes()).unwrap();
        home.found_hospital();
        home
    }

    fn found_hospital(&self) {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let founded = Founded::new(&hospital(), Validity::years_from(NOW, 10), &mut rng).unwrap();
        let actor = Actor::organisation(hospital());
        let vault = self.keyring().open_or_create(&actor, &mut rng).unwrap();
        let key = founded.client.export_key().unwrap();
        vault.put("msp-client", &key, &mut rng).unwrap();
        let certificate = Certificate::from_der(&founded.client.creator().certificate).unwrap();
        let path = self.home().certificate(&hospital(), Role::Client);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        write_file(&path, certificate.to_pem().as_bytes()).unwrap();
    }

    pub fn home(&self) -> Home {
        Home::new(self.folder.path())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the test.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name)
    }

    fn keyring(&self) -> Keyring {
        let source = PassphraseSource::File(self.path("passphrase"));
        Keyring::new(self.home(), Some(source))
    }

    pub fn session(&self) -> Session {
        self.session_with(Arc::new(Quiet), 2)
    }

    /// A session that is interrupted at some step of a task. It proves one statement at a time.
    pub fn interrupted(&self, what: &'static str, at: u64) -> Session {
        self.session_with(Arc::new(Interrupt { what, at }), 1)
    }

    fn session_with(&self, progress: Arc<dyn Progress>, threads: usize) -> Session {
        let pool = ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        Session::new(SessionParts {
            person: None,
            home: self.home(),
            keyring: self.keyring(),
            ledger: self.ledger.clone(),
            progress,
            rng: crate::startup::rng().unwrap(),
            pool,
        })
        .unwrap()
    }

    /// Makes development keys of a circuit and lets the ledger call them active.
    pub fn activate<S: Synthesize>(&self) -> Digest {
        let (verifying, proving) = development_keys::<S>().unwrap();
        let store = KeyStore::open(&self.home().key_store()).unwrap();
        store.save(&verifying, &proving).unwrap();
        let key = verifying.digest();
        let circuit = S::CIRCUIT.to_string();
        let query = format!("GetActiveCircuit {circuit}");
        self.ledger.answer(&query, Ok(json!({ "key": key })));
        key
    }
}

/// What a test says that the ledger answers: JSON, or a refusal.
type Answer = Result<Value, Code>;

/// A ledger that answers what a test says, and knows nothing else.
#[derive(Default)]
pub struct TestLedger(Mutex<BTreeMap<String, Answer>>);

impl TestLedger {
    /// `call` is a function's name, or the name and the first argument of a query.
    pub fn answer(&self, call: &str, answer: Answer) {
        self.0.lock().unwrap().insert(call.to_owned(), answer);
    }

    fn find(&self, args: &[Vec<u8>]) -> Result<Vec<u8>, LedgerError> {
        let text = |i: usize| args.get(i).map(|a| String::from_utf8_lossy(a).into_owned());
        let name = text(0).unwrap_or_default();
        let longer = format!("{name} {}", text(1).unwrap_or_default());
        let answers = self.0.lock().unwrap();
        let found = answers.get(&longer).or_else(|| answers.get(&name)).cloned();
        match found.unwrap_or(Err(Code::NotFound)) {
            Ok(value) => Ok(value.to_string().into_bytes()),
            Err(code) => Err(LedgerError::Refused {
                tx_id: "77".repeat(32),
                peer: hospital(),
                error: ContractError::new(code, "test", "the contract's own words"),
            }),
        }
    }
}

#[async_trait]
impl Ledger for TestLedger {
    async fn submit(
        &self,
        _: &Arc<Identity>,
        transaction: Transaction,
        _: Vec<Vec<MspId>>,
    ) -> Result<Committed, LedgerError> {
        Ok(Committed {
            payload: self.find(&transaction.args)?,
            tx_id: "77".repeat(32),
            block: 7,
            tx: None,
        })
    }

    async fn evaluate(
        &self,
        _: &Arc<Identity>,
        args: Vec<Vec<u8>>,
    ) -> Result<Vec<u8>, LedgerError> {
        self.find(&args)
    }

    async fn confirm(
        &self,
        _: &Arc<Identity>,
        args: Vec<Vec<u8>>,
        _: Vec<Vec<MspId>>,
    ) -> Result<Vec<u8>, LedgerError> {
        self.find(&args)
    }

    async fn settle(&self, _: &Arc<Identity>) -> Result<Vec<Settled>, LedgerError> {
        Ok(Vec::new())
    }

    async fn height(&self, _: &Arc<Identity>) -> Result<u64, LedgerError> {
        Ok(0)
    }

    async fn block(&self, _: &Arc<Identity>, _: u64) -> Result<BlockRecord, LedgerError> {
        Err(nothing())
    }

    async fn transaction(
        &self,
        _: &Arc<Identity>,
        _: &str,
    ) -> Result<TransactionRecord, LedgerError> {
        Err(nothing())
    }

    fn notices<'a>(&'a self, _: &'a Arc<Identity>, _: Listen) -> Notices<'a> {
        Box::pin(tokio_stream::empty())
    }

    async fn genesis(&self) -> Result<String, LedgerError> {
        Err(nothing())
    }

    fn audit_source(&self) -> AuditSource<'_> {
        AuditSource::Files(PathBuf::new())
    }

    fn now_ms(&self) -> u64 {
        NOW
    }
}

fn nothing() -> LedgerError {
    let what = "anything".to_owned();
    LedgerError::NotFound { what }
}

/// Stops work at the so-manieth step of a task, as a machine that goes away would.
struct Interrupt {
    what: &'static str,
    at: u64,
}

struct Steps {
    done: AtomicU64,
    at: Option<u64>,
}

impl Task for Steps {
    fn advance(&self) {
        let done = self.done.fetch_add(1, Ordering::SeqCst) + 1;
        assert!(self.at != Some(done), "interrupted by the test");
    }
}

impl Progress for Interrupt {
    fn begin(&self, what: &str, _: Option<u64>) -> Box<dyn Task> {
        Box::new(Steps {
            done: AtomicU64::new(0),
            at: (what == self.what).then_some(self.at),
        })
    }

    fn note(&self, _: &str) {}
}

/// The proofs that an interrupted piece of work has kept.
pub fn kept_proofs(home: &Home, work: &str) -> Vec<Vec<u8>> {
    let folder = home.drafts(&Actor::organisation(hospital())).join(work);
    let is_proof = |path: &Path| path.extension().is_some_and(|e| e == "proof");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|e| e.path()).filter(|path| is_proof(path));
    let read = |path: PathBuf| {
        let what = path.file_name().unwrap().to_str().unwrap();
        read_kept(&path, what, 1 << 20).unwrap().to_vec()
    };
    paths.map(read).collect()
}

/// A kept file as damage, another file or an earlier build would leave it.
pub fn changed(kept: &[u8]) -> Vec<Vec<u8>> {
    let flipped = |at: usize| {
        let mut bytes = kept.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    let ends = [
        0,
        15,
        16,
        17,
        kept.len() / 2,
        kept.len() - 33,
        kept.len() - 1,
    ];
    let mut all: Vec<Vec<u8>> = ends.into_iter().map(flipped).collect();
    all.push(kept[..kept.len() - 1].to_vec());
    all.push([kept, b"\0"].concat());
    all.push(kept[16..kept.len() - 32].to_vec());
    all
}
