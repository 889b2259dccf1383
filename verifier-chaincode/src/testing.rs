//! A ledger in memory with Fabric's semantics, for tests of several crates (feature `testing`).
//!
//! Simulate first, commit later: reads see the committed state and enter a read set, writes wait in
//! a write set, a commit with a stale read is refused. It checks no signatures and no endorsement
//! policies; the embedded ledger does.

pub mod access;
pub mod claims;
pub mod fixture;
pub mod registry;
pub mod sharing;

use crate::call::{Call, Query};
use crate::contract::{Contract, ContractConfig};
use crate::error::ContractError;
use crate::identity::{Caller, Role};
use crate::ledger::{Ledger, LedgerError, ScanPage, TxContext};
use crate::state_key::StateKey;
use collections_config::{CollectionName, CollectionsConfig, MspId};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Runs a future that never waits.
///
/// **Panics**: the future waits.
pub fn block_on<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a future of the contract waited"),
    }
}

type Version = u64;
type PrivateKey = (CollectionName, StateKey);

/// What one transaction read and would write. Equal sets are equal transactions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadWriteSet {
    /// Public keys read and the version found.
    pub reads: BTreeMap<StateKey, Option<Version>>,
    /// Private hashes read and the version found.
    pub private_reads: BTreeMap<PrivateKey, Option<Version>>,
    /// Public writes.
    pub writes: BTreeMap<StateKey, Vec<u8>>,
    /// Private writes.
    pub private_writes: BTreeMap<PrivateKey, Vec<u8>>,
    /// The event.
    pub event: Option<(String, Vec<u8>)>,
    /// The answer.
    pub answer: Vec<u8>,
    scanned: bool,
}

/// The committed state of all organisations.
#[derive(Clone, Default)]
pub struct World {
    /// Public values with their version.
    pub state: BTreeMap<StateKey, (Vec<u8>, Version)>,
    /// Private values with their version; each organisation sees those of its collections.
    pub private: BTreeMap<PrivateKey, (Vec<u8>, Version)>,
    block: Version,
}

/// One transaction under simulation.
pub struct Simulation<'a> {
    world: &'a World,
    collections: &'a CollectionsConfig,
    tx: TxContext,
    set: ReadWriteSet,
}

/// A read that is no longer current.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read conflict on {0}")]
pub struct ReadConflict(pub String);

impl World {
    /// Runs arguments on a contract and gives what it would write.
    ///
    /// **Errors**: the contract's refusal.
    pub fn simulate(
        &self,
        contract: &Contract,
        tx: TxContext,
        args: &[Vec<u8>],
    ) -> Result<ReadWriteSet, ContractError> {
        let mut simulation = Simulation {
            world: self,
            collections: &contract.config().collections,
            tx,
            set: ReadWriteSet::default(),
        };
        let answer = block_on(contract.invoke(&mut simulation, args));
        let mut set = simulation.set;
        if answer.is_err() {
            let untouched =
                set.writes.is_empty() && set.private_writes.is_empty() && set.event.is_none();
            assert!(untouched, "a refused call wrote something");
        }
        set.answer = answer?;
        Ok(set)
    }

    /// Commits a block of one transaction.
    ///
    /// **Errors**: something it read has changed.
    pub fn commit(&mut self, set: &ReadWriteSet) -> Result<(), ReadConflict> {
        for (key, version) in &set.reads {
            if self.state.get(key).map(|(_, v)| *v) != *version {
                return Err(ReadConflict(key.to_string()));
            }
        }
        for (key, version) in &set.private_reads {
            if self.private.get(key).map(|(_, v)| *v) != *version {
                return Err(ReadConflict(key.1.to_string()));
            }
        }
        self.block += 1;
        for (key, value) in &set.writes {
            self.state.insert(key.clone(), (value.clone(), self.block));
        }
        for (key, value) in &set.private_writes {
            self.private
                .insert(key.clone(), (value.clone(), self.block));
        }
        Ok(())
    }
}

