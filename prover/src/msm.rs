//! Sums of points times scalars, over lanes.
//!
//! Scalars are cut into signed digits; each window's points are ordered by digit, summed bucket by
//! bucket in pairs (`rounds`, `tree`; one after the other `single`), and the buckets' sums weighted (`bucket`). Windows are independent, so
//! they are what threads share.

mod adder;
mod bucket;
mod digits;
mod fixed;
mod points;
mod projective;
mod rounds;
mod single;
#[cfg(test)]
mod tests;
mod tree;

use self::adder::{Adder, Adding};
use self::bucket::Buckets;
use self::digits::Order;
use self::single::Singles;
use crate::field::CurveLanes;
use crate::simd::{Lanes, Portable, Token};
use crate::watch::Part;
use ark_ec::{AdditiveGroup, AffineRepr};
pub(crate) use digits::{Number, Scalars, numbers};
pub(crate) use fixed::multiples;
pub(crate) use points::{G1, G2, Group, Points};
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

/// Points that are ordered and summed together, so that they stay in the cache.
const CHUNK: usize = 1 << 15;

pub(crate) type Sum<G> = <<G as Group>::Affine as AffineRepr>::Group;

/// Lanes, and how points are summed over them.
pub(crate) trait Summing: Lanes {
    type Adder<G: Group>: Adding<G> + Send;
    /// The sum of each row's point times its number, counted from one, the plain one, and the sum of
    /// each column's likewise.
    fn weighted<G: Group>(rows: &[G::Point], columns: &[G::Point]) -> (Sum<G>, Sum<G>, Sum<G>);
}

impl<L: CurveLanes> Summing for L {
    type Adder<G: Group> = Adder<L, G>;

    #[inline(always)]
    fn weighted<G: Group>(rows: &[G::Point], columns: &[G::Point]) -> (Sum<G>, Sum<G>, Sum<G>) {
        bucket::weighted::<L, G>(rows, columns)
    }
}

impl Summing for Portable {
    type Adder<G: Group> = Singles<G>;

    fn weighted<G: Group>(rows: &[G::Point], columns: &[G::Point]) -> (Sum<G>, Sum<G>, Sum<G>) {
        let ((by_row, all), (by_column, _)) =
            (single::weighted::<G>(rows), single::weighted::<G>(columns));
        (by_row, all, by_column)
    }
}

/// The sum of points times scalars, on the current pool; nothing where the work does not go on. A step
/// is a window.
///
/// **Security**: variable time. Digits and their order are overwritten; sums of buckets are not.
pub(crate) fn sum<T: Token<Lanes: Summing>, G: Group>(
    token: T,
    points: Points<'_, G>,
    scalars: &Scalars,
    part: Part<'_>,
) -> Option<Sum<G>> {
    let count = scalars.cut().windows();
    let desks = Desks::new(|| Buckets::<T::Lanes, G>::new(scalars.cut().buckets()));
    let of = |window| {
        let sum = |buckets: &mut _| token.run(|| window_sum(points, scalars, window, buckets));
        part.step(count, || desks.at(sum))
    };
    let windows = (0..count).into_par_iter().with_max_len(1).map(of);
    let windows: Vec<_> = windows.collect::<Option<_>>()?;
    Some(total::<G>(scalars, windows.into_iter()))
}

/// Buckets that serve one window after the other: as many as there are threads at work, whichever
/// windows these take.
struct Desks<B, N> {
    free: Mutex<Vec<B>>,
    new: N,
}

impl<B, N: Fn() -> B> Desks<B, N> {
    fn new(new: N) -> Self {
        let free = Mutex::default();
        Desks { free, new }
    }

    fn at<T>(&self, work: impl FnOnce(&mut B) -> T) -> T {
        let free = || self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let own = free().pop();
        let mut own = own.unwrap_or_else(&self.new);
        let done = work(&mut own);
        free().push(own);
        done
    }
}

/// What windows come to, the lowest first.
fn total<G: Group>(scalars: &Scalars, windows: impl DoubleEndedIterator<Item = Sum<G>>) -> Sum<G> {
    let mut total = Sum::<G>::default();
    for window in windows.rev() {
        for _ in 0..scalars.cut().width {
            total.double_in_place();
        }
        total += window;
    }
    total
}

/// Calls for the order of each chunk of a window.
fn chunks(scalars: &Scalars, window: u32, mut add: impl FnMut(&Order)) {
    let (mut order, length) = (Order::default(), scalars.length(window));
    for begin in (0..length).step_by(CHUNK) {
        order.sort(scalars, window, begin..length.min(begin + CHUNK));
        add(&order);
    }
}

fn window_sum<L: Summing, G: Group>(
    points: Points<'_, G>,
    scalars: &Scalars,
    window: u32,
    buckets: &mut Buckets<L, G>,
) -> Sum<G> {
    buckets.clear();
    chunks(scalars, window, |order| buckets.add(points, order));
    buckets.reduced()
}
