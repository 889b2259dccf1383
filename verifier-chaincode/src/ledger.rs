//! The ledger of a peer as the contract needs it.

use medveil_collections_config::{CollectionName, MspId};
use medveil_contract::{Caller, Ledger, LedgerError, ScanPage, StateKey, TxContext};
use medveil_shim::{PeerError, PeerLedger, Space};

/// Above every key: keys are printable ASCII.
const AFTER_ALL: char = '\u{7f}';

/// One transaction's view, at a peer of the contract's own organisation.
pub(crate) struct ContractLedger<'a> {
    peer: &'a mut PeerLedger,
    tx: TxContext,
}

/// The view of a transaction of this caller.
pub(crate) fn over<'a>(
    peer: &'a mut PeerLedger,
    caller: Caller,
    own: &MspId,
) -> ContractLedger<'a> {
    let transient = peer.take_transient();
    let transaction = peer.transaction();
    let tx = TxContext {
        tx_id: transaction.id.clone(),
        channel: transaction.channel.clone(),
        chaincode: transaction.chaincode.clone(),
        timestamp_ms: transaction.timestamp_ms,
        caller,
        peer_msp: own.clone(),
        transient,
    };
    ContractLedger { peer, tx }
}

fn store(error: PeerError) -> LedgerError {
    match error {
        PeerError::SecondEvent => LedgerError::SecondEvent,
        other => LedgerError::store(other),
    }
}

impl Ledger for ContractLedger<'_> {
    fn tx(&self) -> &TxContext {
        &self.tx
    }

    async fn get(&mut self, key: &StateKey) -> Result<Option<Vec<u8>>, LedgerError> {
        let found = self.peer.get(Space::PUBLIC, key.as_str()).await;
        found.map_err(store)
    }

    async fn get_all(&mut self, keys: &[StateKey]) -> Result<Vec<Option<Vec<u8>>>, LedgerError> {
        let keys: Vec<&str> = keys.iter().map(StateKey::as_str).collect();
        self.peer.get_all(Space::PUBLIC, &keys).await.map_err(store)
    }

    async fn put(&mut self, key: &StateKey, value: Vec<u8>) -> Result<(), LedgerError> {
        let written = self.peer.put(Space::PUBLIC, key.as_str(), value).await;
        written.map_err(store)
    }

    async fn scan(
        &mut self,
        prefix: &StateKey,
        page_size: u32,
        bookmark: &str,
    ) -> Result<ScanPage, LedgerError> {
        if !bookmark.is_empty() && !bookmark.starts_with(prefix.as_str()) {
            return Err(LedgerError::Bookmark);
        }
        let end = format!("{prefix}{AFTER_ALL}");
        let range = (prefix.as_str(), end.as_str());
        let page = self.peer.range(Space::PUBLIC, range, page_size, bookmark);
        let page = page.await.map_err(store)?;
        let parse = |(key, value): (String, Vec<u8>)| match StateKey::parse(&key) {
            Ok(parsed) => Ok((parsed, value)),
            Err(_) => Err(LedgerError::store(format_args!("{key}: not a key"))),
        };
        Ok(ScanPage {
            entries: page
                .entries
                .into_iter()
                .map(parse)
                .collect::<Result<_, _>>()?,
            bookmark: page.bookmark,
        })
    }

    async fn get_private(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        let collection = collection.to_string();
        let found = self.peer.get(Space(&collection), key.as_str()).await;
        found.map_err(store)
    }

    async fn put_private(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
        value: Vec<u8>,
    ) -> Result<(), LedgerError> {
        let collection = collection.to_string();
        let written = self.peer.put(Space(&collection), key.as_str(), value).await;
        written.map_err(store)
    }

    async fn private_hash(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
    ) -> Result<Option<[u8; 32]>, LedgerError> {
        let collection = collection.to_string();
        let found = self.peer.hash(Space(&collection), key.as_str()).await;
        found.map_err(store)
    }

    fn emit(&mut self, name: &str, payload: Vec<u8>) -> Result<(), LedgerError> {
        self.peer.emit(name, payload).map_err(store)
    }
}
