//! A small contract and a consortium of four for the tests of the ledger.

#![allow(clippy::unwrap_used, missing_docs)]

use crate::*;
use medveil_collections_config::CollectionName;
use medveil_contract::{Code, ContractError, Ledger, StateKey};
use medveil_embedded_wire::Genesis;
use medveil_ledger::{Clock, Committed, LedgerError, Transaction};
pub use medveil_msp::testing::{MAJORITY, NOW, ORGS, consortium, groups, msp, msps};
use medveil_msp::{Founded, Identity, Validity};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering as Memory};

pub fn implicit(name: &str) -> CollectionName {
    CollectionName::implicit(&msp(name))
}

pub struct ManualClock(AtomicU64);

impl ManualClock {
    pub fn set(&self, at_ms: u64) {
        self.0.store(at_ms, Memory::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_ms(&self) -> u64 {
        self.0.load(Memory::SeqCst)
    }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or("?")
}
fn refuse(what: &str) -> ContractError {
    ContractError::new(Code::Refused, "test", what)
}

/// The arguments of one call of the test contract.
struct Args<'a>(&'a [Vec<u8>]);

impl Args<'_> {
    fn get(&self, at: usize) -> Vec<u8> {
        self.0.get(at).cloned().unwrap_or_default()
    }
    fn key(&self, at: usize) -> Result<StateKey, ContractError> {
        StateKey::parse(text(&self.get(at)))
            .map_err(|e| ContractError::new(Code::BadInput, "key", e))
    }
    fn collection(&self) -> Result<CollectionName, ContractError> {
        text(&self.get(1)).parse().map_err(|_| refuse("collection"))
    }
}

/// The private value that came with a call.
fn private_value(view: &Simulator) -> Result<Vec<u8>, ContractError> {
    let value = view.tx().transient.get("value").cloned();
    value.ok_or_else(|| refuse("no value"))
}

/// The test contract: each call one small use of the ledger.
pub fn run(view: &mut Simulator, args: &[Vec<u8>]) -> Result<Vec<u8>, ContractError> {
    let args = Args(args);
    poll_ready(async {
        match text(&args.get(0)) {
            "store" | "receive" | "fetch" | "confirm" => private_call(view, &args).await,
            _ => public_call(view, &args).await,
        }
    })
}

async fn public_call(view: &mut Simulator, args: &Args<'_>) -> Result<Vec<u8>, ContractError> {
    match text(&args.get(0)) {
        "put" => {
            view.put(&args.key(1)?, args.get(2)).await?;
            view.emit("put", args.get(1))?;
            Ok(args.get(2))
        }
        // Read, refuse, write: as nullifiers are used.
        "spend" => {
            if view.get(&args.key(1)?).await?.is_some() {
                return Err(refuse("spent"));
            }
            view.put(&args.key(1)?, args.get(2)).await?;
            Ok(Vec::new())
        }
        "get" => Ok(view.get(&args.key(1)?).await?.unwrap_or_default()),
        "increment" => {
            let old = view.get(&args.key(1)?).await?.unwrap_or_default();
            let next = text(&old).parse::<u64>().unwrap_or(0) + 1;
            view.put(&args.key(1)?, next.to_string().into_bytes())
                .await?;
            Ok(Vec::new())
        }
        "put-then-get" => {
            view.put(&args.key(1)?, args.get(2)).await?;
            Ok(view.get(&args.key(1)?).await?.unwrap_or_default())
        }
        "scan" => {
            let page = view.scan(&args.key(1)?, 2, text(&args.get(2))).await?;
            let keys: Vec<String> = page.entries.iter().map(|(k, _)| k.to_string()).collect();
            Ok(format!("{}|{}", keys.join(","), page.bookmark).into_bytes())
        }
        "scan-then-put" => {
            view.scan(&args.key(1)?, 2, "").await?;
            view.put(&args.key(1)?, args.get(2)).await?;
            Ok(Vec::new())
        }
        "two-events" => {
            view.emit("a", Vec::new())?;
            view.emit("b", Vec::new())?;
            Ok(Vec::new())
        }
        "whoami" => {
            let caller = &view.tx().caller;
            Ok(format!("{}.{}", caller.msp_id, caller.role).into_bytes())
        }
        _ => Err(refuse("no such function")),
    }
}

async fn private_call(view: &mut Simulator, args: &Args<'_>) -> Result<Vec<u8>, ContractError> {
    let collection = args.collection()?;
    match text(&args.get(0)) {
        // store COLLECTION KEY [public]: the value comes in the transient map.
        "store" => {
            let value = private_value(view)?;
            view.put_private(&collection, &args.key(2)?, value).await?;
            if !args.get(3).is_empty() {
                view.put(&args.key(3)?, b"1".to_vec()).await?;
            }
            Ok(Vec::new())
        }
        // As `store`, for the peer of the collection's owner only.
        "receive" => {
            if collection.owner() != Some(&view.tx().peer_msp) {
                return Err(refuse("not this peer"));
            }
            let value = private_value(view)?;
            view.put_private(&collection, &args.key(2)?, value).await?;
            Ok(Vec::new())
        }
        "fetch" => {
            let found = view.get_private(&collection, &args.key(2)?).await?;
            Ok(found.unwrap_or_default())
        }
        // Writes that a private value is there: as a delivery is confirmed.
        _ => {
            let hash = view.private_hash(&collection, &args.key(2)?).await?;
            let hash = hash.ok_or_else(|| refuse("not there"))?.to_vec();
            view.put(&args.key(3)?, hash.clone()).await?;
            Ok(hash)
        }
    }
}

