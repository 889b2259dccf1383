//! Eight elements of the curve's field one after the other, as words in ark's form: for every
//! processor.

use super::{Coordinate, CurveField, Row, Scale};
use crate::simd::{LANES, Portable};
use ark_bn254::{Fq, FqConfig};
use ark_ff::{AdditiveGroup, BigInt, Field, MontConfig};

/// Elements are always below p.
#[derive(Clone, Copy)]
pub(crate) struct Eights([Fq; LANES]);

impl Eights {
    #[inline(always)]
    fn each(mut self, change: impl Fn(&mut Fq)) -> Self {
        self.0.iter_mut().for_each(change);
        self
    }

    #[inline(always)]
    fn zip(mut self, other: &Self, change: impl Fn(&mut Fq, &Fq)) -> Self {
        for (own, other) in self.0.iter_mut().zip(&other.0) {
            change(own, other);
        }
        self
    }

    #[inline(never)]
    fn product(self, other: &Self) -> Self {
        self.zip(other, |own, other| *own *= other)
    }

    #[inline(never)]
    fn squared(self) -> Self {
        self.each(|own| {
            own.square_in_place();
        })
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

    fn mul(self, other: Self) -> Self {
        self.product(&other)
    }

    fn square(self) -> Self {
        self.squared()
    }

    fn mul_each([a0, a1]: [Self; 2], [b0, b1]: [Self; 2]) -> [Self; 2] {
        [a0.product(&b0), a1.product(&b1)]
    }

    fn square_each(a: [Self; 2]) -> [Self; 2] {
        a.map(Self::squared)
    }

    fn add(self, other: Self) -> Self {
        self.zip(&other, |own, other| *own += other)
    }

    fn sub<const K: u64>(self, other: Self) -> Self {
        self.zip(&other, |own, other| *own -= other)
    }

    fn below<const K: u64>(self) -> Self {
        self
    }

    fn is_zero(self) -> u8 {
        let bits = self.0.iter().enumerate();
        bits.fold(0, |mask, (at, own)| mask | u8::from(*own == Fq::ZERO) << at)
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

    /// One inversion for all: zeros are left out and stay.
    fn inverse(mut self) -> Self {
        ark_ff::batch_inversion(&mut self.0);
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
