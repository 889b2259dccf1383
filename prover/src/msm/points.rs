//! Points in memory, and eight of them in lanes.
//!
//! In memory a coordinate is four words in ark's and the zkey's form (Montgomery, R = 2^256), below
//! p in a key, and kept (see `field`) where it was computed; the point at infinity is all zero, which
//! no point of the curve is. Read by limbs, as an element of R = 2^260, such a coordinate is a
//! sixteenth of what it means: affine addition allows for that (see `tree`), so that points of a key
//! are computed with as they lie there.

use crate::binfile::words;
use crate::field::{
    Coordinate, CurveField, CurveLanes, Extension, Modulus, OfCurve, Pair, Row, Single, Words,
};
use crate::simd::{LANES, Lanes};
use crate::zkey::{G1_BYTES, G2_BYTES};
use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::BigInt;
use std::marker::PhantomData;

/// A group whose points are summed.
pub(crate) trait Group: Copy + Send + Sync + 'static {
    /// A point as its rows: x and y of G1 in one, x and then y of G2 in two.
    type Point: Copy + Send + Sync + AsRef<[Row]> + AsMut<[Row]>;
    type Coordinate<L: CurveLanes>: Coordinate<L>;
    /// A coordinate alone.
    type Single: Single;
    type Affine: AffineRepr<ScalarField = ark_bn254::Fr>;
    const INFINITY: Self::Point;
    /// Of a point in a key.
    const BYTES: usize;

    /// The point of bytes of a key, lowest first.
    #[inline(always)]
    fn read(bytes: &[u8]) -> Self::Point {
        let mut point = Self::INFINITY;
        for (row, bytes) in point.as_mut().iter_mut().zip(bytes.chunks_exact(64)) {
            *row = words(bytes);
        }
        point
    }

    /// From a point whose coordinates are kept.
    fn affine(point: &Self::Point) -> Self::Affine;
    /// The points of eight places in memory.
    fn load<L: CurveLanes>(points: &[Self::Point; LANES]) -> Eight<Self::Coordinate<L>>;
    /// Puts points, of coordinates that are kept, into a block of memory.
    fn store<L: CurveLanes>(eight: &Eight<Self::Coordinate<L>>, points: &mut [Self::Point; LANES]);
    /// The same number in every lane.
    fn number<L: CurveLanes>(value: Fq) -> Self::Coordinate<L>;
    /// Three times the curve's constant.
    fn thrice_b<L: CurveLanes>() -> Self::Coordinate<L>;
}

/// Points as they lie in a key, one behind the other.
#[derive(Clone, Copy)]
pub(crate) struct Points<'k, G> {
    bytes: &'k [u8],
    group: PhantomData<G>,
}

impl<'k, G: Group> Points<'k, G> {
    pub fn new(bytes: &'k [u8]) -> Self {
        Points {
            bytes,
            group: PhantomData,
        }
    }

    /// The point at a place; infinity where there is none.
    #[inline(always)]
    pub fn at(self, place: u32) -> G::Point {
        match self.bytes_at(place) {
            Some(bytes) => G::read(bytes),
            None => G::INFINITY,
        }
    }

    /// Says that a point is about to be read.
    #[inline(always)]
    pub fn soon<L: Lanes>(self, place: u32) {
        // Points lie across lines of the cache.
        let bytes = self.bytes_at(place).unwrap_or_default();
        for line in bytes.chunks_exact(64) {
            L::soon(line);
        }
        L::soon(bytes.get(G::BYTES - 1..).unwrap_or_default());
    }

    #[inline(always)]
    fn bytes_at(self, place: u32) -> Option<&'k [u8]> {
        let begin = (place as usize).checked_mul(G::BYTES)?;
        self.bytes.get(begin..)?.get(..G::BYTES)
    }
}

/// The opposite of a point of a key.
pub(super) fn negated<G: Group>(point: &G::Point) -> G::Point {
    let mut out = *point;
    if let [.., y] = out.as_mut() {
        // Of G1 y is the second half of the one row.
        let from = if point.as_ref().len() == 1 { 4 } else { 0 };
        for words in y[from..]
            .chunks_mut(4)
            .filter(|words| words.iter().any(|w| *w != 0))
        {
            let mut borrow = false;
            for (word, own) in words.iter_mut().zip(OfCurve::TWICE) {
                let (less, first) = own.overflowing_sub(*word);
                let (less, second) = less.overflowing_sub(u64::from(borrow));
                (*word, borrow) = (less, first | second);
            }
        }
    }
    out
}

#[derive(Clone, Copy)]
pub(crate) struct G1;

#[derive(Clone, Copy)]
pub(crate) struct G2;

/// The element of words of any size.
fn element(words: &[u64]) -> Fq {
    use ark_ff::BigInteger;
    let mut number = BigInt([words[0], words[1], words[2], words[3]]);
    let modulus = <Fq as ark_ff::PrimeField>::MODULUS;
    while number >= modulus {
        number.sub_with_borrow(&modulus);
    }
    Fq::new_unchecked(number)
}

