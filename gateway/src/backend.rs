//! The seam between journeys and ledgers: submit, evaluate, listen.
//!
//! Source: the shape of Fabric's gateway API, one error variant per stage. `embedded` implements it
//! over files of this machine, `fabric` is the client of a network. Calls are opaque argument lists
//! here; what they mean is the contract's business.

pub mod embedded;
pub mod fabric;

use crate::error::LedgerFacts;
use collections_config::{CollectionName, MspId};
use embedded::{OrderError, ValidationCode};
use rand::{CryptoRng, RngCore};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use verifier_chaincode::ContractError;

/// A clock that a caller hands in.
pub trait Clock: Send + Sync {
    /// **Units**: milliseconds since 1970.
    fn now_ms(&self) -> u64;
}

/// The operating system's clock.
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        since.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
    }
}

/// Randomness that a caller hands in.
pub trait Entropy: RngCore + CryptoRng + Send {}
impl<T: RngCore + CryptoRng + Send> Entropy for T {}

/// One call to the contract.
#[derive(Clone, Default)]
pub struct Transaction {
    /// Function name and its arguments.
    pub args: Vec<Vec<u8>>,
    /// Private arguments by name: seen by the endorsers named below and by nobody else.
    pub transient: BTreeMap<String, Vec<u8>>,
    /// Organisations whose peers endorse. A query needs none.
    pub endorsers: Vec<MspId>,
    /// The private values that the call must write, where the caller knows them: compared with the
    /// prepared write set before anything is signed.
    pub expected: Vec<ExpectedWrite>,
}

impl Transaction {
    /// A query.
    pub fn query(args: Vec<Vec<u8>>) -> Self {
        Transaction {
            args,
            ..Transaction::default()
        }
    }

    /// A call that these organisations endorse.
    pub fn call(args: Vec<Vec<u8>>, endorsers: Vec<MspId>) -> Self {
        Transaction {
            args,
            endorsers,
            ..Transaction::default()
        }
    }
}

/// A private value that a call must write.
#[derive(Clone, PartialEq, Eq)]
pub struct ExpectedWrite {
    /// Collection.
    pub collection: CollectionName,
    /// Key.
    pub key: String,
    /// Value.
    pub value: Vec<u8>,
}

/// A transaction that is part of the ledger and valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Transaction id.
    pub tx_id: String,
    /// Block number.
    pub block: u64,
    /// Place in the block, where the ledger tells it.
    pub tx: Option<u32>,
    /// The contract's answer.
    pub payload: Vec<u8>,
}

/// A transaction that an earlier process left on its way, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Transaction id.
    pub tx_id: String,
    /// What it called.
    pub function: String,
    /// Its block, Fabric's validation code and the code's name; none where the ordering service
    /// refused it.
    pub verdict: Option<(u64, i32, &'static str)>,
}

/// Where a listener stands: the next place in the chain that it has not seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Checkpoint {
    /// Block number.
    pub block: u64,
    /// Place in the block.
    pub tx: u32,
}

/// What a valid transaction told the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerEvent {
    /// Where to go on after this event.
    pub next: Checkpoint,
    /// Block number.
    pub block: u64,
    /// Transaction id.
    pub tx_id: String,
    /// Timestamp of the transaction.
    ///
    /// **Units**: milliseconds since 1970.
    pub timestamp_ms: u64,
    /// Name.
    pub name: String,
    /// Payload.
    pub payload: Vec<u8>,
}

