//! One peer's stream: who waits for which reply, what runs, how it ends.

use super::context::Asked;
use super::ledger::PeerLedger;
use super::metrics::Metrics;
use super::{Invoke, MAX_RUNNING, TIME_WINDOW_MS, context};
use crate::error::{Code, ContractError, require};
use collections_config::MspId;
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{ChaincodeId, ChaincodeMessage, Response};
use prost::Message;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tonic::{Status, Streaming};

/// Messages that wait to be sent; a transaction that writes faster than the peer reads waits here.
const QUEUE: usize = 64;
const METADATA: &[u8] = b"org.hyperledger.fabric:GetMetadata";

/// Channel and transaction id.
type Key = (String, String);
type Outgoing = Result<ChaincodeMessage, Status>;

/// One peer's stream.
pub(super) struct PeerStream {
    out: mpsc::Sender<Outgoing>,
    /// None once the stream has ended: nobody may wait any more.
    waiting: Mutex<Option<BTreeMap<Key, oneshot::Sender<ChaincodeMessage>>>>,
    running: Arc<Semaphore>,
}

impl PeerStream {
    fn new(out: mpsc::Sender<Outgoing>) -> Self {
        PeerStream { out, waiting: Mutex::new(Some(BTreeMap::new())), running: Arc::new(Semaphore::new(MAX_RUNNING)) }
    }

    async fn send(&self, message: ChaincodeMessage) -> bool {
        self.out.send(Ok(message)).await.is_ok()
    }

