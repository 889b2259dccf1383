//! Roots of unity, as passes read them.

use super::LANES;
use crate::field::{LIMBS, scalar_montgomery};
use ark_bn254::Fr;
use ark_ff::Field;
use rayon::prelude::*;

/// A root that is the same for all lanes, in Montgomery form with R = 2^260.
pub(super) type Root = [u64; LIMBS];

/// Roots of one direction. With N = 8 M elements, and of the way on in brackets:
pub(super) struct Roots {
    /// w^j (w^(2j+1)) for each column j below M, of order N (2 N), times 16: in ark's form.
    pub columns: Vec<Fr>,
    /// The eighth roots z, z^2, z^3 with z = w^M (w^2M).
    pub eighths: [Root; 3],
    /// For blocks of M, M/2, .. 2 elements, those of its butterflies.
    pub levels: Vec<Vec<Root>>,
}

impl Roots {
    /// Powers of a root of order `size`.
    pub fn plain(size: usize, root: Fr) -> Self {
        Roots::new(size, root, false)
    }

    /// Odd powers of a root of order `2 size`.
    pub fn odd(size: usize, root: Fr) -> Self {
        Roots::new(size, root, true)
    }

    fn new(size: usize, root: Fr, is_odd: bool) -> Self {
        let rows = size / LANES;
        let step = if is_odd { root.square() } else { root };
        let eighth = step.pow([rows as u64]);
        let mut columns = powers(root, rows, is_odd);
        columns
            .par_iter_mut()
            .for_each(|power| *power *= Fr::from(16u64));
        let eighths = [eighth, eighth.square(), eighth.square() * eighth];
        let levels = levels(rows, root.pow([LANES as u64]), is_odd).into_iter();
        let levels = levels.map(|roots| roots.into_iter().map(scalar_montgomery).collect());
        Roots {
            columns,
            eighths: eighths.map(scalar_montgomery),
            levels: levels.collect(),
        }
    }
}

/// For blocks of `size`, half of it, .. 2 elements, the roots of their butterflies: powers of a root of
/// order `size`, or odd powers of one of order `2 size`, and of its squares.
pub(super) fn levels(size: usize, root: Fr, is_odd: bool) -> Vec<Vec<Fr>> {
    let (mut levels, mut own, mut block) = (Vec::new(), root, size);
    while block >= 2 {
        levels.push(powers(own, block / 2, is_odd));
        (own, block) = (own.square(), block / 2);
    }
    levels
}

/// The first powers of a root, or its odd powers.
fn powers(root: Fr, count: usize, is_odd: bool) -> Vec<Fr> {
    match is_odd {
        true => successive(root, root.square(), count),
        false => successive(Fr::ONE, root, count),
    }
}

/// `first`, `first step`, and so on.
fn successive(first: Fr, step: Fr, count: usize) -> Vec<Fr> {
    const RUN: usize = 1 << 10;
    let mut powers = vec![first; count];
    powers
        .par_chunks_mut(RUN)
        .enumerate()
        .for_each(|(number, run)| {
            let mut power = first * step.pow([(number * RUN) as u64]);
            for place in run {
                *place = power;
                power *= step;
            }
        });
    powers
}
