//! The base field: four words in Montgomery form with R = 2^256, always below p.
//!
//! R is more than five times p. So operands of products may be sums that nobody reduced, and a
//! product of what is below 2p is still below p R: what a sum of products may come to, in multiples
//! of p^2, stands beside it.

use ark_bn254::{Fq, FqConfig};
use ark_ff::{BigInt, Fp as ArkFp, MontConfig};
use std::array::from_fn;
use std::marker::PhantomData;
use std::ops::{Add, Mul, Neg, Sub};

use super::words::{Words, add, less, multiply_add, product, reduce, sub, sum_of_halves};

const P: Words = <FqConfig as MontConfig<4>>::MODULUS.0;
/// Minus one over p, modulo 2^64.
const INV: u64 = <FqConfig as MontConfig<4>>::INV;

macro_rules! for_each_below {
    ($n:ident, [$($value:literal),*], |$at:ident| $body:block) => {
        $(if $n > $value { let $at: usize = $value; $body })*
    };
}

/// An element of the field of 254 bits that the curve's coordinates are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fp(pub(super) Words);

impl Fp {
    pub const ZERO: Fp = Fp([0; 4]);
    pub const ONE: Fp = Fp(<FqConfig as MontConfig<4>>::R.0);

    #[inline(always)]
    pub fn double(self) -> Fp {
        self + self
    }

    /// The sum as it is, below 2p.
    #[inline(always)]
    pub fn plus(self, other: Fp) -> Words {
        add(self.0, other.0, false).0
    }

    /// The difference and p, below 2p.
    #[inline(always)]
    pub fn minus(self, other: Fp) -> Words {
        add(self.0, other.negative(), false).0
    }

    /// What is missing to p: at most p.
    #[inline(always)]
    pub fn negative(self) -> Words {
        sub(P, self.0).0
    }

    /// `9 self + other`, of an `other` that is at most p.
    #[inline(always)]
    pub fn nine_times_plus(self, other: Words) -> Fp {
        let [a, b, c, d] = self.0;
        let eight = [a << 3, b << 3 | a >> 61, c << 3 | b >> 61, d << 3 | c >> 61];
        let (sum, carry) = add(eight, self.0, false);
        let (sum, more) = add(sum, other, false);
        let high = (d >> 61) + u64::from(carry) + u64::from(more);
        // Ten times p has 257 bits. Of a quotient of the highest 32 bits at most one is missing.
        let top = high << 31 | sum[3] >> 33;
        let times = ((u128::from(top) * u128::from(PER_TOP)) >> 60) as u64;
        let mut carry = 0;
        let multiple = from_fn(|at| {
            let word;
            (word, carry) = multiply_add(0, times, P[at], carry);
            word
        });
        Fp(less(sub(sum, multiple).0, P))
    }

    /// `left[0] right[0] + left[1] right[1] + ...`, reduced once; at most `BOUND` times p^2.
    ///
    /// It is not inlined: around it, values would be moved to and from registers for longer than a
    /// call takes.
    #[inline(never)]
    pub fn sum_of_products<const N: usize, const BOUND: usize>(
        left: [&Words; N],
        right: [&Words; N],
    ) -> Fp {
        const { assert!(1 <= N && N <= 6 && N <= BOUND && BOUND <= 10) };
        let mut sum = product(left[0], right[0]);
        // Each alone: as a loop, it stays one, and its sum in memory.
        for_each_below!(N, [1, 2, 3, 4, 5], |at| {
            sum = sum_of_halves(sum, product(left[at], right[at]));
        });
        let (low, mut high) = sum;
        // The upper half of five p^2 is below p, and of ten below 2p.
        if BOUND > 5 {
            high = less(high, P);
        }
        // Both are at most p.
        Fp(less(add(reduce(low, P, INV), high, false).0, P))
    }
}

/// 2^60 over one more than the highest 29 bits of p.
const PER_TOP: u64 = (1 << 60) / ((P[3] >> 33) + 1);

impl Add for Fp {
    type Output = Fp;

    #[inline(always)]
    fn add(self, other: Fp) -> Fp {
        Fp(less(self.plus(other), P))
    }
}

impl Sub for Fp {
    type Output = Fp;

    #[inline(always)]
    fn sub(self, other: Fp) -> Fp {
        let (words, borrow) = sub(self.0, other.0);
        let mask = u64::from(borrow).wrapping_neg();
        Fp(add(words, P.map(|word| word & mask), false).0)
    }
}

impl Neg for Fp {
    type Output = Fp;

    #[inline(always)]
    fn neg(self) -> Fp {
        Fp::ZERO - self
    }
}

impl Mul for Fp {
    type Output = Fp;

    #[inline(always)]
    fn mul(self, other: Fp) -> Fp {
        Fp::sum_of_products::<_, 1>([&self.0], [&other.0])
    }
}

impl From<Fq> for Fp {
    fn from(number: Fq) -> Fp {
        Fp(number.0.0)
    }
}

impl From<Fp> for Fq {
    fn from(number: Fp) -> Fq {
        // Both keep the same words in the same form.
        ArkFp(BigInt(number.0), PhantomData)
    }
}
