//! Ordering: private values are staged at their members, the block is appended and synced (the
//! commit point), every organisation applies it.
//!
//! This object holds no organisation's key. It does not decide what is valid either: every
//! organisation does, and they must agree.

use super::apply::ApplyError;
use super::chain::ChainError;
use super::faults::{Fault, WritePoint};
use super::ledger::{EmbeddedLedger, Inner};
use super::peer::Peer;
use super::prepared::Prepared;
use super::stores::{Losses, StoreError};
use medveil_collections_config::MspId;
use medveil_embedded_wire::format::{
    Block, Hash, HashedWrite, MAX_ENVELOPE, PrivateWrite, ReadWriteSet, ValidationCode, sha256,
};
use medveil_embedded_wire::{Rejected, Rules, Screened};
use std::collections::BTreeMap;

/// Most transactions in a block.
pub const MAX_BLOCK_TXS: usize = 500;
/// Most bytes of envelopes in a block.
///
/// **Units**: bytes.
pub const MAX_BLOCK_BYTES: usize = 32 << 20;

/// Why something was not ordered, or not applied.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// Arguments and write set are too large.
    #[error("expected an envelope of at most {MAX_ENVELOPE} bytes, got {0}")]
    TooLarge(usize),
    /// The private values do not belong to the hashes in the envelope.
    #[error("private values are not those of the prepared transaction")]
    PrivateValues,
    /// The ledger failed before. Whether the transaction counts is known after opening it anew.
    #[error("the ledger stopped in the middle of a block: run the command again")]
    Stopped,
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// An organisation's private store, before anything was ordered.
    #[error("{msp_id}")]
    Stage { msp_id: MspId, source: StoreError },
    /// An organisation could not apply an ordered block; it catches up at the next opening.
    #[error("{msp_id}")]
    Apply { msp_id: MspId, source: ApplyError },
    /// Organisations came to different verdicts.
    #[error(
        "block {0}: organisations disagree on what is valid: `medveil ledger audit` says where"
    )]
    Diverged(u64),
    /// A test stopped the process here.
    #[error("stopped by a test at {0:?}")]
    Interrupted(WritePoint),
}

/// What became of one envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    pub tx_id: String,
    pub block: u64,
    /// Place in the block.
    pub tx: u32,
    pub code: ValidationCode,
}

impl EmbeddedLedger {
    /// Orders envelopes, as many in one block as fit, and gives each its verdict.
    ///
    /// **Errors**: an envelope or its private values are not acceptable, or the ledger failed; then
    /// open it anew.
    pub fn order(&self, prepared: Vec<Prepared>) -> Result<Vec<Ordered>, OrderError> {
        self.0.order(prepared)
    }
}

impl Inner {
    pub(super) fn order(&self, prepared: Vec<Prepared>) -> Result<Vec<Ordered>, OrderError> {
        for p in &prepared {
            check_private(&p.envelope.action.set, &p.private)?;
        }
        let sized = prepared.into_iter().map(|p| {
            let bytes = p.envelope.to_bytes();
            if bytes.len() <= MAX_ENVELOPE {
                Ok((p, bytes))
            } else {
                Err(OrderError::TooLarge(bytes.len()))
            }
        });
        let mut blocks: Vec<Vec<(Prepared, Vec<u8>)>> = Vec::new();
        let mut room = 0usize;
        for item in sized.collect::<Result<Vec<_>, _>>()? {
            let len = item.1.len();
            match blocks.last_mut() {
                Some(block) if block.len() < MAX_BLOCK_TXS && len <= room => {
                    room -= len;
                    block.push(item);
                }
                _ => {
                    room = MAX_BLOCK_BYTES.saturating_sub(len);
                    blocks.push(vec![item]);
                }
            }
        }
        let mut ordered = Vec::new();
        for block in blocks {
            ordered.extend(self.order_block(block)?);
        }
        Ok(ordered)
    }

