//! The ledger of a home that several processes use in turn.
//!
//! The files serve one process at a time. This opens them for the first call that needs them, and
//! gives them up when asked to, before work that needs no ledger. Whoever finds them in use waits
//! its turn and says so.

mod rng;

use super::faults::{Faults, NoFaults};
use super::layout::{Layout, OpenError};
use super::ledger::{EmbeddedLedger, Inner, MakeChaincode, Options};
use super::open::load_peer;
use async_stream::try_stream;
use async_trait::async_trait;
use medveil_collections_config::MspId;
use medveil_ledger::{
    AuditSource, BlockRecord, Checkpoint, Clock, Committed, Entropy, Ledger, LedgerError, Listen,
    Notice, Notices, Settled, Transaction, TransactionRecord,
};
use medveil_msp::Identity;
use rng::SharedRng;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

/// How long a process waits for another one to give the files up.
const PATIENCE: Duration = Duration::from_secs(600);
/// Between two looks at files that are in use, and at a chain that is followed.
const PAUSE: Duration = Duration::from_millis(100);
const FOLLOW: Duration = Duration::from_millis(500);

/// Says that this process waits for the folder, once for each call that waits.
pub type OnWait = Arc<dyn Fn(&Path) + Send + Sync>;

/// A ledger that is open while it is used. Clones share it.
#[derive(Clone)]
pub struct SharedLedger(Arc<Shared>);

struct Shared {
    root: PathBuf,
    clock: Arc<dyn Clock>,
    rng: SharedRng,
    chaincode: MakeChaincode,
    faults: Arc<dyn Faults>,
    on_wait: OnWait,
    open: Mutex<Open>,
}

/// The ledger while this process holds it.
#[derive(Default)]
struct Open {
    kept: Option<EmbeddedLedger>,
    /// The one that was given up last: calls of this process may still use it.
    given_up: Weak<Inner>,
}

impl SharedLedger {
    /// The ledger at `root`; nothing is opened yet.
    pub fn new(
        root: &Path,
        clock: Arc<dyn Clock>,
        rng: impl Entropy + 'static,
        chaincode: MakeChaincode,
        on_wait: OnWait,
    ) -> Self {
        let options = Options {
            clock,
            rng: Box::new(rng),
            chaincode,
            faults: Arc::new(NoFaults),
        };
        SharedLedger::with_options(root, options, on_wait)
    }

    /// As [`SharedLedger::new`], with everything that a process brings.
    pub fn with_options(root: &Path, options: Options, on_wait: OnWait) -> Self {
        SharedLedger(Arc::new(Shared {
            root: root.to_owned(),
            clock: options.clock,
            rng: SharedRng::new(options.rng),
            chaincode: options.chaincode,
            faults: options.faults,
            on_wait,
            open: Mutex::default(),
        }))
    }

    /// Opens the ledger where this process does not hold it, for what only it can tell.
    ///
    /// **Errors**: no ledger, damaged, or in use for too long.
    pub fn open_now(&self) -> Result<EmbeddedLedger, OpenError> {
        self.0.open_now()
    }

    /// Runs work that blocks on a thread that may block.
    async fn run<T, F>(&self, work: F) -> Result<T, LedgerError>
    where
        T: Send + 'static,
        F: FnOnce(&EmbeddedLedger) -> Result<T, LedgerError> + Send + 'static,
    {
        let shared = self.0.clone();
        let done = tokio::task::spawn_blocking(move || {
            let ledger = shared.open_now().map_err(to_ledger_error)?;
            let done = work(&ledger);
            if matches!(done, Err(LedgerError::Lost { .. })) {
                // Only opening anew sorts out what a failed write left.
                shared.forget();
            }
            done
        });
        done.await.map_err(LedgerError::read)?
    }
}

impl Shared {
    fn open_now(&self) -> Result<EmbeddedLedger, OpenError> {
        let begun = Instant::now();
        let mut tries = 0u64;
        loop {
            match self.try_open() {
                Err(OpenError::InUse(path)) if begun.elapsed() < PATIENCE => {
                    tries += 1;
                    // The first time, a call of this process may be just about to end.
                    if tries == 2 {
                        (self.on_wait)(&path);
                    }
                    // Not under the lock, so that others may look in the meantime.
                    std::thread::sleep(PAUSE);
                }
                other => return other,
            }
        }
    }

