//! Reading the chain: blocks, transactions, events.

use super::ledger::{EmbeddedLedger, Inner};
use super::verdict::verdict;
use medveil_embedded_wire::format::{BlockHeader, Envelope, Hash, ValidationCode};
use medveil_ledger::{
    BlockRecord, Called, Checkpoint, LedgerError, LedgerEvent, TransactionRecord,
    TransactionSummary,
};

/// A block with the verdicts on its transactions.
pub struct BlockView {
    pub header: BlockHeader,
    pub hash: Hash,
    /// Envelopes (none where the bytes are no envelope) and verdicts.
    pub transactions: Vec<(Option<Envelope>, ValidationCode)>,
}

/// A transaction with its place and verdict.
pub struct TransactionView {
    pub block: u64,
    /// Place in the block.
    pub tx: u32,
    pub code: ValidationCode,
    pub envelope: Envelope,
}

impl BlockView {
    /// The block as readers of any ledger see it.
    pub fn record(&self) -> BlockRecord {
        let summary = |(envelope, code): &(Option<Envelope>, ValidationCode)| TransactionSummary {
            called: envelope.as_ref().map_or(Called::Unreadable, call_of),
            verdict: verdict(*code),
        };
        BlockRecord {
            number: self.header.number,
            hash: hex::encode(self.hash),
            transactions: self.transactions.iter().map(summary).collect(),
        }
    }

    /// What the contract told the world in it, from a place in the chain on.
    pub fn events(self, from: Checkpoint) -> Vec<LedgerEvent> {
        let block = self.header.number;
        let last = self.transactions.len();
        let event = |(tx, (envelope, code)): (usize, (Option<Envelope>, ValidationCode))| {
            // Blocks hold at most a few hundred transactions, so the casts are exact.
            let is_seen = Checkpoint {
                block,
                tx: tx as u32,
            } < from;
            let Envelope {
                proposal, action, ..
            } = envelope.filter(|_| !is_seen && code == ValidationCode::Valid)?;
            let event = action.event?;
            let next = match tx + 1 == last {
                true => (block + 1, 0),
                false => (block, tx as u32 + 1),
            };
            Some(LedgerEvent {
                next: Checkpoint {
                    block: next.0,
                    tx: next.1,
                },
                block,
                tx_id: proposal.tx_id(),
                timestamp_ms: proposal.timestamp_ms,
                name: event.name,
                payload: event.payload,
            })
        };
        let transactions = self.transactions.into_iter().enumerate();
        transactions.filter_map(event).collect()
    }
}

fn call_of(envelope: &Envelope) -> Called {
    let function = envelope.proposal.args.first();
    Called::Contract {
        function: function.map_or_else(String::new, |n| String::from_utf8_lossy(n).into_owned()),
        submitter: envelope.proposal.creator.msp_id.clone(),
    }
}

impl TransactionView {
    /// The transaction as readers of any ledger see it.
    pub fn record(&self) -> TransactionRecord {
        let Envelope {
            proposal, action, ..
        } = &self.envelope;
        let endorsers = self.envelope.peers().map(|peer| peer.msp_id.clone());
        let writes = action.set.writes.iter();
        TransactionRecord {
            tx_id: proposal.tx_id(),
            block: self.block,
            verdict: verdict(self.code),
            called: call_of(&self.envelope),
            endorsers: endorsers.collect(),
            writes: writes.map(|w| (w.key.clone(), w.value.len())).collect(),
            collections: action.set.written_collections().cloned().collect(),
            envelope: self.envelope.to_bytes(),
        }
    }
}

impl Inner {
    fn block_view(&self, number: u64) -> Result<BlockView, LedgerError> {
        let block = self
            .ordering
            .lock()
            .chain
            .block(number)
            .map_err(LedgerError::read)?;
        let peer = self.peers.values().next();
        let peer = peer.ok_or_else(|| LedgerError::read("no organisation"))?;
        let codes = peer
            .state()
            .snapshot()
            .and_then(|s| s.codes(number))
            .map_err(LedgerError::read)?;
        let codes =
            codes.ok_or_else(|| LedgerError::read(format!("block {number} is not applied yet")))?;
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

    /// A block with its verdicts.
    ///
    /// **Errors**: no such block, or it is damaged.
    pub fn block(&self, number: u64) -> Result<BlockView, LedgerError> {
        self.0.block_view(number)
    }

    /// A transaction by its id; none when it was never ordered.
    ///
    /// **Errors**: the ledger could not be read.
    pub fn transaction(&self, tx_id: &str) -> Result<Option<TransactionView>, LedgerError> {
        let Some(peer) = self.0.peers.values().next() else {
            return Ok(None);
        };
        let record = peer
            .state()
            .snapshot()
            .and_then(|s| s.tx(tx_id))
            .map_err(LedgerError::read)?;
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
            return Err(LedgerError::read(format!("transaction {tx_id}: damaged")));
        };
        Ok(Some(TransactionView {
            block: record.block,
            tx: record.tx,
            code,
            envelope,
        }))
    }

    /// Events of valid transactions, from a place in the chain on.
    ///
    /// **Errors**: the ledger could not be read.
    pub fn events(&self, from: Checkpoint) -> Result<Vec<LedgerEvent>, LedgerError> {
        let mut events = Vec::new();
        for number in from.block..self.height() {
            events.extend(self.block(number)?.events(from));
        }
        Ok(events)
    }
}
