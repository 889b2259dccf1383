//! A service that a test runs, with one authority for both sides.

use super::authority::Authority;
use super::peer::{NOW_MS, Peer};
use fabric_shim_protos::peer::chaincode_message::Type;
use fabric_shim_protos::peer::{ChaincodeId, ChaincodeMessage};
use medveil_shim::{Build, Invoke, LogHandle, Serving, ShimError, Tls, bind};
use prost::Message;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

/// What the service says that it serves.
pub const BUILD: Build = Build {
    prefix: "medveil",
    version: "1.2.3",
    digest: "d1ge57",
};

/// A service that runs, and what its peers need.
pub struct Service {
    pub authority: Authority,
    pub address: SocketAddr,
    pub operations: SocketAddr,
    pub stop: Option<oneshot::Sender<()>>,
    pub ended: JoinHandle<Result<(), ShimError>>,
}

impl Service {
    pub async fn start(chaincode: impl Invoke) -> Self {
        Self::start_with(chaincode, None).await
    }

    pub async fn start_with(chaincode: impl Invoke, log: Option<LogHandle>) -> Self {
        let authority = Authority::new();
        let address = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let (certificate, key) = authority.issue("peer");
        let tls = Tls {
            certificate: certificate.into(),
            key: key.into(),
            client_authority: authority.pem().into(),
        };
        let operations = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let serving = Serving {
            address,
            package_id: "label:hash".into(),
            build: BUILD,
            tls,
            now_ms: Some(|| NOW_MS),
            micros: || 0,
            operations: Some(operations),
            log,
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let bound = bind(serving, Arc::new(chaincode)).await.unwrap();
        let ended = tokio::spawn(bound.serve(async move {
            let _ = stopped.await;
        }));
        Service {
            authority,
            address,
            operations,
            stop: Some(stop),
            ended,
        }
    }

    pub async fn connect(&self, tls: ClientTlsConfig) -> Result<Channel, tonic::transport::Error> {
        let tls = tls
            .ca_certificate(Certificate::from_pem(self.authority.pem()))
            .domain_name("localhost");
        Endpoint::from_shared(format!("https://{}", self.address))
            .unwrap()
            .tls_config(tls)
            .unwrap()
            .connect()
            .await
    }

    pub async fn peer(&self) -> Peer {
        let (certificate, key) = self.authority.issue("peer");
        let channel = self
            .connect(ClientTlsConfig::new().identity(Identity::from_pem(certificate, key)))
            .await
            .unwrap();
        let mut peer = Peer::connect(channel).await.unwrap();
        let register = peer.next().await;
        assert_eq!(register.r#type(), Type::Register);
        assert_eq!(
            ChaincodeId::decode(register.payload.as_slice())
                .unwrap()
                .name,
            "label:hash"
        );
        for kind in [Type::Registered, Type::Ready] {
            peer.send(ChaincodeMessage {
                r#type: kind.into(),
                ..ChaincodeMessage::default()
            })
            .await;
        }
        peer
    }
}
