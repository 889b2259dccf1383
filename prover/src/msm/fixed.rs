//! Many multiples of one point: what a key is made of.
//!
//! A table has every multiple of the point that a digit may stand for, window by window. A multiple is
//! the sum of one of them a window, and sums are taken as those of buckets are.

use super::digits::{Cut, Number, plus};
use super::points::{Group, Points};
use super::rounds::Rounds;
use super::{Sum, Summing};
use crate::simd::Token;
use crate::zkey::Wire;
use ark_bn254::Fr;
use ark_ec::{AdditiveGroup, CurveGroup};
use ark_ff::PrimeField;
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Multiples that are summed together.
const PIECE: usize = 1 << 9;

/// The table of one point.
struct Table {
    cut: Cut,
    points: Vec<u8>,
}

/// The point times each of these, on the current pool.
///
/// **Security**: variable time. Digits are overwritten; scalars are the caller's.
pub(crate) fn multiples<T: Token<Lanes: Summing>, G: Group>(
    token: T,
    point: Sum<G>,
    scalars: &[Fr],
) -> Vec<G::Affine>
where
    Sum<G>: CurveGroup<Affine = G::Affine>,
    G::Affine: Wire,
{
    let table = Table::new::<G>(point, Cut::for_table(scalars.len()));
    let pieces = scalars.par_chunks(PIECE);
    let of = |scalars: &[Fr]| token.run(|| piece::<T::Lanes, G>(&table, scalars));
    pieces.flat_map_iter(of).collect()
}

impl Table {
    fn new<G: Group>(point: Sum<G>, cut: Cut) -> Self
    where
        Sum<G>: CurveGroup<Affine = G::Affine>,
        G::Affine: Wire,
    {
        let mut firsts = vec![point];
        for window in 1..cut.windows() as usize {
            let mut next = firsts[window - 1];
            for _ in 0..cut.width {
                next.double_in_place();
            }
            firsts.push(next);
        }
        let window = |first: &Sum<G>| {
            let multiples = std::iter::successors(Some(*first), |last| Some(*last + first));
            let multiples: Vec<Sum<G>> = multiples.take(cut.buckets()).collect();
            let mut bytes = Vec::with_capacity(cut.buckets() * G::BYTES);
            for own in Sum::<G>::normalize_batch(&multiples) {
                own.write(&mut bytes);
            }
            bytes
        };
        let windows: Vec<Vec<u8>> = firsts.par_iter().map(window).collect();
        Table {
            cut,
            points: windows.concat(),
        }
    }

    /// Adds the places of the points that a scalar is the sum of.
    fn put(&self, scalar: &Fr, offset: &Number, entries: &mut Vec<u32>) {
        let words = plus(scalar.into_bigint().0, offset);
        for window in 0..self.cut.windows() {
            let digit = self.cut.digit(&words, window);
            if digit != 0 {
                let place = window * self.cut.buckets() as u32 + digit.unsigned_abs() - 1;
                entries.push(place << 1 | u32::from(digit < 0));
            }
        }
    }
}

fn piece<L: Summing, G: Group>(table: &Table, scalars: &[Fr]) -> Vec<G::Affine> {
    // As many as there can be, so that none are left in a smaller place before.
    let most = scalars.len() * table.cut.windows() as usize;
    let mut entries = Zeroizing::new(Vec::with_capacity(most));
    let mut ends = Zeroizing::new(Vec::with_capacity(scalars.len()));
    let offset = table.cut.offset();
    for scalar in scalars {
        table.put(scalar, &offset, &mut entries);
        ends.push(entries.len() as u32);
    }
    let mut rounds = Rounds::<L, G>::new();
    rounds.sum(Points::new(&table.points), &entries, &ends);
    let mut sums = vec![G::INFINITY; scalars.len()];
    rounds.add_to(&mut sums);
    sums.iter().map(G::affine).collect()
}
