//! Messages of a peer's stream, one after the other: a byte that is zero, the length in four bytes,
//! the message. Source: the frames of gRPC over HTTP/2.
//!
//! What announces more than a little takes its room first, among what its connection and all
//! callers of its kind may have undecoded, and its bytes wait with the sender until it has it. Then
//! it has to come at a pace. Nothing of it stays when it is decoded, however long the stream rests.

use crate::limits::{FREE_BYTES, MAX_MESSAGE, MESSAGE, MESSAGE_BYTES_PER_SECOND};
use crate::places::{Caller, Room};
use fabric_shim_protos::peer::ChaincodeMessage;
use prost::Message;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;
use tonic::codegen::{Body as _, Bytes};
use tonic::{Code, Status};

/// Before each message.
const HEAD: usize = 5;

/// The messages that a peer sends.
pub(crate) struct Messages {
    caller: Arc<Caller>,
    body: Body,
    /// What came and is of no message yet.
    came: Bytes,
    /// As much of a head as came, and when it began.
    head: Vec<u8>,
    since: Instant,
    /// How long one may take, and longer for what has come.
    patience: Duration,
    begun: Option<Begun>,
}

/// A message of which not all has come.
struct Begun {
    length: usize,
    bytes: Vec<u8>,
    room: Option<Room>,
}

/// A message, and the room that it took until now.
pub(crate) struct Received {
    pub(crate) message: ChaincodeMessage,
    pub(crate) _room: Option<Room>,
}

impl Messages {
    pub(crate) fn new(caller: Arc<Caller>, body: Body) -> Self {
        Messages {
            caller,
            body,
            came: Bytes::new(),
            head: Vec::with_capacity(HEAD),
            since: Instant::now(),
            patience: MESSAGE,
            begun: None,
        }
    }

    /// The next message; none at the end. Nothing is lost where the future is dropped.
    ///
    /// **Errors**: what came is no message, a larger one than may be, or comes too slowly.
    pub(crate) async fn next(&mut self) -> Result<Option<Received>, Status> {
        if self.begun.is_none() {
            let Some(length) = self.head().await? else {
                return Ok(None);
            };
            let room = match length {
                ..=FREE_BYTES => None,
                _ => Some(self.caller.room(length).await),
            };
            // It was this process that let it wait.
            self.since = Instant::now();
            self.head.clear();
            // Where nothing is written yet, nothing is taken of the machine's memory either.
            let bytes = Vec::with_capacity(length);
            self.begun = Some(Begun {
                length,
                bytes,
                room,
            });
        }
        self.body().await?;
        let large = self.begun.as_ref().is_some_and(|b| b.room.is_some());
        let _alone = match large {
            true => Some(self.caller.decode_alone().await),
            false => None,
        };
        self.begun.take().map(Begun::decode).transpose()
    }

    /// The length of the message that begins; none where the stream has ended.
    async fn head(&mut self) -> Result<Option<usize>, Status> {
        while self.head.len() < HEAD {
            if self.came.is_empty() && !self.more(self.begin_by()).await? {
                return self.ended(self.head.is_empty()).map(|()| None);
            }
            if self.head.is_empty() {
                self.since = Instant::now();
            }
            let n = self.came.len().min(HEAD - self.head.len());
            self.head.extend_from_slice(&self.came.split_to(n));
        }
        let [compressed, length @ ..] = &self.head[..] else {
            return Ok(None);
        };
        let length = length
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        if *compressed != 0 {
            return Err(Status::unimplemented("message: expected no compression"));
        }
        if length > MAX_MESSAGE {
            return Err(Status::resource_exhausted(format!(
                "message: expected at most {MAX_MESSAGE} bytes, got {length}"
            )));
        }
        Ok(Some(length))
    }

    /// Waits until all of the message has come.
    async fn body(&mut self) -> Result<(), Status> {
        loop {
            let Some(begun) = &mut self.begun else {
                return Ok(());
            };
            let n = self.came.len().min(begun.length - begun.bytes.len());
            begun.bytes.extend_from_slice(&self.came.split_to(n));
            if begun.bytes.len() == begun.length {
                return Ok(());
            }
            let by = self.since + self.patience + at_pace(begun.bytes.len());
            if !self.more(Some(by)).await? {
                return self.ended(false);
            }
        }
    }

    /// When the rest of a head has to be there; a stream may rest before the first byte.
    fn begin_by(&self) -> Option<Instant> {
        (!self.head.is_empty()).then(|| self.since + self.patience)
    }

    /// Waits for bytes, where there are none; false at the end.
    async fn more(&mut self, by: Option<Instant>) -> Result<bool, Status> {
        let frame = poll_fn(|cx| Pin::new(&mut self.body).poll_frame(cx));
        let frame = match by {
            None => frame.await,
            Some(by) => timeout_at(by, frame).await.map_err(|_| {
                self.caller.is_slow();
                Status::deadline_exceeded("message: expected all of it in time")
            })?,
        };
        match frame {
            None => Ok(false),
            Some(Ok(frame)) => {
                // Trailers say nothing here.
                self.came = frame.into_data().unwrap_or_default();
                Ok(true)
            }
            Some(Err(status)) if status.code() == Code::Cancelled => Ok(false),
            Some(Err(status)) => Err(status),
        }
    }

    fn ended(&self, between_messages: bool) -> Result<(), Status> {
        match between_messages {
            true => Ok(()),
            false => Err(Status::data_loss("message: expected all of it")),
        }
    }
}

impl Begun {
    fn decode(self) -> Result<Received, Status> {
        let message = ChaincodeMessage::decode(self.bytes.as_slice())
            .map_err(|e| Status::invalid_argument(format!("message: {e}")))?;
        Ok(Received {
            message,
            _room: self.room,
        })
    }
}

/// How long so many bytes may take.
fn at_pace(bytes: usize) -> Duration {
    Duration::from_millis((bytes / (MESSAGE_BYTES_PER_SECOND / 1000)) as u64)
}

#[cfg(test)]
mod tests;
