//! The connection to one organisation's peers.

use super::failure::Failure;
use super::profile::{OrgPeers, PeerEndpoint};
use medveil_ledger::BoxError;
use prost::Message;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Streaming};
use tonic_prost::ProstCodec;

/// Largest message either way: Fabric's own limit.
const MAX_MESSAGE: usize = 100 * 1024 * 1024;
const CONNECT: Duration = Duration::from_secs(5);
/// Until TLS and HTTP/2 stand too; a loaded machine takes its time.
const ESTABLISH: Duration = Duration::from_secs(15);
/// How often a silent connection is tried: peers refuse more than one a minute unless they are told
/// otherwise.
const KEEPALIVE: Duration = Duration::from_secs(65);
/// A call's limit; endorsing a claim with thousands of proofs takes minutes of a peer's core.
const CALL: Duration = Duration::from_secs(600);

/// A connection to one organisation's peers.
#[derive(Clone)]
pub(super) struct PeerConnection(Channel);

impl PeerConnection {
    /// Connects to the first peer that answers, from a place in the list on.
    pub(super) async fn connect(org: &OrgPeers, from: usize) -> Result<Self, Failure> {
        let mut failed: Option<BoxError> = None;
        for peer in org.peers.iter().cycle().skip(from).take(org.peers.len()) {
            let endpoint = Self::endpoint(org, peer)?;
            // The endpoint's own limit ends before TLS begins.
            match tokio::time::timeout(ESTABLISH, endpoint.connect()).await {
                Ok(Ok(channel)) => return Ok(PeerConnection(channel)),
                Ok(Err(refused)) => failed = Some(refused.into()),
                Err(silent) => failed = Some(silent.into()),
            }
        }
        let addresses: Vec<&str> = org.peers.iter().map(|p| p.address.as_str()).collect();
        let nobody = Failure::unreachable(format!(
            "no peer of {} answers at {}",
            org.msp_id,
            addresses.join(", ")
        ));
        Err(match failed {
            Some(e) => nobody.because(e),
            None => nobody,
        })
    }

    fn endpoint(org: &OrgPeers, peer: &PeerEndpoint) -> Result<Endpoint, Failure> {
        let address = &peer.address;
        let mut tls =
            ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&org.tls_authority));
        if let Some(name) = &peer.tls_name {
            tls = tls.domain_name(name);
        }
        if let Some(client) = &org.tls_client {
            tls = tls.identity(tonic::transport::Identity::from_pem(
                client.certificate(),
                client.key(),
            ));
        }
        let endpoint =
            Endpoint::from_shared(format!("https://{address}")).and_then(|e| e.tls_config(tls));
        let wrong = || Failure::unreachable(format!("expected host:port, got {address}"));
        let endpoint = endpoint.map_err(|e| wrong().because(e))?;
        Ok(endpoint
            .connect_timeout(CONNECT)
            .timeout(CALL)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEPALIVE))
    }

    /// The service, once the connection can take a call.
    async fn ready(&self) -> Result<Grpc<Channel>, Failure> {
        let mut grpc = Grpc::new(self.0.clone())
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE);
        let ready = grpc.ready().await;
        ready.map_err(|e| Failure::unreachable("the connection is gone").because(e))?;
        Ok(grpc)
    }

    /// Calls a method of the gateway service.
    pub(super) async fn call<Q, A>(&self, method: &'static str, request: Q) -> Result<A, Failure>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let path = PathAndQuery::from_static(method);
        let codec = ProstCodec::<Q, A>::default();
        let mut grpc = self.ready().await?;
        let answer = grpc.unary(Request::new(request), path, codec).await;
        answer.map(tonic::Response::into_inner).map_err(Failure::of)
    }

    /// Opens a stream both ways.
    pub(super) async fn stream<Q, A>(
        &self,
        method: &'static str,
        requests: mpsc::Receiver<Q>,
    ) -> Result<Streaming<A>, Failure>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let path = PathAndQuery::from_static(method);
        let codec = ProstCodec::<Q, A>::default();
        let requests = Request::new(ReceiverStream::new(requests));
        let mut grpc = self.ready().await?;
        let answer = grpc.streaming(requests, path, codec).await;
        answer.map(tonic::Response::into_inner).map_err(Failure::of)
    }
}
