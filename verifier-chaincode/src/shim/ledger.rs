//! A transaction's view of the peer's ledger: each read and write is a message to the peer and its
//! reply.

use super::state::RangePage;
use super::stream::Run;
use crate::ledger::{Ledger, LedgerError, ScanPage, TxContext};
use crate::state_key::StateKey;
use collections_config::CollectionName;
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{
    ChaincodeEvent, GetState, GetStateByRange, PutState, QueryMetadata, QueryResponse,
    QueryResponseMetadata, QueryStateClose, QueryStateNext,
};
use fabric_shim_protos::queryresult::Kv;
use prost::Message;
use std::sync::Arc;

/// Largest page of a scan, as on the embedded ledger.
pub(super) const MAX_PAGE: u32 = 1000;
/// Above every key: keys are printable ASCII.
const AFTER_ALL: char = '\u{7f}';

/// A transaction's view of the peer's ledger.
pub struct PeerLedger {
    run: Arc<Run>,
    context: TxContext,
    creator: Vec<u8>,
    event: Option<ChaincodeEvent>,
}

impl PeerLedger {
    pub(super) fn new(run: Arc<Run>, context: TxContext, creator: Vec<u8>) -> Self {
        PeerLedger {
            run,
            context,
            creator,
            event: None,
        }
    }

    /// Who signed the proposal, as Fabric serialises it.
    pub fn creator(&self) -> &[u8] {
        &self.creator
    }

    /// The transaction's event, as its answer carries it.
    pub(super) fn into_event(self) -> Option<ChaincodeEvent> {
        self.event
    }

    pub(super) async fn ask(&self, kind: Type, payload: Vec<u8>) -> Result<Vec<u8>, LedgerError> {
        let reply = self.run.ask(kind, payload).await;
        let reply = reply.ok_or_else(|| {
            LedgerError::Store("the peer does not wait for this transaction any more".to_owned())
        })?;
        match reply.r#type() {
            Type::Response => Ok(reply.payload),
            _ => Err(LedgerError::Store(
                String::from_utf8_lossy(&reply.payload).into_owned(),
            )),
        }
    }

    async fn read(
        &self,
        kind: Type,
        collection: &str,
        key: &StateKey,
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        let request = GetState {
            key: key.as_str().to_owned(),
            collection: collection.to_owned(),
        };
        let value = self.ask(kind, request.encode_to_vec()).await?;
        // Fabric stores no empty value: an empty answer is a key that is not there.
        Ok((!value.is_empty()).then_some(value))
    }

    async fn write(
        &self,
        collection: &str,
        key: &StateKey,
        value: Vec<u8>,
    ) -> Result<(), LedgerError> {
        let request = PutState {
            key: key.as_str().to_owned(),
            value,
            collection: collection.to_owned(),
        };
        self.ask(Type::PutState, request.encode_to_vec())
            .await
            .map(drop)
    }

    async fn page(
        &self,
        prefix: &StateKey,
        page_size: u32,
        bookmark: &str,
    ) -> Result<ScanPage, LedgerError> {
        if !bookmark.is_empty() && !bookmark.starts_with(prefix.as_str()) {
            return Err(LedgerError::Bookmark);
        }
        let end = format!("{prefix}{AFTER_ALL}");
        let (found, bookmark) = self
            .range_page(
                "",
                (prefix.as_str(), &end),
                page_size.clamp(1, MAX_PAGE),
                bookmark,
            )
            .await?;
        let parse = |(key, value): (String, Vec<u8>)| match StateKey::parse(&key) {
            Ok(parsed) => Ok((parsed, value)),
            Err(_) => Err(LedgerError::Store(format!("{key}: not a key"))),
        };
        Ok(ScanPage {
            entries: found.into_iter().map(parse).collect::<Result<_, _>>()?,
            bookmark,
        })
    }

    /// A page may come in several parts.
    pub(super) async fn range_page(
        &self,
        collection: &str,
        (from, to): (&str, &str),
        page_size: u32,
        bookmark: &str,
    ) -> Result<RangePage, LedgerError> {
        let size = i32::try_from(page_size).unwrap_or(1);
        let request = GetStateByRange {
            start_key: from.to_owned(),
            end_key: to.to_owned(),
            collection: collection.to_owned(),
            metadata: QueryMetadata {
                page_size: size,
                bookmark: bookmark.to_owned(),
            }
            .encode_to_vec(),
        };
        let mut part: QueryResponse = decode(
            &self
                .ask(Type::GetStateByRange, request.encode_to_vec())
                .await?,
        )?;
        let metadata: QueryResponseMetadata = decode(&part.metadata)?;
        let mut entries = Vec::new();
        loop {
            for result in &part.results {
                let kv: Kv = decode(&result.result_bytes)?;
                entries.push((kv.key, kv.value));
            }
            if !part.has_more {
                break;
            }
            let next = QueryStateNext {
                id: part.id.clone(),
            };
            part = decode(&self.ask(Type::QueryStateNext, next.encode_to_vec()).await?)?;
        }
        self.ask(
            Type::QueryStateClose,
            QueryStateClose { id: part.id }.encode_to_vec(),
        )
        .await?;
        let is_last = entries.len() < size as usize;
        Ok((
            entries,
            if is_last {
                String::new()
            } else {
                metadata.bookmark
            },
        ))
    }
}

pub(super) fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, LedgerError> {
    M::decode(bytes).map_err(|e| LedgerError::Store(format!("the peer's answer: {e}")))
}

impl Ledger for PeerLedger {
    fn tx(&self) -> &TxContext {
        &self.context
    }
    async fn get(&mut self, key: &StateKey) -> Result<Option<Vec<u8>>, LedgerError> {
        self.read(Type::GetState, "", key).await
    }
    async fn put(&mut self, key: &StateKey, value: Vec<u8>) -> Result<(), LedgerError> {
        self.write("", key, value).await
    }
    async fn scan(
        &mut self,
        prefix: &StateKey,
        page_size: u32,
        bookmark: &str,
    ) -> Result<ScanPage, LedgerError> {
        self.page(prefix, page_size, bookmark).await
    }
    async fn get_private(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
    ) -> Result<Option<Vec<u8>>, LedgerError> {
        self.read(Type::GetState, &collection.to_string(), key)
            .await
    }
    async fn put_private(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
        value: Vec<u8>,
    ) -> Result<(), LedgerError> {
        self.write(&collection.to_string(), key, value).await
    }
    async fn private_hash(
        &mut self,
        collection: &CollectionName,
        key: &StateKey,
    ) -> Result<Option<[u8; 32]>, LedgerError> {
        let hash = self
            .read(Type::GetPrivateDataHash, &collection.to_string(), key)
            .await?;
        let exact = |h: Vec<u8>| {
            h.try_into()
                .map_err(|_| LedgerError::Store("expected a hash of 32 bytes".to_owned()))
        };
        hash.map(exact).transpose()
    }
    fn emit(&mut self, name: &str, payload: Vec<u8>) -> Result<(), LedgerError> {
        if self.event.is_some() {
            return Err(LedgerError::SecondEvent);
        }
        let (tx_id, chaincode_id) = (self.context.tx_id.clone(), self.context.chaincode.clone());
        self.event = Some(ChaincodeEvent {
            chaincode_id,
            tx_id,
            event_name: name.to_owned(),
            payload,
        });
        Ok(())
    }
}
