//! Listening to the ledger: what the contract told the world, and the blocks themselves, from a
//! place that survives the listener.
//!
//! A listener's place is written down after each item was handed over: one that stops in between
//! hands that item over again, and misses none. A transaction that counts and is not of the
//! contract's form is handed over as such and passed: no member can stop another's listener.

mod place;

use self::place::Place;
use crate::classify::{Classify, Kind, kind_of_io};
use crate::home::Home;
use crate::progress::Task;
use crate::session::{Session, SessionError};
use crate::step::Step;
use medveil_collections_config::MspId;
use medveil_custody::CustodyError;
use medveil_ledger::{BlockRecord, Checkpoint, Ledger, LedgerError, LedgerEvent, Listen, Notice};
use medveil_msp::Identity;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio_stream::StreamExt;

/// Before a listener looks for a peer again.
const PAUSE: Duration = Duration::from_secs(1);

/// Why a listener stopped.
#[derive(Debug, thiserror::Error)]
pub enum EventsError {
    #[error("{}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The checkpoint file is not a valid one.
    #[error("{}: expected a checkpoint of `ledger events`", path.display())]
    Form {
        path: PathBuf,
        source: serde_json::Error,
    },
    /// The place is one of another ledger.
    #[error(
        "{}: expected a {format} of the ledger whose first block is {genesis}: name another file for this ledger",
        path.display(), format = place::FORMAT
    )]
    OtherLedger { path: PathBuf, genesis: String },
    /// Whoever listens did not take what was heard. The place stays before it.
    #[error("the listener")]
    Unheard(#[source] std::io::Error),
    /// The place could not be written down.
    #[error("checkpoint")]
    Keep(#[from] CustodyError),
    #[error(transparent)]
    Session(#[from] SessionError),
}

impl Classify for EventsError {
    fn kind(&self) -> Kind {
        match self {
            EventsError::File { source, .. } | EventsError::Unheard(source) => kind_of_io(source),
            EventsError::Form { .. } | EventsError::OtherLedger { .. } => Kind::Input,
            EventsError::Keep(e) => e.kind(),
            EventsError::Session(e) => e.kind(),
        }
    }

    fn ledger(&self) -> Option<&LedgerError> {
        match self {
            EventsError::Session(e) => e.ledger(),
            EventsError::File { .. }
            | EventsError::Form { .. }
            | EventsError::OtherLedger { .. }
            | EventsError::Unheard(_)
            | EventsError::Keep(_) => None,
        }
    }
}

/// What is listened to.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListenOptions<'a> {
    /// First block, where no checkpoint says better.
    pub from: u64,
    /// The file that keeps the listener's place.
    pub checkpoint: Option<&'a Path>,
    /// Whether to wait for what comes.
    pub follow: bool,
    /// Whether blocks are handed over too.
    pub blocks: bool,
}

/// The contract told the world something.
#[derive(Debug, Serialize, JsonSchema)]
pub struct EventLine {
    pub block: u64,
    pub tx_id: String,
    /// Timestamp of the transaction, in milliseconds since 1970.
    pub timestamp_ms: u64,
    pub name: String,
    /// The event's JSON; hex digits where it is none.
    pub payload: Value,
}

impl Step for EventLine {
    const NAME: &'static str = "ledger.event";
}

impl From<LedgerEvent> for EventLine {
    fn from(event: LedgerEvent) -> Self {
        let payload = serde_json::from_slice(&event.payload);
        EventLine {
            block: event.block,
            tx_id: event.tx_id,
            timestamp_ms: event.timestamp_ms,
            name: event.name,
            payload: payload.unwrap_or_else(|_| Value::String(hex::encode(&event.payload))),
        }
    }
}

/// A block begins.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BlockStartLine {
    pub number: u64,
    /// Hash of its header, in hex.
    pub hash: String,
    /// The verdict on each transaction.
    pub codes: Vec<&'static str>,
}

impl Step for BlockStartLine {
    const NAME: &'static str = "ledger.block";
}

impl From<BlockRecord> for BlockStartLine {
    fn from(block: BlockRecord) -> Self {
        BlockStartLine {
            number: block.number,
            hash: block.hash,
            codes: block.transactions.iter().map(|t| t.verdict.name).collect(),
        }
    }
}

/// A transaction counts and is not of a form that the contract makes.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UnreadableLine {
    pub block: u64,
    /// Empty where it names none.
    pub tx_id: String,
    /// What was expected.
    pub reason: String,
}

impl Step for UnreadableLine {
    const NAME: &'static str = "ledger.unreadable";
}