    fn order_block(&self, items: Vec<(Prepared, Vec<u8>)>) -> Result<Vec<Ordered>, OrderError> {
        let mut state = self.ordering.lock();
        if state.stopped {
            return Err(OrderError::Stopped);
        }
        let tx_ids: Vec<String> = items
            .iter()
            .map(|(p, _)| p.envelope.proposal.tx_id())
            .collect();
        // From here on a failure leaves files in between; only opening anew sorts them out.
        state.stopped = true;
        self.stage(&items)?;
        let envelopes = items.into_iter().map(|(_, bytes)| bytes).collect();
        let block = Block::new(state.chain.height(), state.chain.last_hash(), envelopes);
        state.chain.append(&block, self.faults.as_ref())?;
        let codes = self.apply(&block, Losses::Refused)?;
        if self.faults.at(&WritePoint::Acknowledge) != Fault::None {
            return Err(OrderError::Interrupted(WritePoint::Acknowledge));
        }
        state.stopped = false;
        let number = block.header.number;
        let verdicts = tx_ids.into_iter().zip(codes).zip(0u32..);
        Ok(verdicts
            .map(|((tx_id, code), tx)| Ordered {
                tx_id,
                block: number,
                tx,
                code,
            })
            .collect())
    }

    fn stage(&self, items: &[(Prepared, Vec<u8>)]) -> Result<(), OrderError> {
        for (msp_id, peer) in &self.peers {
            let mut staged = Vec::new();
            for (p, bytes) in items {
                let mine: Vec<PrivateWrite> = peer.mine(&p.private).into_iter().cloned().collect();
                if !mine.is_empty() {
                    staged.push((hex::encode(sha256(bytes)), mine));
                }
            }
            if staged.is_empty() {
                continue;
            }
            let point = WritePoint::Stage(msp_id.clone());
            if self.faults.at(&point) != Fault::None {
                return Err(OrderError::Interrupted(point));
            }
            peer.private()
                .stage(&staged)
                .map_err(|source| OrderError::Stage {
                    msp_id: msp_id.clone(),
                    source,
                })?;
        }
        Ok(())
    }

    /// Lets every organisation apply a block; they must agree.
    pub(super) fn apply(
        &self,
        block: &Block,
        losses: Losses,
    ) -> Result<Vec<ValidationCode>, OrderError> {
        let screened = screen_all(&self.rules, &block.envelopes);
        let _commit = self.ordering.write();
        let mut verdicts: Option<Vec<ValidationCode>> = None;
        for (msp_id, peer) in &self.peers {
            let codes = self
                .apply_at(peer, block, &screened, losses)
                .map_err(|source| OrderError::Apply {
                    msp_id: msp_id.clone(),
                    source,
                })?;
            if verdicts.as_ref().is_some_and(|v| *v != codes) {
                return Err(OrderError::Diverged(block.header.number));
            }
            verdicts = Some(codes);
        }
        Ok(verdicts.unwrap_or_default())
    }

    fn apply_at(
        &self,
        peer: &Peer,
        block: &Block,
        screened: &[Result<Screened, Rejected>],
        losses: Losses,
    ) -> Result<Vec<ValidationCode>, ApplyError> {
        let faults = self.faults.as_ref();
        peer.apply(block, screened, &self.anchor, losses, faults)
    }
}

/// Screens every envelope of a block, on as many threads as the machine has.
pub fn screen_all(rules: &Rules, envelopes: &[Vec<u8>]) -> Vec<Result<Screened, Rejected>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let size = envelopes.len().div_ceil(threads).max(8);
    std::thread::scope(|scope| {
        let screen = |part: &[Vec<u8>]| part.iter().map(|e| rules.screen(e)).collect::<Vec<_>>();
        let parts: Vec<_> = envelopes
            .chunks(size)
            .map(|part| scope.spawn(move || screen(part)))
            .collect();
        let malformed = || {
            Err(Rejected {
                tx_id: None,
                code: ValidationCode::Malformed,
            })
        };
        let screened = parts.into_iter().flat_map(|p| p.join().unwrap_or_default());
        let mut all: Vec<_> = screened.collect();
        all.resize_with(envelopes.len(), malformed);
        all
    })
}

/// The private values must be those of the hashed writes: none missing, none besides.
fn check_private(set: &ReadWriteSet, private: &[PrivateWrite]) -> Result<(), OrderError> {
    let mut given: BTreeMap<_, Vec<HashedWrite>> = BTreeMap::new();
    for write in private {
        let hashed = HashedWrite {
            key: sha256(write.key.as_bytes()),
            value: sha256(&write.value),
        };
        given
            .entry(write.collection.clone())
            .or_default()
            .push(hashed);
    }
    for writes in given.values_mut() {
        writes.sort_by_key(|w: &HashedWrite| -> Hash { w.key });
    }
    let wanted = set
        .collections
        .iter()
        .filter(|c| !c.writes.is_empty())
        .map(|c| (c.collection.clone(), c.writes.clone()));
    if given == wanted.collect() {
        Ok(())
    } else {
        Err(OrderError::PrivateValues)
    }
}
