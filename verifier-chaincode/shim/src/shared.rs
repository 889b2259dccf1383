//! What all streams of a server share.

use crate::metrics::Metrics;
use crate::refusal::Refusal;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// What every stream of a server shares.
pub(crate) struct Shared<I> {
    pub(crate) chaincode: Arc<I>,
    pub(crate) package_id: String,
    pub(crate) now_ms: Option<fn() -> u64>,
    pub(crate) micros: fn() -> u64,
    pub(crate) metrics: Arc<Metrics>,
    /// Turns, of all streams: as many as the chaincode runs at once. Whoever waits keeps
    /// its place, so that a peer whose call was endorsed by others already does not have to
    /// ask them again.
    pub(crate) turns: Arc<Semaphore>,
    /// Bytes of calls that may wait, of all streams: of [`crate::MAX_WAITING_BYTES`].
    pub(crate) waiting: Arc<Semaphore>,
    /// Turns true when the process is asked to end.
    pub(crate) ending: watch::Receiver<bool>,
}

/// The refusal of whatever has not begun when the process is asked to end.
pub(crate) fn ending() -> Refusal {
    Refusal::busy("process: it is ending")
}

/// What a call that may begin holds.
pub(crate) struct Admitted {
    /// Its place among the calls of its peer, until it is answered.
    pub(crate) place: OwnedSemaphorePermit,
    /// Its bytes among those that wait, until its turn.
    pub(crate) bytes: OwnedSemaphorePermit,
}
