//! The connection to one organisation's peers.

use super::profile::{OrgPeers, PeerEndpoint};
use super::proto::{ErrorDetail, RpcStatus};
use crate::backend::BackendError;
use prost::Message;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Request, Status, Streaming};
use tonic_prost::ProstCodec;

/// Largest message either way: Fabric's own limit.
const MAX_MESSAGE: usize = 100 * 1024 * 1024;
const CONNECT: Duration = Duration::from_secs(5);
/// How often a silent connection is tried: peers refuse more than one a minute unless they are told
/// otherwise.
const KEEPALIVE: Duration = Duration::from_secs(65);
/// A call's limit; endorsing a claim with thousands of proofs takes minutes of a peer's core.
const CALL: Duration = Duration::from_secs(600);

/// What a peer answered in place of a result.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) code: Code,
    pub(super) message: String,
    /// What each endorser or orderer said: MSP id, message.
    pub(super) details: Vec<(String, String)>,
    /// Whether the connection broke: then nobody answered, whatever the code.
    pub(super) is_broken: bool,
}

impl Failure {
    pub(super) fn new(status: &Status) -> Self {
        let rpc = RpcStatus::decode(status.details()).unwrap_or_default();
        let detail = |any: &prost_types::Any| {
            ErrorDetail::decode(any.value.as_slice())
                .ok()
                .map(|d| (d.msp_id, d.message))
        };
        Failure {
            code: status.code(),
            message: status.message().to_owned(),
            details: rpc.details.iter().filter_map(detail).collect(),
            // What a peer answered comes as trailers and has no cause; what has one was made on
            // this side.
            is_broken: std::error::Error::source(status).is_some(),
        }
    }

    pub(super) fn unreachable(message: String) -> Self {
        Failure {
            code: Code::Unavailable,
            message,
            details: Vec::new(),
            is_broken: false,
        }
    }

    /// An answer that makes no sense.
    pub(super) fn odd(message: impl std::fmt::Display) -> Self {
        Failure {
            code: Code::Internal,
            message: message.to_string(),
            details: Vec::new(),
            is_broken: false,
        }
    }

    /// Whether nobody was there to answer.
    pub(super) fn is_unreachable(&self) -> bool {
        self.is_broken || (self.code == Code::Unavailable && self.details.is_empty())
    }

    /// Everything that was said, for people.
    pub(super) fn text(&self) -> String {
        let said: Vec<String> = self
            .details
            .iter()
            .map(|(msp, message)| format!("{msp}: {message}"))
            .collect();
        if said.is_empty() {
            self.message.clone()
        } else {
            said.join("; ")
        }
    }
}

impl From<Failure> for BackendError {
    fn from(failure: Failure) -> Self {
        let text = failure.text();
        if failure.is_unreachable() {
            BackendError::Unreachable(text)
        } else {
            BackendError::Read(text)
        }
    }
}

/// A connection to one organisation's peers.
#[derive(Clone)]
pub(super) struct PeerConnection(Channel);

impl PeerConnection {
    /// Connects to the first peer that answers, from a place in the list on.
    pub(super) async fn connect(org: &OrgPeers, from: usize) -> Result<Self, Failure> {
        let mut failed = Vec::new();
        for peer in org.peers.iter().cycle().skip(from).take(org.peers.len()) {
            match Self::endpoint(org, peer)?.connect().await {
                Ok(channel) => return Ok(PeerConnection(channel)),
                Err(e) => failed.push(format!("{}: {}", peer.address, chain(&e))),
            }
        }
        Err(Failure::unreachable(format!(
            "no peer of {} answers: {}",
            org.msp_id,
            failed.join("; ")
        )))
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
        let endpoint =
            endpoint.map_err(|e| Failure::unreachable(format!("{address}: {}", chain(&e))))?;
        Ok(endpoint
            .connect_timeout(CONNECT)
            .timeout(CALL)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEPALIVE))
    }

    /// Calls a method of the gateway service.
    pub(super) async fn call<Q, A>(&self, method: &'static str, request: Q) -> Result<A, Failure>
    where
        Q: Message + 'static,
        A: Message + Default + 'static,
    {
        let mut grpc = Grpc::new(self.0.clone())
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE);
        grpc.ready()
            .await
            .map_err(|e| Failure::unreachable(chain(&e)))?;
        let path = PathAndQuery::from_static(method);
        let answer = grpc
            .unary(Request::new(request), path, ProstCodec::<Q, A>::default())
            .await;
        answer
            .map(tonic::Response::into_inner)
            .map_err(|status| Failure::new(&status))
    }
}

impl PeerConnection {
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
        let mut grpc = Grpc::new(self.0.clone())
            .max_decoding_message_size(MAX_MESSAGE)
            .max_encoding_message_size(MAX_MESSAGE);
        grpc.ready()
            .await
            .map_err(|e| Failure::unreachable(chain(&e)))?;
        let (path, requests) = (
            PathAndQuery::from_static(method),
            ReceiverStream::new(requests),
        );
        let answer = grpc
            .streaming(Request::new(requests), path, ProstCodec::<Q, A>::default())
            .await;
        answer
            .map(tonic::Response::into_inner)
            .map_err(|status| Failure::new(&status))
    }
}

/// An error with what caused it.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