impl Simulation<'_> {
    fn wrote(&self) -> bool {
        !self.set.writes.is_empty() || !self.set.private_writes.is_empty()
    }

    fn check_write(&self) -> Result<(), LedgerError> {
        if self.set.scanned {
            Err(LedgerError::ScanAndWrite)
        } else {
            Ok(())
        }
    }

    fn check_collection(&self, collection: &CollectionName) -> Result<(), LedgerError> {
        if self.collections.exists(collection) {
            Ok(())
        } else {
            Err(LedgerError::NoCollection(collection.to_string()))
        }
    }
}

impl Ledger for Simulation<'_> {
    fn tx(&self) -> &TxContext {
        &self.tx
    }

    async fn get(&mut self, key: &StateKey) -> Result<Option<Vec<u8>>, LedgerError> {
        let found = self.world.state.get(key);
        self.set
            .reads
            .insert(key.clone(), found.map(|(_, version)| *version));
        Ok(found.map(|(value, _)| value.clone()))
    }

    async fn put(&mut self, key: &StateKey, value: Vec<u8>) -> Result<(), LedgerError> {
        self.check_write()?;
        self.set.writes.insert(key.clone(), value);
        Ok(())
    }

    async fn scan(
        &mut self,
        prefix: &StateKey,
        page_size: u32,
        bookmark: &str,
    ) -> Result<ScanPage, LedgerError> {
        if self.wrote() {
            return Err(LedgerError::ScanAndWrite);
        }
        let start = match bookmark {
            "" => prefix.clone(),
            text => StateKey::parse(text)
                .ok()
                .filter(|key| key.as_str().starts_with(prefix.as_str()))
                .ok_or(LedgerError::Bookmark)?,
        };
        self.set.scanned = true;
        let mut rest = self
            .world
            .state
            .range(start..)
            .take_while(|(key, _)| key.as_str().starts_with(prefix.as_str()));
        let entries = rest
            .by_ref()
            .take(page_size as usize)
            .map(|(key, (value, _))| (key.clone(), value.clone()))
            .collect();
        let bookmark = rest
            .next()
            .map(|(key, _)| key.to_string())
            .unwrap_or_default();
        Ok(ScanPage { entries, bookmark })
    }

    async fn get_private(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        self.check_collection(collection)?;
        if !self.collections.is_member(collection, &self.tx.peer_msp) {
            return Err(LedgerError::NotMember(collection.to_string()));
        }
        let place = (collection.clone(), key.clone());
        let found = self.world.private.get(&place);
        self.set
            .private_reads
            .insert(place, found.map(|(_, version)| *version));
        Ok(found.map(|(value, _)| value.clone()))
    }

    async fn put_private(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
        value: Vec<u8>,
    ) -> Result<(), LedgerError> {
        self.check_collection(collection)?;
        self.check_write()?;
        self.set
            .private_writes
            .insert((collection.clone(), key.clone()), value);
        Ok(())
    }

    async fn private_hash(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
    ) -> Result<Option<[u8; 32]>, LedgerError> {
        self.check_collection(collection)?;
        let place = (collection.clone(), key.clone());
        let found = self.world.private.get(&place);
        self.set
            .private_reads
            .insert(place, found.map(|(_, version)| *version));
        Ok(found.map(|(value, _)| Sha256::digest(value).into()))
    }

    fn emit(&mut self, name: &str, payload: Vec<u8>) -> Result<(), LedgerError> {
        match self.set.event {
            Some(_) => Err(LedgerError::SecondEvent),
            None => {
                self.set.event = Some((name.to_owned(), payload));
                Ok(())
            }
        }
    }
}

/// A world with a contract for each organisation and a clock that the test moves.
pub struct Bench {
    /// Committed state.
    pub world: World,
    /// One contract an organisation.
    pub contracts: BTreeMap<MspId, Contract>,
    /// Time of the next transaction.
    ///
    /// **Units**: milliseconds since 1970-01-01 UTC.
    pub now_ms: u64,
    /// Channel of the next transaction.
    pub channel: String,
    /// Chaincode of the next transaction.
    pub chaincode: String,
    transactions: u64,
}

