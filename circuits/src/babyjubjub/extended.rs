//! Extended twisted Edwards coordinates: x = X/Z, y = Y/Z, T = XY/Z.
//!
//! Source: Hisil, Wong, Carter, Dawson, "Twisted Edwards Curves Revisited" (eprint 2008/522),
//! sections 3.1 (unified addition) and 3.3 (doubling).

use ark_ff::{AdditiveGroup, Field, Zero};

use super::{A, D, Point};
use crate::field::Fr;

#[derive(Clone, Copy)]
pub(crate) struct Extended {
    x: Fr,
    y: Fr,
    t: Fr,
    z: Fr,
}

impl From<Point> for Extended {
    fn from(point: Point) -> Self {
        Extended {
            x: point.x,
            y: point.y,
            t: point.x * point.y,
            z: Fr::ONE,
        }
    }
}

impl Extended {
    pub(crate) fn add(&self, other: &Extended) -> Extended {
        let a = self.x * other.x;
        let b = self.y * other.y;
        let c = D * self.t * other.t;
        let d = self.z * other.z;
        let e = (self.x + self.y) * (other.x + other.y) - a - b;
        let (f, g, h) = (d - c, d + c, b - A * a);
        Extended {
            x: e * f,
            y: g * h,
            t: e * h,
            z: f * g,
        }
    }

    pub(crate) fn double(&self) -> Extended {
        let a = self.x.square();
        let b = self.y.square();
        let c = self.z.square().double();
        let d = A * a;
        let e = (self.x + self.y).square() - a - b;
        let g = d + b;
        let (f, h) = (g - c, d - b);
        Extended {
            x: e * f,
            y: g * h,
            t: e * h,
            z: f * g,
        }
    }

    #[cfg(feature = "r1cs")]
    pub(crate) fn neg(&self) -> Extended {
        Extended {
            x: -self.x,
            y: self.y,
            t: -self.t,
            z: self.z,
        }
    }

    pub(crate) fn is_identity(&self) -> bool {
        self.x.is_zero() && self.y == self.z
    }

    /// Doubles and adds at every bit, whatever the bit is.
    pub(crate) fn mul_bits(&self, bits_le: &[bool]) -> Extended {
        let mut acc = Extended::from(Point::IDENTITY);
        for bit in bits_le.iter().rev() {
            let doubled = acc.double();
            let added = doubled.add(self);
            acc = if *bit { added } else { doubled };
        }
        acc
    }

    pub(crate) fn mul_bits_vartime(&self, bits_le: &[bool]) -> Extended {
        let mut acc = Extended::from(Point::IDENTITY);
        for bit in bits_le.iter().rev() {
            acc = acc.double();
            if *bit {
                acc = acc.add(self);
            }
        }
        acc
    }

    /// Curve points have z != 0 under the complete law; other inputs give nonsense, never a panic.
    pub(crate) fn to_affine(self) -> Point {
        let inverse = self.z.inverse().unwrap_or(Fr::ZERO);
        Point {
            x: self.x * inverse,
            y: self.y * inverse,
        }
    }

    /// Affine forms of many points with one inversion.
    #[cfg(feature = "r1cs")]
    pub(crate) fn batch_to_affine(points: &[Extended]) -> Vec<Point> {
        let mut inverses: Vec<Fr> = points.iter().map(|p| p.z).collect();
        ark_ff::batch_inversion(&mut inverses);
        points
            .iter()
            .zip(inverses)
            .map(|(p, i)| Point {
                x: p.x * i,
                y: p.y * i,
            })
            .collect()
    }
}
