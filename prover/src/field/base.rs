//! Elements of a prime field, eight at a time.
//!
//! Loops stand where an iterator would do: a closure is inlined as the compiler likes, and one that is
//! not is compiled without the instructions of its lanes.
#![allow(clippy::needless_range_loop)]

mod columns;

use super::limbs::{Modulus, from_words, less_twice, multiple, to_words};
use super::words::inverted;
use super::{Coordinate, CurveField, LIMBS, OfCurve, Row, montgomery};
use crate::simd::{LANES, LIMB_MASK, Limbs};
use ark_bn254::Fq;
use std::marker::PhantomData;

#[derive(Clone, Copy)]
pub(crate) struct Base<L, M>([L; LIMBS], PhantomData<M>);

impl<L: Limbs, M: Modulus> Base<L, M> {
    #[inline(always)]
    pub fn splat(limbs: [u64; LIMBS]) -> Self {
        let mut out = [L::splat(0); LIMBS];
        for at in 0..LIMBS {
            out[at] = L::splat(limbs[at]);
        }
        Base(out, PhantomData)
    }

    /// From limbs in memory.
    #[inline(always)]
    pub fn load(limbs: &[[u64; LANES]; LIMBS]) -> Self {
        let mut out = [L::splat(0); LIMBS];
        for at in 0..LIMBS {
            out[at] = L::load(&limbs[at]);
        }
        Base(out, PhantomData)
    }

    #[inline(always)]
    pub fn store(self, limbs: &mut [[u64; LANES]; LIMBS]) {
        for at in 0..LIMBS {
            self.0[at].store(&mut limbs[at]);
        }
    }

    /// The vectors of its limbs, the lowest first, and back.
    #[inline(always)]
    pub fn limbs(self) -> [L; LIMBS] {
        self.0
    }

    #[inline(always)]
    pub fn of_limbs(limbs: [L; LIMBS]) -> Self {
        Base(limbs, PhantomData)
    }

    /// Lane k is lane k + N of these, in a circle.
    #[inline(always)]
    fn turned<const N: i32>(mut self) -> Self {
        for at in 0..LIMBS {
            self.0[at] = self.0[at].turned::<N>();
        }
        self
    }

    /// What the first lane has.
    #[inline(always)]
    fn first(self) -> [u64; LIMBS] {
        let mut limbs = [[0; LANES]; LIMBS];
        self.store(&mut limbs);
        limbs.map(|[first, ..]| first)
    }

    /// Every limb but the highest below 2^52 again; limbs may be negative.
    #[inline(always)]
    fn carried(mut self) -> Self {
        let mask = L::splat(LIMB_MASK);
        for at in 0..LIMBS - 1 {
            let carry = self.0[at].limb_up_signed();
            self.0[at] = self.0[at].and(mask);
            self.0[at + 1] = self.0[at + 1].add(carry);
        }
        self
    }

    #[inline(always)]
    fn zip(mut self, other: Self, f: impl Fn(L, L) -> L) -> Self {
        for at in 0..LIMBS {
            self.0[at] = f(self.0[at], other.0[at]);
        }
        self
    }

    /// `self + Kp`, which is from 0 to 16p, less 2p as often as it goes into it. Limbs may be
    /// negative, to three times their size.
    #[inline(always)]
    fn kept<const K: u64>(self) -> Self {
        let bias = const { multiple(M::P, K)[LIMBS - 1] };
        let highest = self.0[LIMBS - 1].add(L::splat(bias));
        let times = L::splat(0)
            .madd_hi(highest, L::splat(M::TIMES_2P))
            .shr::<46>();
        let mut out = self;
        let tables = const { &less_twice(M::P, K) };
        for at in 0..LIMBS {
            out.0[at] = out.0[at].add(times.entry(&tables[at]));
        }
        out.carried()
    }

    /// From columns of 64-bit numbers.
    #[inline(always)]
    pub fn unpack(words: &[L]) -> Self {
        L::op(
            #[inline(always)]
            move || {
                let mask = L::splat(LIMB_MASK);
                let [a, b, c, d] = [words[0], words[1], words[2], words[3]];
                Base(
                    [
                        a.and(mask),
                        a.shr::<52>().or(b.shl::<12>()).and(mask),
                        b.shr::<40>().or(c.shl::<24>()).and(mask),
                        c.shr::<28>().or(d.shl::<36>()).and(mask),
                        d.shr::<16>(),
                    ],
                    PhantomData,
                )
            },
        )
    }

    /// To columns, of an element below 2p.
    #[inline(always)]
    pub fn pack(self, words: &mut [L]) {
        L::op(
            #[inline(always)]
            move || {
                let [a, b, c, d, e] = self.0;
                words[0] = a.or(b.shl::<52>());
                words[1] = b.shr::<12>().or(c.shl::<40>());
                words[2] = c.shr::<24>().or(d.shl::<28>());
                words[3] = d.shr::<36>().or(e.shl::<16>());
            },
        )
    }
}

impl<L: Limbs, M: Modulus> Coordinate<L> for Base<L, M> {
    #[inline(always)]
    fn zero() -> Self {
        Base([L::splat(0); LIMBS], PhantomData)
    }

    #[inline(always)]
    fn one() -> Self {
        Base::splat(M::ONE)
    }

    #[inline(always)]
    fn less() -> Self {
        Base::splat(M::QUARTER)
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        L::op(
            #[inline(always)]
            move || {
                let [product] = Self::reduced([Self::columns(self, other)]);
                product
            },
        )
    }

    #[inline(always)]
    fn square(self) -> Self {
        L::op(
            #[inline(always)]
            move || {
                let [square] = Self::reduced([self.square_columns()]);
                square
            },
        )
    }

