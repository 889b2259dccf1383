use super::*;
use crate::peer::PeerConnection;
use medveil_msp::testing::{Ca, plain};
use std::convert::Infallible;
use std::future::{Ready, ready};
use tonic::codegen::{Context as Polling, Poll, Service, http};
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, Server, ServerTlsConfig};

/// Answers every call with `UNIMPLEMENTED`: it was reached.
#[derive(Clone)]
struct Reached;

impl tonic::server::NamedService for Reached {
    const NAME: &'static str = "gateway.Gateway";
}

impl<B> Service<http::Request<B>> for Reached {
    type Response = http::Response<tonic::body::Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Polling<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
    fn call(&mut self, _: http::Request<B>) -> Self::Future {
        ready(Ok(tonic::Status::unimplemented("reached").into_http()))
    }
}

/// A peer with `peer.tls.clientAuthRequired`.
async fn strict_peer(tls: &Ca) -> PeerEndpoint {
    let name = |p: &mut rcgen::CertificateParams| {
        p.subject_alt_names = vec![rcgen::SanType::DnsName("localhost".try_into().unwrap())]
    };
    let own = tls.issue(&[], &name);
    let config = ServerTlsConfig::new()
        .identity(Identity::from_pem(own.certificate.to_pem(), own.key))
        .client_ca_root(Certificate::from_pem(tls.certificate().to_pem()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = Server::builder()
        .tls_config(config)
        .unwrap()
        .add_service(Reached)
        .serve_with_incoming(TcpIncoming::from(listener));
    tokio::spawn(serving);
    PeerEndpoint {
        address,
        tls_name: Some("localhost".to_owned()),
    }
}

async fn code(org: &OrgPeers) -> tonic::Code {
    let called = match PeerConnection::connect(org, 0).await {
        Ok(peer) => peer.call::<(), ()>("/gateway.Gateway/Evaluate", ()).await,
        Err(failure) => Err(failure),
    };
    called.unwrap_err().code
}

#[tokio::test]
async fn a_peer_that_asks_for_certificates_answers_who_shows_one_of_its_authority() {
    let tls = Ca::root("tls", &plain);
    let client = |ca: &Ca| {
        let leaf = ca.client();
        TlsClient::new(leaf.certificate.to_pem(), Zeroizing::new(leaf.key)).unwrap()
    };
    let peers = vec![strict_peer(&tls).await];
    let org = |tls_client| OrgPeers {
        msp_id: "University".to_owned(),
        peers: peers.clone(),
        tls_authority: tls.certificate().to_pem(),
        tls_client,
    };
    assert_eq!(
        code(&org(Some(client(&tls)))).await,
        tonic::Code::Unimplemented
    );
    for refused in [None, Some(client(&Ca::root("tls", &plain)))] {
        assert_ne!(code(&org(refused)).await, tonic::Code::Unimplemented);
    }
}

#[test]
fn the_hash_that_binds_a_request_is_of_the_first_certificate() {
    let tls = Ca::root("tls", &plain);
    let leaf = tls.client();
    let chain = leaf.certificate.to_pem() + &tls.certificate().to_pem();
    let client = TlsClient::new(chain, Zeroizing::new(leaf.key)).unwrap();
    assert_eq!(
        client.certificate_hash(),
        <[u8; 32]>::from(Sha256::digest(leaf.certificate.der()))
    );
}
