//! Scalars as signed digits, and which point is added to which bucket.

use ark_bn254::Fr;
use ark_ff::{BigInt, PrimeField};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bits of a scalar.
const BITS: u32 = 254;

/// How scalars are cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Bits of a digit: 2 to 16.
    pub width: u32,
}

impl Cut {
    /// The cheapest for so many points: an addition to a bucket costs about a third of what reducing
    /// one costs.
    pub fn for_length(length: usize) -> Self {
        let cost = |width: u32| {
            let cut = Cut { width };
            cut.windows() as usize * (length + 3 * cut.buckets())
        };
        let width = (2..=16).min_by_key(|width| cost(*width)).unwrap_or(2);
        Cut { width }
    }

    /// Digits of a scalar. The highest one has a bit to spare, for the carry.
    pub fn windows(self) -> u32 {
        (BITS + 1).div_ceil(self.width)
    }

    /// Largest size of a digit.
    pub fn buckets(self) -> usize {
        1 << (self.width - 1)
    }

    /// Half of each digit's range, but of the highest.
    fn offset(self) -> [u64; 4] {
        let mut offset = [0u64; 4];
        for window in 0..self.windows() - 1 {
            let bit = window * self.width + self.width - 1;
            offset[bit as usize / 64] |= 1 << (bit % 64);
        }
        offset
    }

    /// The digit of a window, of a scalar with its offset.
    fn digit(self, words: &[u64; 4], window: u32) -> i32 {
        let bit = window * self.width;
        let (at, shift) = (bit as usize / 64, bit % 64);
        let low = words[at] >> shift;
        let high = match words.get(at + 1) {
            Some(next) if shift > 0 => next << (64 - shift),
            _ => 0,
        };
        let own = ((low | high) & ((1 << self.width) - 1)) as i32;
        match window + 1 == self.windows() {
            true => own,
            false => own - self.buckets() as i32,
        }
    }
}

/// Scalars with an offset in every digit but the highest, so that each digit is read alone: less the
/// offset it is signed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Scalars {
    words: Vec<[u64; 4]>,
    #[zeroize(skip)]
    cut: Cut,
}

impl Scalars {
    pub fn new<'s>(scalars: impl ExactSizeIterator<Item = &'s Fr>) -> Self {
        let cut = Cut::for_length(scalars.len());
        Scalars::with_cut(scalars, cut)
    }

    pub(super) fn with_cut<'s>(scalars: impl Iterator<Item = &'s Fr>, cut: Cut) -> Self {
        let offset = cut.offset();
        let with_offset = |scalar: &Fr| {
            let BigInt(mut words) = scalar.into_bigint();
            let mut carry = false;
            for (word, more) in words.iter_mut().zip(offset) {
                let (sum, first) = word.overflowing_add(more);
                let (sum, second) = sum.overflowing_add(u64::from(carry));
                (*word, carry) = (sum, first | second);
            }
            words
        };
        Scalars {
            words: scalars.map(with_offset).collect(),
            cut,
        }
    }

    pub fn cut(&self) -> Cut {
        self.cut
    }
}

/// The points of a window by buckets.
#[derive(Default, Zeroize, ZeroizeOnDrop)]
pub(super) struct Order {
    /// Twice the place of a point, and one more where it is subtracted.
    pub entries: Vec<u32>,
    /// Where the entries of each bucket end; bucket `k` is of digits of size `k + 1`.
    pub ends: Vec<u32>,
    /// Digits, in the order of the scalars.
    digits: Vec<i32>,
}

impl Order {
    /// Sorts the scalars from `from` on, at most `count` of them, by their digit of a window. Zeros
    /// are left out.
    pub fn sort(&mut self, scalars: &Scalars, window: u32, from: usize, count: usize) {
        let (cut, words) = (scalars.cut, scalars.words.get(from..).unwrap_or_default());
        self.digits.clear();
        let digits = words.iter().take(count);
        self.digits
            .extend(digits.map(|words| cut.digit(words, window)));
        self.ends.clear();
        self.ends.resize(cut.buckets() + 1, 0);
        for digit in &self.digits {
            self.ends[digit.unsigned_abs() as usize] += 1;
        }
        // Where each begins; those of zero nowhere.
        let (mut sum, zeros) = (0, self.ends[0]);
        for end in &mut self.ends[1..] {
            (*end, sum) = (sum, sum + *end);
        }
        self.entries.clear();
        self.entries.resize(self.digits.len() - zeros as usize, 0);
        for (place, digit) in (0..).zip(&self.digits).filter(|(_, digit)| **digit != 0) {
            let next = &mut self.ends[digit.unsigned_abs() as usize];
            self.entries[*next as usize] = place << 1 | u32::from(*digit < 0);
            *next += 1;
        }
        self.ends.remove(0);
    }
}
