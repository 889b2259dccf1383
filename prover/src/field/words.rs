//! Elements of a prime field as four words in Montgomery form with R = 2^256, one at a time: what a
//! processor without special instructions computes fastest.
//!
//! Elements are below 2p, and so is what comes out. R is more than 5p, so a product of two of them is
//! below 2p without a last step. Where a number is brought down or up there is no branch: it depends
//! on values that no processor guesses.

#[cfg(test)]
mod tests;

use super::limbs::Modulus;
use super::{OfCurve, OfScalars, Single};
#[cfg(any(test, feature = "testing"))]
use ark_bn254::Fq;
use ark_bn254::Fr;
use ark_ff::BigInt;
use crypto_bigint::U256;
use std::marker::PhantomData;

/// The lowest word first.
type Number = [u64; 4];

/// An element, below 2p.
#[derive(Clone, Copy, Default)]
pub(crate) struct Words<M>(Number, PhantomData<M>);

/// One of the curve's field.
type Base = Words<OfCurve>;

#[inline(always)]
fn of<M>(words: Number) -> Words<M> {
    Words(words, PhantomData)
}

impl<M: Modulus> Single for Words<M> {
    const ONE: Self = Words(M::R256, PhantomData);

    #[inline(always)]
    fn load(words: &[u64]) -> Self {
        of([words[0], words[1], words[2], words[3]])
    }

    #[inline(always)]
    fn store(self, words: &mut [u64]) {
        words.copy_from_slice(&self.0);
    }

    /// By rows: a word of `self` times `other`, and what makes the lowest word zero times p.
    ///
    /// **Source**: Koc, Acar, Kaliski, "Analyzing and comparing Montgomery multiplication algorithms",
    /// CIOS, without its last word: a row's sum is below `other` + p, which has four.
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let (b, mut sum) = (other.0, [0; 4]);
        for a in self.0 {
            let (lowest, mut carry) = plus_product(sum[0], a, b[0], 0);
            let times = lowest.wrapping_mul(M::NEGATED_INVERSE_OF_WORD);
            let (_, mut reduced) = plus_product(lowest, times, M::WORDS[0], 0);
            for at in 1..4 {
                let next;
                (next, carry) = plus_product(sum[at], a, b[at], carry);
                (sum[at - 1], reduced) = plus_product(next, times, M::WORDS[at], reduced);
            }
            sum[3] = carry.wrapping_add(reduced);
        }
        of(sum)
    }

    #[inline(always)]
    fn square(self) -> Self {
        self.mul(self)
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let (sum, _) = plus(self.0, other.0);
        of::<M>(sum).sub(of(M::TWICE))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let (less, is_less) = minus(self.0, other.0);
        of(plus(less, masked(M::TWICE, is_less)).0)
    }

    #[inline(always)]
    fn negated_if(self, is_asked: bool) -> Self {
        let (opposite, _) = minus(M::TWICE, self.0);
        // Of zero it is zero, and not 2p.
        let mask = u64::from(is_asked & !self.is_blank()).wrapping_neg();
        let mut own = self.0;
        for (own, opposite) in own.iter_mut().zip(opposite) {
            *own ^= (*own ^ opposite) & mask;
        }
        of(own)
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        self.is_blank() || self.0 == M::WORDS
    }

    #[inline(always)]
    fn is_blank(self) -> bool {
        let [a, b, c, d] = self.0;
        a | b | c | d == 0
    }

    fn inverse(self) -> Self {
        // From one over a R to R over a.
        let square = of(M::R512);
        of::<M>(inverted::<M>(self.0)).mul(square).mul(square)
    }
}

impl<M: Modulus> Words<M> {
    /// Below p.
    fn least(self) -> Number {
        let (less, is_less) = minus(self.0, M::WORDS);
        if is_less { self.0 } else { less }
    }
}

impl Words<OfScalars> {
    /// As ark has it.
    #[inline(always)]
    pub fn scalar(self) -> Fr {
        Fr::new_unchecked(BigInt(self.least()))
    }
}

#[cfg(any(test, feature = "testing"))]
impl Base {
    /// As ark has it.
    pub fn element(self) -> Fq {
        Fq::new_unchecked(BigInt(self.least()))
    }
}

/// One over a number, modulo p; zero of a multiple of p.
pub(super) fn inverted<M: Modulus>(number: Number) -> Number {
    let modulus = U256::from_words(M::WORDS).to_odd().into_option();
    let number = U256::from_words(number);
    let inverse = modulus.and_then(|own| number.invert_odd_mod_vartime(&own).into_option());
    inverse.map_or([0; 4], U256::to_words)
}

/// c0 + c1 u of the extension, u^2 = -1.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pair([Base; 2]);

impl Single for Pair {
    const ONE: Self = Pair([Base::ONE, Words([0; 4], PhantomData)]);

    #[inline(always)]
    fn load(words: &[u64]) -> Self {
        Pair([Base::load(&words[..4]), Base::load(&words[4..])])
    }

