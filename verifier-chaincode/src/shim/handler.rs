//! What comes from peers: who is served, what begins, what is refused at once, and how a stream
//! ends.

use super::metrics::Metrics;
use super::run::Admitted;
use super::stream::{Outgoing, PeerStream, refusal};
use super::{FREE_BYTES, Invoke, MAX_RUNNING, MAX_WAITING_BYTES};
use crate::error::{Code, ContractError, require};
use collections_config::MspId;
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{ChaincodeId, ChaincodeMessage};
use prost::Message;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc, watch};
use tonic::Streaming;

/// Messages that wait to be sent; a transaction that writes faster than the peer reads waits here.
const QUEUE: usize = 64;

/// What every stream of a server shares.
pub(super) struct Shared<I> {
    pub(super) contract: Arc<I>,
    pub(super) package_id: String,
    pub(super) msp_id: MspId,
    pub(super) now_ms: Option<fn() -> u64>,
    pub(super) micros: fn() -> u64,
    pub(super) metrics: Arc<Metrics>,
    /// Turns to verify, of all streams: as many as the contract runs at once. Whoever waits keeps
    /// its place, so that a peer whose call was endorsed by others already does not have to
    /// ask them again.
    pub(super) turns: Arc<Semaphore>,
    /// Bytes of calls that may wait, of all streams: of [`MAX_WAITING_BYTES`].
    pub(super) waiting: Arc<Semaphore>,
    /// Turns true when the process is asked to end.
    pub(super) ending: watch::Receiver<bool>,
}

/// The refusal of whatever has not begun when the process is asked to end.
pub(super) fn ending() -> ContractError {
    ContractError::new(Code::Busy, "process", "it is ending")
}

impl<I: Invoke> Shared<I> {
    /// Registers with a peer that has connected, and serves it in the background until its stream
    /// ends.
    pub(super) async fn start(
        self: &Arc<Self>,
        incoming: Streaming<ChaincodeMessage>,
    ) -> mpsc::Receiver<Outgoing> {
        let (out, outgoing) = mpsc::channel(QUEUE);
        let stream = Arc::new(PeerStream::new(out));
        let id = ChaincodeId {
            name: self.package_id.clone(),
            ..ChaincodeId::default()
        };
        let register = ChaincodeMessage {
            r#type: Type::Register.into(),
            payload: id.encode_to_vec(),
            ..ChaincodeMessage::default()
        };
        stream.send(register).await;
        let shared = self.clone();
        tokio::spawn(async move {
            shared.metrics.stream_opened();
            tracing::info!("a peer has connected");
            shared.serve(&stream, incoming).await;
            shared.metrics.stream_closed();
            tracing::info!("a peer's stream has ended");
        });
        outgoing
    }

    async fn serve(
        self: &Arc<Self>,
        stream: &Arc<PeerStream>,
        mut incoming: Streaming<ChaincodeMessage>,
    ) {
        let mut ending = self.ending.clone();
        while !*ending.borrow_and_update() {
            let received = tokio::select! {
                message = incoming.message() => message,
                _ = ending.changed() => continue,
            };
            match received {
                Ok(Some(message)) => self.receive(stream, message).await,
                Ok(None) | Err(_) => return stream.end(),
            }
        }
        self.drain(stream, incoming).await;
    }

    /// What runs may finish; nothing new begins.
    async fn drain(
        self: &Arc<Self>,
        stream: &Arc<PeerStream>,
        mut incoming: Streaming<ChaincodeMessage>,
    ) {
        let all = u32::try_from(MAX_RUNNING).unwrap_or(u32::MAX);
        let finished = stream.places.acquire_many(all);
        tokio::pin!(finished);
        loop {
            let message = tokio::select! {
                _ = &mut finished => break,
                message = incoming.message() => message,
            };
            match message {
                Ok(Some(message)) => self.receive(stream, message).await,
                Ok(None) | Err(_) => break,
            }
        }
        stream.end();
    }

    async fn receive(self: &Arc<Self>, stream: &Arc<PeerStream>, message: ChaincodeMessage) {
        match message.r#type() {
            Type::Response | Type::Error => stream.reply(message),
            Type::Transaction => self.begin(stream, message).await,
            Type::Keepalive => {
                stream.send(message).await;
            }
            Type::Init => {
                let error = ContractError::new(Code::BadInput, "init", "this contract takes none");
                stream.send(refusal(&message, &error)).await;
            }
            _ => {}
        }
    }

    async fn begin(self: &Arc<Self>, stream: &Arc<PeerStream>, message: ChaincodeMessage) {
        match self.admit(stream, &message) {
            Ok(admitted) => {
                let run = stream.enter(&message);
                tokio::spawn(self.clone().carry_out(run, admitted, message));
            }
            Err(error) => {
                self.metrics.turned_away(error.code());
                stream.send(refusal(&message, &error)).await;
            }
        }
    }

    /// Whether a call may begin: before anything of it is decoded, so that what a process holds has
    /// a bound whatever is sent.
    fn admit(
        &self,
        stream: &PeerStream,
        message: &ChaincodeMessage,
    ) -> Result<Admitted, ContractError> {
        let busy = |message: &str| ContractError::new(Code::Busy, "admission", message);
        require(
            !stream.abandon(message),
            Code::Busy,
            "admission",
            "this transaction is running",
        )?;
        if *self.ending.borrow() {
            return Err(ending());
        }
        let (size, most) = (message.encoded_len(), self.contract.max_message());
        require(
            size <= most,
            Code::TooLarge,
            "arguments",
            format_args!("expected a message of at most {most} bytes, got {size}"),
        )?;
        let place = stream.places.clone().try_acquire_owned();
        let place =
            place.map_err(|_| busy(&format!("{MAX_RUNNING} calls of this peer are running")))?;
        // One that is larger than the bound comes alone.
        let counted = if size > FREE_BYTES {
            u32::try_from(size.min(MAX_WAITING_BYTES)).unwrap_or(u32::MAX)
        } else {
            0
        };
        let bytes = self.waiting.clone().try_acquire_many_owned(counted);
        let bytes =
            bytes.map_err(|_| busy(&format!("calls of {MAX_WAITING_BYTES} bytes are waiting")))?;
        Ok(Admitted { place, bytes })
    }
}
