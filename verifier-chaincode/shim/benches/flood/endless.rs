//! A message that never ends.

use http_body::{Body, Frame};
use medveil_shim::MAX_MESSAGE;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use tonic::codegen::Bytes;

/// So much of what is announced is sent.
const MOST: usize = 96 << 20;

/// Announces the largest message, sends almost all of it as fast as it is taken, and rests.
#[derive(Default)]
pub struct Endless {
    sent: usize,
}

impl Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.sent >= MOST {
            return Poll::Pending;
        }
        let piece = if self.sent == 0 {
            let [a, b, c, d] = u32::try_from(MAX_MESSAGE).unwrap_or(0).to_be_bytes();
            Bytes::copy_from_slice(&[0, a, b, c, d])
        } else {
            Bytes::from_static(&[0; 16 * 1024])
        };
        self.sent += piece.len();
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }
}