    /// Sends a request of a transaction and waits for the peer's reply; one at a time for each transaction.
    ///
    /// **Errors**: the stream ended.
    pub(super) async fn ask(&self, message: ChaincodeMessage) -> Option<ChaincodeMessage> {
        let (reply, answer) = oneshot::channel();
        let key = (message.channel_id.clone(), message.txid.clone());
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).as_mut()?.insert(key, reply);
        if !self.send(message).await {
            return None;
        }
        answer.await.ok()
    }

    /// Gives a reply to whoever waits for it; one that nobody waits for is dropped.
    fn reply(&self, message: ChaincodeMessage) {
        let key = (message.channel_id.clone(), message.txid.clone());
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reply) = waiting.as_mut().and_then(|w| w.remove(&key)) {
            let _ = reply.send(message);
        }
    }

    /// Whoever waits is told that nothing will come.
    fn end(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// What every stream of a server shares.
pub(super) struct Shared<I> {
    pub(super) contract: Arc<I>,
    pub(super) package_id: String,
    pub(super) msp_id: MspId,
    pub(super) now_ms: Option<fn() -> u64>,
    pub(super) micros: fn() -> u64,
    pub(super) metrics: Arc<Metrics>,
    /// Turns to verify, of all streams: as many as the contract runs at once. Whoever waits keeps its place, so that a peer whose call was
    /// endorsed by others already does not have to ask them again.
    pub(super) turns: Arc<Semaphore>,
    /// Turns true when the process is asked to end.
    pub(super) ending: watch::Receiver<bool>,
}

impl<I> Clone for Shared<I> {
    fn clone(&self) -> Self {
        Shared {
            contract: self.contract.clone(),
            package_id: self.package_id.clone(),
            msp_id: self.msp_id.clone(),
            now_ms: self.now_ms,
            micros: self.micros,
            metrics: self.metrics.clone(),
            turns: self.turns.clone(),
            ending: self.ending.clone(),
        }
    }
}

impl<I: Invoke> Shared<I> {
    /// Registers with a peer that has connected, and serves it in the background until its stream ends.
    pub(super) async fn start(&self, incoming: Streaming<ChaincodeMessage>) -> mpsc::Receiver<Outgoing> {
        let (out, outgoing) = mpsc::channel(QUEUE);
        let stream = Arc::new(PeerStream::new(out));
        let id = ChaincodeId { name: self.package_id.clone(), ..ChaincodeId::default() };
        let register = ChaincodeMessage { r#type: Type::Register.into(), payload: id.encode_to_vec(), ..ChaincodeMessage::default() };
        stream.send(register).await;
        let shared = self.clone();
        tokio::spawn(async move {
            shared.metrics.stream_opened();
            tracing::info!("a peer has connected");
            let metrics = shared.metrics.clone();
            shared.serve(stream, incoming).await;
            metrics.stream_closed();
            tracing::info!("a peer's stream has ended");
        });
        outgoing
    }

    async fn serve(mut self, stream: Arc<PeerStream>, mut incoming: Streaming<ChaincodeMessage>) {
        while !*self.ending.borrow_and_update() {
            let received = tokio::select! {
                message = incoming.message() => message,
                _ = self.ending.changed() => continue,
            };
            match received {
                Ok(Some(message)) => self.receive(&stream, message).await,
                Ok(None) | Err(_) => return stream.end(),
            }
        }
        self.drain(&stream, incoming).await;
    }

    /// What runs may finish; nothing new begins.
    async fn drain(&self, stream: &Arc<PeerStream>, mut incoming: Streaming<ChaincodeMessage>) {
        let all = u32::try_from(MAX_RUNNING).unwrap_or(u32::MAX);
        let finished = stream.running.acquire_many(all);
        tokio::pin!(finished);
        loop {
            let message = tokio::select! {
                _ = &mut finished => break,
                message = incoming.message() => message,
            };
            match message {
                Ok(Some(message)) if message.r#type() == Type::Transaction => {
                    stream.send(refusal(&message, "busy: process: it is ending")).await;
                }
                Ok(Some(message)) => self.receive(stream, message).await,
                Ok(None) | Err(_) => break,
            }
        }
        stream.end();
    }

    async fn receive(&self, stream: &Arc<PeerStream>, message: ChaincodeMessage) {
        match message.r#type() {
            Type::Response | Type::Error => stream.reply(message),
            Type::Transaction => self.begin(stream, message).await,
            Type::Keepalive => {
                stream.send(message).await;
            }
            Type::Init => {
                stream.send(refusal(&message, "bad_input: init: this contract takes none")).await;
            }
            _ => {}
        }
    }

    /// Runs a transaction off the threads that serve streams: proofs take whole cores.
    async fn begin(&self, stream: &Arc<PeerStream>, message: ChaincodeMessage) {
        let Ok(permit) = stream.running.clone().try_acquire_owned() else {
            self.metrics.turned_away();
            let error = ContractError::new(Code::Busy, "admission", format_args!("{MAX_RUNNING} calls of this peer are running"));
            stream.send(refusal(&message, &error.to_string())).await;
            return;
        };
        let (shared, stream) = (self.clone(), stream.clone());
        tokio::spawn(async move {
            let error = ContractError::new(Code::Internal, "contract", "it stopped unexpectedly");
            let stopped = Ran::refused(&message, "other", &error);
            let (handle, worker, metrics, micros) = (Handle::current(), stream.clone(), shared.metrics.clone(), shared.micros);
            metrics.began();
            let (began, tx_id) = (micros(), message.txid.clone());
            let ran = tokio::task::spawn_blocking(move || handle.block_on(shared.run(worker, &message))).await.unwrap_or(stopped);
            metrics.ended(ran.call, ran.refusal, micros().saturating_sub(began));
            let outcome = ran.refusal.map_or("ok", Code::as_str);
            tracing::debug!(call = ran.call, %tx_id, outcome, "call ended");
            stream.send(ran.answer).await;
            drop(permit);
        });
    }

    /// The contract takes its day from the transaction, whose client chose it. Fabric 3 peers can refuse one that is far off, if they are set up
    /// to; Fabric 2.5 peers cannot.
    fn check_time(&self, timestamp_ms: u64) -> Result<(), ContractError> {
        let away = self.now_ms.map_or(0, |now| now().abs_diff(timestamp_ms));
        let (minutes, most) = (away / 60_000, TIME_WINDOW_MS / 60_000);
        let message = format_args!("expected a time within {most} minutes of this organisation's clock, got one {minutes} minutes away");
        require(away <= TIME_WINDOW_MS, Code::BadInput, "proposal", message)
    }

    async fn run(&self, stream: Arc<PeerStream>, message: &ChaincodeMessage) -> Ran {
        let Asked { context, creator, args } = match context::read(message, &self.msp_id) {
            Ok(asked) => asked,
            Err(e) => return Ran::refused(message, "other", &ContractError::new(Code::BadInput, "proposal", e)),
        };
        let first = args.first().map(Vec::as_slice).unwrap_or_default();
        if first == METADATA {
            return Ran { answer: completed(message, self.contract.metadata(), None), call: "GetMetadata", refusal: None };
        }
        let call = self.contract.names().iter().copied().flatten().find(|n| n.as_bytes() == first).copied().unwrap_or("other");
        if let Err(error) = self.check_time(context.timestamp_ms) {
            return Ran::refused(message, call, &error);
        }
        // The semaphore is never closed.
        let _turn = if self.contract.verifies(first) { self.turns.acquire().await.ok() } else { None };
        let mut ledger = PeerLedger::new(stream, context, creator);
        match self.contract.invoke(&mut ledger, &args).await {
            Ok(payload) => Ran { answer: completed(message, payload, ledger.into_event()), call, refusal: None },
            Err(error) => Ran::refused(message, call, &error),
        }
    }
}

/// A call that ended.
struct Ran {
    answer: ChaincodeMessage,
    /// Its name, where the contract knows it.
    call: &'static str,
    refusal: Option<Code>,
}

impl Ran {
    fn refused(message: &ChaincodeMessage, call: &'static str, error: &ContractError) -> Self {
        Ran { answer: refusal(message, &error.to_string()), call, refusal: Some(error.code()) }
    }
}

fn answer(to: &ChaincodeMessage, kind: Type, payload: Vec<u8>) -> ChaincodeMessage {
    let (txid, channel_id) = (to.txid.clone(), to.channel_id.clone());
    ChaincodeMessage { r#type: kind.into(), payload, txid, channel_id, ..ChaincodeMessage::default() }
}

fn completed(to: &ChaincodeMessage, payload: Vec<u8>, event: Option<fabric_shim_protos::peer::ChaincodeEvent>) -> ChaincodeMessage {
    let response = Response { status: 200, message: String::new(), payload };
    ChaincodeMessage { chaincode_event: event, ..answer(to, Type::Completed, response.encode_to_vec()) }
}

fn refusal(to: &ChaincodeMessage, text: &str) -> ChaincodeMessage {
    answer(to, Type::Error, text.as_bytes().to_vec())
}
