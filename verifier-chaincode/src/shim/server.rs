//! The service: a listener that only this organisation's own peers can use, and an end that comes within a bound.

use super::metrics::Metrics;
use super::operations::{LogHandle, Operations, serve_operations};
use super::stream::Shared;
use super::{Invoke, MAX_MESSAGE};
use crate::contract::MAX_CONCURRENT;
use collections_config::MspId;
use fabric_shim_protos::peer::ChaincodeMessage;
use fabric_shim_protos::peer::chaincode_server::{Chaincode, ChaincodeServer};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};
use tonic::{Request, Response, Status, Streaming};

/// How long what runs may take to finish once the process is asked to end.
const DRAIN: Duration = Duration::from_secs(10);
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Certificates of a service, each PEM.
pub struct Tls {
    /// The service's certificate chain.
    pub certificate: Vec<u8>,
    /// Its private key.
    pub key: Vec<u8>,
    /// The authority whose certificates peers must show.
    pub client_authority: Vec<u8>,
}

/// How a contract is served.
pub struct Serving {
    /// Where to listen.
    pub address: SocketAddr,
    /// The package id that peers know the contract by.
    pub package_id: String,
    /// The organisation whose peers connect.
    pub msp_id: MspId,
    /// Certificates; there is no service without them.
    pub tls: Tls,
    /// This machine's time in milliseconds since 1970: a proposal whose own is further away than [`super::TIME_WINDOW_MS`] is refused. None takes all.
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
    #[error("listen: {address}: {reason}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        reason: String,
    },
    /// The certificates cannot be used, or serving failed.
    #[error("serve: {0}")]
    Serve(#[from] tonic::transport::Error),
}

struct Service<I>(Shared<I>);

#[tonic::async_trait]
impl<I: Invoke> Chaincode for Service<I> {
    type ConnectStream = ReceiverStream<Result<ChaincodeMessage, Status>>;

    async fn connect(&self, request: Request<Streaming<ChaincodeMessage>>) -> Result<Response<Self::ConnectStream>, Status> {
        Ok(Response::new(ReceiverStream::new(self.0.start(request.into_inner()).await)))
    }
}

/// Serves a contract until `stop` is ready; then nothing new begins, what runs may finish within ten seconds, and streams are closed.
///
/// **Errors**: the address is in use, or the certificates are not usable.
pub async fn serve<I: Invoke>(serving: Serving, contract: Arc<I>, stop: impl Future<Output = ()> + Send) -> Result<(), ShimError> {
    let (end, ending) = watch::channel(false);
    let label = serving.package_id.rsplit_once(':').map_or(serving.package_id.as_str(), |(label, _)| label).to_owned();
    let metrics = Arc::new(Metrics::new(&label, crate::CONTRACT_DIGEST));
    if let Some(address) = serving.operations {
        let listener = TcpListener::bind(address).await.map_err(|e| ShimError::Listen { address, reason: e.to_string() })?;
        let operations = Operations { metrics: metrics.clone(), ending: ending.clone(), label, log: serving.log };
        // It ends with the runtime: while calls drain it says that they do.
        tokio::spawn(serve_operations(listener, operations));
    }
    let (package_id, msp_id) = (serving.package_id, serving.msp_id);
    let turns = Arc::new(Semaphore::new(MAX_CONCURRENT));
    let shared = Shared { contract, package_id, msp_id, now_ms: serving.now_ms, micros: serving.micros, metrics, turns, ending };
    let service = ChaincodeServer::new(Service(shared)).max_decoding_message_size(MAX_MESSAGE).max_encoding_message_size(MAX_MESSAGE);
    let listen = |reason: String| ShimError::Listen { address: serving.address, reason };
    // Without it every ledger call of a transaction waits 40 ms for an acknowledgement.
    let incoming = TcpIncoming::bind(serving.address).map_err(|e| listen(e.to_string()))?.with_nodelay(Some(true));
    let tls = ServerTlsConfig::new()
        .identity(Identity::from_pem(&serving.tls.certificate, &serving.tls.key))
        .client_ca_root(Certificate::from_pem(&serving.tls.client_authority));
    let (closing, closed) = tokio::sync::oneshot::channel::<()>();
    let server = Server::builder()
        .tls_config(tls)?
        .http2_keepalive_interval(Some(KEEPALIVE))
        .add_service(service)
        .serve_with_incoming_shutdown(incoming, async {
            let _ = closed.await;
        });
    tokio::pin!(server, stop);
    tokio::select! {
        served = &mut server => return Ok(served?),
        () = &mut stop => {}
    }
    let _ = end.send(true);
    let _ = closing.send(());
    // A peer that stays connected must not keep the process.
    match tokio::time::timeout(DRAIN, server).await {
        Ok(served) => Ok(served?),
        Err(_) => Ok(()),
    }
}
