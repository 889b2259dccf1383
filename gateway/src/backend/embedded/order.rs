//! Ordering: private values are staged at their members, the block is appended and synced (the
//! commit point), every organisation applies it.
//!
//! This object holds no organisation's key. It does not decide what is valid either: every
//! organisation does, and they must agree.

use super::chain::{Chain, ChainError};
use super::client::Prepared;
use super::faults::{Fault, WritePoint};
use super::format::{
    Block, Hash, HashedWrite, MAX_ENVELOPE, PrivateWrite, ReadWriteSet, ValidationCode, sha256,
};
use super::home::OpenError;
use super::peer::ApplyError;
use super::stores::StoreError;
use super::validate::{Rejected, Rules, Screened};
use super::{Inner, Peer};
use collections_config::MspId;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

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
    #[error("the ledger stopped in the middle of a block: open it anew")]
    Stopped,
    /// The chain file.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// An organisation's private store, before anything was ordered.
    #[error("{msp_id}: {source}")]
    Stage {
        /// Organisation.
        msp_id: MspId,
        /// Why.
        source: StoreError,
    },
    /// An organisation could not apply an ordered block; it catches up at the next opening.
    #[error("{msp_id}: {source}")]
    Apply {
        /// Organisation.
        msp_id: MspId,
        /// Why.
        source: ApplyError,
    },
    /// Organisations came to different verdicts.
    #[error("block {0}: organisations disagree on what is valid: run an audit")]
    Diverged(u64),
    /// A test stopped the process here.
    #[error("stopped by a test at {0:?}")]
    Interrupted(WritePoint),
}

/// What became of one envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ordered {
    /// Transaction id.
    pub tx_id: String,
    /// Block number.
    pub block: u64,
    /// Place in the block.
    pub tx: u32,
    /// Verdict.
    pub code: ValidationCode,
}

pub(super) struct Ordering {
    chain: Mutex<ChainState>,
    /// Held for writing while a block is applied, so that a reader sees both stores of a peer at
    /// one height.
    commit: RwLock<()>,
}

pub(super) struct ChainState {
    pub(super) chain: Chain,
    stopped: bool,
}

impl Ordering {
    pub(super) fn new(chain: Chain) -> Self {
        Ordering {
            chain: Mutex::new(ChainState {
                chain,
                stopped: false,
            }),
            commit: RwLock::new(()),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, ChainState> {
        self.chain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, ()> {
        self.commit.read().unwrap_or_else(PoisonError::into_inner)
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
        let codes = self.apply(&block)?;
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
    fn apply(&self, block: &Block) -> Result<Vec<ValidationCode>, OrderError> {
        let screened = screen_all(&self.rules, &block.envelopes);
        let _commit = self
            .ordering
            .commit
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let mut verdicts: Option<Vec<ValidationCode>> = None;
        for (msp_id, peer) in &self.peers {
            let codes =
                self.apply_at(peer, block, &screened)
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
    ) -> Result<Vec<ValidationCode>, ApplyError> {
        peer.apply(block, screened, &self.anchor, self.faults.as_ref())
    }

    /// Applies what an organisation has not applied yet, and forgets what was staged for blocks
    /// that never came.
    pub(super) fn catch_up(&self) -> Result<(), OpenError> {
        let mut state = self.ordering.lock();
        let mut first = state.chain.height();
        for (msp_id, peer) in &self.peers {
            let stored = |source| OpenError::Store {
                msp_id: msp_id.clone(),
                source,
            };
            let public = peer
                .state()
                .snapshot()
                .and_then(|s| s.height())
                .map_err(stored)?;
            first = first
                .min(public)
                .min(peer.private().height().map_err(stored)?);
        }
        let mut previous = match first.checked_sub(1) {
            Some(before) => state.chain.block(before)?.header.hash(),
            None => self.anchor,
        };
        for number in first..state.chain.height() {
            let block = state.chain.block(number)?;
            if block.header.previous != previous {
                return Err(ChainError::Order(number).into());
            }
            previous = block.header.hash();
            self.apply(&block).map_err(|e| match e {
                OrderError::Apply { msp_id, source } => OpenError::CatchUp {
                    msp_id,
                    number,
                    source,
                },
                _ => OpenError::Diverged(number),
            })?;
        }
        for (msp_id, peer) in &self.peers {
            peer.private()
                .forget_staged()
                .map_err(|source| OpenError::Store {
                    msp_id: msp_id.clone(),
                    source,
                })?;
        }
        Ok(())
    }
}

/// Screens every envelope of a block, on as many threads as the machine has.
pub(crate) fn screen_all(rules: &Rules, envelopes: &[Vec<u8>]) -> Vec<Result<Screened, Rejected>> {
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
