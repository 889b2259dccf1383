//! Sums of points times the coefficients of a wire.

use crate::r1cs::{Matrix, R1cs};
use ark_bn254::Fr;
use ark_ec::scalar_mul::glv::GLVConfig;
use ark_ec::short_weierstrass::Projective;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInt, One, PrimeField, Zero};
use rayon::prelude::*;

/// From so many terms on, a sum over buckets is cheaper.
const MANY: usize = 32;
/// Coefficients, or their negatives, of at most so many bits are multiplied bit by bit; those of more
/// with the curve's endomorphism.
const SHORT: u32 = 96;

/// A matrix, wire by wire.
pub(super) struct Columns<'m> {
    matrix: &'m Matrix,
    /// Where wires end in what follows.
    ends: Vec<u32>,
    /// Rows.
    rows: Vec<u32>,
    /// Where a row's coefficient stands in the matrix.
    places: Vec<u32>,
    /// The row of the constant one behind those of the constraints, and the last that has one.
    public: Option<(usize, usize)>,
}

impl<'m> Columns<'m> {
    pub fn of(matrix: &'m Matrix, r1cs: &R1cs) -> Self {
        let mut ends = vec![0u32; r1cs.sizes().wires];
        for wire in matrix.wires() {
            if let Some(end) = ends.get_mut(*wire as usize) {
                *end += 1;
            }
        }
        // First where each begins; it moves to its end as wires are put.
        let mut begin = 0;
        for end in &mut ends {
            (begin, *end) = (begin + *end, begin);
        }
        let [mut rows, mut places] = [(); 2].map(|()| vec![0; matrix.n_entries()]);
        let entries = (0..)
            .zip(matrix.rows())
            .flat_map(|(row, entries)| entries.map(move |(wire, _)| (row, wire)));
        for (place, (row, wire)) in (0..).zip(entries) {
            let Some(end) = ends.get_mut(wire as usize) else {
                continue;
            };
            let at = *end as usize;
            *end += 1;
            if let Some((own, at)) = rows.get_mut(at).zip(places.get_mut(at)) {
                (*own, *at) = (row, place);
            }
        }
        Columns {
            matrix,
            ends,
            rows,
            places,
            public: None,
        }
    }

    /// With a row for the constant one and each public value behind the constraints'.
    pub fn with_public(matrix: &'m Matrix, r1cs: &R1cs) -> Self {
        let sizes = r1cs.sizes();
        let public = Some((sizes.constraints, sizes.public()));
        Columns {
            public,
            ..Columns::of(matrix, r1cs)
        }
    }

    /// The points of a wire's rows with its coefficients.
    pub fn terms<'s, A: Copy>(
        &'s self,
        wire: usize,
        points: &'s [A],
    ) -> impl Iterator<Item = (A, Fr)> + 's {
        let end = self.ends.get(wire).map_or(0, |end| *end as usize);
        let before = wire.checked_sub(1).and_then(|wire| self.ends.get(wire));
        let range = before.map_or(0, |end| *end as usize)..end;
        let rows = self.rows.get(range.clone()).unwrap_or_default();
        let places = self.places.get(range).unwrap_or_default();
        let own = rows.iter().zip(places).filter_map(|(row, place)| {
            let value = self.matrix.values().get(*place as usize)?;
            Some((*points.get(*row as usize)?, *value))
        });
        let public = self.public.filter(|(_, last)| wire <= *last);
        let public = public.and_then(|(first, _)| points.get(first + wire));
        own.chain(public.map(|point| (*point, Fr::one())))
    }
}

/// The sum of each wire's terms.
pub(super) fn sums<'t, G, I>(wires: usize, terms: impl Fn(usize) -> I + Sync) -> Vec<G>
where
    G: AffineRepr<ScalarField = Fr>,
    G::Group: Times,
    I: Iterator<Item = (G, Fr)> + 't,
{
    let chunks = (0..wires.div_ceil(super::CHUNK))
        .into_par_iter()
        .map(|chunk| {
            let first = chunk * super::CHUNK;
            let range = first..wires.min(first + super::CHUNK);
            let sums: Vec<G::Group> = range.into_par_iter().map(|wire| sum(terms(wire))).collect();
            G::Group::normalize_batch(&sums)
        });
    chunks.flatten().collect()
}

fn sum<G: Times>(terms: impl Iterator<Item = (G::Affine, Fr)>) -> G {
    let (mut total, mut points, mut scalars) = (G::zero(), Vec::new(), Vec::new());
    for (point, value) in terms {
        if value.is_one() {
            total += point;
        } else if (-value).is_one() {
            total -= point;
        } else if !value.is_zero() {
            points.push(point);
            scalars.push(value);
        }
    }
    if points.len() >= MANY {
        return total + G::msm_unchecked(&points, &scalars);
    }
    for (point, value) in points.into_iter().zip(scalars) {
        total += times(point.into(), value);
    }
    total
}

/// A group whose curve has a fast endomorphism.
pub(super) trait Times: CurveGroup<ScalarField = Fr> {
    /// The point times any number.
    fn times_any(self, value: Fr) -> Self;
}

impl<C: GLVConfig<ScalarField = Fr>> Times for Projective<C> {
    fn times_any(self, value: Fr) -> Self {
        C::glv_mul_projective(self, value)
    }
}

fn times<G: Times>(point: G, value: Fr) -> G {
    let short = |value: Fr| -> Option<BigInt<4>> {
        let bits = value.into_bigint();
        (ark_ff::BigInteger::num_bits(&bits) <= SHORT).then_some(bits)
    };
    match (short(value), short(-value)) {
        (Some(bits), _) => point.mul_bigint(bits),
        (_, Some(bits)) => -point.mul_bigint(bits),
        _ => point.times_any(value),
    }
}
