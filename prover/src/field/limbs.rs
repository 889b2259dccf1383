//! Numbers of five limbs as constants: a modulus, its multiples, and one in Montgomery form.

use super::LIMBS;
use crate::simd::{LIMB_BITS, LIMB_MASK};

/// A prime whose elements are computed with: more than 2^253 and less than 2^254, so that R = 2^260
/// is more than 64 times as much.
pub(crate) trait Modulus: Copy + Send + Sync + 'static {
    /// Four words of 64 bits, the lowest first.
    const WORDS: [u64; 4];
    /// 2^256 modulo it, likewise.
    const R256: [u64; 4];

    const P: [u64; LIMBS] = from_words(Self::WORDS);
    /// -1/p modulo 2^52.
    const NEGATED_INVERSE: u64 = negated_inverse(Self::P[0]);
    /// R = 2^260 modulo p.
    const ONE: [u64; LIMBS] = sixteen_times(from_words(Self::R256), Self::P);
    const QUARTER: [u64; LIMBS] = halved(halved(Self::ONE, Self::P), Self::P);
}

/// Four words of 64 bits as limbs.
pub(crate) const fn from_words(words: [u64; 4]) -> [u64; LIMBS] {
    [
        words[0] & LIMB_MASK,
        (words[0] >> 52 | words[1] << 12) & LIMB_MASK,
        (words[1] >> 40 | words[2] << 24) & LIMB_MASK,
        (words[2] >> 28 | words[3] << 36) & LIMB_MASK,
        words[3] >> 16,
    ]
}

/// By Newton's steps: each doubles the bits that are right, from one.
const fn negated_inverse(lowest: u64) -> u64 {
    let (mut inverse, mut step) = (1u64, 0);
    while step < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(lowest.wrapping_mul(inverse)));
        step += 1;
    }
    inverse.wrapping_neg() & LIMB_MASK
}

/// K times a number, as limbs.
pub(crate) const fn multiple(number: [u64; LIMBS], k: u64) -> [u64; LIMBS] {
    let (mut out, mut carry, mut at) = ([0; LIMBS], 0, 0);
    while at < LIMBS {
        let sum = number[at] * k + carry;
        (out[at], carry) = if at + 1 < LIMBS {
            (sum & LIMB_MASK, sum >> LIMB_BITS)
        } else {
            (sum, 0)
        };
        at += 1;
    }
    out
}

/// Sixteen times a number, modulo p.
const fn sixteen_times(number: [u64; LIMBS], p: [u64; LIMBS]) -> [u64; LIMBS] {
    let (mut out, mut times) = (multiple(number, 16), 0);
    while times < 16 {
        out = less(out, p);
        times += 1;
    }
    out
}

/// The number less p, where it is as much.
const fn less(number: [u64; LIMBS], p: [u64; LIMBS]) -> [u64; LIMBS] {
    let (mut out, mut borrow, mut at) = ([0; LIMBS], 0, 0);
    while at < LIMBS {
        let less = number[at].wrapping_sub(p[at]).wrapping_sub(borrow);
        borrow = less >> 63;
        out[at] = less & LIMB_MASK;
        at += 1;
    }
    if borrow == 1 { number } else { out }
}

/// Half of a number modulo p.
const fn halved(number: [u64; LIMBS], p: [u64; LIMBS]) -> [u64; LIMBS] {
    let odd = number[0] & 1;
    let (mut sum, mut carry, mut at) = ([0; LIMBS], 0, 0);
    while at < LIMBS {
        let own = number[at] + odd * p[at] + carry;
        (sum[at], carry) = (own & LIMB_MASK, own >> LIMB_BITS);
        at += 1;
    }
    at = 0;
    while at < LIMBS {
        let next = if at + 1 < LIMBS {
            sum[at + 1] & 1
        } else {
            carry
        };
        sum[at] = sum[at] >> 1 | next << (LIMB_BITS - 1);
        at += 1;
    }
    sum
}
