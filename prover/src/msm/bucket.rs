//! From points and their order to the sum of a window.

use super::digits::Order;
use super::points::{Group, Points};
use super::projective::{Numbers, Projective};
use super::rounds::Rounds;
use crate::field::CurveLanes;
use crate::simd::LANES;
use ark_ec::{AffineRepr, PrimeGroup};

/// One window's buckets, and what adding to them needs.
pub(super) struct Buckets<L: CurveLanes, G: Group> {
    rounds: Rounds<L, G>,
    sums: Vec<G::Point>,
}

impl<L: CurveLanes, G: Group> Buckets<L, G> {
    pub fn new(count: usize) -> Self {
        Buckets {
            rounds: Rounds::new(),
            sums: vec![G::INFINITY; count],
        }
    }

    /// Empties the buckets, and keeps their memory.
    pub fn clear(&mut self) {
        self.sums.fill(G::INFINITY);
    }

    /// Adds points to the buckets.
    #[inline(always)]
    pub fn add(&mut self, points: Points<'_, G>, order: &Order) {
        self.rounds.sum(points, &order.entries, &order.ends);
        self.rounds.add_to(&mut self.sums);
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
                let (mut sum, numbers) = (running, Numbers::new());
                for step in (0..span).rev() {
                    let mut points = [G::INFINITY; LANES];
                    for (lane, point) in points.iter_mut().enumerate() {
                        *point = *self.sums.get(lane * span + step).unwrap_or(point);
                    }
                    let eight = G::load::<L>(&points);
                    running = running.plus_affine(eight, &numbers);
                    sum = sum.plus(running, &numbers);
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
