//! Numbers of five limbs as constants: a modulus, its multiples, and one in Montgomery form.

use super::LIMBS;
use crate::simd::{LANES, LIMB_BITS, LIMB_MASK};

/// A prime whose elements are computed with: more than 2^253 and less than 2^254, so that R = 2^260
/// is more than 64 times as much.
pub(crate) trait Modulus: Copy + Default + Send + Sync + 'static {
    /// Four words of 64 bits, the lowest first.
    const WORDS: [u64; 4];
    /// 2^256 modulo it, likewise.
    const R256: [u64; 4];
    /// 2^512 modulo it, likewise.
    const R512: [u64; 4];

    /// Twice the prime.
    const TWICE: [u64; 4] = twice(Self::WORDS);
    /// -1/p modulo 2^64.
    const NEGATED_INVERSE_OF_WORD: u64 = negated_inverse(Self::WORDS[0]);
    const P: [u64; LIMBS] = from_words(Self::WORDS);
    /// -1/p modulo 2^52.
    const NEGATED_INVERSE: u64 = negated_inverse(Self::P[0]) & LIMB_MASK;
    /// R = 2^260 modulo p.
    const ONE: [u64; LIMBS] = sixteen_times(from_words(Self::R256), Self::P);
    const QUARTER: [u64; LIMBS] = halved(halved(Self::ONE, Self::P), Self::P);
    /// 2^780 modulo p.
    const R_CUBED: [u64; LIMBS] = power_of_two(780, Self::P);
    /// 2^98 over the highest limb of 2p and a little: how often 2p goes into a number is its highest
    /// limb times this, over 2^98, and never too often.
    const TIMES_2P: u64 = ((1u128 << 98) / (multiple(Self::P, 2)[LIMBS - 1] as u128 + 8)) as u64;
    /// 42 p^2, as columns.
    const FORTY_TWO_SQUARES: [u64; 2 * LIMBS] = forty_two_squares(Self::P);
}

const fn twice(p: [u64; 4]) -> [u64; 4] {
    [
        p[0] << 1,
        p[1] << 1 | p[0] >> 63,
        p[2] << 1 | p[1] >> 63,
        p[3] << 1 | p[2] >> 63,
    ]
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

/// Limbs, of which none is above 52 bits, as words.
pub(crate) const fn to_words([a, b, c, d, e]: [u64; LIMBS]) -> [u64; 4] {
    [
        a | b << 52,
        b >> 12 | c << 40,
        c >> 24 | d << 28,
        d >> 36 | e << 16,
    ]
}

/// By Newton's steps: each doubles the bits that are right, from one.
const fn negated_inverse(lowest: u64) -> u64 {
    let (mut inverse, mut step) = (1u64, 0);
    while step < 6 {
        inverse = inverse.wrapping_mul(2u64.wrapping_sub(lowest.wrapping_mul(inverse)));
        step += 1;
    }
    inverse.wrapping_neg()
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

/// K p less 2 q p for each q, limb by limb.
pub(crate) const fn less_twice(p: [u64; LIMBS], k: u64) -> [[u64; LANES]; LIMBS] {
    let (mut out, mut q) = ([[0; LANES]; LIMBS], 0);
    while q < LANES {
        let twice = 2 * q as u64;
        let (size, is_less) = if twice > k {
            (twice - k, true)
        } else {
            (k - twice, false)
        };
        let (own, mut at) = (multiple(p, size), 0);
        while at < LIMBS {
            out[at][q] = if is_less {
                own[at].wrapping_neg()
            } else {
                own[at]
            };
            at += 1;
        }
        q += 1;
    }
    out
}

const fn forty_two_squares(p: [u64; LIMBS]) -> [u64; 2 * LIMBS] {
    let (mut out, mut i) = ([0; 2 * LIMBS], 0);
    while i < LIMBS {
        let (mut carry, mut j) = (0u128, 0);
        while j < LIMBS {
            let sum = out[i + j] as u128 + 42 * p[i] as u128 * p[j] as u128 + carry;
            out[i + j] = sum as u64 & LIMB_MASK;
            carry = sum >> LIMB_BITS;
            j += 1;
        }
        out[i + LIMBS] = carry as u64;
        i += 1;
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

const fn power_of_two(exponent: usize, p: [u64; LIMBS]) -> [u64; LIMBS] {
    let (mut out, mut at) = ([1, 0, 0, 0, 0], 0);
    while at < exponent {
        out = less(multiple(out, 2), p);
        at += 1;
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