impl Group for G1 {
    type Point = [Row; 1];
    type Coordinate<L: CurveLanes> = L::Base;
    type Single = Words<OfCurve>;
    type Affine = G1Affine;
    const INFINITY: Self::Point = [[0; LANES]];
    const BYTES: usize = G1_BYTES;

    #[allow(clippy::disallowed_methods)] // A sum of points of a key that was checked.
    fn affine(point: &Self::Point) -> G1Affine {
        let [own] = point;
        match *point == Self::INFINITY {
            true => G1Affine::identity(),
            false => G1Affine::new_unchecked(element(&own[..4]), element(&own[4..])),
        }
    }

    #[inline(always)]
    fn load<L: CurveLanes>(points: &[Self::Point; LANES]) -> Eight<L::Base> {
        let [x, y] = L::Base::load(rows::<G1>(points, 0));
        Eight { x, y }
    }

    #[inline(always)]
    fn store<L: CurveLanes>(eight: &Eight<L::Base>, points: &mut [Self::Point; LANES]) {
        put::<L, G1>([eight.x, eight.y], points, 0);
    }

    #[inline(always)]
    fn number<L: CurveLanes>(value: Fq) -> L::Base {
        L::Base::of(value)
    }

    #[inline(always)]
    fn thrice_b<L: CurveLanes>() -> L::Base {
        L::Base::of(Fq::from(9u64))
    }
}

impl Group for G2 {
    type Point = [Row; 2];
    type Coordinate<L: CurveLanes> = Extension<L::Base>;
    type Single = Pair;
    type Affine = G2Affine;
    const INFINITY: Self::Point = [[0; LANES]; 2];
    const BYTES: usize = G2_BYTES;

    #[allow(clippy::disallowed_methods)] // A sum of points of a key that was checked.
    fn affine(point: &Self::Point) -> G2Affine {
        let element = |row: &Row| Fq2::new(element(&row[..4]), element(&row[4..]));
        match *point == Self::INFINITY {
            true => G2Affine::identity(),
            false => G2Affine::new_unchecked(element(&point[0]), element(&point[1])),
        }
    }

    #[inline(always)]
    fn load<L: CurveLanes>(points: &[Self::Point; LANES]) -> Eight<Extension<L::Base>> {
        Eight {
            x: Extension(L::Base::load(rows::<G2>(points, 0))),
            y: Extension(L::Base::load(rows::<G2>(points, 1))),
        }
    }

    #[inline(always)]
    fn store<L: CurveLanes>(eight: &Eight<Extension<L::Base>>, points: &mut [Self::Point; LANES]) {
        put::<L, G2>(eight.x.0, points, 0);
        put::<L, G2>(eight.y.0, points, 1);
    }

    #[inline(always)]
    fn number<L: CurveLanes>(value: Fq) -> Extension<L::Base> {
        Extension([L::Base::of(value), L::Base::zero()])
    }

    #[inline(always)]
    fn thrice_b<L: CurveLanes>() -> Extension<L::Base> {
        let b = <ark_bn254::g2::Config as ark_ec::short_weierstrass::SWCurveConfig>::COEFF_B;
        let thrice = b + b + b;
        Extension([L::Base::of(thrice.c0), L::Base::of(thrice.c1)])
    }
}

/// Eight points.
#[derive(Clone, Copy)]
pub(crate) struct Eight<C> {
    pub x: C,
    pub y: C,
}

impl<C> Eight<C> {
    /// The opposites, where the mask has a bit. Infinity stays.
    #[inline(always)]
    pub fn negated<L: CurveLanes>(self, mask: u8) -> Self
    where
        C: Coordinate<L>,
    {
        if mask == 0 {
            return self;
        }
        let opposite = C::zero().sub::<3>(self.y);
        let mask = mask & !self.y.is_blank();
        Eight {
            x: self.x,
            y: self.y.select(mask, opposite),
        }
    }
}

/// Puts two elements into one row of each of eight points.
#[inline(always)]
fn put<L: CurveLanes, G: Group>(elements: [L::Base; 2], points: &mut [G::Point; LANES], at: usize) {
    let mut rows: [Row; LANES] = [[0; LANES]; LANES];
    L::Base::store(elements, &mut rows);
    for (point, row) in points.iter_mut().zip(rows) {
        point.as_mut()[at] = row;
    }
}

/// One row of each of eight points.
#[inline(always)]
fn rows<G: Group>(points: &[G::Point; LANES], at: usize) -> [&Row; LANES] {
    let [a, b, c, d, e, f, g, h] = points;
    let [a, b, c, d] = [a, b, c, d].map(|point| &point.as_ref()[at]);
    let [e, f, g, h] = [e, f, g, h].map(|point| &point.as_ref()[at]);
    [a, b, c, d, e, f, g, h]
}
