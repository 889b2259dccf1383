//! The same transforms of single elements, in place, for every processor and every size.
//!
//! The way back begins with the largest blocks and ends with coefficients in the order of reversed
//! bits, as over lanes. Blocks are halved by calls, so that what is below some size stays in a cache.

use super::Column;
use super::tables::levels;
use crate::field::{OfScalars, Single, Words};
use ark_bn254::Fr;
use ark_ff::{FftField, Field};
use rayon::prelude::*;

/// Elements of a piece of work.
const PIECE: usize = 1 << 10;

type Element = Words<OfScalars>;

/// What transforms of one size need. Memory: 64 bytes an element.
pub(crate) struct SingleTransform {
    back: Vec<Vec<Fr>>,
    on: Vec<Vec<Fr>>,
    /// 1 / n^2 and 1 / n.
    factors: [Fr; 2],
}

impl SingleTransform {
    /// Of a power of two.
    ///
    /// **Errors**: the field has no roots of unity of twice that order.
    pub fn new(size: usize) -> Option<Self> {
        let order = size.checked_mul(2).filter(|_| size.is_power_of_two())?;
        let double = Fr::get_root_of_unity(order as u64)?;
        let less = Fr::from(size as u64).inverse()?;
        Some(SingleTransform {
            back: levels(size, double.square().inverse()?, false),
            on: levels(size, double, true),
            factors: [less.square(), less],
        })
    }

    /// From columns of values on the domain, A B - C at the odd coset, in natural order.
    ///
    /// **Security**: as `Transform::quotient`.
    pub fn quotient(&self, [a, b, c]: [Column; 3]) -> Column {
        let shifted = |mut column: Column| {
            back(&mut column, &self.back);
            on(&mut column, &self.on);
            column
        };
        let (mut a, (b, c)) =
            rayon::join(|| shifted(a), || rayon::join(|| shifted(b), || shifted(c)));
        let [square, single] = self.factors.map(|factor| element(&factor));
        let all = a.par_iter_mut().zip(b.par_iter().zip(c.par_iter()));
        all.with_min_len(PIECE).for_each(|(a, (b, c))| {
            let product = element(a).mul(element(b)).mul(square);
            *a = product.sub(element(c).mul(single)).scalar();
        });
        a
    }
}

/// Below twice the modulus, as all that is between the first level and the last.
#[inline(always)]
fn element(own: &Fr) -> Element {
    Element::load(&own.0.0)
}

/// All levels on the way back, of the largest block first.
fn back(own: &mut [Fr], levels: &[Vec<Fr>]) {
    let Some((roots, below)) = levels.split_first() else {
        return;
    };
    let (low, high) = own.split_at_mut(own.len() / 2);
    for ((low, high), root) in low.iter_mut().zip(high.iter_mut()).zip(roots) {
        let (a, b) = (element(low), element(high));
        a.add(b).store(&mut low.0.0);
        a.sub(b).mul(element(root)).store(&mut high.0.0);
    }
    halves(low, high, |half| back(half, below));
}

/// All levels on the way on, of the smallest block first.
fn on(own: &mut [Fr], levels: &[Vec<Fr>]) {
    let Some((roots, below)) = levels.split_first() else {
        return;
    };
    let (low, high) = own.split_at_mut(own.len() / 2);
    halves(low, high, |half| on(half, below));
    for ((low, high), root) in low.iter_mut().zip(high.iter_mut()).zip(roots) {
        let (a, b) = (element(low), element(high).mul(element(root)));
        a.add(b).store(&mut low.0.0);
        a.sub(b).store(&mut high.0.0);
    }
}

/// Runs work over both, side by side where that is worth it.
fn halves(low: &mut [Fr], high: &mut [Fr], work: impl Fn(&mut [Fr]) + Sync) {
    if low.len() < PIECE {
        work(low);
        work(high);
    } else {
        rayon::join(|| work(low), || work(high));
    }
}
