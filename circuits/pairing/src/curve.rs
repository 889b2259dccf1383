//! The walk of a Miller loop through the multiples of a point of G2, and its lines.
//!
//! Points are homogeneous: (x / z, y / z). Formulas: Costello, Lange, Naehrig, eprint 2009/615,
//! section 5, doubling scaled by four so that nothing is halved. They are not complete: where a sum
//! is of a point and itself or its negative, or of infinity, z becomes zero and stays so, which
//! happens to no point of the group, since no two multiples on the way are equal or opposite.

use super::fp2::Fp2;
use ark_bn254::{Config, Fq2, G2Affine, g2};
use ark_ec::bn::BnConfig;
use ark_ec::short_weierstrass::SWCurveConfig;

/// What a walk does next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Double,
    Add,
    Subtract,
    /// Adds the point's image under Frobenius.
    AddImage,
    /// Subtracts the image of the image.
    SubtractImage,
}

impl Step {
    /// What it adds on the way from a point; nothing where it doubles.
    pub fn addend(self, start: [Fp2; 2]) -> Option<[Fp2; 2]> {
        let minus = |[x, y]: [Fp2; 2]| [x, -y];
        match self {
            Step::Double => None,
            Step::Add => Some(start),
            Step::Subtract => Some(minus(start)),
            Step::AddImage => Some(image(start)),
            Step::SubtractImage => Some(minus(image(image(start)))),
        }
    }
}

/// What psi multiplies coordinates with, once they are conjugate.
pub(super) const TWIST: [Fq2; 2] = [Config::TWIST_MUL_BY_Q_X, Config::TWIST_MUL_BY_Q_Y];

/// psi: Frobenius on the curve that the twist is of.
fn image([x, y]: [Fp2; 2]) -> [Fp2; 2] {
    let twist = TWIST.map(Fp2::from);
    [x.conjugate() * twist[0], y.conjugate() * twist[1]]
}

/// All steps: they come to (6x + 2) Q + psi(Q) - psi^2(Q), where x is what BN254 is made of.
pub(super) fn steps() -> impl Iterator<Item = Step> {
    // The highest digit is the point that a walk begins with.
    let digits = Config::ATE_LOOP_COUNT.iter().rev().skip(1);
    let of_digits = digits.flat_map(|digit| {
        let then = match digit {
            0 => None,
            1.. => Some(Step::Add),
            _ => Some(Step::Subtract),
        };
        [Some(Step::Double), then].into_iter().flatten()
    });
    of_digits.chain([Step::AddImage, Step::SubtractImage])
}

/// A line at a point (x, y) of G1: `of_y y + (of_x x + constant v) w`.
pub(super) struct Line {
    pub of_y: Fp2,
    pub of_x: Fp2,
    pub constant: Fp2,
}

/// Where a walk stands.
pub(super) struct Walk {
    x: Fp2,
    y: Fp2,
    z: Fp2,
    /// The point that it began with.
    start: [Fp2; 2],
    three_b: Fp2,
}

impl Walk {
    /// Of a point of the curve other than infinity.
    pub fn new(point: &G2Affine) -> Walk {
        let start = [point.x.into(), point.y.into()];
        let b = g2::Config::COEFF_B;
        Walk {
            x: start[0],
            y: start[1],
            z: Fp2::ONE,
            start,
            three_b: (b + b + b).into(),
        }
    }

    pub fn step(&mut self, step: Step) -> Line {
        match step.addend(self.start) {
            None => self.double(),
            Some(point) => self.add(point),
        }
    }

    fn double(&mut self) -> Line {
        let (b, c) = (self.y.square(), self.z.square());
        let e = self.three_b * c;
        let three_e = e.double() + e;
        let yz2 = (self.y * self.z).double();
        let xx = self.x.square();
        self.x = (self.x * self.y).double() * (b - three_e);
        let e12 = three_e.double().double();
        self.y = Fp2::sum_of_two([&(b + three_e), &(-e12)], [&(b + three_e), &e]);
        self.z = (b * yz2).double().double();
        Line {
            of_y: -yz2,
            of_x: xx.double() + xx,
            constant: e - b,
        }
    }

    fn add(&mut self, [x, y]: [Fp2; 2]) -> Line {
        let theta = self.y - y * self.z;
        let lambda = self.x - x * self.z;
        let square = lambda.square();
        let cube = lambda * square;
        let g = self.x * square;
        let h = Fp2::sum_of_two([&lambda, &self.z], [&square, &(theta.square())]) - g.double();
        self.x = lambda * h;
        self.y = Fp2::sum_of_two([&theta, &(-cube)], [&(g - h), &self.y]);
        self.z = self.z * cube;
        Line {
            of_y: lambda,
            of_x: -theta,
            constant: Fp2::sum_of_two([&theta, &(-lambda)], [&x, &y]),
        }
    }
}

/// Inverses of elements, with one inversion; all are zero where one element is.
pub(super) fn inverses(numbers: &[Fp2]) -> Vec<Fp2> {
    let mut product = Fp2::ONE;
    let before = numbers.iter().map(|number| {
        let before = product;
        product = product * *number;
        before
    });
    let mut inverses: Vec<Fp2> = before.collect();
    let mut rest = product.inverse();
    for (inverse, number) in inverses.iter_mut().zip(numbers).rev() {
        *inverse = *inverse * rest;
        rest = rest * *number;
    }
    inverses
}
