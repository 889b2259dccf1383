//! Scalars as signed digits, and which point is added to which bucket.

use ark_bn254::Fr;
use ark_ff::PrimeField;
use rayon::prelude::*;
use std::ops::Range;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Bits of a scalar.
const BITS: u32 = 254;

/// A scalar out of Montgomery's form.
pub(crate) type Number = [u64; 4];
const ZERO: Number = [0; 4];

/// Scalars as numbers, on the current pool.
pub(crate) fn numbers(scalars: &[Fr]) -> Zeroizing<Vec<Number>> {
    let numbers = scalars.par_iter().with_min_len(1 << 10);
    Zeroizing::new(numbers.map(|own| own.into_bigint().0).collect())
}

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
            cut.windows() as usize * (length + 2 * cut.buckets())
        };
        let width = (2..=16).min_by_key(|width| cost(*width)).unwrap_or(2);
        Cut { width }
    }

    /// The cheapest for so many multiples of one point: making an entry of the table costs about eight
    /// additions from it.
    pub fn for_table(count: usize) -> Self {
        let cost = |width: u32| {
            let cut = Cut { width };
            cut.windows() as usize * (count + 8 * cut.buckets())
        };
        let width = (2..=14).min_by_key(|width| cost(*width)).unwrap_or(2);
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
    pub fn offset(self) -> [u64; 4] {
        let mut offset = [0u64; 4];
        for window in 0..self.windows() - 1 {
            let bit = window * self.width + self.width - 1;
            offset[bit as usize / 64] |= 1 << (bit % 64);
        }
        offset
    }

    /// Windows of which a scalar, without its offset, may have digits that are not zero. A carry
    /// reaches the window above only if the highest digit is half of its range, less one, or more.
    fn used(self, words: &Number) -> usize {
        let bits = (0..4).rev().find(|at| words[*at] != 0);
        let bits = bits.map_or(0, |at| 64 * at as u32 + 64 - words[at].leading_zeros());
        ((bits + 2).div_ceil(self.width)).min(self.windows()) as usize
    }

    /// The digit of a window, of a scalar with its offset.
    pub fn digit(self, words: &[u64; 4], window: u32) -> i32 {
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
/// offset it is signed. Zeros are left out; what has digits in all windows stands before what has
/// not, and otherwise the order is that of the places.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Scalars {
    words: Vec<[u64; 4]>,
    /// The place of the point that each is multiplied with.
    places: Vec<u32>,
    /// How many of them have a digit in each window or above.
    lengths: Vec<usize>,
    #[zeroize(skip)]
    cut: Cut,
}

impl Scalars {
    /// Those of places.
    pub fn new<'s>(numbers: impl Iterator<Item = (u32, &'s Number)> + Clone) -> Self {
        let count = numbers.clone().filter(|(_, own)| **own != ZERO).count();
        Scalars::with_cut(numbers, Cut::for_length(count))
    }

    pub(super) fn with_cut<'s>(
        numbers: impl Iterator<Item = (u32, &'s Number)> + Clone,
        cut: Cut,
    ) -> Self {
        let windows = cut.windows() as usize;
        let numbers = numbers.filter(|(_, own)| **own != ZERO);
        let mut counts = vec![0; windows + 1];
        for (_, own) in numbers.clone() {
            counts[cut.used(own)] += 1;
        }
        // Where those that use so many windows begin: the most first.
        let (mut begins, mut lengths, mut sum) = (vec![0; windows + 1], vec![0; windows], 0);
        for used in (1..=windows).rev() {
            begins[used] = sum;
            sum += counts[used];
            lengths[used - 1] = sum;
        }
        let (mut words, mut places) = (vec![ZERO; sum], vec![0; sum]);
        let offset = cut.offset();
        for (place, own) in numbers {
            let next = &mut begins[cut.used(own)];
            (words[*next], places[*next]) = (plus(*own, &offset), place);
            *next += 1;
        }
        Scalars {
            words,
            places,
            lengths,
            cut,
        }
    }

    pub fn cut(&self) -> Cut {
        self.cut
    }

    /// How many have a digit in a window or above: the first ones.
    pub fn length(&self, window: u32) -> usize {
        self.lengths
            .get(window as usize)
            .copied()
            .unwrap_or_default()
    }
}

pub(super) fn plus(mut words: Number, more: &Number) -> Number {
    let mut carry = false;
    for (word, more) in words.iter_mut().zip(more) {
        let (sum, first) = word.overflowing_add(*more);
        let (sum, second) = sum.overflowing_add(u64::from(carry));
        (*word, carry) = (sum, first | second);
    }
    words
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
    /// Sorts some of the scalars by their digit of a window. Zeros are left out.
    pub fn sort(&mut self, scalars: &Scalars, window: u32, range: Range<usize>) {
        let cut = scalars.cut;
        let words = scalars.words.get(range.clone()).unwrap_or_default();
        let places = scalars.places.get(range).unwrap_or_default();
        // Room for all from the start: what a list leaves when it grows is not overwritten.
        self.digits.clear();
        self.digits.reserve_exact(words.len());
        self.entries.clear();
        self.entries.reserve_exact(words.len());
        self.digits
            .extend(words.iter().map(|words| cut.digit(words, window)));
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
        self.entries.resize(self.digits.len() - zeros as usize, 0);
        let digits = places.iter().zip(&self.digits);
        for (place, digit) in digits.filter(|(_, digit)| **digit != 0) {
            let next = &mut self.ends[digit.unsigned_abs() as usize];
            self.entries[*next as usize] = place << 1 | u32::from(*digit < 0);
            *next += 1;
        }
        self.ends.remove(0);
    }
}
