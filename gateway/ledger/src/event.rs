//! What a listener hears.

use crate::error::LedgerError;
use crate::record::BlockRecord;
use futures_core::stream::Stream;
use std::pin::Pin;

/// Where a listener stands: the next place in the chain that it has not seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Checkpoint {
    pub block: u64,
    /// Place in the block.
    pub tx: u32,
}

/// What a valid transaction told the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEvent {
    /// Where to go on after this event.
    pub next: Checkpoint,
    pub block: u64,
    pub tx_id: String,
    /// Timestamp of the transaction.
    ///
    /// **Units**: milliseconds since 1970.
    pub timestamp_ms: u64,
    pub name: String,
    pub payload: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Listen {
    pub from: Checkpoint,
    /// Whether to wait for what comes; otherwise the stream ends with the chain.
    pub follow: bool,
}

/// One thing that a listener hears, in the order of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A block begins.
    Block(BlockRecord),
    /// The contract told the world something.
    Event(LedgerEvent),
    /// The ledger counts a transaction that is not of a form that the contract makes: no event is
    /// taken from it.
    Unreadable {
        /// Where to go on.
        next: Checkpoint,
        block: u64,
        /// Transaction id as it names itself; empty where it names none.
        tx_id: String,
        reason: &'static str,
    },
    /// Everything before this place was told.
    Reached(Checkpoint),
}

pub type Notices<'a> = Pin<Box<dyn Stream<Item = Result<Notice, LedgerError>> + Send + 'a>>;
