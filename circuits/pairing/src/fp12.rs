//! The quadratic extension of [`Fp6`]: a + b w, with w^2 = v. Pairings have values in it.

use super::fp::Fp;
use super::fp2::Fp2;
use super::fp6::Fp6;
use ark_bn254::Fq12;
use ark_ff::Field;
use std::ops::Mul;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fp12 {
    pub a: Fp6,
    pub b: Fp6,
}

impl Fp12 {
    pub const ONE: Fp12 = Fp12 {
        a: Fp6::ONE,
        b: Fp6::ZERO,
    };

    pub fn square(self) -> Fp12 {
        let Fp12 { a, b } = self;
        let product = a * b;
        // (a + b) (a + v b) = a^2 + v b^2 + (1 + v) a b.
        let both = (a + b) * (a + b.times_v());
        Fp12 {
            a: both - product - product.times_v(),
            b: product + product,
        }
    }

    /// The conjugate, which is one over it where [`Fp12::square_unitary`] may be used.
    pub fn conjugate(self) -> Fp12 {
        Fp12 {
            a: self.a,
            b: -self.b,
        }
    }

    /// The square of an element whose power p^4 - p^2 + 1 is one.
    ///
    /// Source: Granger, Scott, eprint 2009/565, section 3.2: three squares in the extension of
    /// [`Fp2`] by w^3.
    pub fn square_unitary(self) -> Fp12 {
        let Fp12 { a: x, b: y } = self;
        let (a0, a1) = square_of_four(x.a, y.b);
        let (b0, b1) = square_of_four(y.a, x.c);
        let (c0, c1) = square_of_four(x.b, y.c);
        let three = |square: Fp2, minus: Fp2| (square - minus).double() + square;
        let plus = |square: Fp2, also: Fp2| (square + also).double() + square;
        Fp12 {
            a: Fp6 {
                a: three(a0, x.a),
                b: three(b0, x.b),
                c: three(c0, x.c),
            },
            b: Fp6 {
                a: plus(c1.times_xi(), y.a),
                b: plus(a1, y.b),
                c: plus(b1, y.c),
            },
        }
    }

    /// One over it; nothing of zero.
    pub fn inverse(self) -> Option<Fp12> {
        Fq12::from(self).inverse().map(Fp12::from)
    }

    /// Its power p^times.
    pub fn frobenius(self, times: usize) -> Fp12 {
        let mut number = Fq12::from(self);
        number.frobenius_map_in_place(times);
        number.into()
    }

    /// Times `of_y + (of_x + constant v) w`, a line of [`super::miller`].
    pub fn times_line(self, of_y: Fp2, of_x: Fp2, constant: Fp2) -> Fp12 {
        let Fp12 { a: x, b: y } = self;
        let (of_x_xi, constant_xi) = (of_x.times_xi(), constant.times_xi());
        let of = Fp2::sum_of_three;
        let inner = [&of_y, &of_x, &constant_xi];
        Fp12 {
            a: Fp6 {
                a: of([&x.a, &y.b, &y.c], [&of_y, &constant_xi, &of_x_xi]),
                b: of([&x.b, &y.a, &y.c], inner),
                c: of([&x.c, &y.a, &y.b], [&of_y, &constant, &of_x]),
            },
            b: Fp6 {
                a: of([&y.a, &x.a, &x.c], inner),
                b: of([&y.b, &x.a, &x.b], [&of_y, &constant, &of_x]),
                c: of([&y.c, &x.b, &x.c], [&of_y, &constant, &of_x]),
            },
        }
    }

    /// Times `1 + (of_x + constant v) w`.
    pub fn times_monic_line(self, of_x: Fp2, constant: Fp2) -> Fp12 {
        let Fp12 { a: x, b: y } = self;
        let (of_x_xi, constant_xi) = (of_x.times_xi(), constant.times_xi());
        let of = Fp2::sum_of_two;
        Fp12 {
            a: Fp6 {
                a: x.a + of([&y.b, &y.c], [&constant_xi, &of_x_xi]),
                b: x.b + of([&y.a, &y.c], [&of_x, &constant_xi]),
                c: x.c + of([&y.a, &y.b], [&constant, &of_x]),
            },
            b: Fp6 {
                a: y.a + of([&x.a, &x.c], [&of_x, &constant_xi]),
                b: y.b + of([&x.a, &x.b], [&constant, &of_x]),
                c: y.c + of([&x.b, &x.c], [&constant, &of_x]),
            },
        }
    }
}

/// `(a + b s)^2` with s^2 = 9 + u: its two coordinates.
fn square_of_four(a: Fp2, b: Fp2) -> (Fp2, Fp2) {
    let b_xi = b.times_xi();
    let (twice_a, twice_b) = (a.a.plus(a.a), a.b.plus(a.b));
    let minus_twice_b = (-a.b).plus(-a.b);
    let first = Fp2 {
        a: Fp::sum_of_products::<_, 6>(
            [&a.a.plus(a.b), &b_xi.a.0, &b_xi.b.negative()],
            [&a.a.minus(a.b), &b.a.0, &b.b.0],
        ),
        b: Fp::sum_of_products::<_, 4>([&twice_a, &b_xi.a.0, &b_xi.b.0], [&a.b.0, &b.b.0, &b.a.0]),
    };
    let second = Fp2 {
        a: Fp::sum_of_products::<_, 4>([&twice_a, &minus_twice_b], [&b.a.0, &b.b.0]),
        b: Fp::sum_of_products::<_, 4>([&twice_a, &twice_b], [&b.b.0, &b.a.0]),
    };
    (first, second)
}

impl Mul for Fp12 {
    type Output = Fp12;

    fn mul(self, other: Fp12) -> Fp12 {
        let low = self.a * other.a;
        let high = self.b * other.b;
        let both = (self.a + self.b) * (other.a + other.b);
        Fp12 {
            a: low + high.times_v(),
            b: both - low - high,
        }
    }
}

impl From<Fq12> for Fp12 {
    fn from(number: Fq12) -> Fp12 {
        Fp12 {
            a: number.c0.into(),
            b: number.c1.into(),
        }
    }
}

impl From<Fp12> for Fq12 {
    fn from(number: Fp12) -> Fq12 {
        Fq12::new(number.a.into(), number.b.into())
    }
}
