//! Points in memory, and eight of them in lanes.
//!
//! In memory a coordinate is four words in ark's and the zkey's form (Montgomery, R = 2^256), below
//! 2p; the point at infinity is all zero, which no point of the curve is. Read as an element of
//! R = 2^260 such a coordinate is a sixteenth of what it means: affine addition allows for that (see
//! `tree`), so that points of a key are computed with as they lie there.

use crate::binfile::words;
use crate::field::{Base, Coordinate, Extension, OfCurve, montgomery};
use crate::simd::{LANES, Lanes};
use crate::zkey::{G1_BYTES, G2_BYTES};
use ark_bn254::{Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::BigInt;

/// Eight words of memory: a point of G1, or half of one of G2.
pub(crate) type Row = [u64; LANES];

/// A group whose points are summed.
pub(crate) trait Group: Copy + Send + Sync + 'static {
    /// A point as its rows: x and y of G1 in one, x and then y of G2 in two.
    type Point: Copy + Send + Sync + AsRef<[Row]> + AsMut<[Row]>;
    type Coordinate<L: Lanes>: Coordinate<L>;
    type Affine: AffineRepr<ScalarField = ark_bn254::Fr>;
    const INFINITY: Self::Point;
    /// Of a point in a key.
    const BYTES: usize;

    fn point(affine: &Self::Affine) -> Self::Point;

    /// The point of bytes of a key, lowest first.
    fn read(bytes: &[u8]) -> Self::Point {
        let mut point = Self::INFINITY;
        for (row, bytes) in point.as_mut().iter_mut().zip(bytes.chunks_exact(64)) {
            *row = words(bytes);
        }
        point
    }

    /// From a point whose coordinates are below 2p.
    fn affine(point: &Self::Point) -> Self::Affine;
    /// Three times the curve's constant.
    fn thrice_b<L: Lanes>() -> Self::Coordinate<L>;
    fn sixteen<L: Lanes>() -> Self::Coordinate<L>;
    fn sixteenth<L: Lanes>() -> Self::Coordinate<L>;
}

/// The opposite of a point whose coordinates are below 2p.
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
            for (word, own) in words.iter_mut().zip(TWICE_P) {
                let (less, first) = own.overflowing_sub(*word);
                let (less, second) = less.overflowing_sub(u64::from(borrow));
                (*word, borrow) = (less, first | second);
            }
        }
    }
    out
}

const TWICE_P: [u64; 4] = {
    let p = <ark_bn254::FqConfig as ark_ff::MontConfig<4>>::MODULUS.0;
    [
        p[0] << 1,
        p[1] << 1 | p[0] >> 63,
        p[2] << 1 | p[1] >> 63,
        p[3] << 1 | p[2] >> 63,
    ]
};

#[derive(Clone, Copy)]
pub(crate) struct G1;

#[derive(Clone, Copy)]
pub(crate) struct G2;

/// The element of words below 2p.
fn element(words: &[u64]) -> Fq {
    use ark_ff::BigInteger;
    let mut number = BigInt([words[0], words[1], words[2], words[3]]);
    let modulus = <Fq as ark_ff::PrimeField>::MODULUS;
    if number >= modulus {
        number.sub_with_borrow(&modulus);
    }
    Fq::new_unchecked(number)
}

fn row(first: [u64; 4], second: [u64; 4]) -> Row {
    std::array::from_fn(|at| if at < 4 { first[at] } else { second[at - 4] })
}

impl Group for G1 {
    type Point = [Row; 1];
    type Coordinate<L: Lanes> = Base<L, OfCurve>;
    type Affine = G1Affine;
    const INFINITY: Self::Point = [[0; LANES]];
    const BYTES: usize = G1_BYTES;

    fn point(affine: &G1Affine) -> Self::Point {
        match affine.xy() {
            Some((x, y)) => [row(x.0.0, y.0.0)],
            None => Self::INFINITY,
        }
    }

    #[allow(clippy::disallowed_methods)] // A sum of points of a key that was checked.
    fn affine(point: &Self::Point) -> G1Affine {
        let [own] = point;
        match *point == Self::INFINITY {
            true => G1Affine::identity(),
            false => G1Affine::new_unchecked(element(&own[..4]), element(&own[4..])),
        }
    }

    #[inline(always)]
    fn thrice_b<L: Lanes>() -> Base<L, OfCurve> {
        Base::splat(montgomery(Fq::from(9u64)))
    }

    #[inline(always)]
    fn sixteen<L: Lanes>() -> Base<L, OfCurve> {
        Base::splat(montgomery(Fq::from(16u64)))
    }

