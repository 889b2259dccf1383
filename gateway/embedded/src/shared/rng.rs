//! One generator for every opening of a ledger.

use medveil_ledger::Entropy;
use rand::{CryptoRng, RngCore};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Shared by every opening, so that none repeats another's transaction ids.
#[derive(Clone)]
pub(super) struct SharedRng(Arc<Mutex<Box<dyn Entropy>>>);

impl SharedRng {
    pub(super) fn new(rng: Box<dyn Entropy>) -> Self {
        SharedRng(Arc::new(Mutex::new(rng)))
    }

    fn lock(&self) -> MutexGuard<'_, Box<dyn Entropy>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RngCore for SharedRng {
    fn next_u32(&mut self) -> u32 {
        self.lock().next_u32()
    }
    fn next_u64(&mut self) -> u64 {
        self.lock().next_u64()
    }
    fn fill_bytes(&mut self, dest: &mut [u8]) {
        self.lock().fill_bytes(dest);
    }
    fn try_fill_bytes(&mut self, dest: &mut [u8]) -> Result<(), rand::Error> {
        self.lock().try_fill_bytes(dest)
    }
}

impl CryptoRng for SharedRng {}
