//! Elements of BN254's base field, of its quadratic extension and of its scalar field, eight at a
//! time.
//!
//! An element is five limbs of 52 bits in Montgomery form with R = 2^260. Nothing is brought below p:
//! R is more than 84 p, so a product of two numbers whose bounds multiply to at most 84 p^2 comes
//! out below 2p, and sums and differences are taken as they are. What is kept is below 2p and one
//! part in 2^39; each function says its bounds in multiples of p.
//!
//! `words` has the same fields for one element at a time.

mod base;
mod extension;
mod limbs;
#[cfg(test)]
mod tests;
mod words;

#[cfg(target_arch = "x86_64")]
use crate::simd::Ifma;
#[cfg(any(test, not(target_arch = "x86_64")))]
use crate::simd::Model;
use crate::simd::{LANES, Lanes};
use ark_bn254::{Fq, FqConfig, Fr, FrConfig};
use ark_ff::{BigInt, MontConfig};
pub(crate) use base::Base;
pub(crate) use extension::Extension;
pub(crate) use limbs::Modulus;
pub(crate) use words::{Pair, Words};

/// Limbs of an element.
pub(crate) const LIMBS: usize = 5;

/// The field that the curve's coordinates are of.
#[derive(Clone, Copy, Default)]
pub(crate) struct OfCurve;

impl Modulus for OfCurve {
    const WORDS: [u64; 4] = <FqConfig as MontConfig<4>>::MODULUS.0;
    const R256: [u64; 4] = <FqConfig as MontConfig<4>>::R.0;
    const R512: [u64; 4] = <FqConfig as MontConfig<4>>::R2.0;
}

/// What the bounds of this file's functions are of: R is 84 times p, and more.
const _: () = assert!(limbs::multiple(OfCurve::P, 84)[LIMBS - 1] >> crate::simd::LIMB_BITS == 0);

/// Arithmetic that curves are written over, for one field of lanes. Bounds are those of limbs; words
/// are always below p.
pub(crate) trait Coordinate<L: Lanes>: Copy + Send {
    fn zero() -> Self;
    fn one() -> Self;
    /// A quarter: see `msm::tree`.
    fn less() -> Self;
    /// Of elements whose bounds multiply to at most 84 p^2: below 2p.
    fn mul(self, other: Self) -> Self;
    /// Of an element below 9p: below 2p.
    fn square(self) -> Self;
    /// Two products that do not wait for each other.
    fn mul_each(a: [Self; 2], b: [Self; 2]) -> [Self; 2];
    fn square_each(a: [Self; 2]) -> [Self; 2];
    /// `self - other`, as what is kept, of elements that are at most 3p.
    fn sub_kept(self, other: Self) -> Self;
    /// `self - a - b`, as what is kept, of elements that are kept.
    fn sub_both(self, a: Self, b: Self) -> Self;
    /// `(self - other)` over [`Coordinate::less`], below 21p, of elements that are kept.
    fn down_to(self, other: Self) -> Self;
    /// The sum as it is.
    fn add(self, other: Self) -> Self;
    /// `self - other + Kp`, of an `other` that is at most Kp.
    fn sub<const K: u64>(self, other: Self) -> Self;
    /// `self`, less Kp where it is as much.
    fn below<const K: u64>(self) -> Self;
    /// A bit for each lane that is zero modulo p, of an element below 8p.
    fn is_zero(self) -> u8;
    /// A bit for each lane that may be zero modulo p, and for hardly any other.
    fn may_be_zero(self) -> u8;
    /// A bit for each lane of which every limb is zero.
    fn is_blank(self) -> u8;
    fn select(self, mask: u8, other: Self) -> Self;
    /// One over it, below 2p; zero of zero. Of an element below 2p.
    fn inverse(self) -> Self;
}

/// Eight words of memory: two elements, in ark's and the zkey's form.
pub(crate) type Row = [u64; LANES];

/// The field that the curve's coordinates are of, or are pairs of.
pub(crate) trait CurveField<L: Lanes>: Coordinate<L> {
    /// The product of elements of the extension, whose bounds multiply to at most 42 p^2.
    #[inline(always)]
    fn extension_mul([a0, a1]: [Self; 2], [b0, b1]: [Self; 2]) -> [Self; 2] {
        let (low, high) = (a0.mul(b0), a1.mul(b1));
        let both = a0.add(a1).mul(b0.add(b1));
        [low.sub_kept(high), both.sub_both(low, high)]
    }
    /// The same element in every lane.
    fn of(value: Fq) -> Self;
    /// The first elements of eight rows, and the second.
    fn load(rows: [&Row; LANES]) -> [Self; 2];
    /// What [`CurveField::load`] undoes, of elements that are kept.
    fn store(elements: [Self; 2], rows: &mut [Row; LANES]);
}

/// Lanes with the field that the curve's coordinates are computed in.
pub(crate) trait CurveLanes: Lanes {
    type Base: CurveField<Self>;
}

#[cfg(target_arch = "x86_64")]
impl CurveLanes for Ifma {
    type Base = Base<Self, OfCurve>;
}

#[cfg(any(test, not(target_arch = "x86_64")))]
impl CurveLanes for Model {
    type Base = Base<Self, OfCurve>;
}

/// An element alone, as it lies in memory: of the field of the curve's coordinates, or a pair. It is
/// below 2p, and so is what comes out.
pub(crate) trait Single: Copy + Default + Send + Sync + 'static {
    const ONE: Self;
    fn load(words: &[u64]) -> Self;
    fn store(self, words: &mut [u64]);
    fn mul(self, other: Self) -> Self;
    fn square(self) -> Self;
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    /// The opposite, where it is asked for, without a branch; of zero it is another form of zero.
    fn negated_if(self, is_asked: bool) -> Self;
    /// Zero modulo p.
    fn is_zero(self) -> bool;
    /// Zero in every word.
    fn is_blank(self) -> bool;
    /// One over it; zero of zero.
    fn inverse(self) -> Self;
}

/// The field that scalars are of.
#[derive(Clone, Copy, Default)]
pub(crate) struct OfScalars;

impl Modulus for OfScalars {
    const WORDS: [u64; 4] = <FrConfig as MontConfig<4>>::MODULUS.0;
    const R256: [u64; 4] = <FrConfig as MontConfig<4>>::R.0;
    const R512: [u64; 4] = <FrConfig as MontConfig<4>>::R2.0;
}

/// A scalar in Montgomery form with R = 2^260.
pub(crate) fn scalar_montgomery(value: Fr) -> [u64; LIMBS] {
    let BigInt(words) = (value * Fr::from(16u64)).0;
    limbs::from_words(words)
}

/// An element of the curve's field in Montgomery form with R = 2^260.
pub(crate) fn montgomery(value: Fq) -> [u64; LIMBS] {
    // ark's own form is that of R = 2^256.
    let BigInt(words) = (value * Fq::from(16u64)).0;
    limbs::from_words(words)
}
