//! Blocks as they are committed, and what the contract said in each: the peer's deliver service.
//!
//! Source: Fabric's `protos.Deliver` service and its seek messages (hyperledger/fabric-protos,
//! `orderer/ab.proto`, `peer/events.proto`). Events are read from whole blocks, so that each has
//! its transaction's signatures checked, and a place in the chain from which a listener can go on.

use super::block::WholeBlock;
use super::client::FabricClient;
use super::outline::Outline;
use super::peer::Failure;
use super::proposal::creator_bytes;
use super::proto::{DeliverResponse, SeekInfo, SeekPosition, SeekSpecified, VALID};
use super::recorded::{Expected, Recorded};
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
    /// Number of the next block.
    next: u64,
    /// While it lives the peer goes on sending.
    _outgoing: mpsc::Sender<Envelope>,
}

impl Blocks {
    /// The next block; none after the last that was asked for. Waits for blocks that are not
    /// committed yet.
    ///
    /// **Errors**: the stream broke, the peer refuses, or what came is not the next block.
    pub async fn next(&mut self) -> Result<Option<WholeBlock>, BackendError> {
        let answer = self
            .incoming
            .message()
            .await
            .map_err(|status| Failure::new(&status))?;
        match answer {
            Some(DeliverResponse {
                block: Some(bytes), ..
            }) => {
                let block = WholeBlock::read(&bytes)
                    .map_err(|e| BackendError::Read(format!("deliver: expected {e}")))?;
                if block.number() != self.next {
                    return Err(BackendError::Read(format!(
                        "deliver: expected block {}, got block {}",
                        self.next,
                        block.number()
                    )));
                }
                self.next = self.next.saturating_add(1);
                Ok(Some(block))
            }
            // `Status.SUCCESS`: everything that was asked for has been sent.
            Some(DeliverResponse { status: 200, .. }) => Ok(None),
            Some(DeliverResponse { status, .. }) => Err(BackendError::Read(format!(
                "deliver: the peer refuses with status {status}"
            ))),
            None => Err(BackendError::Unreachable(
                "the peer ended the stream of blocks".to_owned(),
            )),
        }
    }
}

impl FabricClient {
    /// Blocks from a number on, as the own peer commits them: up to and with `to`, or for ever.
    ///
    /// **Errors**: the peer is not reachable.
    pub async fn blocks(
        &self,
        identity: &Identity,
        from: u64,
        to: Option<u64>,
    ) -> Result<Blocks, BackendError> {
        let (outgoing, requests) = mpsc::channel(1);
        let seek = self.seek(identity, from, to.unwrap_or(u64::MAX))?;
        outgoing
            .send(seek)
            .await
            .map_err(|e| BackendError::Read(e.to_string()))?;
        let peer = self.peer(identity.msp_id()).await?;
        let incoming = match peer.stream("/protos.Deliver/Deliver", requests).await {
            Ok(incoming) => incoming,
            Err(failure) => {
                self.forget(identity.msp_id());
                return Err(failure.into());
            }
        };
        Ok(Blocks {
            incoming,
            next: from,
            _outgoing: outgoing,
        })
    }

    fn seek(&self, identity: &Identity, from: u64, to: u64) -> Result<Envelope, BackendError> {
        let read = |e: &dyn std::fmt::Display| BackendError::Read(format!("deliver: {e}"));
        let now = self.network.clock.now_ms();
        let tls_client = self
            .network
            .profile
            .org(identity.msp_id())
            .and_then(|org| org.tls_client.as_ref());
        let channel = ChannelHeader {
            r#type: DELIVER_SEEK_INFO,
            channel_id: self.network.profile.channel.clone(),
            timestamp: Some(prost_types::Timestamp {
                seconds: i64::try_from(now / 1000).unwrap_or(i64::MAX),
                nanos: 0,
            }),
            // Peers that ask for clients' certificates want to see theirs named here.
            tls_cert_hash: tls_client
                .map(|tls| tls.certificate_hash().to_vec())
                .unwrap_or_default(),
            ..ChannelHeader::default()
        };
        let signature = SignatureHeader {
            creator: creator_bytes(identity).map_err(|e| read(&e))?,
            nonce: self.nonce().to_vec(),
        };
        let header = Header {
            channel_header: channel.encode_to_vec(),
            signature_header: signature.encode_to_vec(),
        };
        let at = |number| {
            Some(SeekPosition {
                specified: Some(SeekSpecified { number }),
            })
        };
        let data = SeekInfo {
            start: at(from),
            stop: at(to),
        }
        .encode_to_vec();
        let payload = Payload {
            header: Some(header),
            data,
        }
        .encode_to_vec();
        let signature = identity.sign(&payload).map_err(|e| read(&e))?;
        Ok(Envelope { payload, signature })
    }

    /// What the contract's valid transactions of a block said, from a place in the chain on.
    ///
    /// **Errors**: a block without a verdict for each of its transactions.
    pub fn events_of(
        &self,
        block: &WholeBlock,
        from: Checkpoint,
    ) -> Result<Vec<Told>, BackendError> {
        told(block, &self.network.expected(), from)
    }
}

/// What a listener hears of a transaction that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// What the contract told the world.
    Event(LedgerEvent),
    /// The network counts it, and it is not of a form that the contract makes: no event is taken
    /// from it.
    Unreadable {
        /// Where to go on.
        next: Checkpoint,
        /// Block number.
        block: u64,
        /// Transaction id as it names itself; empty where it names none.
        tx_id: String,
        /// What was expected.
        reason: &'static str,
    },
}

/// What the valid transactions of a block said in the contract's name, from a place in the chain
/// on.
///
/// **Errors**: the block has not one verdict for each transaction.
pub fn told(
    block: &WholeBlock,
    expected: &Expected<'_>,
    from: Checkpoint,
) -> Result<Vec<Told>, BackendError> {
    let (number, verdicts) = (block.number(), block.verdicts());
    let (wanted, got) = (block.transactions.len(), verdicts.len());
    if wanted != got {
        return Err(BackendError::Read(format!(
            "block {number}: expected {wanted} validation codes, got {got}"
        )));
    }
    let mut all = Vec::new();
    for (tx, (bytes, (code, _))) in (0u32..).zip(block.transactions.iter().zip(verdicts)) {
        if code != VALID || (Checkpoint { block: number, tx }) < from {
            continue;
        }
        let next = Checkpoint {
            block: number,
            tx: tx.saturating_add(1),
        };
        let unreadable = |reason| Told::Unreadable {
            next,
            block: number,
            tx_id: Outline::tx_id(bytes).unwrap_or_default(),
            reason,
        };
        match Outline::read(bytes) {
            Err(reason) => all.push(unreadable(reason)),
            Ok(outline) if outline.chaincode.as_deref() != Some(expected.chaincode) => {}
            Ok(_) => match Recorded::on_chain(bytes, expected) {
                Err(reason) => all.push(unreadable(reason)),
                Ok(Recorded {
                    event: Some((name, payload)),
                    tx_id,
                    timestamp_ms,
                    ..
                }) => {
                    all.push(Told::Event(LedgerEvent {
                        next,
                        block: number,
                        tx_id,
                        timestamp_ms,
                        name,
                        payload,
                    }));
                }
                Ok(_) => {}
            },
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests;
