//! Blocks as they are committed, and what the contract said in each: the peer's deliver service.
//!
//! Source: Fabric's `protos.Deliver` service and its seek messages (hyperledger/fabric-protos,
//! `orderer/ab.proto`, `peer/events.proto`). Events are read from whole blocks, so that each has
//! its transaction's signatures checked, and a place in the chain from which a listener can go on.

use super::client::FabricClient;
use super::failure::Failure;
use medveil_fabric_wire::proto::{
    ChannelHeader, DeliverResponse, Envelope, Header, Payload, SeekInfo, SeekPosition,
    SeekSpecified, SignatureHeader,
};
use medveil_fabric_wire::{Expected, FormError, Outline, Recorded, WholeBlock, creator_bytes};
use medveil_ledger::{Checkpoint, LedgerError, LedgerEvent, Notice};
use medveil_msp::Identity;
use prost::Message;
use tokio::sync::mpsc;
use tonic::Streaming;

/// `HeaderType.DELIVER_SEEK_INFO`.
const DELIVER_SEEK_INFO: i32 = 5;
/// `Status.SUCCESS`: everything that was asked for has been sent.
const SUCCESS: i32 = 200;

/// Why blocks that were delivered are not believed.
#[derive(Debug, thiserror::Error)]
enum DeliverError {
    #[error("deliver: the peer refuses with status {0}")]
    Refused(i32),
    #[error("deliver: expected block {expected}, got block {got}")]
    Number { expected: u64, got: u64 },
    #[error("block {number}: expected {expected} validation codes, got {got}")]
    Verdicts {
        number: u64,
        expected: usize,
        got: usize,
    },
}

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
    pub async fn next(&mut self) -> Result<Option<WholeBlock>, LedgerError> {
        let answer = self.incoming.message().await.map_err(Failure::of)?;
        let Some(DeliverResponse { status, block }) = answer else {
            let what = "the peer ended the stream of blocks";
            return Err(LedgerError::Unreachable(what.into()));
        };
        let Some(bytes) = block else {
            return match status {
                SUCCESS => Ok(None),
                _ => Err(LedgerError::read(DeliverError::Refused(status))),
            };
        };
        let block = WholeBlock::read(&bytes).map_err(LedgerError::read)?;
        let (expected, got) = (self.next, block.number());
        if got != expected {
            return Err(LedgerError::read(DeliverError::Number { expected, got }));
        }
        self.next = self.next.saturating_add(1);
        Ok(Some(block))
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
    ) -> Result<Blocks, LedgerError> {
        let (outgoing, requests) = mpsc::channel(1);
        let seek = self.seek(identity, from, to.unwrap_or(u64::MAX))?;
        outgoing.send(seek).await.map_err(LedgerError::read)?;
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

    fn seek(&self, identity: &Identity, from: u64, to: u64) -> Result<Envelope, LedgerError> {
        let signature = SignatureHeader {
            creator: creator_bytes(identity).map_err(LedgerError::read)?,
            nonce: self.nonce().to_vec(),
        };
        let header = Header {
            channel_header: self.seek_header(identity).encode_to_vec(),
            signature_header: signature.encode_to_vec(),
        };
        let at = |number| {
            let specified = Some(SeekSpecified { number });
            Some(SeekPosition { specified })
        };
        let info = SeekInfo {
            start: at(from),
            stop: at(to),
        };
        let payload = Payload {
            header: Some(header),
            data: info.encode_to_vec(),
        }
        .encode_to_vec();
        let signature = identity.sign(&payload).map_err(LedgerError::read)?;
        Ok(Envelope { payload, signature })
    }

    fn seek_header(&self, identity: &Identity) -> ChannelHeader {
        let profile = &self.network.profile;
        let org = profile.org(identity.msp_id());
        let tls_client = org.and_then(|org| org.tls_client.as_ref());
        let now_s = self.network.clock.now_ms() / 1000;
        ChannelHeader {
            kind: DELIVER_SEEK_INFO,
            channel_id: profile.channel.clone(),
            timestamp: Some(prost_types::Timestamp {
                seconds: i64::try_from(now_s).unwrap_or(i64::MAX),
                nanos: 0,
            }),
            // Peers that ask for clients' certificates want to see theirs named here.
            tls_cert_hash: tls_client
                .map(|tls| tls.certificate_hash().to_vec())
                .unwrap_or_default(),
            ..ChannelHeader::default()
        }
    }
}

/// What the transactions of a block that count said in the contract's name, from a place in the
/// chain on.
///
/// **Errors**: the block has not one verdict for each transaction.
pub fn notices_of(
    block: &WholeBlock,
    expected: &Expected<'_>,
    from: Checkpoint,
) -> Result<Vec<Notice>, LedgerError> {
    let (number, verdicts) = (block.number(), block.verdicts());
    let (expected_codes, got) = (block.transactions.len(), verdicts.len());
    if expected_codes != got {
        return Err(LedgerError::read(DeliverError::Verdicts {
            number,
            expected: expected_codes,
            got,
        }));
    }
    let mut all = Vec::new();
    for (tx, (bytes, verdict)) in (0u32..).zip(block.transactions.iter().zip(verdicts)) {
        let place = Checkpoint { block: number, tx };
        if verdict.is_valid() && place >= from {
            all.extend(notice_of(bytes, expected, place));
        }
    }
    Ok(all)
}

fn notice_of(bytes: &[u8], expected: &Expected<'_>, place: Checkpoint) -> Option<Notice> {
    let next = Checkpoint {
        tx: place.tx.saturating_add(1),
        ..place
    };
    let unreadable = |reason: FormError| {
        Some(Notice::Unreadable {
            next,
            block: place.block,
            tx_id: Outline::tx_id(bytes).unwrap_or_default(),
            reason: reason.0,
        })
    };
    match Outline::read(bytes) {
        Err(reason) => return unreadable(reason),
        Ok(outline) if outline.chaincode.as_deref() != Some(expected.chaincode) => return None,
        Ok(_) => {}
    }
    match Recorded::on_chain(bytes, expected) {
        Err(reason) => unreadable(reason),
        Ok(recorded) => {
            let (name, payload) = recorded.event?;
            Some(Notice::Event(LedgerEvent {
                next,
                block: place.block,
                tx_id: recorded.tx_id,
                timestamp_ms: recorded.timestamp_ms,
                name,
                payload,
            }))
        }
    }
}

#[cfg(test)]
mod tests;
