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
    /// Certificate and key of the own peer that the service was told of, or that it was not.
    pub own: (String, String),
    pub address: SocketAddr,
    pub operations: SocketAddr,
    pub stop: Option<oneshot::Sender<()>>,
    pub ended: JoinHandle<Result<(), ShimError>>,
}

impl Service {
    pub async fn start(chaincode: impl Invoke) -> Self {
        Self::start_with(chaincode, None, false).await
    }

    pub async fn start_with(
        chaincode: impl Invoke,
        log: Option<LogHandle>,
        knows_own_peer: bool,
    ) -> Self {
        let authority = Authority::new();
        let own = authority.issue("peer");
        let address = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let (certificate, key) = authority.issue("peer");
        let tls = Tls {
            certificate: certificate.into(),
            key: key.into(),
            client_authority: authority.pem().into(),
            own_peers: knows_own_peer.then(|| own.0.clone().into()),
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
            own,
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

    /// A connection of whoever has this certificate and this key.
    pub async fn channel(&self, (certificate, key): &(String, String)) -> Channel {
        let identity = Identity::from_pem(certificate, key);
        self.connect(ClientTlsConfig::new().identity(identity))
            .await
            .unwrap()
    }

    /// A peer with a certificate of its own.
    pub async fn peer(&self) -> Peer {
        self.peer_as(&self.authority.issue("peer")).await
    }

    pub async fn peer_as(&self, identity: &(String, String)) -> Peer {
        self.ready(identity, Vec::new()).await
    }

    /// A peer that says this when it is ready.
    pub async fn peer_that_says(&self, ready: Vec<u8>) -> Peer {
        self.ready(&self.authority.issue("peer"), ready).await
    }

    async fn ready(&self, identity: &(String, String), ready: Vec<u8>) -> Peer {
        let channel = self.channel(identity).await;
        let mut peer = Peer::connect(channel).await.unwrap();
        let register = peer.next().await;
        assert_eq!(register.r#type(), Type::Register);
        assert_eq!(
            ChaincodeId::decode(register.payload.as_slice())
                .unwrap()
                .name,
            "label:hash"
        );
        for (kind, payload) in [(Type::Registered, Vec::new()), (Type::Ready, ready)] {
            peer.send(ChaincodeMessage {
                r#type: kind.into(),
                payload,
                ..ChaincodeMessage::default()
            })
            .await;
        }
        peer
    }
}
