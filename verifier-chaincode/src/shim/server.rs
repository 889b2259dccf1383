//! The service: a listener with mutual TLS, and an end that comes within a bound.
//!
//! Whoever holds a certificate of the authority that it is given gets in: certificates of Fabric's
//! TLS authorities do not say who is a peer. Such a caller can have calls run and see their
//! answers, but reads and writes only what it feeds the contract itself.

use super::connections::{PATIENCE, bounded};
use super::handler::Shared;
use super::metrics::Metrics;
use super::operations::{LogHandle, Operations, serve_operations};
use super::{Invoke, MAX_MESSAGE, MAX_WAITING_BYTES};
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

/// How long what runs may take to finish once the process is asked to end: a large claim takes tens
/// of seconds, Kubernetes waits for thirty.
const DRAIN: Duration = Duration::from_secs(25);
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
    /// This machine's time in milliseconds since 1970: a proposal whose own is further away than
    /// [`super::TIME_WINDOW_MS`] is refused. None takes all.
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

struct Service<I>(Arc<Shared<I>>);

#[tonic::async_trait]
impl<I: Invoke> Chaincode for Service<I> {
    type ConnectStream = ReceiverStream<Result<ChaincodeMessage, Status>>;

    async fn connect(
        &self,
        request: Request<Streaming<ChaincodeMessage>>,
    ) -> Result<Response<Self::ConnectStream>, Status> {
        Ok(Response::new(ReceiverStream::new(
            self.0.start(request.into_inner()).await,
        )))
    }
}

/// A service that has its addresses and its certificates; peers that connect wait until it is
/// served.
pub struct Bound<I> {
    shared: Shared<I>,
    server: Server,
    incoming: TcpIncoming,
    operations: Option<(TcpListener, Operations)>,
    end: watch::Sender<bool>,
}

/// Takes the addresses and reads the certificates.
///
/// **Errors**: an address is in use, or the certificates are not usable.
pub async fn bind<I: Invoke>(serving: Serving, contract: Arc<I>) -> Result<Bound<I>, ShimError> {
    let (end, ending) = watch::channel(false);
    let label = serving
        .package_id
        .rsplit_once(':')
        .map_or(serving.package_id.as_str(), |(label, _)| label)
        .to_owned();
    let metrics = Arc::new(Metrics::new(&label, crate::CONTRACT_DIGEST));
    let listen = |address, e: std::io::Error| ShimError::Listen {
        address,
        reason: e.to_string(),
    };
    let operations = match serving.operations {
        Some(address) => {
            let listener = TcpListener::bind(address)
                .await
                .map_err(|e| listen(address, e))?;
            Some((
                listener,
                Operations {
                    metrics: metrics.clone(),
                    ending: ending.clone(),
                    label,
                    log: serving.log,
                },
            ))
        }
        None => None,
    };
    let tls = ServerTlsConfig::new()
        .identity(Identity::from_pem(
            &serving.tls.certificate,
            &serving.tls.key,
        ))
        .client_ca_root(Certificate::from_pem(&serving.tls.client_authority))
        .timeout(PATIENCE);
    let server = Server::builder()
        .tls_config(tls)?
        .http2_keepalive_interval(Some(KEEPALIVE));
    // Without it every ledger call of a transaction waits 40 ms for an acknowledgement.
    let incoming = TcpIncoming::bind(serving.address)
        .map_err(|e| listen(serving.address, e))?
        .with_nodelay(Some(true));
    let shared = Shared {
        contract,
        package_id: serving.package_id,
        msp_id: serving.msp_id,
        now_ms: serving.now_ms,
        micros: serving.micros,
        metrics,
        turns: Arc::new(Semaphore::new(MAX_CONCURRENT)),
        waiting: Arc::new(Semaphore::new(MAX_WAITING_BYTES)),
        ending,
    };
    Ok(Bound {
        shared,
        server,
        incoming,
        operations,
        end,
    })
}

impl<I: Invoke> Bound<I> {
    /// Serves until `stop` is ready; then nothing new begins, what runs may finish within
    /// twenty-five seconds, and streams are closed.
    ///
    /// **Errors**: serving failed.
    pub async fn serve(mut self, stop: impl Future<Output = ()> + Send) -> Result<(), ShimError> {
        if let Some((listener, operations)) = self.operations {
            // It ends with the runtime: while calls drain it says that they do.
            tokio::spawn(serve_operations(listener, operations));
        }
        let service = ChaincodeServer::new(Service(Arc::new(self.shared)));
        let service = service
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE);
        let (closing, closed) = tokio::sync::oneshot::channel::<()>();
        let server = self
            .server
            .add_service(service)
            .serve_with_incoming_shutdown(bounded(self.incoming), async {
                let _ = closed.await;
            });
        tokio::pin!(server, stop);
        tokio::select! {
            served = &mut server => return Ok(served?),
            () = &mut stop => {}
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
