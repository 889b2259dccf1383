//! What the contract needs from a ledger: one transaction's view, with Fabric's rules.
//!
//! The embedded ledger implements this trait, and so does `medveil-verifier-chaincode` over a Fabric
//! peer's ledger; the contract knows nothing else of either. Source of the rules: Fabric's chaincode
//! interface (reads see the committed state only, never this transaction's own writes; one event per
//! transaction; private values live with the members of a collection, their hashes with everybody).

use crate::identity::Caller;
use crate::state_key::StateKey;
use medveil_collections_config::{CollectionName, MspId};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::future::Future;

/// What surrounds one transaction. Equal at every endorser, except `peer_msp`.
#[derive(Clone)]
pub struct TxContext {
    pub tx_id: String,
    pub channel: String,
    /// Name the chaincode is installed under.
    pub chaincode: String,
    /// The transaction's own timestamp, chosen by the client and bounded by the peers.
    ///
    /// **Units**: milliseconds since 1970-01-01 UTC.
    pub timestamp_ms: u64,
    /// Who signed the proposal.
    pub caller: Caller,
    /// The organisation whose peer executes.
    pub peer_msp: MspId,
    /// Private arguments; not part of the transaction that is ordered.
    pub transient: BTreeMap<String, Vec<u8>>,
}

/// Why a ledger could not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// This peer's organisation is not a member of the collection, so the private value is not
    /// here.
    #[error("collection {0}: this peer's organisation is not a member")]
    NotMember(String),
    /// No such collection.
    #[error("collection {0}: not defined")]
    NoCollection(String),
    /// A scan in a transaction that writes, or a write after a scan.
    #[error("scans and writes exclude each other in one transaction")]
    ScanAndWrite,
    #[error("expected at most one event a transaction")]
    SecondEvent,
    /// A bookmark that this ledger did not make.
    #[error("bookmark: expected one from an earlier page")]
    Bookmark,
    /// The store failed.
    #[error("store: {0}")]
    Store(String),
}

impl LedgerError {
    /// A failure of the store, in its words: a refusal is text, so no source outlives it.
    pub fn store(error: impl Display) -> Self {
        LedgerError::Store(error.to_string())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanPage {
    /// Keys and values in key order.
    pub entries: Vec<(StateKey, Vec<u8>)>,
    /// Where the next page starts; empty after the last one.
    pub bookmark: String,
}

/// One transaction's view of a ledger.
///
/// **Security**: `get`, `get_private` and `private_hash` answer from the committed state and enter
/// the read set; they never see this transaction's own writes.
pub trait Ledger: Send {
    /// What surrounds the transaction.
    fn tx(&self) -> &TxContext;

    /// Reads a public value.
    fn get(
        &mut self,
        key: &StateKey,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, LedgerError>> + Send;

    /// Reads several public values, each as [`Ledger::get`] does.
    fn get_all(
        &mut self,
        keys: &[StateKey],
    ) -> impl Future<Output = Result<Vec<Option<Vec<u8>>>, LedgerError>> + Send {
        async move {
            let mut all = Vec::with_capacity(keys.len());
            for key in keys {
                all.push(self.get(key).await?);
            }
            Ok(all)
        }
    }

    /// Writes a public value.
    fn put(
        &mut self,
        key: &StateKey,
        value: Vec<u8>,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// Reads the keys that start with `prefix`, in byte order, `page_size` at a time; an empty
    /// bookmark starts at the first one. Queries only.
    fn scan(
        &mut self,
        prefix: &StateKey,
        page_size: u32,
        bookmark: &str,
    ) -> impl Future<Output = Result<ScanPage, LedgerError>> + Send;

    /// Reads a private value at a member's peer.
    fn get_private(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, LedgerError>> + Send;

    /// Writes a private value; its hash becomes part of the public write set.
    fn put_private(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
        value: Vec<u8>,
    ) -> impl Future<Output = Result<(), LedgerError>> + Send;

    /// SHA-256 of a private value, as every peer knows it.
    fn private_hash(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
    ) -> impl Future<Output = Result<Option<[u8; 32]>, LedgerError>> + Send;

    /// Sets the transaction's event.
    ///
    /// **Errors**: there is one already.
    fn emit(&mut self, name: &str, payload: Vec<u8>) -> Result<(), LedgerError>;
}
