//! Eight points in homogeneous coordinates, added by formulas without special cases.

use super::points::{Eight, Group};
use crate::field::{Coordinate, CurveLanes};
use crate::simd::LANES;
use ark_bn254::Fq;
use ark_ec::AffineRepr;
use ark_ff::Field;

/// Coordinates are below 2p, and what they mean (not sixteenths).
#[derive(Clone, Copy)]
pub(super) struct Projective<L: CurveLanes, G: Group> {
    x: G::Coordinate<L>,
    y: G::Coordinate<L>,
    z: G::Coordinate<L>,
}

/// Numbers that additions need: made once for many.
#[derive(Clone, Copy)]
pub(super) struct Numbers<L: CurveLanes, G: Group> {
    /// Three times the curve's constant.
    thrice_b: G::Coordinate<L>,
    /// How often what memory has is what it means.
    scale: G::Coordinate<L>,
}

impl<L: CurveLanes, G: Group> Numbers<L, G> {
    #[inline(always)]
    pub fn new() -> Self {
        Numbers {
            thrice_b: G::thrice_b::<L>(),
            scale: G::number::<L>(Fq::from(16u64)),
        }
    }
}

impl<L: CurveLanes, G: Group> Projective<L, G> {
    #[inline(always)]
    pub fn infinity() -> Self {
        let (zero, one) = (G::Coordinate::<L>::zero(), G::Coordinate::<L>::one());
        Projective {
            x: zero,
            y: one,
            z: zero,
        }
    }

    /// Complete addition on y^2 = x^3 + b.
    ///
    /// Source: Renes, Costello, Batina, "Complete addition formulas for prime order elliptic curves",
    /// algorithm 7.
    #[inline(always)]
    pub fn plus(self, other: Self, numbers: &Numbers<L, G>) -> Self {
        let (xx, yy, zz) = (
            self.x.mul(other.x),
            self.y.mul(other.y),
            self.z.mul(other.z),
        );
        let xy = crossed::<L, G>((self.x, self.y), (other.x, other.y), xx.add(yy));
        let yz = crossed::<L, G>((self.y, self.z), (other.y, other.z), yy.add(zz));
        let xz = crossed::<L, G>((self.x, self.z), (other.x, other.z), xx.add(zz));
        let bzz = numbers.thrice_b.mul(zz);
        Self::from_products([xx, yy, bzz], [xy, yz, xz], numbers)
    }

    /// The same for points in memory, of which none may be infinity.
    #[inline(always)]
    pub fn plus_affine(self, other: Eight<G::Coordinate<L>>, numbers: &Numbers<L, G>) -> Self {
        let is_infinity = other.y.is_blank();
        // Sixteenths become what they mean.
        let [x, y] = G::Coordinate::mul_each([other.x, other.y], [numbers.scale; 2]);
        let (xx, yy) = (self.x.mul(x), self.y.mul(y));
        let xy = self.x.add(self.y).mul(x.add(y)).sub::<4>(xx.add(yy));
        let xy = xy.below::<4>().below::<2>();
        let yz = y.mul(self.z).add(self.y).below::<2>();
        let xz = x.mul(self.z).add(self.x).below::<2>();
        let bzz = numbers.thrice_b.mul(self.z);
        let sum = Self::from_products([xx, yy, bzz], [xy, yz, xz], numbers);
        Projective {
            x: sum.x.select(is_infinity, self.x),
            y: sum.y.select(is_infinity, self.y),
            z: sum.z.select(is_infinity, self.z),
        }
    }

    /// From x1 x2, y1 y2 and 3b z1 z2, and the sums x1 y2 + x2 y1, y1 z2 + y2 z1, x1 z2 + x2 z1.
    #[inline(always)]
    fn from_products(
        [xx, yy, bzz]: [G::Coordinate<L>; 3],
        [xy, yz, xz]: [G::Coordinate<L>; 3],
        numbers: &Numbers<L, G>,
    ) -> Self {
        let thrice = xx.add(xx).add(xx).below::<4>();
        let (plus, minus) = (yy.add(bzz), yy.sub::<2>(bzz));
        let bxz = numbers.thrice_b.mul(xz);
        Projective {
            x: xy.mul(minus).sub::<2>(yz.mul(bxz)).below::<2>(),
            y: minus.mul(plus).add(bxz.mul(thrice)).below::<2>(),
            z: plus.mul(yz).add(thrice.mul(xy)).below::<2>(),
        }
    }

    #[inline(always)]
    pub fn to_points(self) -> [<G::Affine as AffineRepr>::Group; LANES] {
        L::call(
            #[inline(always)]
            || {
                // Through affine coordinates in memory: eight points a window.
                let inverse = self.z.inverse();
                let is_infinity = self.z.is_zero();
                let zero = G::Coordinate::<L>::zero();
                let own = [self.x.mul(inverse), self.y.mul(inverse)];
                let sixteenth = Fq::from(16u64).inverse().unwrap_or_default();
                let [x, y] = G::Coordinate::mul_each(own, [G::number::<L>(sixteenth); 2]);
                let eight = Eight {
                    x: x.select(is_infinity, zero),
                    y: y.select(is_infinity, zero),
                };
                let mut points = [G::INFINITY; LANES];
                G::store::<L>(&eight, &mut points);
                points.map(|point| G::affine(&point).into_group())
            },
        )
    }
}

/// (a0 + a1)(b0 + b1) less a0 b0 + a1 b1, which is `own`.
#[inline(always)]
fn crossed<L: CurveLanes, G: Group>(
    a: (G::Coordinate<L>, G::Coordinate<L>),
    b: (G::Coordinate<L>, G::Coordinate<L>),
    own: G::Coordinate<L>,
) -> G::Coordinate<L> {
    let product = a.0.add(a.1).mul(b.0.add(b.1));
    product.sub::<4>(own).below::<4>().below::<2>()
}