/// One thing that a listener hears.
#[derive(Debug)]
pub enum ListenedItem {
    Event(EventLine),
    Block(BlockStartLine),
    Unreadable(UnreadableLine),
}

/// A listener came to the end of the chain.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Listened {
    pub events: u64,
    /// Transactions that count and are not of the contract's form.
    pub unreadable: u64,
    /// Where another listener would go on.
    pub next_block: u64,
    /// Place in that block.
    pub next_tx: u32,
}

impl Step for Listened {
    const NAME: &'static str = "ledger.events";
}

/// Takes what is heard; what it refuses was not heard.
pub type Sink<'a> = dyn FnMut(ListenedItem) -> std::io::Result<()> + Send + 'a;

struct Listener<'a> {
    home: &'a Home,
    options: ListenOptions<'a>,
    genesis: String,
    next: Checkpoint,
    events: u64,
    unreadable: u64,
    sink: &'a mut Sink<'a>,
}

impl Listener<'_> {
    /// Hands a notice over, and writes down where it ends.
    fn hear(&mut self, notice: Notice) -> Result<(), EventsError> {
        match notice {
            Notice::Block(block) => {
                if self.options.blocks {
                    self.hand_over(ListenedItem::Block(block.into()))?;
                }
                Ok(())
            }
            Notice::Event(event) => {
                let next = event.next;
                self.hand_over(ListenedItem::Event(event.into()))?;
                self.events += 1;
                self.reach(next)
            }
            Notice::Unreadable {
                next,
                block,
                tx_id,
                reason,
            } => {
                let reason = format!("expected {reason}");
                let unreadable = UnreadableLine {
                    block,
                    tx_id,
                    reason,
                };
                self.hand_over(ListenedItem::Unreadable(unreadable))?;
                self.unreadable += 1;
                self.reach(next)
            }
            Notice::Reached(next) => self.reach(next),
        }
    }

    fn hand_over(&mut self, item: ListenedItem) -> Result<(), EventsError> {
        (self.sink)(item).map_err(EventsError::Unheard)
    }

    fn reach(&mut self, next: Checkpoint) -> Result<(), EventsError> {
        self.next = next;
        match self.options.checkpoint {
            Some(path) => Place::new(&self.genesis, next).write(self.home, path),
            None => Ok(()),
        }
    }

    /// Hears what comes until the chain ends, or gives why the stream broke. What waits for the
    /// stream ends with the first notice.
    async fn pass(
        &mut self,
        ledger: &dyn Ledger,
        reader: &Arc<Identity>,
        waiting: &mut Option<Box<dyn Task>>,
    ) -> Result<Option<LedgerError>, EventsError> {
        let listen = Listen {
            from: self.next,
            follow: self.options.follow,
        };
        let mut notices = ledger.notices(reader, listen);
        while let Some(notice) = notices.next().await {
            match notice {
                Err(error) => return Ok(Some(error)),
                Ok(notice) => {
                    *waiting = None;
                    self.hear(notice)?;
                }
            }
        }
        Ok(None)
    }
}

/// Hands events of valid transactions over, one at a time; with `follow` for ever. Where the peers
/// of a network go away, a listener that follows waits until one is back.
///
/// **Errors**: a checkpoint of another ledger; the ledger is not reachable; a block without its
/// verdicts; the sink refused.
pub async fn listen(
    session: &Session,
    org: &MspId,
    options: ListenOptions<'_>,
    sink: &mut Sink<'_>,
) -> Result<Listened, EventsError> {
    let (ledger, reader) = (session.ledger(), session.reader(org)?);
    let genesis = ledger.genesis().await;
    let genesis = genesis.map_err(|e| session.ledger_error(e))?;
    let kept = options.checkpoint.filter(|path| path.exists());
    let kept = kept.map(|path| Place::read(path, &genesis)).transpose()?;
    let first = Checkpoint {
        block: options.from,
        tx: 0,
    };
    let mut listener = Listener {
        home: &session.home,
        options,
        genesis,
        next: kept.unwrap_or(first),
        events: 0,
        unreadable: 0,
        sink,
    };
    let mut waiting = None;
    while let Some(broken) = listener.pass(ledger, &reader, &mut waiting).await? {
        match broken {
            LedgerError::Unreachable(why) if options.follow => {
                let what = format!("looking for a peer: {why}");
                waiting.get_or_insert_with(|| session.progress.begin(&what, None));
                tokio::time::sleep(PAUSE).await;
            }
            error => return Err(session.ledger_error(error).into()),
        }
    }
    Ok(Listened {
        events: listener.events,
        unreadable: listener.unreadable,
        next_block: listener.next.block,
        next_tx: listener.next.tx,
    })
}

#[cfg(test)]
mod tests;
