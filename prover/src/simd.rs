//! Eight 64-bit numbers at once: what the engine computes with, as one trait with two readings.
//!
//! `Model` is plain Rust and runs everywhere; `Ifma` is the instructions of AVX-512 IFMA. Whatever is
//! written over [`Limbs`] is tested by the first on every machine, indices and carries among them,
//! and by both where the processor has them. `Portable` has no such numbers: elements one after the
//! other, for processors without the instructions. Besides `map` this folder is the only place of the crate with
//! `unsafe`: for intrinsics, and each call of them stands in a function that is entered when the processor was
//! asked, but for `soon`, which every processor has.

#[cfg(target_arch = "x86_64")]
mod ifma;
#[cfg(any(test, not(target_arch = "x86_64")))]
mod model;
mod soon;

#[cfg(target_arch = "x86_64")]
pub(crate) use ifma::{Ifma, IfmaToken};
#[cfg(any(test, not(target_arch = "x86_64")))]
pub(crate) use model::Model;

/// Bits of a limb: what one multiplication takes of each number.
pub(crate) const LIMB_BITS: u32 = 52;
pub(crate) const LIMB_MASK: u64 = (1 << LIMB_BITS) - 1;
/// Numbers of a vector.
pub(crate) const LANES: usize = 8;

/// A way to do the same with eight elements.
pub(crate) trait Lanes: Copy + Send + Sync + 'static {
    /// Says that these bytes are about to be read, as far as a line of the cache goes.
    fn soon(bytes: &[u8]);
    /// Runs a few operations, inlined where that is what makes these lanes fast.
    fn op<T>(work: impl FnOnce() -> T) -> T;
    /// Runs work as a function of its own, compiled for these lanes. It cuts what would be compiled
    /// as one.
    fn call<T>(work: impl FnOnce() -> T) -> T;
}

/// Eight unsigned numbers. Additions and subtractions wrap.
pub(crate) trait Limbs: Lanes {
    fn splat(value: u64) -> Self;
    fn load(values: &[u64; LANES]) -> Self;
    fn store(self, values: &mut [u64; LANES]);
    /// The columns of eight rows: number `i` of vector `k` is number `k` of row `i`.
    fn columns(rows: [&[u64; LANES]; LANES]) -> [Self; LANES];
    /// What [`Lanes::columns`] undoes.
    fn rows(columns: [Self; LANES], rows: &mut [[u64; LANES]; LANES]);
    fn add(self, other: Self) -> Self;
    fn sub(self, other: Self) -> Self;
    fn and(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    /// Shifted right, as unsigned numbers.
    fn shr<const BITS: u32>(self) -> Self;
    /// Shifted left.
    fn shl<const BITS: u32>(self) -> Self;
    /// Shifted right by a limb, as signed numbers.
    fn limb_up_signed(self) -> Self;
    /// `self` plus the low 52 bits of the product of the low 52 bits of `a` and `b`.
    fn madd_lo(self, a: Self, b: Self) -> Self;
    /// `self` plus bits 52 to 103 of that product.
    fn madd_hi(self, a: Self, b: Self) -> Self;
    /// Number k is number k + N of these, in a circle.
    fn turned<const N: i32>(self) -> Self;
    /// Entry `self` of a table, of numbers below eight.
    fn entry(self, table: &[u64; LANES]) -> Self;
    /// A bit for each number that is zero.
    fn is_zero(self) -> u8;
    /// A bit for each number whose highest bit is set.
    fn is_negative(self) -> u8;
    /// `self`, and `other` where the mask has a bit.
    fn select(self, mask: u8, other: Self) -> Self;
}

/// That lanes of one kind may be used here.
pub(crate) trait Token: Copy + Send + Sync {
    type Lanes: Lanes;

    /// Runs work over these lanes.
    fn run<T>(self, work: impl FnOnce() -> T) -> T {
        work()
    }
}

/// Elements one after the other, in plain Rust.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PortableToken;

/// What [`PortableToken`] runs over.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

impl Lanes for Portable {
    #[inline(always)]
    fn soon(bytes: &[u8]) {
        soon::soon(bytes);
    }

    #[inline(always)]
    fn op<T>(work: impl FnOnce() -> T) -> T {
        work()
    }

    #[inline(never)]
    fn call<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
}

impl Token for PortableToken {
    type Lanes = Portable;
}

/// No processor of another kind has the instructions.
#[cfg(not(target_arch = "x86_64"))]
#[derive(Clone, Copy, Debug)]
pub(crate) struct IfmaToken(());

#[cfg(not(target_arch = "x86_64"))]
impl IfmaToken {
    pub fn detect() -> Option<Self> {
        None
    }
}

#[cfg(not(target_arch = "x86_64"))]
impl Token for IfmaToken {
    type Lanes = Model;
}

/// The lanes in plain Rust, for tests: they are exact, and slow.
#[cfg(test)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModelToken;

#[cfg(test)]
impl Token for ModelToken {
    type Lanes = Model;
}
