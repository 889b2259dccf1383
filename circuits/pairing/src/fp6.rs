//! The cubic extension of [`Fp2`]: a + b v + c v^2, with v^3 = 9 + u.

use super::fp2::Fp2;
use ark_bn254::Fq6;
use std::ops::{Add, Mul, Neg, Sub};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fp6 {
    pub a: Fp2,
    pub b: Fp2,
    pub c: Fp2,
}

impl Fp6 {
    pub const ZERO: Fp6 = Fp6 {
        a: Fp2::ZERO,
        b: Fp2::ZERO,
        c: Fp2::ZERO,
    };
    pub const ONE: Fp6 = Fp6 {
        a: Fp2::ONE,
        b: Fp2::ZERO,
        c: Fp2::ZERO,
    };

    /// Times v.
    #[inline]
    pub fn times_v(self) -> Fp6 {
        Fp6 {
            a: self.c.times_xi(),
            b: self.a,
            c: self.b,
        }
    }

    fn each(self, other: Fp6, of: impl Fn(Fp2, Fp2) -> Fp2) -> Fp6 {
        Fp6 {
            a: of(self.a, other.a),
            b: of(self.b, other.b),
            c: of(self.c, other.c),
        }
    }
}

impl Add for Fp6 {
    type Output = Fp6;

    #[inline]
    fn add(self, other: Fp6) -> Fp6 {
        self.each(other, Fp2::add)
    }
}

impl Sub for Fp6 {
    type Output = Fp6;

    #[inline]
    fn sub(self, other: Fp6) -> Fp6 {
        self.each(other, Fp2::sub)
    }
}

impl Neg for Fp6 {
    type Output = Fp6;

    #[inline]
    fn neg(self) -> Fp6 {
        Fp6::ZERO - self
    }
}

impl Mul for Fp6 {
    type Output = Fp6;

    fn mul(self, other: Fp6) -> Fp6 {
        let Fp6 { a, b, c } = self;
        let (b_xi, c_xi) = (other.b.times_xi(), other.c.times_xi());
        Fp6 {
            a: Fp2::sum_of_three([&a, &b, &c], [&other.a, &c_xi, &b_xi]),
            b: Fp2::sum_of_three([&a, &b, &c], [&other.b, &other.a, &c_xi]),
            c: Fp2::sum_of_three([&a, &b, &c], [&other.c, &other.b, &other.a]),
        }
    }
}

impl From<Fq6> for Fp6 {
    fn from(number: Fq6) -> Fp6 {
        Fp6 {
            a: number.c0.into(),
            b: number.c1.into(),
            c: number.c2.into(),
        }
    }
}

impl From<Fp6> for Fq6 {
    fn from(number: Fp6) -> Fq6 {
        Fq6::new(number.a.into(), number.b.into(), number.c.into())
    }
}
