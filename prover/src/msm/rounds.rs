//! Sums of lists of points: in pairs, the sums in pairs again, round by round. No addition of a round
//! needs another's result.

use super::Summing;
use super::adder::{Adding, Source};
use super::points::{Group, Points, negated};
use std::mem::swap;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// How many points before it is added a point is fetched: they lie in no order.
const AHEAD: usize = 24;

/// Lists under way. Lists are behind each other, and what is kept of them is where each ends.
#[derive(Zeroize, ZeroizeOnDrop)]
#[zeroize(bound = "")]
pub(super) struct Rounds<L: Summing, G: Group> {
    #[zeroize(skip)]
    adder: L::Adder<G>,
    /// Sums of the round before, and what longer ones have left.
    #[zeroize(skip)]
    now: Vec<G::Point>,
    ends: Vec<u32>,
    /// Those of this round.
    #[zeroize(skip)]
    next: Vec<G::Point>,
    next_ends: Vec<u32>,
}

/// Sums of lists, and the buckets that they are added to.
#[derive(Clone, Copy)]
struct More<'r, P>(&'r [P]);

/// Marks a bucket among places.
const BUCKET: u32 = 1 << 30;

impl<G: Group> Source<G> for More<'_, G::Point> {
    const HAS_SIGNS: bool = false;

    #[inline(always)]
    fn at(self, place: u32, buckets: &[G::Point]) -> G::Point {
        let (points, place) = match place.checked_sub(BUCKET) {
            Some(bucket) => (buckets, bucket),
            None => (self.0, place),
        };
        points.get(place as usize).copied().unwrap_or(G::INFINITY)
    }
}

impl<L: Summing, G: Group> Rounds<L, G> {
    pub fn new() -> Self {
        Rounds {
            adder: L::Adder::new(),
            now: Vec::new(),
            ends: Vec::new(),
            next: Vec::new(),
            next_ends: Vec::new(),
        }
    }

    /// Sums lists of places. An entry is twice a place, and one more where the point is subtracted.
    #[inline(always)]
    pub fn sum(&mut self, points: Points<'_, G>, entries: &[u32], ends: &[u32]) {
        self.all(
            points,
            ends,
            #[inline(always)]
            |place| {
                if let Some(later) = entries.get(place + AHEAD) {
                    points.soon::<L>(*later >> 1);
                }
                entries[place]
            },
        );
    }

    /// Sums lists of some of these points, of which none is empty.
    #[inline(always)]
    pub fn sum_of(
        &mut self,
        points: &[G::Point],
        ends: &[u32],
        place: impl Fn(usize) -> usize,
    ) -> &[G::Point] {
        self.all(
            points,
            ends,
            #[inline(always)]
            |at| (place(at) as u32) << 1,
        );
        &self.now
    }

    #[inline(always)]
    fn all<S: Source<G>>(&mut self, source: S, ends: &[u32], entry: impl Fn(usize) -> u32) {
        let out = (&mut self.now, &mut self.ends);
        let mut has_pairs = round::<L, G, S>(&mut self.adder, source, ends, entry, out);
        while has_pairs {
            let out = (&mut self.next, &mut self.next_ends);
            has_pairs = round::<L, G, _>(
                &mut self.adder,
                self.now.as_slice(),
                &self.ends,
                #[inline(always)]
                |place| (place as u32) << 1,
                out,
            );
            swap(&mut self.now, &mut self.next);
            swap(&mut self.ends, &mut self.next_ends);
        }
    }

    /// Adds the sum of each list to one of these.
    #[inline(always)]
    pub fn add_to(&mut self, buckets: &mut [G::Point]) {
        let mut begin = 0;
        for (list, end) in self.ends.iter().enumerate() {
            if *end > begin {
                match buckets[list].as_ref() == G::INFINITY.as_ref() {
                    true => buckets[list] = self.now[begin as usize],
                    false => {
                        let entries = [(BUCKET + list as u32) << 1, begin << 1];
                        let source = More(&self.now);
                        self.adder.pair(source, entries, list as u32, buckets);
                    }
                }
            }
            begin = *end;
        }
        self.adder.finish(More(&self.now), buckets);
    }
}

/// Sums the points of each list in pairs; says whether some list still has several.
#[inline(always)]
fn round<L: Summing, G: Group, S: Source<G>>(
    adder: &mut L::Adder<G>,
    source: S,
    ends: &[u32],
    entry: impl Fn(usize) -> u32,
    (out, out_ends): (&mut Vec<G::Point>, &mut Vec<u32>),
) -> bool {
    L::call(
        #[inline(always)]
        || {
            let (mut begin, mut length, mut has_pairs) = (0, 0, false);
            out_ends.clear();
            out_ends.reserve_exact(ends.len());
            for end in ends {
                let count = (end - begin).div_ceil(2);
                has_pairs |= count > 1;
                length += count;
                out_ends.push(length);
                begin = *end;
            }
            room::<G>(out, length as usize);
            let (mut begin, mut target) = (0, 0);
            for end in ends {
                let mut place = begin;
                while place + 1 < *end {
                    let entries = [entry(place as usize), entry(place as usize + 1)];
                    adder.pair(source, entries, target, out);
                    (place, target) = (place + 2, target + 1);
                }
                if place < *end {
                    let entry = entry(place as usize);
                    let point = source.at(entry >> 1, &[]);
                    out[target as usize] = match entry & 1 == 1 {
                        true => negated::<G>(&point),
                        false => point,
                    };
                    target += 1;
                }
                begin = *end;
            }
            adder.finish(source, out);
            has_pairs
        },
    )
}

/// Makes room for so many points, and for few more: the next chunks take about as many.
fn room<G: Group>(out: &mut Vec<G::Point>, length: usize) {
    const MORE: usize = 1 << 10;
    if let Some(more) = length.checked_sub(out.len()).filter(|more| *more > 0) {
        out.reserve_exact(more.next_multiple_of(MORE));
        out.resize(length, G::INFINITY);
    }
}
