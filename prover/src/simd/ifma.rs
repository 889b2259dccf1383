//! The lanes as AVX-512 registers, multiplied by its IFMA instructions.
#![allow(unsafe_code)]

use super::{LANES, Lanes, Limbs, Token};
use std::arch::x86_64::*;

/// Eight numbers in a register.
///
/// **Security**: used only below [`Token::run`], where the processor has the instructions.
#[derive(Clone, Copy)]
pub(crate) struct Ifma(__m512i);

/// That this processor has the instructions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IfmaToken(());

impl IfmaToken {
    /// Asks the processor.
    pub fn detect() -> Option<Self> {
        let has = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512ifma");
        has.then_some(IfmaToken(()))
    }
}

impl Token for IfmaToken {
    type Lanes = Ifma;
}

/// Each intrinsic below needs its instruction: SAFETY as of [`Ifma`].
macro_rules! with {
    ($call:expr) => {
        // SAFETY: an `Ifma` is made and used below `Token::run` only.
        unsafe { $call }
    };
}

impl Lanes for Ifma {
    #[inline(always)]
    fn soon(bytes: &[u8]) {
        super::soon::soon(bytes);
    }

    #[inline(always)]
    fn op<T>(work: impl FnOnce() -> T) -> T {
        work()
    }

    #[inline(always)]
    fn call<T>(work: impl FnOnce() -> T) -> T {
        #[inline(never)]
        #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512ifma,bmi2,adx")]
        fn inner<T>(work: impl FnOnce() -> T) -> T {
            work()
        }
        with!(inner(work))
    }
}

impl Limbs for Ifma {
    #[inline(always)]
    fn splat(value: u64) -> Self {
        Ifma(with!(_mm512_set1_epi64(value.cast_signed())))
    }

    #[inline(always)]
    fn load(values: &[u64; LANES]) -> Self {
        // The array is as long as the register, and needs no alignment.
        Ifma(with!(_mm512_loadu_si512(values.as_ptr().cast())))
    }

    #[inline(always)]
    fn store(self, values: &mut [u64; LANES]) {
        // As for `load`.
        with!(_mm512_storeu_si512(values.as_mut_ptr().cast(), self.0));
    }

    #[inline(always)]
    fn columns(rows: [&[u64; LANES]; LANES]) -> [Self; LANES] {
        let mut loaded = [Self::splat(0); LANES];
        for (out, row) in loaded.iter_mut().zip(rows) {
            *out = Self::load(row);
        }
        transposed(loaded)
    }

    #[inline(always)]
    fn rows(columns: [Self; LANES], rows: &mut [[u64; LANES]; LANES]) {
        let columns = transposed(columns);
        for (row, column) in rows.iter_mut().zip(columns) {
            column.store(row);
        }
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Ifma(with!(_mm512_add_epi64(self.0, other.0)))
    }

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Ifma(with!(_mm512_sub_epi64(self.0, other.0)))
    }

    #[inline(always)]
    fn and(self, other: Self) -> Self {
        Ifma(with!(_mm512_and_si512(self.0, other.0)))
    }

    #[inline(always)]
    fn or(self, other: Self) -> Self {
        Ifma(with!(_mm512_or_si512(self.0, other.0)))
    }

    #[inline(always)]
    fn shr<const BITS: u32>(self) -> Self {
        Ifma(with!(_mm512_srli_epi64::<BITS>(self.0)))
    }

    #[inline(always)]
    fn shl<const BITS: u32>(self) -> Self {
        Ifma(with!(_mm512_slli_epi64::<BITS>(self.0)))
    }

    #[inline(always)]
    fn limb_up_signed(self) -> Self {
        Ifma(with!(_mm512_srai_epi64::<52>(self.0)))
    }

    #[inline(always)]
    fn madd_lo(self, a: Self, b: Self) -> Self {
        Ifma(with!(_mm512_madd52lo_epu64(self.0, a.0, b.0)))
    }

    #[inline(always)]
    fn madd_hi(self, a: Self, b: Self) -> Self {
        Ifma(with!(_mm512_madd52hi_epu64(self.0, a.0, b.0)))
    }

    #[inline(always)]
    fn turned<const N: i32>(self) -> Self {
        Ifma(with!(_mm512_alignr_epi64::<N>(self.0, self.0)))
    }

    #[inline(always)]
    fn entry(self, table: &[u64; LANES]) -> Self {
        Ifma(with!(_mm512_permutexvar_epi64(self.0, Self::load(table).0)))
    }

    #[inline(always)]
    fn is_zero(self) -> u8 {
        with!(_mm512_testn_epi64_mask(self.0, self.0))
    }

    #[inline(always)]
    fn is_negative(self) -> u8 {
        with!(_mm512_movepi64_mask(self.0))
    }

    #[inline(always)]
    fn select(self, mask: u8, other: Self) -> Self {
        Ifma(with!(_mm512_mask_blend_epi64(mask, self.0, other.0)))
    }
}

#[inline(always)]
fn low(x: __m512i, y: __m512i) -> __m512i {
    with!(_mm512_unpacklo_epi64(x, y))
}

#[inline(always)]
fn high(x: __m512i, y: __m512i) -> __m512i {
    with!(_mm512_unpackhi_epi64(x, y))
}

/// Parts 0 and 2 of both; 1 and 3 of both.
#[inline(always)]
fn even(x: __m512i, y: __m512i) -> __m512i {
    with!(_mm512_shuffle_i64x2::<0b10_00_10_00>(x, y))
}

#[inline(always)]
fn odd(x: __m512i, y: __m512i) -> __m512i {
    with!(_mm512_shuffle_i64x2::<0b11_01_11_01>(x, y))
}

/// Columns 0, 2, 4 and 6, or 1, 3, 5 and 7, of pairs of rows.
#[inline(always)]
fn quarters([p, q, r, s]: [__m512i; 4]) -> [__m512i; 4] {
    let (pq, rs) = ([even(p, q), odd(p, q)], [even(r, s), odd(r, s)]);
    [
        even(pq[0], rs[0]),
        even(pq[1], rs[1]),
        odd(pq[0], rs[0]),
        odd(pq[1], rs[1]),
    ]
}

/// Eight rows of eight numbers as columns: pairs of numbers, then pairs of pairs, then halves.
#[inline(always)]
fn transposed(rows: [Ifma; LANES]) -> [Ifma; LANES] {
    let [a, b, c, d, e, f, g, h] = rows;
    let firsts = quarters([low(a.0, b.0), low(c.0, d.0), low(e.0, f.0), low(g.0, h.0)]);
    let seconds = quarters([
        high(a.0, b.0),
        high(c.0, d.0),
        high(e.0, f.0),
        high(g.0, h.0),
    ]);
    let mut columns = [a; LANES];
    for at in 0..4 {
        columns[2 * at] = Ifma(firsts[at]);
        columns[2 * at + 1] = Ifma(seconds[at]);
    }
    columns
}
