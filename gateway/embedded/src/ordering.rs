//! The chain's place in an open ledger, and who may use it when.

use super::chain::Chain;
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

pub(super) struct Ordering {
    chain: Mutex<ChainState>,
    /// Held for writing while a block is applied, so that a reader sees both stores of a peer at
    /// one height.
    commit: RwLock<()>,
}

pub(super) struct ChainState {
    pub(super) chain: Chain,
    /// Whether a write failed: only opening anew sorts out what it left.
    pub(super) stopped: bool,
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

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, ()> {
        self.commit.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, ()> {
        self.commit.read().unwrap_or_else(PoisonError::into_inner)
    }
}
