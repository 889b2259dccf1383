//! The lanes in plain Rust.
//!
//! Each operation is a call: what is written over lanes is inlined as a whole, and would take minutes
//! to compile with eight numbers' worth of code in the place of each instruction.

use super::{LANES, LIMB_BITS, LIMB_MASK, Lanes, Limbs};

/// Eight numbers in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Model([u64; LANES]);

impl Model {
    fn zip(self, other: Self, f: impl Fn(u64, u64) -> u64) -> Self {
        Model(std::array::from_fn(|at| f(self.0[at], other.0[at])))
    }

    fn mask(self, f: impl Fn(u64) -> bool) -> u8 {
        let bits = self.0.iter().enumerate();
        bits.fold(0, |mask, (at, value)| mask | u8::from(f(*value)) << at)
    }
}

fn product(a: u64, b: u64) -> u128 {
    u128::from(a & LIMB_MASK) * u128::from(b & LIMB_MASK)
}

impl Lanes for Model {
    fn soon(_: &[u8]) {}

    #[inline(never)]
    fn op<T>(work: impl FnOnce() -> T) -> T {
        work()
    }

    #[inline(never)]
    fn call<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
}

impl Limbs for Model {
    #[inline(never)]
    fn splat(value: u64) -> Self {
        Model([value; LANES])
    }

    #[inline(never)]
    fn load(values: &[u64; LANES]) -> Self {
        Model(*values)
    }

    #[inline(never)]
    fn store(self, values: &mut [u64; LANES]) {
        *values = self.0;
    }

    #[inline(never)]
    fn columns(rows: [&[u64; LANES]; LANES]) -> [Self; LANES] {
        std::array::from_fn(|at| Model(rows.map(|row| row[at])))
    }

    #[inline(never)]
    fn rows(columns: [Self; LANES], rows: &mut [[u64; LANES]; LANES]) {
        *rows = std::array::from_fn(|at| columns.map(|column| column.0[at]));
    }

    #[inline(never)]
    fn add(self, other: Self) -> Self {
        self.zip(other, u64::wrapping_add)
    }

    #[inline(never)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, u64::wrapping_sub)
    }

    #[inline(never)]
    fn and(self, other: Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    #[inline(never)]
    fn or(self, other: Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    #[inline(never)]
    fn shr<const BITS: u32>(self) -> Self {
        Model(self.0.map(|a| a >> BITS))
    }

    #[inline(never)]
    fn shl<const BITS: u32>(self) -> Self {
        Model(self.0.map(|a| a << BITS))
    }

    #[inline(never)]
    fn limb_up_signed(self) -> Self {
        Model(
            self.0
                .map(|a| (a.cast_signed() >> LIMB_BITS).cast_unsigned()),
        )
    }

    #[inline(never)]
    fn madd_lo(self, a: Self, b: Self) -> Self {
        let low = a.zip(b, |a, b| product(a, b) as u64 & LIMB_MASK);
        self.add(low)
    }

    #[inline(never)]
    fn madd_hi(self, a: Self, b: Self) -> Self {
        let high = a.zip(b, |a, b| (product(a, b) >> LIMB_BITS) as u64);
        self.add(high)
    }

    #[inline(never)]
    fn turned<const N: i32>(mut self) -> Self {
        self.0.rotate_left(N as usize);
        self
    }

    #[inline(never)]
    fn entry(self, table: &[u64; LANES]) -> Self {
        Model(self.0.map(|at| table[at as usize]))
    }

    #[inline(never)]
    fn is_zero(self) -> u8 {
        self.mask(|a| a == 0)
    }

    #[inline(never)]
    fn is_negative(self) -> u8 {
        self.mask(|a| a >> 63 == 1)
    }

    #[inline(never)]
    fn select(self, mask: u8, other: Self) -> Self {
        let at = |at| {
            if mask >> at & 1 == 1 {
                other.0[at]
            } else {
                self.0[at]
            }
        };
        Model(std::array::from_fn(at))
    }
}
