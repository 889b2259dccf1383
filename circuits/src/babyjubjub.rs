//! BabyJubjub in the ERC-2494 form `168700 x^2 + y^2 = 1 + 168696 x^2 y^2` (SPEC section 1).
//!
//! Affine points for everybody, extended coordinates inside. The addition law is complete on the
//! whole curve (168700 is a square, 168696 is not: Bernstein and Lange, eprint 2007/286, Birkner et
//! al., eprint 2008/013), so no input is a special case. arkworks' curve of the same name has other
//! coordinates and is not used. Arithmetic follows a regular schedule but is not claimed to be
//! constant-time.

mod codec;
mod extended;

#[cfg(feature = "r1cs")]
pub mod r1cs;
mod scalar;
#[cfg(test)]
mod tests;

use ark_ff::{AdditiveGroup, Field, MontFp};
pub use codec::{PointError, PublicPoint};
use extended::Extended;
pub use scalar::{Scalar, ScalarError};

use crate::field::Fr;

/// Coefficient a of the curve. **Source**: ERC-2494.
pub const A: Fr = MontFp!("168700");
/// Coefficient d of the curve. **Source**: ERC-2494.
pub const D: Fr = MontFp!("168696");
/// Bits of the order l of the prime subgroup.
pub const SCALAR_BITS: usize = 251;

/// An affine point, not necessarily on the curve: what came from outside is checked where it enters
/// (`PublicPoint`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Point {
    pub x: Fr,
    pub y: Fr,
}

impl Point {
    /// The neutral element.
    pub const IDENTITY: Point = Point {
        x: Fr::ZERO,
        y: Fr::ONE,
    };

    /// Base point of the prime subgroup. **Source**: ERC-2494 (eight times its generator).
    pub const BASE8: Point = Point {
        x: MontFp!("5299619240641551281634865583518297030282874472190772894086521144482721001553"),
        y: MontFp!("16950150798460657717958625567821834550301663161624707787222815936182638968203"),
    };

    /// Whether the curve equation holds.
    pub fn is_on_curve(&self) -> bool {
        let (x2, y2) = (self.x.square(), self.y.square());
        A * x2 + y2 == Fr::ONE + D * x2 * y2
    }

    /// Whether the point is on the curve and in the subgroup of prime order l (the identity is).
    pub fn in_subgroup(&self) -> bool {
        self.is_on_curve()
            && Extended::from(*self)
                .mul_bits_vartime(&Scalar::order_bits_le())
                .is_identity()
    }

    /// Whether this is the neutral element.
    pub fn is_identity(&self) -> bool {
        *self == Point::IDENTITY
    }

    pub fn add(&self, other: &Point) -> Point {
        Extended::from(*self)
            .add(&Extended::from(*other))
            .to_affine()
    }

    /// The point times two.
    pub fn double(&self) -> Point {
        Extended::from(*self).double().to_affine()
    }

    pub fn neg(&self) -> Point {
        Point {
            x: -self.x,
            y: self.y,
        }
    }

    /// The point times eight, which lies in the prime subgroup for every curve point.
    pub fn mul_by_cofactor(&self) -> Point {
        Extended::from(*self).double().double().double().to_affine()
    }

    pub fn mul(&self, scalar: &Scalar) -> Point {
        Extended::from(*self)
            .mul_bits(&scalar.to_bits_le())
            .to_affine()
    }

    /// Multiple by an unsigned integer given by its bits, low first. Variable-time.
    pub fn mul_bits_vartime(&self, bits_le: &[bool]) -> Point {
        Extended::from(*self).mul_bits_vartime(bits_le).to_affine()
    }

    /// The two points with this second coordinate, by the even canonical first coordinate, if there
    /// are any.
    pub fn from_y_even_x(y: Fr) -> Option<Point> {
        let y2 = y.square();
        let x = ((Fr::ONE - y2) * (A - D * y2).inverse()?).sqrt()?;
        let odd = ark_ff::BigInteger::is_odd(&ark_ff::PrimeField::into_bigint(x));
        Some(Point {
            x: if odd { -x } else { x },
            y,
        })
    }
}
