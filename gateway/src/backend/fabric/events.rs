//! Blocks as they are committed, and what the contract said in each: the peer's deliver service.
//!
//! Source: Fabric's `protos.Deliver` service and its seek messages (hyperledger/fabric-protos, `orderer/ab.proto`, `peer/events.proto`). Events are
//! read from whole blocks, so that each has its transaction's signatures checked, and a place in the chain from which a listener can go on.

use super::block::WholeBlock;
use super::client::FabricClient;
use super::peer::Failure;
use super::proposal::creator_bytes;
use super::proto::{DeliverResponse, SeekInfo, SeekPosition, SeekSpecified, VALID};
use super::recorded::Recorded;
use crate::backend::{BackendError, Checkpoint, LedgerEvent};
use crate::msp::Identity;
use fabric_shim_protos::common::{ChannelHeader, Envelope, Header, Payload, SignatureHeader};
use prost::Message;
use tokio::sync::mpsc;
use tonic::Streaming;

/// `HeaderType.DELIVER_SEEK_INFO`.
const DELIVER_SEEK_INFO: i32 = 5;

/// Blocks of the own peer, in order.
pub struct Blocks {
    incoming: Streaming<DeliverResponse>,
    /// While it lives the peer goes on sending.
    _outgoing: mpsc::Sender<Envelope>,
}

impl Blocks {
    /// The next block; none after the last that was asked for. Waits for blocks that are not committed yet.
    ///
    /// **Errors**: the stream broke, the peer refuses, or what came is no block.
    pub async fn next(&mut self) -> Result<Option<WholeBlock>, BackendError> {
        let answer = self.incoming.message().await.map_err(|status| Failure::new(&status))?;
        match answer {
            Some(DeliverResponse { block: Some(bytes), .. }) => {
                WholeBlock::read(&bytes).map(Some).map_err(|e| BackendError::Read(format!("deliver: expected {e}")))
            }
            // `Status.SUCCESS`: everything that was asked for has been sent.
            Some(DeliverResponse { status: 200, .. }) => Ok(None),
            Some(DeliverResponse { status, .. }) => Err(BackendError::Read(format!("deliver: the peer refuses with status {status}"))),
            None => Err(BackendError::Unreachable("the peer ended the stream of blocks".to_owned())),
        }
    }
}

impl FabricClient {
    /// Blocks from a number on, as the own peer commits them: up to and with `to`, or for ever.
    ///
    /// **Errors**: the peer is not reachable.
    pub async fn blocks(&self, identity: &Identity, from: u64, to: Option<u64>) -> Result<Blocks, BackendError> {
        let (outgoing, requests) = mpsc::channel(1);
        let seek = self.seek(identity, from, to.unwrap_or(u64::MAX))?;
        outgoing.send(seek).await.map_err(|e| BackendError::Read(e.to_string()))?;
        let peer = self.peer(identity.msp_id()).await?;
        let incoming = match peer.stream("/protos.Deliver/Deliver", requests).await {
            Ok(incoming) => incoming,
            Err(failure) => {
                self.forget(identity.msp_id());
                return Err(failure.into());
            }
        };
        Ok(Blocks { incoming, _outgoing: outgoing })
    }

    fn seek(&self, identity: &Identity, from: u64, to: u64) -> Result<Envelope, BackendError> {
        let read = |e: &dyn std::fmt::Display| BackendError::Read(format!("deliver: {e}"));
        let now = self.network.clock.now_ms();
        let channel = ChannelHeader {
            r#type: DELIVER_SEEK_INFO,
            channel_id: self.network.profile.channel.clone(),
            timestamp: Some(prost_types::Timestamp { seconds: i64::try_from(now / 1000).unwrap_or(i64::MAX), nanos: 0 }),
            ..ChannelHeader::default()
        };
        let signature = SignatureHeader { creator: creator_bytes(identity).map_err(|e| read(&e))?, nonce: self.nonce().to_vec() };
        let header = Header { channel_header: channel.encode_to_vec(), signature_header: signature.encode_to_vec() };
        let at = |number| Some(SeekPosition { specified: Some(SeekSpecified { number }) });
        let data = SeekInfo { start: at(from), stop: at(to) }.encode_to_vec();
        let payload = Payload { header: Some(header), data }.encode_to_vec();
        let signature = identity.sign(&payload).map_err(|e| read(&e))?;
        Ok(Envelope { payload, signature })
    }

    /// What the contract's valid transactions of a block said, from a place in the chain on.
    ///
    /// **Errors**: a transaction that the channel counts and that is not properly signed.
    pub fn events_of(&self, block: &WholeBlock, from: Checkpoint) -> Result<Vec<LedgerEvent>, BackendError> {
        let (expected, number) = (self.network.expected(), block.number());
        let mut events = Vec::new();
        for (tx, (bytes, (code, _))) in (0u32..).zip(block.transactions.iter().zip(block.verdicts())) {
            let is_ours = Recorded::target(bytes).is_some_and(|(chaincode, _)| chaincode == expected.chaincode);
            if code != VALID || !is_ours || (Checkpoint { block: number, tx }) < from {
                continue;
            }
            let wrong = |e| BackendError::Read(format!("block {number}, transaction {tx}: expected {e}"));
            let recorded = Recorded::read(bytes, &expected).map_err(wrong)?;
            if let Some((name, payload)) = recorded.event {
                let next = Checkpoint { block: number, tx: tx.saturating_add(1) };
                events.push(LedgerEvent { next, block: number, tx_id: recorded.tx_id, timestamp_ms: recorded.timestamp_ms, name, payload });
            }
        }
        Ok(events)
    }
}
