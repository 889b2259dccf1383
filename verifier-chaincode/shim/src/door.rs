//! The door of the chaincode's listener. A connection is accepted at once, always; has a few seconds
//! for its TLS handshake, in a crowd of bounded size; and then has a place by its certificate, or
//! ends.

use crate::connections::{Connection, Leave, Network, PeerConnection};
use crate::crowd::{Crowd, Place};
use crate::limits::{HANDSHAKE, MAX_HANDSHAKES};
use crate::metrics::Metrics;
use crate::places::Places;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How often connections are looked at that are of no use.
const SWEEP: Duration = Duration::from_secs(5);
/// How long nothing is accepted after the system refused: it has run out of something.
const PAUSE: Duration = Duration::from_millis(100);
/// Connections that have a place and wait to be served.
const QUEUE: usize = 16;

/// A listener, and all that decides who gets in.
pub(crate) struct Door {
    listener: TcpListener,
    handshakes: Arc<Crowd<Network>>,
    hall: Hall,
}

/// What a handshake leads to.
#[derive(Clone)]
struct Hall {
    tls: TlsAcceptor,
    places: Arc<Places>,
    metrics: Arc<Metrics>,
    out: mpsc::Sender<PeerConnection>,
}

impl Door {
    /// The door, and where those come out that got in.
    pub(crate) fn new(
        listener: TcpListener,
        tls: TlsAcceptor,
        places: Places,
        metrics: Arc<Metrics>,
    ) -> (Self, mpsc::Receiver<PeerConnection>) {
        let (out, inside) = mpsc::channel(QUEUE);
        let places = Arc::new(places);
        let door = Door {
            listener,
            handshakes: Crowd::new(MAX_HANDSHAKES),
            hall: Hall {
                tls,
                places,
                metrics,
                out,
            },
        };
        (door, inside)
    }

    /// Lets in whoever may, until it is dropped; then the address is free, and whoever has not got
    /// in is sent away.
    pub(crate) async fn keep(self) -> Infallible {
        let mut under_way = JoinSet::new();
        let mut sweep = tokio::time::interval(SWEEP);
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((io, from)) => self.begin(&mut under_way, io, from),
                    Err(error) => {
                        tracing::debug!(%error, "no connection was accepted");
                        tokio::time::sleep(PAUSE).await;
                    }
                },
                Some(_) = under_way.join_next() => {}
                _ = sweep.tick() => {
                    let ended = self.hall.places.end_idle();
                    self.hall.metrics.connections_ended("idle", ended);
                }
            }
        }
    }

    fn begin(&self, under_way: &mut JoinSet<()>, io: TcpStream, from: SocketAddr) {
        // Without it every ledger call of a transaction waits 40 ms for an acknowledgement.
        let _ = io.set_nodelay(true);
        let Some((place, left)) = self.handshakes.enter(Network::of(from)) else {
            return;
        };
        let ended = usize::from(left);
        self.hall.metrics.connections_ended("handshakes", ended);
        under_way.spawn(self.hall.clone().receive(io, place));
    }
}

impl Hall {
    async fn receive(self, io: TcpStream, mut place: Place<Network>) {
        let handshake = tokio::time::timeout(HANDSHAKE, self.tls.accept(io));
        let shaken = tokio::select! {
            shaken = handshake => shaken,
            _ = &mut place.leave => return,
        };
        drop(place);
        match shaken {
            Ok(Ok(io)) => self.seat(io).await,
            Ok(Err(_)) => self.metrics.connections_ended("no_handshake", 1),
            Err(_) => self.metrics.connections_ended("handshake_time", 1),
        }
    }

    async fn seat(self, io: TlsStream<TcpStream>) {
        let shown = io.get_ref().1.peer_certificates();
        let certificate = shown.and_then(|chain| chain.first());
        let seated = certificate.and_then(|shown| self.places.enter(shown));
        let Some((caller, seat, left)) = seated else {
            return self.metrics.connections_ended("no_place", 1);
        };
        self.metrics.connections_ended("place", usize::from(left));
        let leave = Leave::Peer(caller, seat);
        let _ = self.out.send(Connection { io, leave }).await;
    }
}
