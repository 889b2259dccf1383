//! The quadratic extension: a + b u, with u^2 = -1.

use super::fp::Fp;
use ark_bn254::Fq2;
use ark_ff::Field;
use std::ops::{Add, Mul, Neg, Sub};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fp2 {
    pub a: Fp,
    pub b: Fp,
}

impl Fp2 {
    pub const ZERO: Fp2 = Fp2 {
        a: Fp::ZERO,
        b: Fp::ZERO,
    };
    pub const ONE: Fp2 = Fp2 {
        a: Fp::ONE,
        b: Fp::ZERO,
    };

    #[inline(always)]
    pub fn double(self) -> Fp2 {
        self + self
    }

    #[inline(always)]
    pub fn square(self) -> Fp2 {
        Fp2 {
            a: Fp::sum_of_products::<_, 4>([&self.a.plus(self.b)], [&self.a.minus(self.b)]),
            b: Fp::sum_of_products::<_, 2>([&self.a.plus(self.a)], [&self.b.0]),
        }
    }

    #[inline(always)]
    pub fn conjugate(self) -> Fp2 {
        Fp2 {
            a: self.a,
            b: -self.b,
        }
    }

    /// One over it; zero of zero.
    pub fn inverse(self) -> Fp2 {
        Fq2::from(self).inverse().map_or(Fp2::ZERO, Fp2::from)
    }

    #[inline(always)]
    pub fn scale(self, by: Fp) -> Fp2 {
        Fp2 {
            a: self.a * by,
            b: self.b * by,
        }
    }

    /// Times 9 + u, of which the next extension has the cube root.
    #[inline(always)]
    pub fn times_xi(self) -> Fp2 {
        Fp2 {
            a: self.a.nine_times_plus(self.b.negative()),
            b: self.b.nine_times_plus(self.a.0),
        }
    }

    /// `x[0] y[0] + x[1] y[1]`, reduced once a coordinate.
    #[inline(always)]
    pub fn sum_of_two(x: [&Fp2; 2], y: [&Fp2; 2]) -> Fp2 {
        let [x0, x1] = x;
        let [y0, y1] = y;
        let minus = [x0, x1].map(|x| x.b.negative());
        let left = [&x0.a.0, &minus[0], &x1.a.0, &minus[1]];
        let also = [&x0.a.0, &x0.b.0, &x1.a.0, &x1.b.0];
        let crossed = [&y0.b.0, &y0.a.0, &y1.b.0, &y1.a.0];
        Fp2 {
            a: Fp::sum_of_products::<_, 4>(left, [&y0.a.0, &y0.b.0, &y1.a.0, &y1.b.0]),
            b: Fp::sum_of_products::<_, 4>(also, crossed),
        }
    }

    /// As [`Fp2::sum_of_two`], of three.
    #[inline(always)]
    pub fn sum_of_three(x: [&Fp2; 3], y: [&Fp2; 3]) -> Fp2 {
        let [x0, x1, x2] = x;
        let [y0, y1, y2] = y;
        let minus = x.map(|x| x.b.negative());
        let left = [&x0.a.0, &minus[0], &x1.a.0, &minus[1], &x2.a.0, &minus[2]];
        let also = [&x0.a.0, &x0.b.0, &x1.a.0, &x1.b.0, &x2.a.0, &x2.b.0];
        let straight = [&y0.a.0, &y0.b.0, &y1.a.0, &y1.b.0, &y2.a.0, &y2.b.0];
        let crossed = [&y0.b.0, &y0.a.0, &y1.b.0, &y1.a.0, &y2.b.0, &y2.a.0];
        Fp2 {
            a: Fp::sum_of_products::<_, 6>(left, straight),
            b: Fp::sum_of_products::<_, 6>(also, crossed),
        }
    }
}

impl Add for Fp2 {
    type Output = Fp2;

    #[inline(always)]
    fn add(self, other: Fp2) -> Fp2 {
        Fp2 {
            a: self.a + other.a,
            b: self.b + other.b,
        }
    }
}

impl Sub for Fp2 {
    type Output = Fp2;

    #[inline(always)]
    fn sub(self, other: Fp2) -> Fp2 {
        Fp2 {
            a: self.a - other.a,
            b: self.b - other.b,
        }
    }
}

impl Neg for Fp2 {
    type Output = Fp2;

    #[inline(always)]
    fn neg(self) -> Fp2 {
        Fp2::ZERO - self
    }
}

impl Mul for Fp2 {
    type Output = Fp2;

    #[inline(always)]
    fn mul(self, other: Fp2) -> Fp2 {
        Fp2 {
            a: Fp::sum_of_products::<_, 2>(
                [&self.a.0, &self.b.negative()],
                [&other.a.0, &other.b.0],
            ),
            b: Fp::sum_of_products::<_, 2>([&self.a.0, &self.b.0], [&other.b.0, &other.a.0]),
        }
    }
}

impl From<Fq2> for Fp2 {
    fn from(number: Fq2) -> Fp2 {
        Fp2 {
            a: number.c0.into(),
            b: number.c1.into(),
        }
    }
}

impl From<Fp2> for Fq2 {
    fn from(number: Fp2) -> Fq2 {
        Fq2::new(number.a.into(), number.b.into())
    }
}
