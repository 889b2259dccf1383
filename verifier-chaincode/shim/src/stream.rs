//! One peer's stream: which transactions run on it, and who waits for which reply.

use crate::batch::Batches;
use crate::limits::{MAX_RUNNING, REPLY};
use crate::places::Caller;
use crate::refusal::Refusal;
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{ChaincodeEvent, ChaincodeMessage};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tonic::Status;

/// Channel and transaction id.
type Key = (String, String);
pub(crate) type Outgoing = Result<ChaincodeMessage, Status>;

/// A transaction that runs.
#[derive(Default)]
struct Entry {
    /// Who waits for the peer's reply; one at a time.
    waiter: Option<Waiter>,
    /// The peer has given it up.
    abandoned: bool,
    /// The peer did not reply in time: nothing more is asked, because nothing says which question a
    /// late reply is for.
    unanswered: bool,
}

struct Waiter {
    reply_to: oneshot::Sender<ChaincodeMessage>,
    since: Instant,
}

/// One peer's stream.
pub(crate) struct PeerStream {
    out: mpsc::Sender<Outgoing>,
    /// None once the stream has ended: nobody may wait any more.
    runs: Mutex<Option<BTreeMap<Key, Entry>>>,
    /// Places for calls: of [`MAX_RUNNING`].
    pub(crate) places: Arc<Semaphore>,
    caller: Arc<Caller>,
    /// What it said when it was ready.
    batches: OnceLock<Batches>,
    reply_within: Duration,
}

impl PeerStream {
    pub(crate) fn new(out: mpsc::Sender<Outgoing>, caller: Arc<Caller>) -> Self {
        PeerStream {
            out,
            runs: Mutex::new(Some(BTreeMap::new())),
            places: Arc::new(Semaphore::new(MAX_RUNNING)),
            caller,
            batches: OnceLock::new(),
            reply_within: REPLY,
        }
    }

    fn runs(&self) -> MutexGuard<'_, Option<BTreeMap<Key, Entry>>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The peer is ready: the first time that it says so counts.
    pub(crate) fn ready(&self, payload: &[u8]) {
        self.batches.get_or_init(|| Batches::of(payload));
    }

    pub(crate) async fn send(&self, message: ChaincodeMessage) -> bool {
        self.out.send(Ok(message)).await.is_ok()
    }

    /// Tells whether a transaction of this id runs already. A peer that sends an id again has given
    /// up the run that it began, and nothing in a message says which of two runs it belongs to:
    /// so the first asks, writes and answers no more.
    pub(crate) fn abandon(&self, message: &ChaincodeMessage) -> bool {
        let mut runs = self.runs();
        let entry = runs.as_mut().and_then(|runs| runs.get_mut(&key(message)));
        entry.map(|entry| entry.abandoned = true).is_some()
    }

    /// Enters a transaction, none of whose id runs.
    pub(crate) fn enter(self: &Arc<Self>, message: &ChaincodeMessage) -> Arc<Run> {
        let key = key(message);
        if let Some(runs) = self.runs().as_mut() {
            runs.insert(key.clone(), Entry::default());
        }
        Arc::new(Run {
            stream: self.clone(),
            key,
        })
    }

    /// Gives a reply to whoever waits for it; one that nobody waits for is dropped.
    pub(crate) fn reply(&self, message: ChaincodeMessage) {
        let mut runs = self.runs();
        let entry = runs.as_mut().and_then(|runs| runs.get_mut(&key(&message)));
        if let Some(waiter) = entry.and_then(|entry| entry.waiter.take()) {
            let _ = waiter.reply_to.send(message);
        }
    }

    /// Tells those that have waited too long for a reply that none will come, until it is dropped.
    pub(crate) async fn watch(&self) -> Infallible {
        let mut sweep = tokio::time::interval(self.reply_within / 8);
        loop {
            sweep.tick().await;
            let mut runs = self.runs();
            for entry in runs.iter_mut().flat_map(|runs| runs.values_mut()) {
                let is_late = |waiter: &mut Waiter| waiter.since.elapsed() > self.reply_within;
                entry.unanswered |= entry.waiter.take_if(is_late).is_some();
            }
        }
    }

    /// Whoever waits is told that nothing will come.
    pub(crate) fn end(&self) {
        self.runs().take();
    }

    /// Ends, and tells the peer why.
    pub(crate) fn fail(&self, why: Status) {
        self.end();
        // One that takes nothing does not hear it.
        let _ = self.out.try_send(Err(why));
    }
}

/// Ends a stream when it is dropped, so that no thread waits where nobody reads any more.
pub(crate) struct EndAtLast(pub(crate) Arc<PeerStream>);

impl Drop for EndAtLast {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// One run of a transaction on its peer's stream.
pub(crate) struct Run {
    stream: Arc<PeerStream>,
    key: Key,
}

impl Run {
    pub(crate) fn tx_id(&self) -> &str {
        &self.key.1
    }

    pub(crate) fn caller(&self) -> &Caller {
        &self.stream.caller
    }

    /// What the peer takes together.
    pub(crate) fn batches(&self) -> Batches {
        *self.stream.batches.get().unwrap_or(&Batches::NONE)
    }

    /// Whether the peer still waits for its answer.
    pub(crate) fn is_wanted(&self) -> bool {
        self.stream
            .runs()
            .as_ref()
            .and_then(|runs| runs.get(&self.key))
            .is_some_and(|entry| !entry.abandoned)
    }

    /// Sends a request and waits for the peer's reply; one at a time. None where the peer has given
    /// the transaction up, its stream has ended, or it did not reply in time.
    pub(crate) async fn ask(&self, kind: Type, payload: Vec<u8>) -> Option<ChaincodeMessage> {
        let (reply_to, reply) = oneshot::channel();
        let since = Instant::now();
        self.stream
            .runs()
            .as_mut()?
            .get_mut(&self.key)
            .filter(|entry| !entry.abandoned && !entry.unanswered)?
            .waiter = Some(Waiter { reply_to, since });
        if !self.stream.send(message(&self.key, kind, payload)).await {
            return None;
        }
        reply.await.ok()
    }

    /// Ends the run; a peer that has given it up hears nothing. The id is free before the answer
    /// leaves: the peer may send it again at once.
    pub(crate) async fn answer(&self, kind: Type, payload: Vec<u8>, event: Option<ChaincodeEvent>) {
        let entry = self
            .stream
            .runs()
            .as_mut()
            .and_then(|runs| runs.remove(&self.key));
        if entry.is_some_and(|entry| !entry.abandoned) {
            self.stream
                .send(ChaincodeMessage {
                    chaincode_event: event,
                    ..message(&self.key, kind, payload)
                })
                .await;
        }
    }
}

fn key(message: &ChaincodeMessage) -> Key {
    (message.channel_id.clone(), message.txid.clone())
}

fn message((channel_id, txid): &Key, kind: Type, payload: Vec<u8>) -> ChaincodeMessage {
    let (channel_id, txid) = (channel_id.clone(), txid.clone());
    ChaincodeMessage {
        r#type: kind.into(),
        payload,
        txid,
        channel_id,
        ..ChaincodeMessage::default()
    }
}

/// The answer to a message that nothing runs for.
pub(crate) fn refusal(to: &ChaincodeMessage, error: &Refusal) -> ChaincodeMessage {
    message(&key(to), Type::Error, error.to_string().into_bytes())
}

#[cfg(test)]
mod tests;
