//! Executing the contract: one transaction's view of one organisation's state, recorded as a write
//! set.
//!
//! Source: Fabric's transaction simulator. Reads answer from the committed state only, never from
//! this transaction's own writes; each read enters the read set with the version seen; a second
//! write of a key replaces the first; scans belong to queries and exclude writes; there is one
//! event. Explicit collections are closed to clients of other organisations, and private values are
//! only where a member keeps them.

use super::stores::{StateReader, StoreError};
use medveil_collections_config::{CollectionName, error_chain};
use medveil_contract::{ContractError, Ledger, LedgerError, ScanPage, StateKey, TxContext};
use medveil_embedded_wire::Rules;
use medveil_embedded_wire::format::{
    CollectionSet, Event, Hash, HashedRead, HashedWrite, MAX_KEY, PrivateWrite, Read, ReadWriteSet,
    Version, Write, sha256,
};
use std::collections::BTreeMap;
use std::future::{Future, ready};
use std::sync::Arc;

/// Largest page of a scan.
const MAX_PAGE: u32 = 1000;

/// A contract as a peer runs it.
pub trait Chaincode: Send + Sync {
    /// Executes one call.
    ///
    /// **Errors**: the contract's refusal; then nothing of the view is used.
    fn invoke(&self, view: &mut Simulator, args: &[Vec<u8>]) -> Result<Vec<u8>, ContractError>;
}

/// Whether a call may scan, or may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// To be ordered: no scans.
    Update,
    /// To be answered: scans, and no writes after one.
    Query,
}

#[derive(Default)]
struct PrivatePart {
    reads: BTreeMap<Hash, Option<Version>>,
    writes: BTreeMap<String, Vec<u8>>,
}

impl PrivatePart {
    /// The hashes that everybody sees, and the values behind them.
    fn finish(self, collection: CollectionName) -> (CollectionSet, Vec<PrivateWrite>) {
        let reads = self.reads.into_iter();
        let hashed = |(key, value): (&String, &Vec<u8>)| HashedWrite {
            key: sha256(key.as_bytes()),
            value: sha256(value),
        };
        let mut writes: Vec<HashedWrite> = self.writes.iter().map(hashed).collect();
        writes.sort_by_key(|w| w.key);
        let write = |(key, value)| PrivateWrite {
            collection: collection.clone(),
            key,
            value,
        };
        let values = self.writes.into_iter().map(write).collect();
        let set = CollectionSet {
            collection,
            reads: reads
                .map(|(key, version)| HashedRead { key, version })
                .collect(),
            writes,
        };
        (set, values)
    }
}

/// One transaction's view.
pub struct Simulator {
    context: TxContext,
    rules: Arc<Rules>,
    state: Box<dyn StateReader>,
    mode: Mode,
    scanned: bool,
    reads: BTreeMap<String, Option<Version>>,
    writes: BTreeMap<String, Vec<u8>>,
    private: BTreeMap<CollectionName, PrivatePart>,
    read_private_value: bool,
    event: Option<Event>,
}

/// What a call did.
pub struct Outcome {
    pub set: ReadWriteSet,
    /// Private values behind the hashed writes, sorted.
    pub private: Vec<PrivateWrite>,
    pub event: Option<Event>,
}

impl Simulator {
    /// A view on a state.
    pub fn new(
        context: TxContext,
        rules: Arc<Rules>,
        state: Box<dyn StateReader>,
        mode: Mode,
    ) -> Self {
        Simulator {
            context,
            rules,
            state,
            mode,
            scanned: false,
            reads: BTreeMap::new(),
            writes: BTreeMap::new(),
            private: BTreeMap::new(),
            read_private_value: false,
            event: None,
        }
    }

    /// Whether a private value was asked for: only a member's store can repeat such a call.
    pub fn read_private_value(&self) -> bool {
        self.read_private_value
    }

    pub fn finish(self) -> Outcome {
        let mut private = Vec::new();
        let mut collections = Vec::new();
        for (collection, part) in self.private {
            let (set, values) = part.finish(collection);
            collections.push(set);
            private.extend(values);
        }
        private.sort();
        let reads = self.reads.into_iter();
        let writes = self.writes.into_iter();
        Outcome {
            set: ReadWriteSet {
                reads: reads.map(|(key, version)| Read { key, version }).collect(),
                writes: writes.map(|(key, value)| Write { key, value }).collect(),
                collections,
            },
            private,
            event: self.event,
        }
    }

    fn read(&mut self, key: &StateKey) -> Result<Option<Vec<u8>>, LedgerError> {
        let found = self.state.public(key.as_str()).map_err(store)?;
        self.reads.insert(
            key.as_str().to_string(),
            found.as_ref().map(|(version, _)| *version),
        );
        Ok(found.map(|(_, value)| value))
    }

    fn write(&mut self, key: &StateKey, value: Vec<u8>) -> Result<(), LedgerError> {
        self.may_write()?;
        self.writes.insert(key.as_str().to_string(), value);
        Ok(())
    }