    #[inline(always)]
    fn store(self, words: &mut [u64]) {
        self.0[0].store(&mut words[..4]);
        self.0[1].store(&mut words[4..]);
    }

    /// (a0 + a1)(b0 + b1) less the other two products is c1; each half is reduced once.
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let ([a0, a1], [b0, b1]) = (self.0, other.0);
        let (low, high) = (wide(a0.0, b0.0), wide(a1.0, b1.0));
        // Below 4p each, and their product below R^2.
        let both = wide(plus(a0.0, a1.0).0, plus(b0.0, b1.0).0);
        let both = minus(minus(both, low).0, high).0;
        let (mut first, is_less) = minus(low, high);
        // Less than 4 p^2 is less than p R, which is added.
        let upper = [first[4], first[5], first[6], first[7]];
        first[4..].copy_from_slice(&plus(upper, masked(OfCurve::WORDS, is_less)).0);
        // Of 8 p^2 comes less than 3p.
        Pair([reduced(first), reduced(both).sub(of(OfCurve::TWICE))])
    }

    /// (a0 + a1)(a0 - a1), and twice a0 a1.
    #[inline(always)]
    fn square(self) -> Self {
        let [a0, a1] = self.0;
        Pair([a0.add(a1).mul(a0.sub(a1)), a0.add(a0).mul(a1)])
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let ([a0, a1], [b0, b1]) = (self.0, other.0);
        Pair([a0.add(b0), a1.add(b1)])
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        let ([a0, a1], [b0, b1]) = (self.0, other.0);
        Pair([a0.sub(b0), a1.sub(b1)])
    }

    #[inline(always)]
    fn negated_if(self, is_asked: bool) -> Self {
        let [a0, a1] = self.0;
        Pair([a0.negated_if(is_asked), a1.negated_if(is_asked)])
    }

    #[inline(always)]
    fn is_zero(self) -> bool {
        self.0[0].is_zero() && self.0[1].is_zero()
    }

    #[inline(always)]
    fn is_blank(self) -> bool {
        self.0[0].is_blank() && self.0[1].is_blank()
    }

    /// (a0 - a1 u) over a0^2 + a1^2.
    fn inverse(self) -> Self {
        let [a0, a1] = self.0;
        let norm = a0.square().add(a1.square()).inverse();
        Pair([a0.mul(norm), Base::default().sub(a1).mul(norm)])
    }
}

/// `t + a b + c` as its low and its high word: never more than two.
#[inline(always)]
fn plus_product(t: u64, a: u64, b: u64, c: u64) -> (u64, u64) {
    let all = u128::from(t) + u128::from(a) * u128::from(b) + u128::from(c);
    (all as u64, (all >> 64) as u64)
}

/// The product, not reduced.
#[inline(always)]
fn wide(a: Number, b: Number) -> [u64; 8] {
    let mut out = [0; 8];
    for i in 0..4 {
        let mut carry = 0;
        for j in 0..4 {
            (out[i + j], carry) = plus_product(out[i + j], a[i], b[j], carry);
        }
        out[i + 4] = carry;
    }
    out
}

/// A number below k p R over R: below (k + 1) p, which must be below R.
#[inline(always)]
fn reduced(mut own: [u64; 8]) -> Base {
    let mut over = 0;
    for i in 0..4 {
        let times = own[i].wrapping_mul(OfCurve::NEGATED_INVERSE_OF_WORD);
        let mut carry = 0;
        for j in 0..4 {
            (own[i + j], carry) = plus_product(own[i + j], times, OfCurve::WORDS[j], carry);
        }
        (own[i + 4], over) = plus_product(own[i + 4], carry, 1, over);
    }
    of([own[4], own[5], own[6], own[7]])
}

/// A number, or zero.
#[inline(always)]
fn masked(own: Number, is_kept: bool) -> Number {
    let mask = u64::from(is_kept).wrapping_neg();
    let [a, b, c, d] = own;
    [a & mask, b & mask, c & mask, d & mask]
}

/// The sum, and whether it has a carry.
#[inline(always)]
fn plus<const N: usize>(mut a: [u64; N], b: [u64; N]) -> ([u64; N], bool) {
    let mut carry = false;
    for at in 0..N {
        let (sum, first) = a[at].overflowing_add(b[at]);
        let (sum, second) = sum.overflowing_add(u64::from(carry));
        (a[at], carry) = (sum, first | second);
    }
    (a, carry)
}

/// The difference, and whether it is negative.
#[inline(always)]
fn minus<const N: usize>(mut a: [u64; N], b: [u64; N]) -> ([u64; N], bool) {
    let mut borrow = false;
    for at in 0..N {
        let (less, first) = a[at].overflowing_sub(b[at]);
        let (less, second) = less.overflowing_sub(u64::from(borrow));
        (a[at], borrow) = (less, first | second);
    }
    (a, borrow)
}
