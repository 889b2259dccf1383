//! Elements c0 + c1 u of the base field's extension, u^2 = -1.

use super::{Coordinate, CurveField, Scale};
use crate::simd::Lanes;

#[derive(Clone, Copy)]
pub(crate) struct Extension<F>(pub [F; 2]);

impl<L: Lanes, F: CurveField<L>> Coordinate<L> for Extension<F> {
    const SCALE: Scale = F::SCALE;

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

    /// By three products: (a0 + a1)(b0 + b1) less the other two is c1.
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        let ([a0, a1], [b0, b1]) = (self.0, other.0);
        let (low, high) = (a0.mul(b0), a1.mul(b1));
        let both = a0.add(a1).mul(b0.add(b1));
        let c1 = both.sub::<4>(low.add(high)).below::<4>().below::<2>();
        Extension([low.sub::<2>(high).below::<2>(), c1])
    }

    /// (a0 + a1)(a0 - a1), and twice a0 a1.
    #[inline(always)]
    fn square(self) -> Self {
        let [a0, a1] = self.0;
        let c0 = a0.add(a1).mul(a0.sub::<4>(a1));
        let product = a0.mul(a1);
        Extension([c0, product.add(product).below::<2>()])
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
