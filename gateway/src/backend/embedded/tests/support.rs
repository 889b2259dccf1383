//! A small contract and a consortium of four for the tests of the ledger.

use super::super::*;
use crate::backend::{Backend, BackendError, Clock, Committed, Transaction, block_on};
use crate::msp::{Founded, Validity};
use collections_config::{CollectionName, CollectionsConfig, Consortium, SharingGroups};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use std::sync::atomic::{AtomicU64, Ordering as Memory};
use verifier_chaincode::{Code, ContractError, Ledger, StateKey};

pub const NOW: u64 = 1_800_000_000_000;
pub const ORGS: [&str; 4] = ["EthicsBoard", "HospitalA", "HospitalB", "University"];

pub fn msp(name: &str) -> MspId {
    MspId::new(name).unwrap()
}
pub fn msps(names: &[&str]) -> Vec<MspId> {
    names.iter().map(|n| msp(n)).collect()
}
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
fn key(bytes: &[u8]) -> Result<StateKey, ContractError> {
    StateKey::parse(text(bytes)).map_err(|e| ContractError::new(Code::BadInput, "key", e))
}
fn refuse(what: &str) -> ContractError {
    ContractError::new(Code::Refused, "test", what)
}

/// The test contract: each call one small use of the ledger.
pub fn run(view: &mut Simulator, args: &[Vec<u8>]) -> Result<Vec<u8>, ContractError> {
    block_on(async {
        let function = args
            .first()
            .map(|a| text(a))
            .unwrap_or_default()
            .to_string();
        let arg = |i: usize| args.get(i).cloned().unwrap_or_default();
        match function.as_str() {
            "put" => {
                view.put(&key(&arg(1))?, arg(2)).await?;
                view.emit("put", arg(1))?;
                Ok(arg(2))
            }
            // Read, refuse, write: as nullifiers are used.
            "spend" => {
                if view.get(&key(&arg(1))?).await?.is_some() {
                    return Err(refuse("spent"));
                }
                view.put(&key(&arg(1))?, arg(2)).await?;
                Ok(Vec::new())
            }
            "get" => Ok(view.get(&key(&arg(1))?).await?.unwrap_or_default()),
            "increment" => {
                let old = view.get(&key(&arg(1))?).await?.unwrap_or_default();
                let next = text(&old).parse::<u64>().unwrap_or(0) + 1;
                view.put(&key(&arg(1))?, next.to_string().into_bytes())
                    .await?;
                Ok(Vec::new())
            }
            "put-then-get" => {
                view.put(&key(&arg(1))?, arg(2)).await?;
                Ok(view.get(&key(&arg(1))?).await?.unwrap_or_default())
            }
            "scan" => {
                let page = view.scan(&key(&arg(1))?, 2, text(&arg(2))).await?;
                let keys: Vec<String> = page.entries.iter().map(|(k, _)| k.to_string()).collect();
                Ok(format!("{}|{}", keys.join(","), page.bookmark).into_bytes())
            }
            "scan-then-put" => {
                view.scan(&key(&arg(1))?, 2, "").await?;
                view.put(&key(&arg(1))?, arg(2)).await?;
                Ok(Vec::new())
            }
            "two-events" => {
                view.emit("a", Vec::new())?;
                view.emit("b", Vec::new())?;
                Ok(Vec::new())
            }
            // store COLLECTION KEY [public]: the value comes in the transient map.
            "store" => {
                let value = view
                    .tx()
                    .transient
                    .get("value")
                    .cloned()
                    .ok_or_else(|| refuse("no value"))?;
                let collection: CollectionName =
                    text(&arg(1)).parse().map_err(|_| refuse("collection"))?;
                view.put_private(&collection, &key(&arg(2))?, value).await?;
                if !arg(3).is_empty() {
                    view.put(&key(&arg(3))?, b"1".to_vec()).await?;
                }
                Ok(Vec::new())
            }
            // As `store`, for the peer of the collection's owner only.
            "receive" => {
                let collection: CollectionName =
                    text(&arg(1)).parse().map_err(|_| refuse("collection"))?;
                if collection.owner() != Some(&view.tx().peer_msp) {
                    return Err(refuse("not this peer"));
                }
                let value = view
                    .tx()
                    .transient
                    .get("value")
                    .cloned()
                    .ok_or_else(|| refuse("no value"))?;
                view.put_private(&collection, &key(&arg(2))?, value).await?;
                Ok(Vec::new())
            }
            "fetch" => {
                let collection: CollectionName =
                    text(&arg(1)).parse().map_err(|_| refuse("collection"))?;
                Ok(view
                    .get_private(&collection, &key(&arg(2))?)
                    .await?
                    .unwrap_or_default())
            }
            // Writes that a private value is there: as a delivery is confirmed.
            "confirm" => {
                let collection: CollectionName =
                    text(&arg(1)).parse().map_err(|_| refuse("collection"))?;
                let hash = view
                    .private_hash(&collection, &key(&arg(2))?)
                    .await?
                    .ok_or_else(|| refuse("not there"))?;
                view.put(&key(&arg(3))?, hash.to_vec()).await?;
                Ok(hash.to_vec())
            }
            "whoami" => {
                Ok(format!("{}.{}", view.tx().caller.msp_id, view.tx().caller.role).into_bytes())
            }
            _ => Err(refuse("no such function")),
        }
    })
}

/// A consortium of four organisations in a temporary folder.
pub struct World {
    pub dir: tempfile::TempDir,
    pub orgs: Vec<Founded>,
    pub genesis: Genesis,
    pub clock: Arc<ManualClock>,
}

pub fn consortium() -> Consortium {
    let members: Vec<String> = ORGS
        .iter()
        .map(|o| format!("{{\"msp_id\":\"{o}\",\"name\":\"{o}\"}}"))
        .collect();
    let text = format!(
        "{{\"format\":\"medveil-consortium-1\",\"name\":\"Test\",\"nonce\":\"{}\",\"members\":[{}],\"issuers\":[]}}",
        "0123456789abcdef".repeat(2),
        members.join(",")
    );
    Consortium::from_json(&text).unwrap()
}

pub fn groups(consortium: &Consortium) -> CollectionsConfig {
    let text = r#"{"format":"medveil-sharing-groups-1","groups":[{"name":"hospitals","members":["HospitalA","HospitalB"]}]}"#;
    CollectionsConfig::derive(
        consortium,
        &SharingGroups::from_json(text, consortium).unwrap(),
    )
    .unwrap()
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
            crate::msp::Certificate::from_der(&identity.creator().certificate).unwrap();
        let key = crate::msp::SecretKey::from_bytes(&identity.export_key().unwrap()).unwrap();
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
            chaincode: Box::new(|_, _| Ok(Arc::new(run))),
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

    pub fn backend(&self, ledger: &EmbeddedLedger, org: &str) -> EmbeddedBackend {
        ledger.backend(self.client(org)).unwrap()
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
pub fn submit(backend: &EmbeddedBackend, tx: Transaction) -> Result<Committed, BackendError> {
    block_on(backend.submit(tx))
}
pub fn ask(backend: &EmbeddedBackend, parts: &[&str]) -> Result<Vec<u8>, BackendError> {
    block_on(backend.evaluate(Transaction::query(args(parts))))
}

/// Any three of the four are a majority.
pub const MAJORITY: [&str; 3] = ["HospitalA", "HospitalB", "University"];

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
