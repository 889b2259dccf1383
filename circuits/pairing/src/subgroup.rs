//! Whether a point of the curve of G2 is in G2, by half the doublings of ark's own check.
//!
//! Source: Dai, Lin, Zhao, Zhou, eprint 2022/348, section 4: with psi the untwisted and twisted
//! Frobenius, P is in the group if and only if (x + 1) P + psi(x P) + psi^2(x P) = psi^3(2 x P), where
//! x is the number that BN254 is made of.
//!
//! Points are Jacobian: (x / z^2, y / z^3), and z of infinity is zero. Any point of the curve may
//! come, so that sums of equal and opposite points happen, and are right.

use super::curve::TWIST;
use super::fp2::Fp2;
use ark_bn254::G2Affine;
use ark_ec::AffineRepr;

const X: u64 = 4_965_661_367_192_848_881;

/// Whether a point that is on the curve is in the group.
pub fn is_in_g2(point: &G2Affine) -> bool {
    let Some((x, y)) = point.xy() else {
        return true;
    };
    let point = [x.into(), y.into()];
    let multiple = times_x(point);
    let once = multiple.image();
    let twice = once.image();
    let sum = multiple.plus_affine(point).plus(&once).plus(&twice);
    sum.is_equal(&twice.image().double())
}

/// X times a point, by digits of -1, 0 and 1 of which no two neighbours are other than 0.
fn times_x(point: [Fp2; 2]) -> Jacobian {
    // The digits are the bits of 3 X less those of X, halved.
    let (thrice, once) = (3 * u128::from(X), u128::from(X));
    let minus = [point[0], -point[1]];
    let mut sum = Jacobian::of(point);
    for bit in (1..thrice.ilog2()).rev() {
        sum = sum.double();
        match (thrice >> bit & 1, once >> bit & 1) {
            (1, 0) => sum = sum.plus_affine(point),
            (0, 1) => sum = sum.plus_affine(minus),
            _ => {}
        }
    }
    sum
}

#[derive(Clone, Copy)]
struct Jacobian {
    x: Fp2,
    y: Fp2,
    z: Fp2,
}

impl Jacobian {
    const INFINITY: Jacobian = Jacobian {
        x: Fp2::ONE,
        y: Fp2::ONE,
        z: Fp2::ZERO,
    };

    fn of([x, y]: [Fp2; 2]) -> Jacobian {
        Jacobian { x, y, z: Fp2::ONE }
    }

    fn is_infinity(&self) -> bool {
        self.z == Fp2::ZERO
    }

    /// Twice the point. No point of the curve has order two.
    fn double(&self) -> Jacobian {
        let (square, by) = (self.x.square(), self.y.square());
        let slope = square.double() + square;
        let middle = (self.x * by).double().double();
        let x = slope.square() - middle.double();
        Jacobian {
            x,
            y: slope * (middle - x) - by.square().double().double().double(),
            z: (self.y * self.z).double(),
        }
    }

    fn plus_affine(&self, point: [Fp2; 2]) -> Jacobian {
        if self.is_infinity() {
            return Jacobian::of(point);
        }
        let square = self.z.square();
        let there = [point[0] * square, point[1] * (square * self.z)];
        self.joined([self.x, self.y], there, self.z)
    }

    fn plus(&self, other: &Jacobian) -> Jacobian {
        if self.is_infinity() {
            return *other;
        }
        if other.is_infinity() {
            return *self;
        }
        let [here, there] = self.over_one(other);
        self.joined(here, there, self.z * other.z)
    }

    /// The points' coordinates over the product of both z.
    fn over_one(&self, other: &Jacobian) -> [[Fp2; 2]; 2] {
        let squares = [other.z.square(), self.z.square()];
        [
            [self.x * squares[0], self.y * (squares[0] * other.z)],
            [other.x * squares[1], other.y * (squares[1] * self.z)],
        ]
    }

    /// The sum of this point and another, whose coordinates stand over one z.
    fn joined(&self, here: [Fp2; 2], there: [Fp2; 2], z: Fp2) -> Jacobian {
        let (run, rise) = (there[0] - here[0], there[1] - here[1]);
        if run == Fp2::ZERO {
            return match rise == Fp2::ZERO {
                true => self.double(),
                false => Jacobian::INFINITY,
            };
        }
        let square = run.square();
        let cube = square * run;
        let middle = here[0] * square;
        let x = rise.square() - cube - middle.double();
        Jacobian {
            x,
            y: Fp2::sum_of_two([&rise, &-cube], [&(middle - x), &here[1]]),
            z: z * run,
        }
    }

    /// psi of the point.
    fn image(&self) -> Jacobian {
        let [x, y] = TWIST.map(Fp2::from);
        Jacobian {
            x: self.x.conjugate() * x,
            y: self.y.conjugate() * y,
            z: self.z.conjugate(),
        }
    }

    fn is_equal(&self, other: &Jacobian) -> bool {
        if self.is_infinity() || other.is_infinity() {
            return self.is_infinity() && other.is_infinity();
        }
        let [here, there] = self.over_one(other);
        here == there
    }
}
