//! The committed state of all organisations, and one transaction's simulation over it.

use crate::contract::Contract;
use crate::error::ContractError;
use crate::ledger::{Ledger, LedgerError, ScanPage, TxContext};
use crate::state_key::StateKey;
use medveil_collections_config::{CollectionName, CollectionsConfig};
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
    pub writes: BTreeMap<StateKey, Vec<u8>>,
    pub private_writes: BTreeMap<PrivateKey, Vec<u8>>,
    pub event: Option<(String, Vec<u8>)>,
    pub answer: Vec<u8>,
    /// How often the peer was asked for values or their hashes, where it answers for several keys
    /// at once.
    pub questions: usize,
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

    /// Reads one public value, as part of a question.
    fn read(&mut self, key: &StateKey) -> Option<Vec<u8>> {
        let found = self.world.state.get(key);
        let version = found.map(|(_, version)| *version);
        self.set.reads.insert(key.clone(), version);
        found.map(|(value, _)| value.clone())
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
        self.set.questions += 1;
        Ok(self.read(key))
    }

    async fn get_all(&mut self, keys: &[StateKey]) -> Result<Vec<Option<Vec<u8>>>, LedgerError> {
        self.set.questions += 1;
        Ok(keys.iter().map(|key| self.read(key)).collect())
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
        self.set.questions += 1;
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
        self.set.questions += 1;
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
