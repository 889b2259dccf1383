//! A connection of either listener: what it reads and writes goes on until it has to leave.

use crate::crowd::Place;
use crate::places::{Caller, Seat};
use std::future::Future;
use std::io::{self, ErrorKind, IoSlice};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;
use tokio_rustls::server::TlsStream;
use tonic::transport::server::Connected;

/// What a source address counts for: an address of version 4, or the network of one of version 6,
/// in which its owner chooses freely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Network(IpAddr);

impl Network {
    pub(crate) fn of(address: SocketAddr) -> Self {
        Network(match address.ip().to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
            v4 => v4,
        })
    }
}

/// Why a connection may go on.
pub(crate) enum Leave {
    /// A peer's: until somebody else needs its place, if it is one of those that can be taken.
    Peer(Arc<Caller>, Seat),
    /// Of the operations endpoint: until then or until its time is over.
    Operations(Place<Network>, Pin<Box<Sleep>>),
}

impl Leave {
    fn has_to(&mut self, cx: &mut Context<'_>) -> bool {
        match self {
            Leave::Peer(_, Seat::Own { .. }) => false,
            Leave::Peer(_, Seat::Other(place)) => Pin::new(&mut place.leave).poll(cx).is_ready(),
            Leave::Operations(place, end) => {
                Pin::new(&mut place.leave).poll(cx).is_ready() || end.as_mut().poll(cx).is_ready()
            }
        }
    }
}

/// A connection that holds its place.
pub(crate) struct Connection<S> {
    pub(crate) io: S,
    pub(crate) leave: Leave,
}

impl<S: Unpin> Connection<S> {
    /// The connection, while it may go on; wakes whoever waits on it when it may not.
    fn open(&mut self, cx: &mut Context<'_>) -> io::Result<Pin<&mut S>> {
        if self.leave.has_to(cx) {
            Err(ErrorKind::TimedOut.into())
        } else {
            Ok(Pin::new(&mut self.io))
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Connection<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.open(cx)?.poll_read(cx, buf)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Connection<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.open(cx)?.poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.open(cx)?.poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.open(cx)?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A farewell that nobody takes must not keep the connection.
        self.open(cx)?.poll_shutdown(cx)
    }
}

/// A peer's connection.
pub(crate) type PeerConnection = Connection<TlsStream<TcpStream>>;

impl Connected for PeerConnection {
    type ConnectInfo = Option<Arc<Caller>>;

    fn connect_info(&self) -> Self::ConnectInfo {
        match &self.leave {
            Leave::Peer(caller, _) => Some(caller.clone()),
            Leave::Operations(..) => None,
        }
    }
}
