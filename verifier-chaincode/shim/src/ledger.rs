//! A transaction's view of the peer's ledger: each read and write is a message to the peer and its
//! reply.
//!
//! Reads see the committed state and never this transaction's own writes. What Fabric offers beyond
//! values and ranges stands in `state`.

use crate::batch::Waiting;
use crate::refusal::Refusal;
use crate::stream::Run;
use crate::transaction::Transaction;
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{
    ChaincodeEvent, GetState, GetStateByRange, GetStateMultiple, GetStateMultipleResult, PutState,
    QueryMetadata, QueryResponse, QueryResponseMetadata, QueryStateClose, QueryStateNext,
    WriteRecord, write_record,
};
use fabric_shim_protos::queryresult::Kv;
use prost::Message;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Largest page of a range.
const MAX_PAGE: u32 = 1000;
/// Where a range without a start begins: after all composite keys, as in Fabric's own shims.
const FIRST_SIMPLE: &str = "\u{1}";

/// Why a peer's ledger gave no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// The peer sent the transaction again, or its stream has ended.
    #[error("the peer does not wait for this transaction any more")]
    GivenUp,
    /// The peer's own words.
    #[error("{0}")]
    Refused(String),
    /// The peer's answer cannot be read; a refusal is text, so it holds the reason as text.
    #[error("the peer's answer: {0}")]
    Answer(String),
    #[error("expected {expected} values, got {got}")]
    Values { expected: usize, got: usize },
    #[error("expected a hash of 32 bytes")]
    Hash,
    /// A key's endorsement policy is not one that this crate writes.
    #[error("{key}: expected an endorsement policy of organisations' peers")]
    EndorsementPolicy { key: String },
    #[error("endorsers: expected at least one organisation")]
    NoEndorsers,
    #[error("expected at most one event a transaction")]
    SecondEvent,
}

impl From<prost::DecodeError> for PeerError {
    fn from(error: prost::DecodeError) -> Self {
        PeerError::Answer(error.to_string())
    }
}

impl From<PeerError> for Refusal {
    fn from(error: PeerError) -> Self {
        let words = format_args!("ledger: {error}");
        match error {
            PeerError::NoEndorsers => Refusal::bad_input(words),
            PeerError::GivenUp
            | PeerError::Refused(_)
            | PeerError::Answer(_)
            | PeerError::Values { .. }
            | PeerError::Hash
            | PeerError::EndorsementPolicy { .. }
            | PeerError::SecondEvent => Refusal::internal(words),
        }
    }
}

/// The public state of a chaincode, or a collection of private data: its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Space<'a>(pub &'a str);

impl Space<'_> {
    pub const PUBLIC: Space<'static> = Space("");
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RangePage {
    /// Keys and values in key order.
    pub entries: Vec<(String, Vec<u8>)>,
    /// Where the next page starts; empty after the last one.
    pub bookmark: String,
}

/// A transaction's view of the peer's ledger.
pub struct PeerLedger {
    run: Arc<Run>,
    transaction: Transaction,
    /// Writes that the peer has not got yet.
    waiting: Waiting,
    event: Option<ChaincodeEvent>,
}

impl PeerLedger {
    pub(crate) fn new(run: Arc<Run>, transaction: Transaction) -> Self {
        PeerLedger {
            run,
            transaction,
            waiting: Waiting::default(),
            event: None,
        }
    }

    pub fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    /// Takes the private arguments out, for a chaincode that needs megabytes of them once.
    pub fn take_transient(&mut self) -> BTreeMap<String, Vec<u8>> {
        std::mem::take(&mut self.transaction.transient)
    }

    /// Reads a value. A private one is here only at a member's peer; who may ask for it is the
    /// chaincode's business to check.
    ///
    /// **Errors**: the peer's.
    pub async fn get(&mut self, space: Space<'_>, key: &str) -> Result<Option<Vec<u8>>, PeerError> {
        self.read(Type::GetState, space, key).await
    }

    /// The SHA-256 of a private value, as every peer knows it.
    ///
    /// **Errors**: the peer's.
    pub async fn hash(
        &mut self,
        collection: Space<'_>,
        key: &str,
    ) -> Result<Option<[u8; 32]>, PeerError> {
        let hash = self.read(Type::GetPrivateDataHash, collection, key).await?;
        hash.map(|h| h.try_into().map_err(|_| PeerError::Hash))
            .transpose()
    }

    /// Reads several values, in one message where the peer takes it.
    ///
    /// **Errors**: the peer's.
    pub async fn get_all(
        &mut self,
        space: Space<'_>,
        keys: &[&str],
    ) -> Result<Vec<Option<Vec<u8>>>, PeerError> {
        let mut all = Vec::with_capacity(keys.len());
        for keys in keys.chunks(self.run.batches().reads) {
            if let [key] = keys {
                all.push(self.get(space, key).await?);
                continue;
            }
            let request = GetStateMultiple {
                keys: keys.iter().map(|key| (*key).to_owned()).collect(),
                collection: space.0.to_owned(),
            };
            let found: GetStateMultipleResult =
                self.ask_for(Type::GetStateMultiple, request).await?;
            let (expected, got) = (keys.len(), found.values.len());
            if expected != got {
                return Err(PeerError::Values { expected, got });
            }
            all.extend(found.values.into_iter().map(present));
        }
        Ok(all)
    }