    #[inline(always)]
    fn sixteenth<L: Lanes>() -> Base<L, OfCurve> {
        let quarter = Base::quarter();
        quarter.mul(quarter)
    }
}

impl Group for G2 {
    type Point = [Row; 2];
    type Coordinate<L: Lanes> = Extension<L>;
    type Affine = G2Affine;
    const INFINITY: Self::Point = [[0; LANES]; 2];
    const BYTES: usize = G2_BYTES;

    fn point(affine: &G2Affine) -> Self::Point {
        match affine.xy() {
            Some((x, y)) => [x, y].map(|own| row(own.c0.0.0, own.c1.0.0)),
            None => Self::INFINITY,
        }
    }

    #[allow(clippy::disallowed_methods)] // A sum of points of a key that was checked.
    fn affine(point: &Self::Point) -> G2Affine {
        let element = |row: &Row| Fq2::new(element(&row[..4]), element(&row[4..]));
        match *point == Self::INFINITY {
            true => G2Affine::identity(),
            false => G2Affine::new_unchecked(element(&point[0]), element(&point[1])),
        }
    }

    #[inline(always)]
    fn thrice_b<L: Lanes>() -> Extension<L> {
        let b = <ark_bn254::g2::Config as ark_ec::short_weierstrass::SWCurveConfig>::COEFF_B;
        let thrice = b + b + b;
        Extension([thrice.c0, thrice.c1].map(|own| Base::splat(montgomery(own))))
    }

    #[inline(always)]
    fn sixteen<L: Lanes>() -> Extension<L> {
        Extension([G1::sixteen(), Base::zero()])
    }

    #[inline(always)]
    fn sixteenth<L: Lanes>() -> Extension<L> {
        Extension([G1::sixteenth(), Base::zero()])
    }
}

/// Eight points.
#[derive(Clone, Copy)]
pub(super) struct Eight<C> {
    pub x: C,
    pub y: C,
}

impl<C> Eight<C> {
    /// The opposites, where the mask has a bit. Infinity stays.
    #[inline(always)]
    pub fn negated<L: Lanes>(self, mask: u8) -> Self
    where
        C: Coordinate<L>,
    {
        if mask == 0 {
            return self;
        }
        let opposite = C::zero().sub::<2>(self.y);
        let mask = mask & !self.y.is_blank();
        Eight {
            x: self.x,
            y: self.y.select(mask, opposite),
        }
    }

    /// The points of eight places in memory.
    #[inline(always)]
    pub fn load<L: Lanes, G: Group<Coordinate<L> = C>>(points: &[G::Point; LANES]) -> Self
    where
        C: Coordinate<L>,
    {
        let first = columns::<L, G>(points, 0);
        if C::WORDS == 4 {
            return Eight {
                x: C::unpack(&first[..4]),
                y: C::unpack(&first[4..]),
            };
        }
        Eight {
            x: C::unpack(&first),
            y: C::unpack(&columns::<L, G>(points, 1)),
        }
    }

    /// Puts the points, of coordinates below 2p, into a block of memory.
    #[inline(always)]
    pub fn store<L: Lanes, G: Group<Coordinate<L> = C>>(self, points: &mut [G::Point; LANES])
    where
        C: Coordinate<L>,
    {
        let mut columns = [L::splat(0); LANES];
        if C::WORDS == 4 {
            let (x, y) = columns.split_at_mut(4);
            self.x.pack(x);
            self.y.pack(y);
            return put::<L, G>(points, 0, columns);
        }
        self.x.pack(&mut columns);
        put::<L, G>(points, 0, columns);
        self.y.pack(&mut columns);
        put::<L, G>(points, 1, columns);
    }
}

/// Puts columns into one row of eight points.
#[inline(always)]
fn put<L: Lanes, G: Group>(points: &mut [G::Point; LANES], at: usize, columns: [L; LANES]) {
    let mut rows: [Row; LANES] = [[0; LANES]; LANES];
    L::rows(columns, &mut rows);
    for (point, row) in points.iter_mut().zip(rows) {
        point.as_mut()[at] = row;
    }
}

/// One row of eight points as columns.
#[inline(always)]
fn columns<L: Lanes, G: Group>(points: &[G::Point; LANES], at: usize) -> [L; LANES] {
    let [a, b, c, d, e, f, g, h] = points;
    let [a, b, c, d] = [a, b, c, d].map(|point| &point.as_ref()[at]);
    let [e, f, g, h] = [e, f, g, h].map(|point| &point.as_ref()[at]);
    L::columns([a, b, c, d, e, f, g, h])
}