/// A consortium of four organisations in a temporary folder.
pub struct World {
    pub dir: tempfile::TempDir,
    pub orgs: Vec<Founded>,
    pub genesis: Genesis,
    pub clock: Arc<ManualClock>,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let validity = Validity::years_from(NOW, 10);
        let orgs: Vec<Founded> = ORGS
            .iter()
            .map(|o| Founded::new(&msp(o), validity, &mut rng).unwrap())
            .collect();
        let consortium = consortium();
        let roots = orgs.iter().map(|o| o.authority.msp().unwrap()).collect();
        let genesis = Genesis::new(
            "medveil",
            "medveil",
            &consortium,
            &groups(&consortium),
            roots,
        );
        let world = World {
            dir: tempfile::tempdir().unwrap(),
            orgs,
            genesis,
            clock: Arc::new(ManualClock(AtomicU64::new(NOW))),
        };
        EmbeddedLedger::create(&world.root(), &world.genesis, &world.peers()).unwrap();
        world
    }

    pub fn root(&self) -> std::path::PathBuf {
        self.dir.path().join("ledger")
    }

    pub fn org(&self, name: &str) -> &Founded {
        self.orgs
            .iter()
            .find(|o| o.authority.msp_id().as_str() == name)
            .unwrap()
    }

    fn copy(identity: &Identity) -> Identity {
        let certificate =
            medveil_msp::Certificate::from_der(&identity.creator().certificate).unwrap();
        let key = medveil_msp::SecretKey::from_bytes(&identity.export_key().unwrap()).unwrap();
        Identity::new(identity.msp_id().clone(), &certificate, key).unwrap()
    }

    pub fn peers(&self) -> Vec<Identity> {
        self.orgs.iter().map(|o| World::copy(&o.peer)).collect()
    }

    pub fn client(&self, name: &str) -> Arc<Identity> {
        Arc::new(World::copy(&self.org(name).client))
    }

    pub fn options(&self) -> Options {
        Options {
            clock: self.clock.clone(),
            rng: Box::new(ChaCha20Rng::from_entropy_of_test()),
            chaincode: Arc::new(|_, _| Ok(Arc::new(run))),
            faults: Arc::new(NoFaults),
        }
    }

    pub fn open(&self) -> EmbeddedLedger {
        self.try_open(self.options()).unwrap()
    }

    /// Opens with other contracts or faults.
    pub fn open_with(&self, change: impl FnOnce(&mut Options)) -> EmbeddedLedger {
        let mut options = self.options();
        change(&mut options);
        self.try_open(options).unwrap()
    }

    /// Copies the whole folder.
    pub fn backup(&self, name: &str) -> std::path::PathBuf {
        let to = self.dir.path().join(name);
        copy_folder(&self.root(), &to);
        to
    }

    pub fn try_open(&self, options: Options) -> Result<EmbeddedLedger, OpenError> {
        EmbeddedLedger::open(&self.root(), options)
    }

    pub fn client_of(&self, ledger: &EmbeddedLedger, org: &str) -> EmbeddedClient {
        ledger.client(self.client(org)).unwrap()
    }
}

/// Every opening in a test draws other transaction ids.
trait TestEntropy {
    fn from_entropy_of_test() -> Self;
}
impl TestEntropy for ChaCha20Rng {
    fn from_entropy_of_test() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        ChaCha20Rng::seed_from_u64(NEXT.fetch_add(1, Memory::SeqCst))
    }
}

pub fn args(parts: &[&str]) -> Vec<Vec<u8>> {
    parts.iter().map(|p| p.as_bytes().to_vec()).collect()
}
pub fn call(parts: &[&str], endorsers: &[&str]) -> Transaction {
    Transaction::call(args(parts), msps(endorsers))
}
pub fn private(parts: &[&str], endorsers: &[&str], value: &[u8]) -> Transaction {
    let mut tx = call(parts, endorsers);
    tx.transient.insert("value".to_string(), value.to_vec());
    tx
}
pub fn submit(backend: &EmbeddedClient, tx: Transaction) -> Result<Committed, LedgerError> {
    backend.submit(&tx)
}
pub fn ask(backend: &EmbeddedClient, parts: &[&str]) -> Result<Vec<u8>, LedgerError> {
    backend.evaluate(&Transaction::query(args(parts)))
}

pub fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
