//! Elements c0 + c1 u of the base field's extension, u^2 = -1.

use super::{Coordinate, CurveField};
use crate::simd::Lanes;

#[derive(Clone, Copy)]
pub(crate) struct Extension<F>(pub [F; 2]);

impl<L: Lanes, F: CurveField<L>> Coordinate<L> for Extension<F> {
    #[inline(always)]
    fn zero() -> Self {
        Extension([F::zero(); 2])
    }

    #[inline(always)]
    fn one() -> Self {
        Extension([F::one(), F::zero()])
    }

    #[inline(always)]
    fn less() -> Self {
        Extension([F::less(), F::zero()])
    }

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Extension(F::extension_mul(self.0, other.0))
    }

    /// (a0 + a1)(a0 - a1), and twice a0 a1.
    #[inline(always)]
    fn square(self) -> Self {
        let [a0, a1] = self.0;
        Extension(F::mul_each([a0.add(a1), a0.add(a0)], [a0.sub::<4>(a1), a1]))
    }

    #[inline(always)]
    fn mul_each([a0, a1]: [Self; 2], [b0, b1]: [Self; 2]) -> [Self; 2] {
        [a0.mul(b0), a1.mul(b1)]
    }

    #[inline(always)]
    fn square_each([a0, a1]: [Self; 2]) -> [Self; 2] {
        [a0.square(), a1.square()]
    }

    #[inline(always)]
    fn sub_kept(self, other: Self) -> Self {
        let ([a0, a1], [b0, b1]) = (self.0, other.0);
        Extension([a0.sub_kept(b0), a1.sub_kept(b1)])
    }

    #[inline(always)]
    fn sub_both(self, a: Self, b: Self) -> Self {
        let ([a0, a1], [b0, b1]) = (a.0, b.0);
        Extension([self.0[0].sub_both(a0, b0), self.0[1].sub_both(a1, b1)])
    }

    #[inline(always)]
    fn down_to(self, other: Self) -> Self {
        let ([a0, a1], [b0, b1]) = (self.0, other.0);
        Extension([a0.down_to(b0), a1.down_to(b1)])
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        let ([a0, a1], [b0, b1]) = (self.0, other.0);
        Extension([a0.add(b0), a1.add(b1)])
    }

    #[inline(always)]
    fn sub<const K: u64>(self, other: Self) -> Self {
        let ([a0, a1], [b0, b1]) = (self.0, other.0);
        Extension([a0.sub::<K>(b0), a1.sub::<K>(b1)])
    }

    #[inline(always)]
    fn below<const K: u64>(self) -> Self {
        let [a0, a1] = self.0;
        Extension([a0.below::<K>(), a1.below::<K>()])
    }

    #[inline(always)]
    fn is_zero(self) -> u8 {
        self.0[0].is_zero() & self.0[1].is_zero()
    }

    #[inline(always)]
    fn may_be_zero(self) -> u8 {
        self.0[0].may_be_zero() & self.0[1].may_be_zero()
    }

    #[inline(always)]
    fn is_blank(self) -> u8 {
        self.0[0].is_blank() & self.0[1].is_blank()
    }

    #[inline(always)]
    fn select(self, mask: u8, other: Self) -> Self {
        let ([a0, a1], [b0, b1]) = (self.0, other.0);
        Extension([a0.select(mask, b0), a1.select(mask, b1)])
    }

    /// (a0 - a1 u) over a0^2 + a1^2.
    #[inline(always)]
    fn inverse(self) -> Self {
        L::call(
            #[inline(always)]
            move || {
                let [a0, a1] = self.0;
                let norm = a0.square().add(a1.square()).below::<2>().inverse();
                let negated = F::zero().sub::<2>(a1);
                Extension([a0.mul(norm), negated.mul(norm)])
            },
        )
    }
}
