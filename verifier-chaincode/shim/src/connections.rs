//! Connections of the process's listeners: no more than a bound, and no silent one for ever.

use axum::extract::connect_info::Connected as AxumConnected;
use axum::serve::{IncomingStream, Listener};
use std::future::Future;
use std::io::{self, ErrorKind, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Sleep;
use tokio_stream::{Stream, StreamExt};
use tonic::transport::server::{Connected, TcpConnectInfo, TcpIncoming};

/// Most connections of one listener; more wait until one of them ends.
pub(crate) const MAX_CONNECTIONS: usize = 64;
/// How long a peer's TLS handshake may take, and how long a connection to the operations endpoint
/// lasts.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A connection that holds its place among those of its listener.
pub(crate) struct Connection {
    io: TcpStream,
    end: Option<Pin<Box<Sleep>>>,
    _place: Option<OwnedSemaphorePermit>,
}

/// Peers' connections, as many at once as may be.
pub(crate) fn bound(incoming: TcpIncoming) -> impl Stream<Item = io::Result<Connection>> {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    incoming.then(move |io| {
        let places = places.clone();
        // The semaphore is never closed.
        async move {
            Ok(Connection {
                io: io?,
                end: None,
                _place: places.acquire_owned().await.ok(),
            })
        }
    })
}

/// A listener whose connections are of a bounded number and end after [`PATIENCE`], whatever they
/// send.
pub(crate) struct ShortLived {
    listener: TcpListener,
    places: Arc<Semaphore>,
}

impl ShortLived {
    pub(crate) fn new(listener: TcpListener) -> Self {
        ShortLived {
            listener,
            places: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
        }
    }
}

impl Listener for ShortLived {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // The semaphore is never closed.
        let place = self.places.clone().acquire_owned().await.ok();
        let (io, from) = Listener::accept(&mut self.listener).await;
        (
            Connection {
                io,
                end: Some(Box::pin(tokio::time::sleep(PATIENCE))),
                _place: place,
            },
            from,
        )
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Who asks the operations endpoint.
#[derive(Clone, Copy)]
pub(crate) struct Asker(pub(crate) SocketAddr);

impl AxumConnected<IncomingStream<'_, ShortLived>> for Asker {
    fn connect_info(stream: IncomingStream<'_, ShortLived>) -> Self {
        Asker(*stream.remote_addr())
    }
}

impl Connection {
    /// The connection, while it may go on; wakes whoever waits on it when it may not.
    fn open(&mut self, cx: &mut Context<'_>) -> io::Result<Pin<&mut TcpStream>> {
        let over = self
            .end
            .as_mut()
            .is_some_and(|end| end.as_mut().poll(cx).is_ready());
        if over {
            Err(ErrorKind::TimedOut.into())
        } else {
            Ok(Pin::new(&mut self.io))
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.open(cx)?.poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
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
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

impl Connected for Connection {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.io.connect_info()
    }
}
