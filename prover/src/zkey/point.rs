//! Points as they lie in a key.

use crate::binfile::{to_bytes, words};
use ark_bn254::{Fq, Fq2, G1Affine, G2Affine, g1, g2};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::Affine;
use ark_ff::{BigInt, PrimeField};
use medveil_circuits::proof::is_in_g2;

pub(crate) const G1_BYTES: usize = 64;
pub(crate) const G2_BYTES: usize = 128;
const COORDINATE: usize = 32;

/// A point of one of the groups.
pub(crate) trait Wire: Sized + Send {
    const BYTES: usize;

    /// The point, if it is one of the group, in the only way that it is written.
    fn checked(bytes: &[u8]) -> Option<Self>;
    /// The point of bytes that were checked.
    fn trusted(bytes: &[u8]) -> Self;
    fn write(&self, out: &mut Vec<u8>);
}

/// All points of bytes that were checked.
pub(super) fn all<P: Wire>(bytes: &[u8]) -> Vec<P> {
    bytes.chunks_exact(P::BYTES).map(P::trusted).collect()
}

pub(crate) fn is_infinity(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

fn coordinates<const N: usize>(bytes: &[u8]) -> [BigInt<4>; N] {
    let mut chunks = bytes.chunks_exact(COORDINATE).map(words).map(BigInt);
    [(); N].map(|()| chunks.next().unwrap_or_default())
}

/// Whether each is in Montgomery form below the modulus.
fn are_canonical(coordinates: &[BigInt<4>]) -> bool {
    coordinates.iter().all(|number| *number < Fq::MODULUS)
}

fn put(number: Fq, out: &mut Vec<u8>) {
    out.extend(to_bytes(number.0.0));
}

impl Wire for Affine<g1::Config> {
    const BYTES: usize = G1_BYTES;

    fn checked(bytes: &[u8]) -> Option<Self> {
        let is_canonical = bytes.len() == G1_BYTES && are_canonical(&coordinates::<2>(bytes));
        let point = is_canonical.then(|| Self::trusted(bytes))?;
        // The group is the whole curve.
        point.is_on_curve().then_some(point)
    }

    #[allow(clippy::disallowed_methods)] // `checked` does it, or did.
    fn trusted(bytes: &[u8]) -> Self {
        let [x, y] = coordinates(bytes).map(Fq::new_unchecked);
        match is_infinity(bytes) {
            true => G1Affine::identity(),
            false => G1Affine::new_unchecked(x, y),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let (x, y) = self.xy().unwrap_or_default();
        [x, y].into_iter().for_each(|own| put(own, out));
    }
}

impl Wire for Affine<g2::Config> {
    const BYTES: usize = G2_BYTES;

    fn checked(bytes: &[u8]) -> Option<Self> {
        let is_canonical = bytes.len() == G2_BYTES && are_canonical(&coordinates::<4>(bytes));
        let point = is_canonical.then(|| Self::trusted(bytes))?;
        let is_of_group = point.is_on_curve() && is_in_g2(&point);
        is_of_group.then_some(point)
    }

    #[allow(clippy::disallowed_methods)] // `checked` does it, or did.
    fn trusted(bytes: &[u8]) -> Self {
        let [x0, x1, y0, y1] = coordinates(bytes).map(Fq::new_unchecked);
        match is_infinity(bytes) {
            true => G2Affine::identity(),
            false => G2Affine::new_unchecked(Fq2::new(x0, x1), Fq2::new(y0, y1)),
        }
    }

    fn write(&self, out: &mut Vec<u8>) {
        let (x, y) = self.xy().unwrap_or_default();
        for own in [x.c0, x.c1, y.c0, y.c1] {
            put(own, out);
        }
    }
}
