//! Pairs of points in memory, put together to eights and sums that wait.

use super::points::Group;
use super::tree::{BLOCKS, Waiting};
use crate::field::CurveLanes;
use crate::simd::LANES;

/// Takes pairs, and puts their sums where they belong.
pub(super) struct Adder<L: CurveLanes, G: Group> {
    waiting: Waiting<G::Coordinate<L>>,
    first: [G::Point; LANES],
    second: [G::Point; LANES],
    /// Which of them are subtracted.
    negated: [u8; 2],
    filled: usize,
    /// Where each pair's sum goes.
    targets: Vec<u32>,
}

impl<L: CurveLanes, G: Group> Adder<L, G> {
    pub fn new() -> Self {
        Adder {
            waiting: Waiting::new(),
            first: [G::INFINITY; LANES],
            second: [G::INFINITY; LANES],
            negated: [0; 2],
            filled: 0,
            targets: Vec::with_capacity(BLOCKS * LANES),
        }
    }

    /// Adds two points, or their opposites, into `out[target]`: now or when [`Adder::finish`] is
    /// called.
    #[inline(always)]
    pub fn pair(&mut self, pair: [(G::Point, bool); 2], target: u32, out: &mut [G::Point]) {
        let [(first, first_negated), (second, second_negated)] = pair;
        let lane = self.filled;
        (self.first[lane], self.second[lane]) = (first, second);
        self.negated[0] |= u8::from(first_negated) << lane;
        self.negated[1] |= u8::from(second_negated) << lane;
        self.targets.push(target);
        self.filled += 1;
        if self.filled == LANES {
            self.push();
            if self.waiting.is_full() {
                self.settle(out);
            }
        }
    }

    /// Puts all sums that wait.
    #[inline(always)]
    pub fn finish(&mut self, out: &mut [G::Point]) {
        if self.filled > 0 {
            self.first[self.filled..].fill(G::INFINITY);
            self.second[self.filled..].fill(G::INFINITY);
            self.push();
        }
        self.settle(out);
    }

    #[inline(always)]
    fn push(&mut self) {
        L::call(
            #[inline(always)]
            || {
                let first = G::load::<L>(&self.first).negated::<L>(self.negated[0]);
                let second = G::load::<L>(&self.second).negated::<L>(self.negated[1]);
                self.waiting.push::<L>(first, second);
                (self.negated, self.filled) = ([0; 2], 0);
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
