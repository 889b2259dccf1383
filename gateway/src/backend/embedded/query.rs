//! Reading the chain: blocks, transactions, events.

use super::format::{BlockHeader, Envelope, Hash, ValidationCode};
use super::{EmbeddedLedger, Inner};
use crate::backend::{BackendError, Checkpoint, LedgerEvent};
use std::collections::VecDeque;
use std::sync::Arc;

/// A block with the verdicts on its transactions.
pub struct BlockView {
    /// Header.
    pub header: BlockHeader,
    /// Its hash.
    pub hash: Hash,
    /// Envelopes (none where the bytes are no envelope) and verdicts.
    pub transactions: Vec<(Option<Envelope>, ValidationCode)>,
}

/// A transaction with its place and verdict.
pub struct TransactionView {
    /// Block number.
    pub block: u64,
    /// Place in the block.
    pub tx: u32,
    /// Verdict.
    pub code: ValidationCode,
    /// The envelope.
    pub envelope: Envelope,
}

impl Inner {
    fn block_view(&self, number: u64) -> Result<BlockView, BackendError> {
        let read = |e: &dyn std::fmt::Display| BackendError::Read(e.to_string());
        let block = self
            .ordering
            .lock()
            .chain
            .block(number)
            .map_err(|e| read(&e))?;
        let Some(peer) = self.peers.values().next() else {
            return Err(BackendError::Read("no organisation".to_string()));
        };
        let codes = peer
            .state()
            .snapshot()
            .and_then(|s| s.codes(number))
            .map_err(|e| read(&e))?;
        let codes = codes
            .ok_or_else(|| BackendError::Read(format!("block {number} is not applied yet")))?;
        let hash = block.header.hash();
        let envelopes = block
            .envelopes
            .iter()
            .map(|bytes| Envelope::from_bytes(bytes).ok());
        Ok(BlockView {
            header: block.header,
            hash,
            transactions: envelopes.zip(codes).collect(),
        })
    }
}

impl EmbeddedLedger {
    /// Number of blocks.
    pub fn height(&self) -> u64 {
        self.0.ordering.lock().chain.height()
    }

    /// A block.
    ///
    /// **Errors**: no such block, or it is damaged.
    pub fn block(&self, number: u64) -> Result<BlockView, BackendError> {
        self.0.block_view(number)
    }

    /// A transaction by its id; none when it was never ordered.
    ///
    /// **Errors**: the ledger could not be read.
    pub fn transaction(&self, tx_id: &str) -> Result<Option<TransactionView>, BackendError> {
        let Some(peer) = self.0.peers.values().next() else {
            return Ok(None);
        };
        let record = peer
            .state()
            .snapshot()
            .and_then(|s| s.tx(tx_id))
            .map_err(|e| BackendError::Read(e.to_string()))?;
        let Some(record) = record else {
            return Ok(None);
        };
        let found = self
            .0
            .block_view(record.block)?
            .transactions
            .into_iter()
            .nth(record.tx as usize);
        let Some((Some(envelope), code)) = found else {
            return Err(BackendError::Read(format!("transaction {tx_id}: damaged")));
        };
        Ok(Some(TransactionView {
            block: record.block,
            tx: record.tx,
            code,
            envelope,
        }))
    }
}

/// Events of valid transactions, from a checkpoint to the end of the chain as it is now.
pub struct Events {
    inner: Arc<Inner>,
    next: Checkpoint,
    buffer: VecDeque<LedgerEvent>,
    failed: bool,
}

impl Events {
    pub(super) fn new(inner: Arc<Inner>, from: Checkpoint) -> Self {
        Events {
            inner,
            next: from,
            buffer: VecDeque::new(),
            failed: false,
        }
    }

    fn fill(&mut self) -> Result<bool, BackendError> {
        if self.next.block >= self.inner.ordering.lock().chain.height() {
            return Ok(false);
        }
        let Checkpoint {
            block: number,
            tx: from,
        } = self.next;
        let block = self.inner.block_view(number)?;
        let last = block.transactions.len();
        for (tx, (envelope, code)) in block
            .transactions
            .into_iter()
            .enumerate()
            .skip(from as usize)
        {
            let Some(Envelope {
                proposal, action, ..
            }) = envelope.filter(|_| code == ValidationCode::Valid)
            else {
                continue;
            };
            let Some(event) = action.event else { continue };
            // Blocks hold at most a few hundred transactions, so the cast is exact.
            let next = if tx + 1 == last {
                Checkpoint {
                    block: number + 1,
                    tx: 0,
                }
            } else {
                Checkpoint {
                    block: number,
                    tx: tx as u32 + 1,
                }
            };
            self.buffer.push_back(LedgerEvent {
                next,
                block: number,
                tx_id: proposal.tx_id(),
                timestamp_ms: proposal.timestamp_ms,
                name: event.name,
                payload: event.payload,
            });
        }
        self.next = Checkpoint {
            block: number + 1,
            tx: 0,
        };
        Ok(true)
    }
}

impl Iterator for Events {
    type Item = Result<LedgerEvent, BackendError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(event) = self.buffer.pop_front() {
                return Some(Ok(event));
            }
            if self.failed {
                return None;
            }
            match self.fill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(e) => {
                    self.failed = true;
                    return Some(Err(e));
                }
            }
        }
    }
}
