//! Elements of a prime field, eight at a time.
//!
//! Loops stand where an iterator would do: a closure is inlined as the compiler likes, and one that is
//! not is compiled without the instructions of its lanes.
#![allow(clippy::needless_range_loop)]

use super::limbs::{Modulus, multiple};
use super::{Coordinate, CurveField, LIMBS, OfCurve, Row, Scale, montgomery};
use crate::simd::{LANES, LIMB_BITS, LIMB_MASK, Limbs};
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

    /// From columns t[0..10] of products: adds multiples of p until the lower half is zero. Each step
    /// waits for the one before, so several products go side by side.
    #[inline(always)]
    fn reduced<const N: usize>(mut t: [[L; 2 * LIMBS]; N]) -> [Self; N] {
        let (zero, factor) = (L::splat(0), L::splat(M::NEGATED_INVERSE));
        let p = Base::<L, M>::splat(M::P).0;
        for at in 0..LIMBS {
            let mut multiple = [zero; N];
            for n in 0..N {
                multiple[n] = zero.madd_lo(t[n][at], factor);
            }
            for n in 0..N {
                t[n][at] = t[n][at].madd_lo(multiple[n], p[0]);
                t[n][at + 1] = t[n][at + 1].madd_hi(multiple[n], p[0]);
            }
            for j in 1..LIMBS {
                for n in 0..N {
                    t[n][at + j] = t[n][at + j].madd_lo(multiple[n], p[j]);
                    t[n][at + j + 1] = t[n][at + j + 1].madd_hi(multiple[n], p[j]);
                }
            }
            for n in 0..N {
                t[n][at + 1] = t[n][at + 1].add(t[n][at].shr::<LIMB_BITS>());
            }
        }
        let mut out = [Self::of_limbs([zero; LIMBS]); N];
        for n in 0..N {
            let [_, _, _, _, _, a, b, c, d, e] = t[n];
            out[n] = Self::of_limbs([a, b, c, d, e]).carried();
        }
        out
    }

    /// The columns of a product.
    #[inline(always)]
    fn columns(a: Self, b: Self) -> [L; 2 * LIMBS] {
        let (a, b) = (&a.0, &b.0);
        let mut t = [L::splat(0); 2 * LIMBS];
        for i in 0..LIMBS {
            for j in 0..LIMBS {
                t[i + j] = t[i + j].madd_lo(a[i], b[j]);
                t[i + j + 1] = t[i + j + 1].madd_hi(a[i], b[j]);
            }
        }
        t
    }

    /// Those of a square.
    #[inline(always)]
    fn square_columns(self) -> [L; 2 * LIMBS] {
        let a = &self.0;
        let mut t = [L::splat(0); 2 * LIMBS];
        for i in 0..LIMBS {
            for j in i + 1..LIMBS {
                t[i + j] = t[i + j].madd_lo(a[i], a[j]);
                t[i + j + 1] = t[i + j + 1].madd_hi(a[i], a[j]);
            }
        }
        for column in &mut t {
            *column = column.add(*column);
        }
        for i in 0..LIMBS {
            t[2 * i] = t[2 * i].madd_lo(a[i], a[i]);
            t[2 * i + 1] = t[2 * i + 1].madd_hi(a[i], a[i]);
        }
        t
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
    const SCALE: Scale = Scale::Sixteenth;

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

    /// The power p - 2, by four bits at a time.
    #[inline(always)]
    fn inverse(self) -> Self {
        L::call(
            #[inline(always)]
            move || {
                let mut powers = [Base::one(); 16];
                for at in 1..16 {
                    powers[at] = powers[at - 1].mul(self);
                }
                let mut exponent = M::WORDS;
                exponent[0] -= 2;
                let digit = |at: usize| (exponent[at / 16] >> (4 * (at % 16)) & 15) as usize;
                let mut out = powers[digit(63)];
                for at in (0..63).rev() {
                    for _ in 0..4 {
                        out = out.square();
                    }
                    out = out.mul(powers[digit(at)]);
                }
                out
            },
        )
    }
}

impl<L: Limbs> CurveField<L> for Base<L, OfCurve> {
    const IN_MEMORY: [u64; 4] = {
        let p = OfCurve::WORDS;
        [
            p[0] << 1,
            p[1] << 1 | p[0] >> 63,
            p[2] << 1 | p[1] >> 63,
            p[3] << 1 | p[2] >> 63,
        ]
    };

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
