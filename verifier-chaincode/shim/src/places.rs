//! Places of authenticated connections: some for each of the organisation's own peers, which nobody
//! can take, and a bounded crowd for all other certificates.

use crate::crowd::{Crowd, OpenStream, Place, Streams};
use crate::limits::{
    IDLE, MAX_CONNECTIONS, MAX_THREADS, MAX_UNDECODED_OF_A_CONNECTION, MAX_UNDECODED_OF_OTHERS,
    MAX_UNDECODED_OF_OWN, OWN_CONNECTIONS,
};
use crate::metrics::Metrics;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_rustls::rustls::pki_types::CertificateDer;

/// A certificate, as it was shown.
type Certificate = Vec<u8>;

/// A part of what a semaphore has.
pub(crate) type Permit = Option<OwnedSemaphorePermit>;

/// What a connection holds.
pub(crate) enum Seat {
    /// One of an own peer's. It may rest for days: a peer sends all its transactions over one
    /// stream.
    Own {
        _place: OwnedSemaphorePermit,
    },
    Other(Place<Certificate>),
}

/// What callers of one kind share.
struct Kind {
    /// Bytes of messages that are not decoded.
    undecoded: Arc<Semaphore>,
    /// Threads for calls: a peer that never replies keeps its own kind's.
    threads: Arc<Semaphore>,
    /// Where others must leave turns to own peers: those that they may have.
    turns: Option<Arc<Semaphore>>,
}

/// Room for a message that is not decoded.
pub(crate) struct Room {
    _of_connection: Permit,
    _of_kind: Permit,
}

/// Who sends on a connection.
pub(crate) struct Caller {
    streams: Arc<Streams>,
    undecoded: Arc<Semaphore>,
    kind: Arc<Kind>,
    common: Arc<Common>,
}

/// What all callers share.
struct Common {
    /// A large message is twice there while it is decoded: one at a time.
    decoding: Arc<Semaphore>,
    metrics: Arc<Metrics>,
}

impl Caller {
    /// Counts a stream of this connection until what is returned is dropped.
    pub(crate) fn open_stream(&self) -> OpenStream {
        self.streams.open()
    }

    /// Waits for room for a message of this length.
    pub(crate) async fn room(&self, length: usize) -> Room {
        Room {
            _of_connection: take(&self.undecoded, length).await,
            _of_kind: take(&self.kind.undecoded, length).await,
        }
    }

    /// Waits until a call of this caller's kind may take a turn.
    pub(crate) async fn share_of_turns(&self) -> Permit {
        match &self.kind.turns {
            Some(turns) => take(turns, 1).await,
            None => None,
        }
    }

    /// Waits for a thread for a call of this caller's kind.
    pub(crate) async fn thread(&self) -> Permit {
        take(&self.kind.threads, 1).await
    }

    /// Waits until no other large message is being decoded.
    pub(crate) async fn decode_alone(&self) -> Permit {
        take(&self.common.decoding, 1).await
    }

    /// Counts a message that came too slowly.
    pub(crate) fn is_slow(&self) {
        self.common.metrics.connections_ended("message_time", 1);
    }
}

/// Takes so many; none where the semaphore was closed, which none of these is.
async fn take(of: &Arc<Semaphore>, how_many: usize) -> Permit {
    let how_many = u32::try_from(how_many).unwrap_or(u32::MAX);
    of.clone().acquire_many_owned(how_many).await.ok()
}

/// All places for authenticated connections.
pub(crate) struct Places {
    own: Vec<(Certificate, Arc<Semaphore>)>,
    others: Arc<Crowd<Certificate>>,
    own_kind: Arc<Kind>,
    other_kind: Arc<Kind>,
    common: Arc<Common>,
}

impl Places {
    /// Places of a service in which so many calls take a turn at once.
    pub(crate) fn new(
        own: Vec<CertificateDer<'static>>,
        turns: usize,
        metrics: Arc<Metrics>,
    ) -> Self {
        let others = match own.is_empty() {
            true => Kind {
                undecoded: semaphore(MAX_UNDECODED_OF_OWN + MAX_UNDECODED_OF_OTHERS),
                threads: semaphore(2 * MAX_THREADS),
                turns: None,
            },
            false => Kind {
                undecoded: semaphore(MAX_UNDECODED_OF_OTHERS),
                threads: semaphore(MAX_THREADS),
                turns: Some(semaphore(turns.div_ceil(2))),
            },
        };
        let own = own
            .into_iter()
            .map(|certificate| (certificate.to_vec(), semaphore(OWN_CONNECTIONS)));
        Places {
            own: own.collect(),
            others: Crowd::new(MAX_CONNECTIONS),
            own_kind: Arc::new(Kind {
                undecoded: semaphore(MAX_UNDECODED_OF_OWN),
                threads: semaphore(MAX_THREADS),
                turns: None,
            }),
            other_kind: Arc::new(others),
            common: Arc::new(Common {
                decoding: semaphore(1),
                metrics,
            }),
        }
    }

    /// A place for a connection that showed this certificate, and whether somebody left for it. An
    /// own peer that needs more than its own is as any other.
    pub(crate) fn enter(&self, certificate: &[u8]) -> Option<(Arc<Caller>, Seat, bool)> {
        let own = self.own.iter().find(|(own, _)| own == certificate);
        if let Some(place) = own.and_then(|(_, places)| places.clone().try_acquire_owned().ok()) {
            let caller = self.caller(Arc::new(Streams::none()), &self.own_kind);
            return Some((caller, Seat::Own { _place: place }, false));
        }
        let (place, left) = self.others.enter(certificate.to_vec())?;
        let caller = self.caller(place.streams.clone(), &self.other_kind);
        Some((caller, Seat::Other(place), left))
    }

    fn caller(&self, streams: Arc<Streams>, kind: &Arc<Kind>) -> Arc<Caller> {
        Arc::new(Caller {
            streams,
            undecoded: semaphore(MAX_UNDECODED_OF_A_CONNECTION),
            kind: kind.clone(),
            common: self.common.clone(),
        })
    }

    /// Ends what others keep without using it; tells how many.
    pub(crate) fn end_idle(&self) -> usize {
        self.others.end_idle(Instant::now(), IDLE)
    }
}

fn semaphore(permits: usize) -> Arc<Semaphore> {
    Arc::new(Semaphore::new(permits))
}
