//! What comes from peers: who is served, what begins, what is refused at once, and how a stream
//! ends.

use crate::invoke::Invoke;
use crate::limits::{FREE_BYTES, MAX_RUNNING, MAX_WAITING_BYTES};
use crate::messages::Messages;
use crate::places::Caller;
use crate::refusal::Refusal;
use crate::shared::{Admitted, Shared, ending};
use crate::stream::{EndAtLast, Outgoing, PeerStream, refusal};
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{ChaincodeId, ChaincodeMessage};
use prost::Message;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Messages that wait to be sent; a transaction that writes faster than the peer reads waits here.
const QUEUE: usize = 64;

impl<I: Invoke> Shared<I> {
    /// Registers with a peer that has connected, and serves it in the background until its stream
    /// ends.
    pub(crate) fn start(
        self: &Arc<Self>,
        caller: &Arc<Caller>,
        incoming: Messages,
    ) -> mpsc::Receiver<Outgoing> {
        let open = caller.open_stream();
        let (out, outgoing) = mpsc::channel(QUEUE);
        let stream = Arc::new(PeerStream::new(out, caller.clone()));
        let id = ChaincodeId {
            name: self.package_id.clone(),
            ..ChaincodeId::default()
        };
        let register = ChaincodeMessage {
            r#type: Type::Register.into(),
            payload: id.encode_to_vec(),
            ..ChaincodeMessage::default()
        };
        let shared = self.clone();
        tokio::spawn(async move {
            stream.send(register).await;
            shared.metrics.stream_opened();
            tracing::info!("a peer has connected");
            let _ends = EndAtLast(stream.clone());
            tokio::select! {
                () = shared.serve(&stream, incoming) => {}
                never = stream.watch() => match never {},
            }
            shared.metrics.stream_closed();
            drop(open);
            tracing::info!("a peer's stream has ended");
        });
        outgoing
    }

    async fn serve(self: &Arc<Self>, stream: &Arc<PeerStream>, mut incoming: Messages) {
        let mut ending = self.ending.clone();
        while !*ending.borrow_and_update() {
            let received = tokio::select! {
                message = incoming.next() => message,
                _ = ending.changed() => continue,
            };
            match received {
                Ok(Some(received)) => self.receive(stream, received.message).await,
                Ok(None) => return stream.end(),
                Err(status) => return stream.fail(status),
            }
        }
        self.drain(stream, incoming).await;
    }

    /// What runs may finish; nothing new begins.
    async fn drain(self: &Arc<Self>, stream: &Arc<PeerStream>, mut incoming: Messages) {
        let all = u32::try_from(MAX_RUNNING).unwrap_or(u32::MAX);
        let finished = stream.places.acquire_many(all);
        tokio::pin!(finished);
        loop {
            let message = tokio::select! {
                _ = &mut finished => break,
                message = incoming.next() => message,
            };
            match message {
                Ok(Some(received)) => self.receive(stream, received.message).await,
                Ok(None) | Err(_) => break,
            }
        }
        stream.end();
    }

    async fn receive(self: &Arc<Self>, stream: &Arc<PeerStream>, message: ChaincodeMessage) {
        match message.r#type() {
            Type::Response | Type::Error => stream.reply(message),
            Type::Transaction => self.begin(stream, message).await,
            Type::Ready => stream.ready(&message.payload),
            Type::Keepalive => {
                stream.send(message).await;
            }
            Type::Init => {
                let error = Refusal::bad_input("init: this chaincode takes none");
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
    fn admit(&self, stream: &PeerStream, message: &ChaincodeMessage) -> Result<Admitted, Refusal> {
        if stream.abandon(message) {
            return Err(Refusal::busy("admission: this transaction is running"));
        }
        if *self.ending.borrow() {
            return Err(ending());
        }
        let (size, most) = (message.encoded_len(), self.chaincode.max_message());
        if size > most {
            return Err(Refusal::too_large(format_args!(
                "arguments: expected a message of at most {most} bytes, got {size}"
            )));
        }
        let place = stream.places.clone().try_acquire_owned().map_err(|_| {
            Refusal::busy(format_args!(
                "admission: {MAX_RUNNING} calls of this peer are running"
            ))
        })?;
        // One that is larger than the bound comes alone.
        let counted = if size > FREE_BYTES {
            u32::try_from(size.min(MAX_WAITING_BYTES)).unwrap_or(u32::MAX)
        } else {
            0
        };
        let bytes = self.waiting.clone().try_acquire_many_owned(counted);
        let bytes = bytes.map_err(|_| {
            Refusal::busy(format_args!(
                "admission: calls of {MAX_WAITING_BYTES} bytes are waiting"
            ))
        })?;
        Ok(Admitted { place, bytes })
    }
}