    fn try_open(&self) -> Result<EmbeddedLedger, OpenError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let known = open.kept.clone();
        let known = known.or_else(|| open.given_up.upgrade().map(EmbeddedLedger));
        let ledger = match known {
            Some(ledger) => ledger,
            None => EmbeddedLedger::open(&self.root, self.options())?,
        };
        open.kept = Some(ledger.clone());
        Ok(ledger)
    }

    /// Gives the files up as soon as no call uses them.
    fn give_up(&self) {
        // Where somebody opens it at this moment, it is needed.
        let Ok(mut open) = self.open.try_lock() else {
            return;
        };
        if let Some(ledger) = open.kept.take() {
            open.given_up = Arc::downgrade(&ledger.0);
        }
    }

    /// Gives up a ledger that must not be used again.
    fn forget(&self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        *open = Open::default();
    }

    fn options(&self) -> Options {
        Options {
            clock: self.clock.clone(),
            rng: Box::new(self.rng.clone()),
            chaincode: self.chaincode.clone(),
            faults: self.faults.clone(),
        }
    }
}

fn to_ledger_error(error: OpenError) -> LedgerError {
    match error {
        OpenError::InUse(path) => LedgerError::InUse(path),
        other => LedgerError::read(other),
    }
}

#[async_trait]
impl Ledger for SharedLedger {
    async fn submit(
        &self,
        signer: &Arc<Identity>,
        mut transaction: Transaction,
        endorsers: Vec<Vec<MspId>>,
    ) -> Result<Committed, LedgerError> {
        let signer = signer.clone();
        // All peers are of this process: the first set answers.
        transaction.endorsers = endorsers.into_iter().next().unwrap_or_default();
        self.run(move |ledger| ledger.client(signer)?.submit(&transaction))
            .await
    }

    async fn evaluate(
        &self,
        signer: &Arc<Identity>,
        args: Vec<Vec<u8>>,
    ) -> Result<Vec<u8>, LedgerError> {
        let signer = signer.clone();
        self.run(move |ledger| ledger.client(signer)?.evaluate(&Transaction::query(args)))
            .await
    }

    async fn confirm(
        &self,
        signer: &Arc<Identity>,
        args: Vec<Vec<u8>>,
        at: Vec<Vec<MspId>>,
    ) -> Result<Vec<u8>, LedgerError> {
        let signer = signer.clone();
        let at = at.into_iter().next().unwrap_or_default();
        self.run(move |ledger| ledger.client(signer)?.confirm(&Transaction::call(args, at)))
            .await
    }

    /// This ledger orders in the process that submits: a transaction is in a block or was never
    /// sent.
    async fn settle(&self, _: &Arc<Identity>) -> Result<Vec<Settled>, LedgerError> {
        Ok(Vec::new())
    }

    async fn height(&self, _: &Arc<Identity>) -> Result<u64, LedgerError> {
        self.run(|ledger| Ok(ledger.height())).await
    }

    async fn block(&self, _: &Arc<Identity>, number: u64) -> Result<BlockRecord, LedgerError> {
        self.run(move |ledger| {
            if number >= ledger.height() {
                let what = format!("block {number}");
                return Err(LedgerError::NotFound { what });
            }
            Ok(ledger.block(number)?.record())
        })
        .await
    }

    async fn transaction(
        &self,
        _: &Arc<Identity>,
        tx_id: &str,
    ) -> Result<TransactionRecord, LedgerError> {
        let id = tx_id.to_owned();
        self.run(move |ledger| match ledger.transaction(&id)? {
            Some(found) => Ok(found.record()),
            None => Err(LedgerError::NotFound {
                what: format!("transaction {id}"),
            }),
        })
        .await
    }

    fn notices<'a>(&'a self, signer: &'a Arc<Identity>, listen: Listen) -> Notices<'a> {
        Box::pin(try_stream! {
            let mut next = listen.from;
            loop {
                while next.block < self.height(signer).await? {
                    let block = self.run(move |ledger| ledger.block(next.block)).await?;
                    yield Notice::Block(block.record());
                    for event in block.events(next) {
                        yield Notice::Event(event);
                    }
                    next = Checkpoint { block: next.block + 1, tx: 0 };
                    yield Notice::Reached(next);
                }
                if !listen.follow {
                    break;
                }
                self.release();
                tokio::time::sleep(FOLLOW).await;
            }
        })
    }

    async fn genesis(&self) -> Result<String, LedgerError> {
        self.run(|ledger| match ledger.height() {
            0 => Err(LedgerError::NotFound {
                what: "block 0".to_owned(),
            }),
            _ => Ok(hex::encode(ledger.block(0)?.hash)),
        })
        .await
    }

    fn audit_source(&self) -> AuditSource<'_> {
        AuditSource::Files(Layout::new(&self.0.root).root().to_owned())
    }

    /// An organisation's peer asks its own contract.
    fn reader(&self, org: &MspId) -> Option<Arc<Identity>> {
        let layout = Layout::new(&self.0.root);
        load_peer(&layout, org).ok().map(Arc::new)
    }

    fn now_ms(&self) -> u64 {
        self.0.clock.now_ms()
    }

    fn release(&self) {
        self.0.give_up();
    }
}
