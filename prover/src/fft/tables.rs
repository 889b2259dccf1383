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
        // From one power to the next, and the first.
        let powers = |root: Fr, count: usize| {
            let (step, first) = if is_odd {
                (root.square(), root)
            } else {
                (root, Fr::ONE)
            };
            successive(first, step, count)
        };
        let step = if is_odd { root.square() } else { root };
        let eighth = step.pow([rows as u64]);
        let mut columns = powers(root, rows);
        columns
            .par_iter_mut()
            .for_each(|power| *power *= Fr::from(16u64));
        let eighths = [eighth, eighth.square(), eighth.square() * eighth];
        let (mut levels, mut own, mut block) = (Vec::new(), root.pow([LANES as u64]), rows);
        while block >= 2 {
            let roots = powers(own, block / 2);
            levels.push(roots.into_iter().map(scalar_montgomery).collect());
            (own, block) = (own.square(), block / 2);
        }
        Roots {
            columns,
            eighths: eighths.map(scalar_montgomery),
            levels,
        }
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