    fn may_write(&self) -> Result<(), LedgerError> {
        if self.scanned {
            Err(LedgerError::ScanAndWrite)
        } else {
            Ok(())
        }
    }

    fn page(
        &mut self,
        prefix: &StateKey,
        page_size: u32,
        bookmark: &str,
    ) -> Result<ScanPage, LedgerError> {
        if self.mode == Mode::Update
            || !self.writes.is_empty()
            || self.private.values().any(|p| !p.writes.is_empty())
        {
            return Err(LedgerError::ScanAndWrite);
        }
        if !bookmark.is_empty()
            && (bookmark.len() > MAX_KEY || !bookmark.starts_with(prefix.as_str()))
        {
            return Err(LedgerError::Bookmark);
        }
        self.scanned = true;
        let size = page_size.clamp(1, MAX_PAGE) as usize;
        let mut found = self
            .state
            .range(prefix.as_str(), bookmark, size + 1)
            .map_err(store)?;
        let bookmark = if found.len() > size {
            found.pop().map(|(key, _)| key).unwrap_or_default()
        } else {
            String::new()
        };
        let parse = |(key, value): (String, Vec<u8>)| {
            let parsed = StateKey::parse(&key)
                .map_err(|_| LedgerError::Store(format!("{key}: not a key")))?;
            Ok((parsed, value))
        };
        let entries = found
            .into_iter()
            .map(parse)
            .collect::<Result<_, LedgerError>>()?;
        Ok(ScanPage { entries, bookmark })
    }

    /// The collection exists, and where it is explicit the client belongs to a member.
    fn open_to_caller(&self, collection: &CollectionName) -> Result<(), LedgerError> {
        if !self.rules.collection_exists(collection) {
            return Err(LedgerError::NoCollection(collection.to_string()));
        }
        let explicit = collection.owner().is_none();
        if explicit
            && !self
                .rules
                .collections
                .is_member(collection, &self.context.caller.msp_id)
        {
            return Err(LedgerError::NotMember(collection.to_string()));
        }
        Ok(())
    }

    fn read_hash(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
    ) -> Result<Option<Hash>, LedgerError> {
        if !self.rules.collection_exists(collection) {
            return Err(LedgerError::NoCollection(collection.to_string()));
        }
        let key = sha256(key.as_str().as_bytes());
        let found = self.state.private_hash(collection, &key).map_err(store)?;
        let part = self.private.entry(collection.clone()).or_default();
        part.reads.insert(key, found.map(|(version, _)| version));
        Ok(found.map(|(_, hash)| hash))
    }

    fn read_private(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        self.open_to_caller(collection)?;
        if !self
            .rules
            .collections
            .is_member(collection, &self.context.peer_msp)
        {
            return Err(LedgerError::NotMember(collection.to_string()));
        }
        self.read_private_value = true;
        let Some(hash) = self.read_hash(collection, key)? else {
            return Ok(None);
        };
        let value = self
            .state
            .private(collection, key.as_str())
            .map_err(store)?;
        match value {
            Some(value) if sha256(&value) == hash => Ok(Some(value)),
            _ => Err(LedgerError::Store(format!(
                "collection {collection}: the private value that belongs to the hash is not here"
            ))),
        }
    }

    fn write_private(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
        value: Vec<u8>,
    ) -> Result<(), LedgerError> {
        self.may_write()?;
        self.open_to_caller(collection)?;
        self.private
            .entry(collection.clone())
            .or_default()
            .writes
            .insert(key.as_str().to_string(), value);
        Ok(())
    }
}

fn store(error: StoreError) -> LedgerError {
    LedgerError::Store(error_chain(&error))
}

impl Ledger for Simulator {
    fn tx(&self) -> &TxContext {
        &self.context
    }
    fn get(
        &mut self,
        key: &StateKey,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, LedgerError>> + Send {
        ready(self.read(key))
    }
    fn put(
        &mut self,
        key: &StateKey,
        value: Vec<u8>,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send {
        ready(self.write(key, value))
    }
    fn scan(
        &mut self,
        prefix: &StateKey,
        page_size: u32,
        bookmark: &str,
    ) -> impl Future<Output = Result<ScanPage, LedgerError>> + Send {
        ready(self.page(prefix, page_size, bookmark))
    }
    fn get_private(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, LedgerError>> + Send {
        ready(self.read_private(collection, key))
    }
    fn put_private(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
        value: Vec<u8>,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send {
        ready(self.write_private(collection, key, value))
    }
    fn private_hash(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
    ) -> impl Future<Output = Result<Option<[u8; 32]>, LedgerError>> + Send {
        ready(self.read_hash(collection, key))
    }
    fn emit(&mut self, name: &str, payload: Vec<u8>) -> Result<(), LedgerError> {
        if self.event.is_some() {
            return Err(LedgerError::SecondEvent);
        }
        self.event = Some(Event {
            name: name.to_string(),
            payload,
        });
        Ok(())
    }
}
