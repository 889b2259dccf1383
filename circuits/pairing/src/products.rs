//! Sums of products of scalars, reduced once.

use super::words::{Words, add, less, product, reduce, sum_of_halves};
use ark_bn254::{Fr, FrConfig};
use ark_ff::{BigInt, Fp as ArkFp, MontConfig};
use std::marker::PhantomData;

const M: Words = <FrConfig as MontConfig<4>>::MODULUS.0;
const TWICE_M: Words = double(M);
/// Minus one over m, modulo 2^64.
const INV: u64 = <FrConfig as MontConfig<4>>::INV;
/// Products that are summed before the sum is looked at.
///
/// Each is below m^2, which is 0.189 m 2^256: beside what is below 2m 2^256 and a lower half, 17 of
/// them come to 5.22 m 2^256, and that is below 2^512.
const TOGETHER: usize = 17;

/// A sum of products of scalars that is not reduced yet.
///
/// **Cost**: half of a multiplication a product.
#[derive(Clone, Copy, Debug, Default)]
pub struct Products {
    low: Words,
    high: Words,
    /// Products since `high` was below 2m.
    since: usize,
}

impl Products {
    /// Adds `left[0] right[0] + left[1] right[1] + ...`, up to the end of the shorter one.
    pub fn add(&mut self, left: &[Fr], right: &[Fr]) {
        for (left, right) in left.chunks(TOGETHER).zip(right.chunks(TOGETHER)) {
            let n = left.len().min(right.len());
            if self.since + n > TOGETHER {
                self.high = below_twice(self.high);
                self.since = 0;
            }
            self.since += n;
            let mut sum = (self.low, self.high);
            for (a, b) in left.iter().zip(right) {
                sum = sum_of_halves(sum, product(&a.0.0, &b.0.0));
            }
            (self.low, self.high) = sum;
        }
    }

    /// The sum of all that was added, reduced.
    pub fn sum(&self) -> Fr {
        // At most m, and below 2m.
        let sum = add(reduce(self.low, M, INV), below_twice(self.high), false).0;
        ArkFp(BigInt(less(less(sum, TWICE_M), M)), PhantomData)
    }
}

/// The upper half of a sum, which is below 6m, less multiples of m: below 2m.
fn below_twice(high: Words) -> Words {
    less(less(high, TWICE_M), TWICE_M)
}

const fn double([a, b, c, d]: Words) -> Words {
    [a << 1, b << 1 | a >> 63, c << 1 | b >> 63, d << 1 | c >> 63]
}
