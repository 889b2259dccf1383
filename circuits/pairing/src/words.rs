//! Numbers of four words, and products of two, for any odd modulus m.

use std::array::from_fn;
use std::hint::select_unpredictable;

/// Words of a number, the lowest first: an operand that may not be below the modulus.
pub(super) type Words = [u64; 4];

/// `number + by to + carry`, which two words always hold.
#[inline(always)]
pub(super) fn multiply_add(number: u64, by: u64, to: u64, carry: u64) -> (u64, u64) {
    by.carrying_mul_add(to, number, carry)
}

/// Both halves of a product, the lower first.
#[inline(always)]
pub(super) fn product(a: &Words, b: &Words) -> (Words, Words) {
    let mut words = [0; 8];
    for (row, a) in a.iter().enumerate() {
        let mut carry = 0;
        for (column, b) in b.iter().enumerate() {
            let word = &mut words[row + column];
            (*word, carry) = multiply_add(*word, *a, *b, carry);
        }
        words[row + 4] = carry;
    }
    let [a, b, c, d, e, f, g, h] = words;
    ([a, b, c, d], [e, f, g, h])
}

#[inline(always)]
pub(super) fn sum_of_halves(a: (Words, Words), b: (Words, Words)) -> (Words, Words) {
    let (low, carry) = add(a.0, b.0, false);
    (low, add(a.1, b.1, carry).0)
}

/// The number over 2^256, modulo m: at most m. `inv` is minus one over m, modulo 2^64.
///
/// Each round adds the multiple of m that makes the lowest word zero, and drops that word.
#[inline(always)]
pub(super) fn reduce(mut number: Words, m: Words, inv: u64) -> Words {
    for _ in 0..4 {
        let by = number[0].wrapping_mul(inv);
        let (_, mut carry) = multiply_add(number[0], by, m[0], 0);
        for at in 1..4 {
            (number[at - 1], carry) = multiply_add(number[at], by, m[at], carry);
        }
        number[3] = carry;
    }
    number
}

/// The number, less m where it is as much.
#[inline(always)]
pub(super) fn less(number: Words, m: Words) -> Words {
    let (difference, is_below) = sub(number, m);
    // A branch would be guessed wrongly every other time.
    from_fn(|at| select_unpredictable(is_below, number[at], difference[at]))
}

#[inline(always)]
pub(super) fn sub(a: Words, b: Words) -> (Words, bool) {
    let mut borrow = false;
    let words = from_fn(|at| {
        let word;
        (word, borrow) = a[at].borrowing_sub(b[at], borrow);
        word
    });
    (words, borrow)
}

#[inline(always)]
pub(super) fn add(a: Words, b: Words, mut carry: bool) -> (Words, bool) {
    let words = from_fn(|at| {
        let word;
        (word, carry) = a[at].carrying_add(b[at], carry);
        word
    });
    (words, carry)
}