    /// Writes a value: now, or together with the next ones where the peer takes it.
    ///
    /// **Errors**: the peer's, of this write or of one before.
    pub async fn put(
        &mut self,
        space: Space<'_>,
        key: &str,
        value: Vec<u8>,
    ) -> Result<(), PeerError> {
        let (key, collection) = (key.to_owned(), space.0.to_owned());
        let most = self.run.batches().writes;
        if most == 1 {
            let request = PutState {
                key,
                value,
                collection,
            };
            return self.ask(Type::PutState, request).await.map(drop);
        }
        let record = WriteRecord {
            key,
            value,
            collection,
            metadata: None,
            r#type: write_record::Type::PutState.into(),
        };
        match self.waiting.add(record, most) {
            Some(before) => self.send(Type::WriteBatchState, before).await.map(drop),
            None => Ok(()),
        }
    }

    /// Writes what waits.
    async fn flush(&mut self) -> Result<(), PeerError> {
        match self.waiting.take() {
            Some(batch) => self.send(Type::WriteBatchState, batch).await.map(drop),
            None => Ok(()),
        }
    }

    /// One page of the keys from `from` up to, but not with, `to`. An empty `from` is the first key
    /// that is not composite, an empty `to` the end of all keys. Queries only: Fabric does not
    /// check a page again at commit.
    ///
    /// **Errors**: the peer's.
    pub async fn range(
        &mut self,
        space: Space<'_>,
        (from, to): (&str, &str),
        page_size: u32,
        bookmark: &str,
    ) -> Result<RangePage, PeerError> {
        let from = if from.is_empty() { FIRST_SIMPLE } else { from };
        let page_size = page_size.clamp(1, MAX_PAGE);
        let metadata = QueryMetadata {
            page_size: i32::try_from(page_size).unwrap_or(1),
            bookmark: bookmark.to_owned(),
        };
        let request = GetStateByRange {
            start_key: from.to_owned(),
            end_key: to.to_owned(),
            collection: space.0.to_owned(),
            metadata: metadata.encode_to_vec(),
        };
        let part: QueryResponse = self.ask_for(Type::GetStateByRange, request).await?;
        let metadata = QueryResponseMetadata::decode(part.metadata.as_slice())?;
        let entries = self.entries(part).await?;
        let is_last = entries.len() < page_size as usize;
        Ok(RangePage {
            entries,
            bookmark: if is_last {
                String::new()
            } else {
                metadata.bookmark
            },
        })
    }

    /// The entries of a page, which may come in several parts.
    async fn entries(
        &mut self,
        mut part: QueryResponse,
    ) -> Result<Vec<(String, Vec<u8>)>, PeerError> {
        let mut entries = Vec::new();
        loop {
            for result in &part.results {
                let kv = Kv::decode(result.result_bytes.as_slice())?;
                entries.push((kv.key, kv.value));
            }
            if !part.has_more {
                break;
            }
            let next = QueryStateNext { id: part.id };
            part = self.ask_for(Type::QueryStateNext, next).await?;
        }
        let close = QueryStateClose { id: part.id };
        self.ask(Type::QueryStateClose, close).await?;
        Ok(entries)
    }

    /// Sets the transaction's event.
    ///
    /// **Errors**: a second one.
    pub fn emit(&mut self, name: &str, payload: Vec<u8>) -> Result<(), PeerError> {
        if self.event.is_some() {
            return Err(PeerError::SecondEvent);
        }
        self.event = Some(ChaincodeEvent {
            chaincode_id: self.transaction.chaincode.clone(),
            tx_id: self.transaction.id.clone(),
            event_name: name.to_owned(),
            payload,
        });
        Ok(())
    }

    /// Writes what waits, and gives the event.
    pub(crate) async fn finish(mut self) -> Result<Option<ChaincodeEvent>, PeerError> {
        self.flush().await?;
        Ok(self.event)
    }

    /// Asks the peer, after it has got all writes, and gives the payload of its reply.
    pub(crate) async fn ask(
        &mut self,
        kind: Type,
        request: impl Message,
    ) -> Result<Vec<u8>, PeerError> {
        self.flush().await?;
        self.send(kind, request).await
    }

    async fn send(&mut self, kind: Type, request: impl Message) -> Result<Vec<u8>, PeerError> {
        let reply = self.run.ask(kind, request.encode_to_vec()).await;
        let reply = reply.ok_or(PeerError::GivenUp)?;
        match reply.r#type() {
            Type::Response => Ok(reply.payload),
            _ => Err(PeerError::Refused(
                String::from_utf8_lossy(&reply.payload).into_owned(),
            )),
        }
    }

    /// As `ask`, for a reply that is a message itself.
    pub(crate) async fn ask_for<M: Message + Default>(
        &mut self,
        kind: Type,
        request: impl Message,
    ) -> Result<M, PeerError> {
        Ok(M::decode(self.ask(kind, request).await?.as_slice())?)
    }

    async fn read(
        &mut self,
        kind: Type,
        space: Space<'_>,
        key: &str,
    ) -> Result<Option<Vec<u8>>, PeerError> {
        let request = GetState {
            key: key.to_owned(),
            collection: space.0.to_owned(),
        };
        Ok(present(self.ask(kind, request).await?))
    }
}

/// Fabric stores no empty value: an empty answer is a key that is not there.
fn present(value: Vec<u8>) -> Option<Vec<u8>> {
    (!value.is_empty()).then_some(value)
}
