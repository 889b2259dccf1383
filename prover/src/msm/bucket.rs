//! From points and their order to the sum of a window.

use super::adder::Adder;
use super::digits::Order;
use super::points::{Eight, Group, negated};
use super::projective::Projective;
use crate::simd::{LANES, Lanes};
use ark_ec::{AffineRepr, PrimeGroup};
use std::mem::swap;

/// How many points before it is added a point is fetched: they lie in no order.
const AHEAD: usize = 24;

/// One window's buckets, and what adding to them needs.
pub(super) struct Buckets<L: Lanes, G: Group> {
    adder: Adder<L, G>,
    /// Sums of the round before, behind each other, and where those of each bucket end.
    now: Vec<G::Point>,
    ends: Vec<u32>,
    /// Those of this round.
    next: Vec<G::Point>,
    next_ends: Vec<u32>,
    sums: Vec<G::Point>,
}

impl<L: Lanes, G: Group> Buckets<L, G> {
    pub fn new(count: usize) -> Self {
        Buckets {
            adder: Adder::new(),
            now: Vec::new(),
            ends: Vec::new(),
            next: Vec::new(),
            next_ends: Vec::new(),
            sums: vec![G::INFINITY; count],
        }
    }

    /// Empties the buckets, and keeps their memory.
    pub fn clear(&mut self) {
        self.sums.fill(G::INFINITY);
    }

    /// Adds points to the buckets.
    #[inline(always)]
    pub fn add(&mut self, points: &[G::Point], order: &Order) {
        let at = |place: usize| {
            let entry = order.entries[place];
            if let Some(later) = order.entries.get(place + AHEAD) {
                points[*later as usize >> 1]
                    .as_ref()
                    .iter()
                    .for_each(L::soon);
            }
            (&points[entry as usize >> 1], entry & 1 == 1)
        };
        let out = (&mut self.now, &mut self.ends);
        let mut has_pairs = round(&mut self.adder, &order.ends, at, out);
        while has_pairs {
            let at = |place: usize| (&self.now[place], false);
            let out = (&mut self.next, &mut self.next_ends);
            has_pairs = round(&mut self.adder, &self.ends, at, out);
            swap(&mut self.now, &mut self.next);
            swap(&mut self.ends, &mut self.next_ends);
        }
        let mut begin = 0;
        for (bucket, end) in self.ends.iter().enumerate() {
            if *end > begin {
                let (own, more) = (self.sums[bucket], &self.now[begin as usize]);
                match own.as_ref() == G::INFINITY.as_ref() {
                    true => self.sums[bucket] = *more,
                    false => {
                        let pair = [(&own, false), (more, false)];
                        self.adder.pair(pair, bucket as u32, &mut self.sums);
                    }
                }
            }
            begin = *end;
        }
        self.adder.finish(&mut self.sums);
    }

    /// The sum of every bucket, as often as its digit says.
    ///
    /// Each lane takes an eighth of the buckets and goes down it: what it has so far is added to its
    /// sum at each step. Additions are complete: no pair of points is special.
    #[inline(always)]
    pub fn reduced(&self) -> <G::Affine as AffineRepr>::Group {
        L::call(
            #[inline(always)]
            || {
                let span = self.sums.len().div_ceil(LANES);
                let mut running = Projective::<L, G>::infinity();
                let mut sum = running;
                for step in (0..span).rev() {
                    let mut points = [G::INFINITY; LANES];
                    for (lane, point) in points.iter_mut().enumerate() {
                        *point = *self.sums.get(lane * span + step).unwrap_or(point);
                    }
                    let eight = Eight::load::<L, G>(&points);
                    running = running.plus_affine(eight);
                    sum = sum.plus(running);
                }
                // Lane l has left out l * span times each of its own.
                let (running, sum) = (running.to_points(), sum.to_points());
                let mut total = <G::Affine as AffineRepr>::Group::default();
                let mut above = total;
                for lane in (1..LANES).rev() {
                    above += running[lane];
                    total += above;
                }
                let mut total = total.mul_bigint([span as u64]);
                sum.iter().for_each(|own| total += own);
                total
            },
        )
    }
}

/// Sums the points of each bucket in pairs; says whether some bucket still has several.
#[inline(always)]
fn round<'p, L: Lanes, G: Group>(
    adder: &mut Adder<L, G>,
    ends: &[u32],
    at: impl Fn(usize) -> (&'p G::Point, bool),
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
                    out[target as usize] = if is_negated {
                        negated::<G>(point)
                    } else {
                        *point
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
