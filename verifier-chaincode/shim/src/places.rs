//! Places of authenticated connections: some for each of the organisation's own peers, which nobody
//! can take, and a bounded crowd for all other certificates.

use crate::crowd::{Crowd, OpenStream, Place, Streams};
use crate::limits::{IDLE, MAX_CONNECTIONS, OWN_CONNECTIONS};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_rustls::rustls::pki_types::CertificateDer;

/// A certificate, as it was shown.
type Certificate = Vec<u8>;

/// What a connection holds.
pub(crate) enum Seat {
    /// One of an own peer's. It may rest for days: a peer sends all its transactions over one
    /// stream.
    Own {
        _place: OwnedSemaphorePermit,
    },
    Other(Place<Certificate>),
}

/// Who sends on a connection.
pub(crate) struct Caller {
    streams: Arc<Streams>,
}

impl Caller {
    /// Counts a stream of this connection until what is returned is dropped.
    pub(crate) fn open_stream(&self) -> OpenStream {
        self.streams.open()
    }
}

/// All places for authenticated connections.
pub(crate) struct Places {
    own: Vec<(Certificate, Arc<Semaphore>)>,
    others: Arc<Crowd<Certificate>>,
}

impl Places {
    pub(crate) fn new(own: Vec<CertificateDer<'static>>) -> Self {
        let own = own.into_iter().map(|certificate| {
            let places = Arc::new(Semaphore::new(OWN_CONNECTIONS));
            (certificate.to_vec(), places)
        });
        Places {
            own: own.collect(),
            others: Crowd::new(MAX_CONNECTIONS),
        }
    }

    /// A place for a connection that showed this certificate, and whether somebody left for it. An
    /// own peer that needs more than its own is as any other.
    pub(crate) fn enter(&self, certificate: &[u8]) -> Option<(Arc<Caller>, Seat, bool)> {
        let own = self.own.iter().find(|(own, _)| own == certificate);
        if let Some(place) = own.and_then(|(_, places)| places.clone().try_acquire_owned().ok()) {
            let streams = Arc::new(Streams::none());
            return Some((
                Arc::new(Caller { streams }),
                Seat::Own { _place: place },
                false,
            ));
        }
        let (place, left) = self.others.enter(certificate.to_vec())?;
        let streams = place.streams.clone();
        Some((Arc::new(Caller { streams }), Seat::Other(place), left))
    }

    /// Ends what others keep without using it; tells how many.
    pub(crate) fn end_idle(&self) -> usize {
        self.others.end_idle(Instant::now(), IDLE)
    }
}
