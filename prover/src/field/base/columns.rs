//! Products as columns of limbs, and back.
#![allow(clippy::needless_range_loop)]

use super::Base;
use crate::field::LIMBS;
use crate::field::limbs::Modulus;
use crate::simd::Limbs;

impl<L: Limbs, M: Modulus> Base<L, M> {
    /// From columns t[0..10] of products, which may be negative where their sum is not: adds multiples
    /// of p until the lower half is zero. Each step waits for the one before, so several products go
    /// side by side.
    #[inline(always)]
    pub(super) fn reduced<const N: usize>(mut t: [[L; 2 * LIMBS]; N]) -> [Self; N] {
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
                t[n][at + 1] = t[n][at + 1].add(t[n][at].limb_up_signed());
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
    pub(super) fn columns(a: Self, b: Self) -> [L; 2 * LIMBS] {
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
    pub(super) fn square_columns(self) -> [L; 2 * LIMBS] {
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
}
