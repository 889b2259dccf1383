//! How long work is shown while it goes on. Faces implement it; a server may ignore it.

use medveil_prover::Watch;
use std::sync::{Mutex, PoisonError};

/// Work of known or unknown length. Dropping it ends the display.
pub trait Task: Send + Sync {
    /// One more unit is done.
    fn advance(&self) {}

    /// So many of so many units are done.
    fn set(&self, _done: u64, _total: u64) {}

    /// So many of so many bytes are done.
    fn set_bytes(&self, done: u64, total: u64) {
        self.set(done, total);
    }
}

/// Shows work that goes on.
pub trait Progress: Send + Sync {
    /// Begins work of `total` units, or of unknown length with none.
    fn begin(&self, what: &str, total: Option<u64>) -> Box<dyn Task>;

    /// Says something once, such as that this process waits for another one.
    fn note(&self, text: &str);
}

/// Moves work on by one for each proof that was made and verified.
pub struct Proofs<'t>(pub &'t dyn Task);

impl Watch for Proofs<'_> {
    fn proven(&self) {
        self.0.advance();
    }
}

/// Shows how far one proof is, in hundredths.
pub struct OneProof<'t> {
    task: &'t dyn Task,
    done: Mutex<f64>,
}

impl<'t> OneProof<'t> {
    pub fn new(task: &'t dyn Task) -> Self {
        OneProof {
            task,
            done: Mutex::new(0.0),
        }
    }
}

impl Watch for OneProof<'_> {
    fn advanced(&self, share: f64) {
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        *done += share;
        self.task.set((*done * 100.0) as u64, 100);
    }
}

pub struct Quiet;

struct Hidden;

impl Task for Hidden {}

impl Progress for Quiet {
    fn begin(&self, _: &str, _: Option<u64>) -> Box<dyn Task> {
        Box::new(Hidden)
    }

    fn note(&self, _: &str) {}
}
