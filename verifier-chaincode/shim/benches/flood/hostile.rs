//! Hostile connections of each kind.

use super::authority::Authority;
use super::child::{self, Running};
use super::endless::Endless;
use super::peer::Peer;
use super::served::Served;
use serde::{Deserialize, Serialize};
use std::future::{pending, poll_fn};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tonic::body::Body;
use tonic::codegen::http::{Request, Version};
use tonic::codegen::{Body as _, Service};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};

/// How long one waits before it comes back.
const PAUSE: Duration = Duration::from_secs(1);
/// Streams that one opens whose messages never end.
const STREAMS: usize = 24;

#[derive(Clone, Copy, Deserialize, PartialEq, Eq, Serialize)]
pub enum Kind {
    None,
    Silent,
    Resting,
    WithStream,
    Endless,
}

impl Kind {
    pub const ALL: [Kind; 5] = [
        Kind::None,
        Kind::Silent,
        Kind::Resting,
        Kind::WithStream,
        Kind::Endless,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::None => "none",
            Kind::Silent => "say nothing",
            Kind::Resting => "authenticated, say nothing more",
            Kind::WithStream => "authenticated, with a stream that rests",
            Kind::Endless => "authenticated, 24 streams that each send 96 of announced 100 MiB",
        }
    }
}

/// What the process of the hostile connections is told.
#[derive(Deserialize, Serialize)]
struct Told {
    kind: Kind,
    address: SocketAddr,
    authority: String,
    /// A certificate and a key for each, so that none has more than a share.
    identities: Vec<(String, String)>,
}

/// One that comes again and again.
struct One {
    kind: Kind,
    address: SocketAddr,
    tls: ClientTlsConfig,
}

/// Hostile connections, until what is returned is dropped.
pub fn begin(kind: Kind, n: usize, served: &Served, authority: &Authority) -> Running {
    let n = if kind == Kind::None { 0 } else { n };
    let told = Told {
        kind,
        address: served.address,
        authority: served.authority.clone(),
        identities: (0..n).map(|_| authority.issue("peer")).collect(),
    };
    Running::start("hostile", &told)
}

/// Connects, in a process that was started for it. It gets what service and peer leave of the
/// processors: hostile connections come from other machines.
pub fn come() {
    let told: Told = child::told();
    let _ = rustix::process::nice(19);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut all = JoinSet::new();
        for identity in &told.identities {
            let one = One {
                kind: told.kind,
                address: told.address,
                tls: tls(&told.authority, identity),
            };
            all.spawn(async move {
                loop {
                    let _ = one.stay().await;
                    tokio::time::sleep(PAUSE).await;
                }
            });
        }
        pending::<()>().await;
    });
}

impl One {
    /// Connects, and stays as long as it is let.
    async fn stay(&self) -> Option<()> {
        if self.kind == Kind::Silent {
            let mut io = TcpStream::connect(self.address).await.ok()?;
            let _ = io.read(&mut [0]).await;
            return None;
        }
        let channel = endpoint(self.address, self.tls.clone())
            .connect()
            .await
            .ok()?;
        match self.kind {
            Kind::None | Kind::Silent => None,
            Kind::Resting => rest(channel).await,
            Kind::WithStream => {
                let mut peer = Peer::connect(channel).await.ok()?;
                while let Ok(Some(_)) = peer.incoming.message().await {}
                Some(())
            }
            Kind::Endless => {
                let mut streams = JoinSet::new();
                for _ in 0..STREAMS {
                    streams.spawn(endless(channel.clone()));
                }
                // Whatever is refused ends all: a connection is made again only after the pause.
                streams.join_next().await?.ok()?
            }
        }
    }
}

/// Asks for nothing. One that was ended is made anew when it is looked at.
async fn rest(mut channel: Channel) -> Option<()> {
    loop {
        poll_fn(|cx| channel.poll_ready(cx)).await.ok()?;
        tokio::time::sleep(PAUSE).await;
    }
}

/// One stream with a message that does not end; ends when it is refused.
async fn endless(mut channel: Channel) -> Option<()> {
    let request = Request::post("https://localhost/protos.Chaincode/Connect")
        .version(Version::HTTP_2)
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Body::new(Endless::default()))
        .ok()?;
    poll_fn(|cx| channel.poll_ready(cx)).await.ok()?;
    let mut answer = channel.call(request).await.ok()?.into_body();
    while let Some(Ok(_)) = poll_fn(|cx| std::pin::Pin::new(&mut answer).poll_frame(cx)).await {}
    Some(())
}

fn tls(authority: &str, (certificate, key): &(String, String)) -> ClientTlsConfig {
    ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(authority))
        .identity(Identity::from_pem(certificate, key))
        .domain_name("localhost")
}

fn endpoint(address: SocketAddr, tls: ClientTlsConfig) -> Endpoint {
    let endpoint = Endpoint::from_shared(format!("https://{address}")).unwrap();
    endpoint.tls_config(tls).unwrap()
}

/// A connection of whoever has this certificate and this key.
pub async fn channel(
    served: &Served,
    identity: &(String, String),
) -> Result<Channel, tonic::transport::Error> {
    endpoint(served.address, tls(&served.authority, identity))
        .connect()
        .await
}
