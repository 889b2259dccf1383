//! A bounded set of connections, and who leaves when one more comes.
//!
//! Each member counts for a group: an address, or a certificate. A group's share, an eighth, is
//! soft: it may fill the whole set while nobody else comes, because a proxy is one address and many
//! callers. But when the set is full, the largest group makes room if it has more than its share:
//! its oldest member without a stream, then its oldest. If none has, the oldest without a stream
//! leaves, of the largest group that has such. If all have streams, the oldest of the largest group
//! leaves, unless all are alone in theirs: then nobody leaves for a newcomer.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// A bounded set of connections.
pub(crate) struct Crowd<G> {
    most: usize,
    members: Mutex<Members<G>>,
}

/// Members by age: whoever came later has a higher number.
struct Members<G> {
    next: u64,
    by_age: BTreeMap<u64, Member<G>>,
}

struct Member<G> {
    group: G,
    streams: Arc<Streams>,
    /// Dropped or used, it ends the connection.
    _close: oneshot::Sender<()>,
}

/// How many streams a connection has, and since when.
pub(crate) struct Streams(Mutex<(usize, Instant)>);

/// A member's place, until it is dropped.
pub(crate) struct Place<G: Ord + Clone> {
    crowd: Arc<Crowd<G>>,
    number: u64,
    pub(crate) streams: Arc<Streams>,
    /// Ready once the member has to leave.
    pub(crate) leave: oneshot::Receiver<()>,
}

impl<G: Ord + Clone> Crowd<G> {
    pub(crate) fn new(most: usize) -> Arc<Self> {
        let by_age = BTreeMap::new();
        Arc::new(Crowd {
            most,
            members: Mutex::new(Members { next: 0, by_age }),
        })
    }

    fn members(&self) -> MutexGuard<'_, Members<G>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a newcomer in, and tells whether somebody left for it; none where nobody had to.
    pub(crate) fn enter(self: &Arc<Self>, group: G) -> Option<(Place<G>, bool)> {
        let mut members = self.members();
        let is_full = members.by_age.len() >= self.most;
        if is_full {
            let leaves = members.who_leaves_for(&group, self.most / 8)?;
            members.by_age.remove(&leaves);
        }
        let (close, leave) = oneshot::channel();
        let (number, streams) = (members.next, Arc::new(Streams::none()));
        members.next += 1;
        let member = Member {
            group,
            streams: streams.clone(),
            _close: close,
        };
        members.by_age.insert(number, member);
        let place = Place {
            crowd: self.clone(),
            number,
            streams,
            leave,
        };
        Some((place, is_full))
    }

    /// Ends all that by now have been without a stream for so long; tells how many.
    pub(crate) fn end_idle(&self, now: Instant, longest: Duration) -> usize {
        let mut members = self.members();
        let before = members.by_age.len();
        members
            .by_age
            .retain(|_, member| !member.streams.none_for(now, longest));
        before - members.by_age.len()
    }
}

impl<G: Ord + Clone> Members<G> {
    /// Whoever leaves for a newcomer of this group, where no group may have more than its share.
    fn who_leaves_for(&self, newcomer: &G, share: usize) -> Option<u64> {
        let mut sizes = BTreeMap::from([(newcomer, 1_usize)]);
        for member in self.by_age.values() {
            *sizes.entry(&member.group).or_default() += 1;
        }
        let members = self.by_age.iter().map(|(number, member)| {
            let size = sizes.get(&member.group).copied().unwrap_or_default();
            (size, member.streams.is_any(), *number)
        });
        let (size, has_stream, number) = members.min_by_key(|&(size, has_stream, number)| {
            let above = if size > share { size } else { 0 };
            (Reverse(above), has_stream, Reverse(size), number)
        })?;
        (size > 1 || !has_stream).then_some(number)
    }
}

impl<G: Ord + Clone> Drop for Place<G> {
    fn drop(&mut self) {
        self.crowd.members().by_age.remove(&self.number);
    }
}

impl Streams {
    pub(crate) fn none() -> Self {
        Streams(Mutex::new((0, Instant::now())))
    }

    fn state(&self) -> MutexGuard<'_, (usize, Instant)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more, until what is returned is dropped.
    pub(crate) fn open(self: &Arc<Self>) -> OpenStream {
        self.state().0 += 1;
        OpenStream(self.clone())
    }

    fn is_any(&self) -> bool {
        self.state().0 > 0
    }

    fn none_for(&self, now: Instant, longest: Duration) -> bool {
        let (streams, since) = *self.state();
        streams == 0 && now.saturating_duration_since(since) >= longest
    }
}

/// A stream of a connection.
pub(crate) struct OpenStream(Arc<Streams>);

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut state = self.0.state();
        *state = (state.0.saturating_sub(1), Instant::now());
    }
}

#[cfg(test)]
mod tests;