/// Why a call failed, by stage. Carries the transaction id once there is one.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// The contract refused, at this organisation's peer. Nothing was written.
    #[error("{error}")]
    Refused {
        /// Transaction id.
        tx_id: String,
        /// Organisation.
        peer: MspId,
        /// The contract's words.
        error: ContractError,
    },
    /// A peer did not endorse, for a reason that is not the contract's.
    #[error("endorse: {peer}: {reason} (transaction {tx_id})")]
    Endorse {
        /// Transaction id.
        tx_id: String,
        /// Organisation.
        peer: MspId,
        /// Why.
        reason: String,
    },
    /// The call names organisations that are not on the channel, none, or one twice.
    #[error("endorse: endorsers: expected different organisations of this channel, got {0}")]
    Endorsers(String),
    /// The private arguments would have reached an organisation that is no member of the collection
    /// they are for. They were not sent.
    #[error(
        "endorse: {peer} is not a member of {collection}: private arguments are not sent there (transaction {tx_id})"
    )]
    NonMember {
        /// Transaction id.
        tx_id: String,
        /// Organisation.
        peer: MspId,
        /// Collection.
        collection: CollectionName,
    },
    /// A peer came to something else than was sent or than another peer did. Nothing was signed.
    #[error(
        "endorse: {peer}: the prepared transaction is not what was sent: {what} (transaction {tx_id})"
    )]
    Mismatch {
        /// Transaction id.
        tx_id: String,
        /// Organisation.
        peer: MspId,
        /// What differs.
        what: &'static str,
    },
    /// The transaction could not be ordered. When the reason is a stopped process or a failed disk,
    /// look for the id after opening anew.
    #[error("submit: {reason}")]
    Submit {
        /// Transaction id.
        tx_id: String,
        /// Why.
        reason: OrderError,
    },
    /// The transaction was ordered and is not valid. Nothing was written.
    #[error("commit: transaction {tx_id} in block {block}: {code}")]
    Commit {
        /// Transaction id.
        tx_id: String,
        /// Block number.
        block: u64,
        /// Verdict.
        code: ValidationCode,
    },
    /// The transaction was ordered on Fabric and is not valid. Nothing was written.
    #[error("commit: transaction {tx_id} in block {block}: {name} ({code})")]
    Invalid {
        /// Transaction id.
        tx_id: String,
        /// Block number.
        block: u64,
        /// Fabric's validation code.
        code: i32,
        /// Its name.
        name: &'static str,
    },
    /// The ordering service refused the transaction. Nothing was written.
    #[error("submit: transaction {tx_id}: {reason}")]
    NotOrdered {
        /// Transaction id.
        tx_id: String,
        /// Why.
        reason: String,
    },
    /// It is not known whether the transaction was ordered. It stays in the outbox: the next
    /// command of this organisation follows it to its end.
    #[error(
        "transaction {tx_id}: {reason}; it may still be committed: `medveil ledger outbox` follows it, `medveil ledger tx {tx_id}` shows it"
    )]
    Lost {
        /// Transaction id.
        tx_id: String,
        /// Why.
        reason: String,
    },
    /// No peer answers.
    #[error("not reachable: {0}")]
    Unreachable(String),
    /// The ledger could not be read.
    #[error("read: {0}")]
    Read(String),
}

impl BackendError {
    /// The contract's refusal, when that is the reason.
    pub fn refusal(&self) -> Option<&ContractError> {
        match self {
            BackendError::Refused { error, .. } => Some(error),
            _ => None,
        }
    }

    /// What it says beside its words.
    pub fn facts(&self) -> LedgerFacts {
        let (tx_id, validation_code) = match self {
            BackendError::Refused { tx_id, .. }
            | BackendError::Endorse { tx_id, .. }
            | BackendError::NonMember { tx_id, .. }
            | BackendError::Mismatch { tx_id, .. }
            | BackendError::Submit { tx_id, .. }
            | BackendError::Commit { tx_id, .. }
            | BackendError::NotOrdered { tx_id, .. }
            | BackendError::Lost { tx_id, .. } => (Some(tx_id.clone()), None),
            BackendError::Invalid { tx_id, code, .. } => (Some(tx_id.clone()), Some(*code)),
            BackendError::Endorsers(_) | BackendError::Unreachable(_) | BackendError::Read(_) => {
                (None, None)
            }
        };
        LedgerFacts {
            tx_id,
            validation_code,
            refusal: self.refusal().map(ContractError::code),
        }
    }
}

/// A ledger as the journeys see it, for one identity.
pub trait Backend: Send + Sync + 'static {
    /// Listens: what happened from a checkpoint on, up to now. Ask again with the last event's
    /// `next` for what came later.
    type Events: Iterator<Item = Result<LedgerEvent, BackendError>> + Send;

    /// Endorses, orders and waits for the verdict. A conflict with another transaction is endorsed
    /// again, with the same arguments.
    ///
    /// **Errors**: the stage that failed.
    fn submit(
        &self,
        transaction: Transaction,
    ) -> impl Future<Output = Result<Committed, BackendError>> + Send;

    /// Asks this identity's own organisation's peer; nothing is ordered.
    ///
    /// **Errors**: the contract's refusal, or the ledger could not be read.
    fn evaluate(
        &self,
        transaction: Transaction,
    ) -> impl Future<Output = Result<Vec<u8>, BackendError>> + Send;

    /// Asks the peers of several organisations, checks their signatures and that they answer alike
    /// and write nothing; nothing is ordered.
    ///
    /// **Errors**: a peer refused, signed wrongly, would write, or answered something else.
    fn confirm(
        &self,
        transaction: Transaction,
    ) -> impl Future<Output = Result<Vec<u8>, BackendError>> + Send;

    /// Events of valid transactions.
    fn events(&self, from: Checkpoint) -> Self::Events;
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs a future to its end on this thread.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park(),
        }
    }
}
