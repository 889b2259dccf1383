//! The listener of the operations endpoint: whoever comes is accepted at once, and no connection
//! lasts.

use crate::connections::{Connection, Leave, Network};
use crate::crowd::Crowd;
use crate::limits::{MAX_OPERATIONS, OPERATIONS};
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};

/// A listener whose connections are of a bounded number and end after [`OPERATIONS`], whatever they
/// send.
pub(crate) struct ShortLived {
    listener: TcpListener,
    crowd: Arc<Crowd<Network>>,
}

impl ShortLived {
    pub(crate) fn new(listener: TcpListener) -> Self {
        ShortLived {
            listener,
            crowd: Crowd::new(MAX_OPERATIONS),
        }
    }
}

impl Listener for ShortLived {
    type Io = Connection<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        loop {
            let (io, from) = Listener::accept(&mut self.listener).await;
            // No connection here counts as one with a stream, so that there is always a place.
            if let Some((place, _)) = self.crowd.enter(Network::of(from)) {
                let end = Box::pin(tokio::time::sleep(OPERATIONS));
                let leave = Leave::Operations(place, end);
                return (Connection { io, leave }, from);
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// Who asks the operations endpoint.
#[derive(Clone, Copy)]
pub(crate) struct Asker {
    pub(crate) from: SocketAddr,
    /// The address that was connected to.
    pub(crate) at: Option<IpAddr>,
}

impl Connected<IncomingStream<'_, ShortLived>> for Asker {
    fn connect_info(stream: IncomingStream<'_, ShortLived>) -> Self {
        let at = stream.io().io.local_addr();
        Asker {
            from: *stream.remote_addr(),
            at: at.ok().map(|at| at.ip().to_canonical()),
        }
    }
}