/// One day. **Units**: milliseconds.
pub const DAY_MS: u64 = 86_400_000;
/// One minute. **Units**: milliseconds.
pub const MINUTE_MS: u64 = 60_000;

/// An organisation's MSP id.
///
/// **Panics**: the text is not one.
pub fn msp(text: &str) -> MspId {
    match MspId::new(text) {
        Ok(msp) => msp,
        Err(error) => panic!("{error}"),
    }
}

impl Bench {
    /// A contract for each of these organisations with this configuration, at 10:00 on day 20,000.
    ///
    /// **Panics**: a configuration that the contract refuses.
    pub fn new(members: &[MspId], config: &ContractConfig) -> Self {
        let contract = |msp_id: &MspId| match Contract::new(ContractConfig {
            msp_id: msp_id.clone(),
            ..config.clone()
        }) {
            Ok(contract) => (msp_id.clone(), contract),
            Err(error) => panic!("{error}"),
        };
        Bench {
            world: World::default(),
            contracts: members.iter().map(contract).collect(),
            now_ms: 20_000 * DAY_MS + 10 * 60 * MINUTE_MS,
            channel: "medveil".to_owned(),
            chaincode: config.chaincode_name.clone(),
            transactions: 0,
        }
    }

    /// The context of the next transaction.
    pub fn context(
        &mut self,
        caller: &MspId,
        role: Role,
        peer: &MspId,
        transient: BTreeMap<String, Vec<u8>>,
    ) -> TxContext {
        self.transactions += 1;
        TxContext {
            tx_id: format!("tx-{}", self.transactions),
            channel: self.channel.clone(),
            chaincode: self.chaincode.clone(),
            timestamp_ms: self.now_ms,
            caller: Caller {
                msp_id: caller.clone(),
                role,
                subject: format!("CN={role}, O={caller}"),
            },
            peer_msp: peer.clone(),
            transient,
        }
    }

    /// Simulates a call at one peer under the role that the call needs.
    ///
    /// **Errors**: the contract's refusal.
    ///
    /// **Panics**: an unknown peer.
    pub fn simulate(
        &mut self,
        caller: &MspId,
        peer: &MspId,
        call: &Call,
        transient: Option<Vec<u8>>,
    ) -> Result<ReadWriteSet, ContractError> {
        let transient = call
            .transient_name()
            .zip(transient)
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect();
        let tx = self.context(caller, call.role(), peer, transient);
        let Some(contract) = self.contracts.get(peer) else {
            panic!("no such peer: {peer}")
        };
        self.world.simulate(contract, tx, &call.to_args())
    }

    /// Simulates at one peer and commits.
    ///
    /// **Errors**: the contract's refusal.
    ///
    /// **Panics**: as [`Bench::simulate`]; a read conflict, which one transaction a block cannot
    /// have.
    pub fn submit(
        &mut self,
        caller: &MspId,
        peer: &MspId,
        call: &Call,
        transient: Option<Vec<u8>>,
    ) -> Result<serde_json::Value, ContractError> {
        let set = self.simulate(caller, peer, call, transient)?;
        if let Err(conflict) = self.world.commit(&set) {
            panic!("{conflict}");
        }
        match serde_json::from_slice(&set.answer) {
            Ok(answer) => Ok(answer),
            Err(error) => panic!("{error}"),
        }
    }

    /// Asks one peer.
    ///
    /// **Errors**: the contract's refusal.
    ///
    /// **Panics**: as [`Bench::simulate`].
    pub fn ask(
        &mut self,
        caller: &MspId,
        peer: &MspId,
        query: &Query,
    ) -> Result<serde_json::Value, ContractError> {
        let tx = self.context(caller, Role::Client, peer, BTreeMap::new());
        let Some(contract) = self.contracts.get(peer) else {
            panic!("no such peer: {peer}")
        };
        let set = self.world.simulate(contract, tx, &query.to_args())?;
        match serde_json::from_slice(&set.answer) {
            Ok(answer) => Ok(answer),
            Err(error) => panic!("{error}"),
        }
    }
}
