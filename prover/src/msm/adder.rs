//! Pairs of points in memory, put together to eights and sums that wait.

use super::points::{Eight, Group, Points};
use super::tree::{BLOCKS, Waiting};
use crate::field::CurveLanes;
use crate::simd::LANES;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Where points are read from.
pub(crate) trait Source<G: Group>: Copy {
    /// Whether points may be subtracted.
    const HAS_SIGNS: bool;
    /// The point at a place, and infinity where there is none; `out` is what sums are put into.
    fn at(self, place: u32, out: &[G::Point]) -> G::Point;
}

impl<G: Group> Source<G> for Points<'_, G> {
    const HAS_SIGNS: bool = true;

    #[inline(always)]
    fn at(self, place: u32, _: &[G::Point]) -> G::Point {
        Points::at(self, place)
    }
}

impl<G: Group> Source<G> for &[G::Point] {
    const HAS_SIGNS: bool = false;

    #[inline(always)]
    fn at(self, place: u32, _: &[G::Point]) -> G::Point {
        self.get(place as usize).copied().unwrap_or(G::INFINITY)
    }
}

/// What takes pairs, and puts their sums where they belong.
pub(crate) trait Adding<G: Group> {
    fn new() -> Self;
    /// Adds two points, or their opposites, into `out[target]`: now or when [`Adding::finish`] is
    /// called. An entry is twice a place, and one more where the point is subtracted. All pairs until
    /// then are of one source, and none is of points of `out` but those that its own sum replaces.
    fn pair<S: Source<G>>(
        &mut self,
        source: S,
        entries: [u32; 2],
        target: u32,
        out: &mut [G::Point],
    );
    /// Puts all sums that wait.
    fn finish<S: Source<G>>(&mut self, source: S, out: &mut [G::Point]);
}

/// The entry of a place that no source has.
const NOWHERE: u32 = u32::MAX - 1;

/// Takes eight pairs at a time.
#[derive(Zeroize, ZeroizeOnDrop)]
#[zeroize(bound = "")]
pub(crate) struct Adder<L: CurveLanes, G: Group> {
    #[zeroize(skip)]
    waiting: Waiting<G::Coordinate<L>>,
    /// Twice the place of a point, and one more where it is subtracted.
    first: [u32; LANES],
    second: [u32; LANES],
    filled: usize,
    /// Where each pair's sum goes.
    targets: Vec<u32>,
}

impl<L: CurveLanes, G: Group> Adding<G> for Adder<L, G> {
    fn new() -> Self {
        Adder {
            waiting: Waiting::new(),
            first: [NOWHERE; LANES],
            second: [NOWHERE; LANES],
            filled: 0,
            targets: Vec::with_capacity(BLOCKS * LANES),
        }
    }

    #[inline(always)]
    fn pair<S: Source<G>>(
        &mut self,
        source: S,
        [first, second]: [u32; 2],
        target: u32,
        out: &mut [G::Point],
    ) {
        (self.first[self.filled], self.second[self.filled]) = (first, second);
        self.targets.push(target);
        self.filled += 1;
        if self.filled == LANES {
            self.push(source, out);
            if self.waiting.is_full() {
                self.settle(out);
            }
        }
    }

    #[inline(always)]
    fn finish<S: Source<G>>(&mut self, source: S, out: &mut [G::Point]) {
        if self.filled > 0 {
            self.first[self.filled..].fill(NOWHERE);
            self.second[self.filled..].fill(NOWHERE);
            self.push(source, out);
        }
        self.settle(out);
    }
}

impl<L: CurveLanes, G: Group> Adder<L, G> {
    #[inline(always)]
    fn push<S: Source<G>>(&mut self, source: S, out: &[G::Point]) {
        L::call(
            #[inline(always)]
            || {
                let first = eight::<L, G, S>(source, &self.first, out);
                let second = eight::<L, G, S>(source, &self.second, out);
                self.waiting.push::<L>(first, second);
                self.filled = 0;
            },
        )
    }

    #[inline(always)]
    fn settle(&mut self, out: &mut [G::Point]) {
        L::call(
            #[inline(always)]
            || {
                self.waiting.finish::<L>();
                let mut points = [G::INFINITY; LANES];
                for (at, targets) in self.targets.chunks(LANES).enumerate() {
                    let Some(sums) = self.waiting.sums(at) else {
                        break;
                    };
                    G::store::<L>(sums, &mut points);
                    for (target, point) in targets.iter().zip(points) {
                        out[*target as usize] = point;
                    }
                }
                self.waiting.clear();
                self.targets.clear();
            },
        )
    }
}

#[inline(always)]
fn eight<L: CurveLanes, G: Group, S: Source<G>>(
    source: S,
    entries: &[u32; LANES],
    out: &[G::Point],
) -> Eight<G::Coordinate<L>> {
    let (mut points, mut negated) = ([G::INFINITY; LANES], 0);
    for lane in 0..LANES {
        points[lane] = source.at(entries[lane] >> 1, out);
        negated |= ((entries[lane] & 1) as u8) << lane;
    }
    G::load::<L>(&points).negated::<L>(negated)
}
