//! Eight elements of the curve's field one after the other, as words in ark's form: for every
//! processor.

use super::{Coordinate, CurveField, Row, Scale};
use crate::simd::{LANES, Portable};
use ark_bn254::{Fq, FqConfig};
use ark_ff::{AdditiveGroup, BigInt, Field, MontConfig};

/// Elements are always below p.
#[derive(Clone, Copy)]
pub(crate) struct Eights([Fq; LANES]);

/// Loops over eight elements, each compiled once and called: what is written over lanes would
/// otherwise have eight times as much code.
impl Eights {
    #[inline(never)]
    fn multiply(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own *= other;
        }
    }

    #[inline(never)]
    fn square_all(&mut self) {
        for own in &mut self.0 {
            own.square_in_place();
        }
    }

    #[inline(never)]
    fn plus(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own += other;
        }
    }

    #[inline(never)]
    fn minus(&mut self, other: &Self) {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            *own -= other;
        }
    }
}

impl Coordinate<Portable> for Eights {
    const SCALE: Scale = Scale::One;

    fn zero() -> Self {
        Eights([Fq::ZERO; LANES])
    }

    fn one() -> Self {
        Eights([Fq::ONE; LANES])
    }

    fn less() -> Self {
        Self::one()
    }

    #[inline(always)]
    fn mul(mut self, other: Self) -> Self {
        self.multiply(&other);
        self
    }

    #[inline(always)]
    fn square(mut self) -> Self {
        self.square_all();
        self
    }

    #[inline(always)]
    fn mul_each([mut a0, mut a1]: [Self; 2], [b0, b1]: [Self; 2]) -> [Self; 2] {
        a0.multiply(&b0);
        a1.multiply(&b1);
        [a0, a1]
    }

    #[inline(always)]
    fn square_each([mut a0, mut a1]: [Self; 2]) -> [Self; 2] {
        a0.square_all();
        a1.square_all();
        [a0, a1]
    }

    #[inline(always)]
    fn sub_kept(self, other: Self) -> Self {
        self.sub::<3>(other)
    }

    #[inline(always)]
    fn sub_both(self, a: Self, b: Self) -> Self {
        self.sub::<3>(a).sub::<3>(b)
    }

    #[inline(always)]
    fn down_to(self, other: Self) -> Self {
        self.sub::<3>(other)
    }

    #[inline(always)]
    fn add(mut self, other: Self) -> Self {
        self.plus(&other);
        self
    }

    #[inline(always)]
    fn sub<const K: u64>(mut self, other: Self) -> Self {
        self.minus(&other);
        self
    }

    #[inline(always)]
    fn below<const K: u64>(self) -> Self {
        self
    }

    fn is_zero(self) -> u8 {
        let bits = self.0.iter().enumerate();
        bits.fold(0, |mask, (at, own)| mask | u8::from(*own == Fq::ZERO) << at)
    }

    fn may_be_zero(self) -> u8 {
        self.is_zero()
    }

    fn is_blank(self) -> u8 {
        self.is_zero()
    }

    fn select(mut self, mask: u8, other: Self) -> Self {
        for (at, (own, other)) in self.0.iter_mut().zip(other.0).enumerate() {
            if mask >> at & 1 == 1 {
                *own = other;
            }
        }
        self
    }

    /// One inversion for all: zeros are left out and stay. Not by ark's own, which shares even eight
    /// among threads.
    fn inverse(mut self) -> Self {
        let mut before = [Fq::ONE; LANES];
        let mut product = Fq::ONE;
        for (before, own) in before.iter_mut().zip(&self.0) {
            *before = product;
            if *own != Fq::ZERO {
                product *= own;
            }
        }
        let mut inverse = product.inverse().unwrap_or_default();
        for (own, before) in self.0.iter_mut().zip(&before).rev() {
            if *own != Fq::ZERO {
                let own_inverse = inverse * before;
                inverse *= &*own;
                *own = own_inverse;
            }
        }
        self
    }
}

impl CurveField<Portable> for Eights {
    const IN_MEMORY: [u64; 4] = <FqConfig as MontConfig<4>>::MODULUS.0;

    fn of(value: Fq) -> Self {
        Eights([value; LANES])
    }

    fn load(rows: [&Row; LANES]) -> [Self; 2] {
        // What was put into memory here is below p, and so are the points of a key that was checked.
        let first = rows.map(|[a, b, c, d, ..]| Fq::new_unchecked(BigInt([*a, *b, *c, *d])));
        let second = rows.map(|[.., a, b, c, d]| Fq::new_unchecked(BigInt([*a, *b, *c, *d])));
        [Eights(first), Eights(second)]
    }

    fn store([first, second]: [Self; 2], rows: &mut [Row; LANES]) {
        for (row, (first, second)) in rows.iter_mut().zip(first.0.iter().zip(second.0)) {
            row[..4].copy_from_slice(&first.0.0);
            row[4..].copy_from_slice(&second.0.0);
        }
    }
}