    #[inline(always)]
    fn mul_each([a0, a1]: [Self; 2], [b0, b1]: [Self; 2]) -> [Self; 2] {
        L::op(
            #[inline(always)]
            move || Self::reduced([Self::columns(a0, b0), Self::columns(a1, b1)]),
        )
    }

    #[inline(always)]
    fn square_each([a0, a1]: [Self; 2]) -> [Self; 2] {
        L::op(
            #[inline(always)]
            move || Self::reduced([a0.square_columns(), a1.square_columns()]),
        )
    }

    #[inline(always)]
    fn sub_kept(self, other: Self) -> Self {
        L::op(
            #[inline(always)]
            move || self.zip(other, L::sub).kept::<3>(),
        )
    }

    #[inline(always)]
    fn sub_both(self, a: Self, b: Self) -> Self {
        L::op(
            #[inline(always)]
            move || self.zip(a, L::sub).zip(b, L::sub).kept::<5>(),
        )
    }

    /// A quarter is less: four times as much.
    #[inline(always)]
    fn down_to(self, other: Self) -> Self {
        L::op(
            #[inline(always)]
            move || {
                let more = Base::splat(const { multiple(M::P, 3) });
                let mut out = self.zip(other, L::sub).zip(more, L::add);
                for at in 0..LIMBS {
                    out.0[at] = out.0[at].shl::<2>();
                }
                out.carried()
            },
        )
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        L::op(
            #[inline(always)]
            move || self.zip(other, L::add).carried(),
        )
    }

    #[inline(always)]
    fn sub<const K: u64>(self, other: Self) -> Self {
        L::op(
            #[inline(always)]
            move || {
                let more = Base::splat(const { multiple(M::P, K) });
                self.zip(other, L::sub).zip(more, L::add).carried()
            },
        )
    }

    #[inline(always)]
    fn below<const K: u64>(self) -> Self {
        L::op(
            #[inline(always)]
            move || {
                let less = self
                    .zip(Base::splat(const { multiple(M::P, K) }), L::sub)
                    .carried();
                let is_negative = less.0[LIMBS - 1].is_negative();
                less.select(is_negative, self)
            },
        )
    }

    #[inline(always)]
    fn is_zero(self) -> u8 {
        let own = self.below::<4>().below::<2>().below::<1>();
        own.is_blank()
    }

    /// Of an element below 8p: a multiple of p up to 7p, by its lowest limb.
    #[inline(always)]
    fn may_be_zero(self) -> u8 {
        // Seven less the multiple.
        let times = L::splat(7).madd_lo(self.0[0], L::splat(M::NEGATED_INVERSE));
        times.and(L::splat(LIMB_MASK - 7)).is_zero()
    }

    #[inline(always)]
    fn is_blank(self) -> u8 {
        let [a, b, c, d, e] = self.0;
        a.or(b).or(c.or(d)).or(e).is_zero()
    }

    #[inline(always)]
    fn select(self, mask: u8, other: Self) -> Self {
        L::op(
            #[inline(always)]
            move || self.zip(other, |own, other| own.select(mask, other)),
        )
    }

    /// One inversion for all lanes: of their product, which each gets back times the other lanes.
    #[inline(always)]
    fn inverse(self) -> Self {
        L::call(
            #[inline(always)]
            move || {
                let zeros = self.is_zero();
                let one = self.select(zeros, Base::one());
                let by_four = one.turned::<4>();
                let two = one.mul(by_four);
                let by_two = two.turned::<2>();
                let four = two.mul(by_two);
                let by_one = four.turned::<1>();
                let others = by_four.mul(by_two).mul(by_one);
                let inverse = Base::splat(inverse::<M>(four.mul(by_one).first()));
                // From one over a R to R over a.
                let inverse = inverse.mul(Base::splat(M::R_CUBED));
                others.mul(inverse).select(zeros, Base::zero())
            },
        )
    }
}

/// One over a number below 2p, modulo p; zero of a multiple of p.
fn inverse<M: Modulus>(limbs: [u64; LIMBS]) -> [u64; LIMBS] {
    from_words(inverted::<M>(to_words(limbs)))
}

impl<L: Limbs> CurveField<L> for Base<L, OfCurve> {
    /// (a0 + a1)(b0 + b1) less the other two products is c1; each half is reduced once.
    #[inline(always)]
    fn extension_mul([a0, a1]: [Self; 2], [b0, b1]: [Self; 2]) -> [Self; 2] {
        L::op(
            #[inline(always)]
            move || {
                let (mut low, high) = (Self::columns(a0, b0), Self::columns(a1, b1));
                let mut both = Self::columns(a0.add(a1), b0.add(b1));
                for at in 0..2 * LIMBS {
                    both[at] = both[at].sub(low[at]).sub(high[at]);
                    let more = L::splat(OfCurve::FORTY_TWO_SQUARES[at]);
                    low[at] = low[at].add(more).sub(high[at]);
                }
                Self::reduced([low, both])
            },
        )
    }

    #[inline(always)]
    fn of(value: Fq) -> Self {
        Base::splat(montgomery(value))
    }

    #[inline(always)]
    fn load(rows: [&Row; LANES]) -> [Self; 2] {
        let columns = L::columns(rows);
        [Base::unpack(&columns[..4]), Base::unpack(&columns[4..])]
    }

    #[inline(always)]
    fn store([first, second]: [Self; 2], rows: &mut [Row; LANES]) {
        let mut columns = [L::splat(0); LANES];
        let (low, high) = columns.split_at_mut(4);
        first.pack(low);
        second.pack(high);
        L::rows(columns, rows);
    }
}
