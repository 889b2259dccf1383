//! From points and their order to the sum of a window.

use super::digits::Order;
use super::points::{Group, Points};
use super::projective::{Numbers, Projective};
use super::rounds::Rounds;
use super::{Sum, Summing};
use crate::field::CurveLanes;
use crate::simd::LANES;
use ark_ec::{AdditiveGroup, PrimeGroup};

/// One window's buckets, and what adding to them needs.
pub(super) struct Buckets<L: Summing, G: Group> {
    rounds: Rounds<L, G>,
    sums: Vec<G::Point>,
}

impl<L: Summing, G: Group> Buckets<L, G> {
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
    /// Buckets are a square: bucket `k` stands in row `k / columns`, so it counts as often as its row
    /// says, times the number of columns, and as its column says. Rows and columns are summed in
    /// pairs, and what they come to is weighted.
    #[inline(always)]
    pub fn reduced(&mut self) -> Sum<G> {
        let bits = self.sums.len().trailing_zeros();
        let (in_rows, in_columns) = (bits / 2, bits.div_ceil(2));
        let (rows, columns) = (1 << in_rows, 1 << in_columns);
        let lists = (0..rows).map(|row| (row + 1) * columns);
        let lists = lists.chain((0..columns).map(|column| rows * columns + (column + 1) * rows));
        let ends: Vec<u32> = lists.map(|end| end as u32).collect();
        let count = self.sums.len();
        let sums = self.rounds.sum_of(
            &self.sums,
            &ends,
            #[inline(always)]
            |at| match at.checked_sub(count) {
                None => at,
                Some(at) => (at & (rows - 1)) << in_columns | at >> in_rows,
            },
        );
        let (of_rows, more) = sums.split_at(rows);
        let (by_row, all, by_column) = L::weighted::<G>(of_rows, &more[..columns]);
        // Rows count from zero.
        let mut total = by_row - all;
        (0..in_columns).for_each(|_| {
            total.double_in_place();
        });
        total + by_column
    }
}

/// The sum of each row's point times its number, counted from one, the plain one, and the sum of each
/// column's likewise.
///
/// Rows are in four lanes and columns in four. Each lane goes down its points: what it has so far is
/// added to its sum at each step. Additions are complete: no pair of points is special.
#[inline(always)]
pub(super) fn weighted<L: CurveLanes, G: Group>(
    rows: &[G::Point],
    columns: &[G::Point],
) -> (Sum<G>, Sum<G>, Sum<G>) {
    const HALF: usize = LANES / 2;
    let span = columns.len().div_ceil(HALF);
    let (running, sums) = L::call(
        #[inline(always)]
        || {
            let mut running = Projective::<L, G>::infinity();
            let (mut sum, numbers) = (running, Numbers::new());
            for step in (0..span).rev() {
                let mut points = [G::INFINITY; LANES];
                for lane in 0..HALF {
                    let place = lane * span + step;
                    points[lane] = *rows.get(place).unwrap_or(&G::INFINITY);
                    points[HALF + lane] = *columns.get(place).unwrap_or(&G::INFINITY);
                }
                running = running.plus_affine(G::load::<L>(&points), &numbers);
                sum = sum.plus(running, &numbers);
            }
            (running.to_points(), sum.to_points())
        },
    );
    let (by_row, all) = total::<G>(&running[..HALF], &sums[..HALF], span);
    let (by_column, _) = total::<G>(&running[HALF..], &sums[HALF..], span);
    (by_row, all, by_column)
}

/// What lanes come to, of which each has left out the points before it times its own; and the plain
/// sum.
fn total<G: Group>(running: &[Sum<G>], sums: &[Sum<G>], span: usize) -> (Sum<G>, Sum<G>) {
    let (mut above, mut total) = (Sum::<G>::default(), Sum::<G>::default());
    for own in running[1..].iter().rev() {
        above += own;
        total += above;
    }
    let mut total = total.mul_bigint([span as u64]);
    sums.iter().for_each(|own| total += own);
    (total, above + running[0])
}
