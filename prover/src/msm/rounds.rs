//! Sums of lists of points: in pairs, the sums in pairs again, round by round. No addition of a round
//! needs another's result.

use super::adder::Adder;
use super::points::{Group, Points, negated};
use crate::field::CurveLanes;
use std::mem::swap;

/// How many points before it is added a point is fetched: they lie in no order.
const AHEAD: usize = 24;

/// Lists under way. Lists are behind each other, and what is kept of them is where each ends.
pub(super) struct Rounds<L: CurveLanes, G: Group> {
    adder: Adder<L, G>,
    /// Sums of the round before.
    now: Vec<G::Point>,
    ends: Vec<u32>,
    /// Those of this round.
    next: Vec<G::Point>,
    next_ends: Vec<u32>,
}

impl<L: CurveLanes, G: Group> Rounds<L, G> {
    pub fn new() -> Self {
        Rounds {
            adder: Adder::new(),
            now: Vec::new(),
            ends: Vec::new(),
            next: Vec::new(),
            next_ends: Vec::new(),
        }
    }

    /// Sums lists of places. An entry is twice a place, and one more where the point is subtracted.
    #[inline(always)]
    pub fn sum(&mut self, points: Points<'_, G>, entries: &[u32], ends: &[u32]) {
        let out = (&mut self.now, &mut self.ends);
        let mut has_pairs = round(
            &mut self.adder,
            ends,
            #[inline(always)]
            |place| {
                let entry = entries[place];
                if let Some(later) = entries.get(place + AHEAD) {
                    points.soon::<L>(*later >> 1);
                }
                (points.at(entry >> 1), entry & 1 == 1)
            },
            out,
        );
        while has_pairs {
            let out = (&mut self.next, &mut self.next_ends);
            has_pairs = round(
                &mut self.adder,
                &self.ends,
                #[inline(always)]
                |place| (self.now[place], false),
                out,
            );
            swap(&mut self.now, &mut self.next);
            swap(&mut self.ends, &mut self.next_ends);
        }
    }

    /// Adds the sum of each list to one of these.
    #[inline(always)]
    pub fn add_to(&mut self, sums: &mut [G::Point]) {
        let mut begin = 0;
        for (list, end) in self.ends.iter().enumerate() {
            if *end > begin {
                let (own, more) = (sums[list], self.now[begin as usize]);
                match own.as_ref() == G::INFINITY.as_ref() {
                    true => sums[list] = more,
                    false => {
                        let pair = [(own, false), (more, false)];
                        self.adder.pair(pair, list as u32, sums);
                    }
                }
            }
            begin = *end;
        }
        self.adder.finish(sums);
    }
}

/// Sums the points of each list in pairs; says whether some list still has several.
#[inline(always)]
fn round<L: CurveLanes, G: Group>(
    adder: &mut Adder<L, G>,
    ends: &[u32],
    at: impl Fn(usize) -> (G::Point, bool),
    (out, out_ends): (&mut Vec<G::Point>, &mut Vec<u32>),
) -> bool {
    L::call(
        #[inline(always)]
        || {
            let (mut begin, mut length, mut has_pairs) = (0, 0, false);
            out_ends.clear();
            for end in ends {
                let count = (end - begin).div_ceil(2);
                has_pairs |= count > 1;
                length += count;
                out_ends.push(length);
                begin = *end;
            }
            out.resize(length as usize, G::INFINITY);
            let (mut begin, mut target) = (0, 0);
            for end in ends {
                let mut place = begin;
                while place + 1 < *end {
                    adder.pair([at(place as usize), at(place as usize + 1)], target, out);
                    (place, target) = (place + 2, target + 1);
                }
                if place < *end {
                    let (point, is_negated) = at(place as usize);
                    out[target as usize] = match is_negated {
                        true => negated::<L, G>(&point),
                        false => point,
                    };
                    target += 1;
                }
                begin = *end;
            }
            adder.finish(out);
            has_pairs
        },
    )
}
