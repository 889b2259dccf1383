//! Transforms of a domain's size over lanes: back from values on the domain to coefficients, and on to
//! values on the odd coset.
//!
//! A column of N = 8 M elements in natural order is eight rows of M. The first three levels of the way
//! back add and subtract rows (`cross`); from then on rows are independent, so lane k holds row k and
//! all lanes do the same with the same roots (`levels`). Coefficients come out in the order of reversed
//! bits, which is what the way on starts from: nothing is ever put in order. On the way on the coset's
//! shift is in the roots: a butterfly of a block of m elements takes w^(2j+1), with w of order 2m, where
//! a plain one takes w^(2j).
//!
//! Elements keep ark's form in memory (R = 2^256): every step but the last is linear.
//! `single` does the same without lanes.

mod cross;
mod levels;
mod single;
mod tables;
#[cfg(test)]
mod tests;

pub(crate) use self::single::SingleTransform;
use self::tables::Roots;
use crate::field::{Base, Coordinate, LIMBS, OfScalars, scalar_montgomery};
use crate::simd::{LANES, Limbs, Token};
use ark_bn254::Fr;
use ark_ff::{BigInt, FftField, Field};
use rayon::prelude::*;
use zeroize::Zeroizing;

/// Elements of one column that lanes hold together, as limbs.
type Position = [[u64; LANES]; LIMBS];
type Element<L> = Base<L, OfScalars>;
/// Values of all rows, which tell of the witness.
pub(crate) type Column = Zeroizing<Vec<Fr>>;

/// Elements that are loaded together: two vectors, of those at even and at odd places.
const GROUP: usize = 2 * LANES;
/// Groups of a piece of work.
const PIECE: usize = 16 * GROUP;

/// What transforms of one size need. Memory: 18 bytes an element.
pub(crate) struct Transform {
    size: usize,
    back: Roots,
    on: Roots,
    /// 16 / n^2 and 1 / n.
    factors: [[u64; LIMBS]; 2],
}

impl Transform {
    /// Smallest size: every row is a piece at least.
    pub const SMALLEST: usize = LANES * PIECE;

    /// Of a power of two from [`Transform::SMALLEST`] on.
    ///
    /// **Errors**: the field has no roots of unity of twice that order.
    pub fn new(size: usize) -> Option<Self> {
        let is_right = size.is_power_of_two() && size >= Self::SMALLEST;
        let double = Fr::get_root_of_unity(2 * size as u64).filter(|_| is_right)?;
        let less = Fr::from(size as u64).inverse()?;
        let back = double.square().inverse()?;
        Some(Transform {
            size,
            back: Roots::plain(size, back),
            on: Roots::odd(size, double),
            factors: [less.square() * Fr::from(16u64), less].map(scalar_montgomery),
        })
    }

    /// From columns of values on the domain, A B - C at the odd coset, in natural order.
    ///
    /// **Security**: all columns are overwritten when they are dropped.
    pub fn quotient<T>(&self, token: T, [a, b, c]: [Column; 3]) -> Column
    where
        T: Token<Lanes: Limbs>,
    {
        let shifted = |column| token.run(|| self.shifted::<T::Lanes>(column));
        let (mut a, (b, c)) =
            rayon::join(|| shifted(a), || rayon::join(|| shifted(b), || shifted(c)));
        let pieces = b.par_chunks(PIECE).zip(c.par_chunks(PIECE));
        let pieces = a.par_chunks_mut(PIECE).zip(pieces);
        pieces.for_each(|(a, (b, c))| token.run(|| self.combine::<T::Lanes>(a, b, c)));
        a
    }

    /// Values on the odd coset, times the size.
    fn shifted<L: Limbs>(&self, mut column: Column) -> Column {
        let rows = self.size / LANES;
        let mut positions: Zeroizing<Vec<Position>> = vec![[[0; LANES]; LIMBS]; rows].into();
        cross::scatter::<L>(&column, &self.back, &mut positions);
        levels::back::<L>(&mut positions, &self.back.levels);
        levels::on::<L>(&mut positions, &self.on.levels);
        cross::gather::<L>(&positions, &self.on, &mut column);
        column
    }

    /// a b / n^2 - c / n, in the place of a.
    fn combine<L: Limbs>(&self, a: &mut [Fr], b: &[Fr], c: &[Fr]) {
        let [square, single] = self.factors;
        let groups = a.chunks_exact_mut(GROUP);
        let groups = groups.zip(b.chunks_exact(GROUP).zip(c.chunks_exact(GROUP)));
        for (a, (b, c)) in groups {
            L::call(
                #[inline(always)]
                || {
                    let (square, single) = (Element::<L>::splat(square), Element::splat(single));
                    let mut halves = load::<L>(a);
                    let (b, c) = (load::<L>(b), load::<L>(c));
                    for at in 0..2 {
                        let product = halves[at].mul(b[at]).mul(square);
                        halves[at] = product.sub::<2>(c[at].mul(single)).below::<2>();
                    }
                    store::<L>(halves, a);
                },
            );
        }
    }
}

/// Sixteen elements: those at even places, those at odd ones.
#[inline(always)]
fn load<L: Limbs>(elements: &[Fr]) -> [Element<L>; 2] {
    let mut rows = [[0; LANES]; LANES];
    for at in 0..LANES {
        rows[at][..4].copy_from_slice(&elements[2 * at].0.0);
        rows[at][4..].copy_from_slice(&elements[2 * at + 1].0.0);
    }
    let [a, b, c, d, e, f, g, h] = &rows;
    let words = L::columns([a, b, c, d, e, f, g, h]);
    [Element::unpack(&words[..4]), Element::unpack(&words[4..])]
}

/// What [`load`] took, of elements below 2r, in ark's form below r.
#[inline(always)]
fn store<L: Limbs>(halves: [Element<L>; 2], elements: &mut [Fr]) {
    let mut words = [L::splat(0); LANES];
    let (even, odd) = words.split_at_mut(4);
    halves[0].below::<1>().pack(even);
    halves[1].below::<1>().pack(odd);
    let mut rows = [[0; LANES]; LANES];
    L::rows(words, &mut rows);
    for at in 0..LANES {
        let [a, b, c, d, e, f, g, h] = rows[at];
        elements[2 * at] = Fr::new_unchecked(BigInt([a, b, c, d]));
        elements[2 * at + 1] = Fr::new_unchecked(BigInt([e, f, g, h]));
    }
}
