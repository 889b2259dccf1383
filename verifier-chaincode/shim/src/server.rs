//! The service: a listener with mutual TLS, and an end that comes within a bound.
//!
//! Whoever holds a certificate of the authority that it is given gets in: certificates of Fabric's
//! TLS authorities do not say who is a peer. Such a caller can have calls run and see their
//! answers, but reads and writes only what it feeds the chaincode itself.

use crate::connections::PeerConnection;
use crate::door::Door;
use crate::invoke::Invoke;
use crate::limits::{MAX_STREAMS, MAX_WAITING_BYTES, STREAM_WINDOW};
use crate::metrics::Metrics;
use crate::operations::{LogHandle, Operations, serve_operations};
use crate::places::Places;
use crate::service::Connect;
use crate::shared::Shared;
use crate::tls::{Tls, TlsError};
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Server;

/// How long what runs may take to finish once the process is asked to end: a long call takes tens
/// of seconds, Kubernetes waits for thirty.
const DRAIN: Duration = Duration::from_secs(25);
const KEEPALIVE: Duration = Duration::from_secs(30);

/// What is served, for those who watch the process.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// What the names of all metrics begin with.
    pub prefix: &'static str,
    pub version: &'static str,
    /// Digest of the sources.
    pub digest: &'static str,
}

/// How a chaincode is served.
pub struct Serving {
    /// Where to listen.
    pub address: SocketAddr,
    /// The package id that peers know the chaincode by: its label, a colon, a hash.
    pub package_id: String,
    pub build: Build,
    /// Certificates; there is no service without them.
    pub tls: Tls,
    /// This machine's time in milliseconds since 1970: a proposal whose own is further away than
    /// [`crate::TIME_WINDOW_MS`] is refused. None takes all.
    pub now_ms: Option<fn() -> u64>,
    /// A clock that never goes back, in microseconds: how long calls take.
    pub micros: fn() -> u64,
    /// Where the operations endpoint listens, if anywhere.
    pub operations: Option<SocketAddr>,
    /// What is logged, where it can be changed.
    pub log: Option<LogHandle>,
}

/// Why nothing is served.
#[derive(Debug, thiserror::Error)]
pub enum ShimError {
    /// The address cannot be listened on.
    #[error("listen: {address}")]
    Listen {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("tls")]
    Tls(#[from] TlsError),
    #[error("serve")]
    Serve(#[from] tonic::transport::Error),
}

/// A service that has its addresses and its certificates; peers that connect wait until it is
/// served.
pub struct Bound<I> {
    shared: Shared<I>,
    door: Door,
    inside: mpsc::Receiver<PeerConnection>,
    operations: Option<(TcpListener, Operations)>,
    end: watch::Sender<bool>,
}

/// Takes the addresses and reads the certificates.
///
/// **Errors**: an address is in use, or the certificates are not usable.
pub async fn bind<I: Invoke>(serving: Serving, chaincode: Arc<I>) -> Result<Bound<I>, ShimError> {
    let (end, ending) = watch::channel(false);
    let label = label_of(&serving.package_id).to_owned();
    let Build {
        prefix,
        version,
        digest,
    } = serving.build;
    let metrics = Arc::new(Metrics::new(prefix, &label, digest));
    let operations = Operations {
        metrics: metrics.clone(),
        ending: ending.clone(),
        label,
        version,
        digest,
        log: serving.log,
    };
    let operations = match serving.operations {
        Some(address) => Some((listener(address).await?, operations)),
        None => None,
    };
    let (tls, own) = (serving.tls.acceptor()?, serving.tls.own()?);
    let listener = listener(serving.address).await?;
    let places = Places::new(own, chaincode.turns(), metrics.clone());
    let (door, inside) = Door::new(listener, tls, places, metrics.clone());
    let shared = Shared {
        turns: Arc::new(Semaphore::new(chaincode.turns())),
        waiting: Arc::new(Semaphore::new(MAX_WAITING_BYTES)),
        chaincode,
        package_id: serving.package_id,
        now_ms: serving.now_ms,
        micros: serving.micros,
        metrics,
        ending,
    };
    Ok(Bound {
        shared,
        door,
        inside,
        operations,
        end,
    })
}

pub(crate) fn label_of(package_id: &str) -> &str {
    package_id
        .rsplit_once(':')
        .map_or(package_id, |(label, _)| label)
}

async fn listener(address: SocketAddr) -> Result<TcpListener, ShimError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| ShimError::Listen { address, source })
}

impl<I: Invoke> Bound<I> {
    /// Serves until `stop` is ready; then nothing new begins, what runs may finish within
    /// twenty-five seconds, and streams are closed.
    ///
    /// **Errors**: serving failed.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send) -> Result<(), ShimError> {
        if let Some((listener, operations)) = self.operations {
            // It ends with the runtime: while calls drain it says that they do.
            tokio::spawn(serve_operations(listener, operations));
        }
        let service = Connect(Arc::new(self.shared));
        let (closing, closed) = tokio::sync::oneshot::channel::<()>();
        let inside = ReceiverStream::new(self.inside).map(Ok::<_, Infallible>);
        let server = Server::builder()
            .http2_keepalive_interval(Some(KEEPALIVE))
            .max_concurrent_streams(MAX_STREAMS)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(MAX_STREAMS * STREAM_WINDOW)
            .serve_with_incoming_shutdown(service, inside, async {
                let _ = closed.await;
            });
        tokio::pin!(server, stop);
        // With what is selected here the door is dropped.
        tokio::select! {
            served = &mut server => return Ok(served?),
            () = &mut stop => {}
            never = self.door.keep() => match never {},
        }
        let _ = self.end.send(true);
        let _ = closing.send(());
        // A peer that stays connected must not keep the process.
        match tokio::time::timeout(DRAIN, server).await {
            Ok(served) => Ok(served?),
            Err(_) => Ok(()),
        }
    }
}
