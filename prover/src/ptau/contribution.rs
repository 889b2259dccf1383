//! Who contributed to powers of tau.
//!
//! Source: `readContribution` of snarkjs' `powersoftau_utils.js`: the powers after it (five
//! points), six points of G1 and three of G2 that prove it, a hash's inner state (216 bytes), the
//! digest of the challenge that follows (64), its type, and what `Details` reads.

use super::{PowersError, Ptau};
use crate::binfile::{number, take};
use crate::zkey::{Details, Wire};
use ark_bn254::{G1Affine, G2Affine};
use std::ops::Range;

/// Bytes of an inner state of BLAKE2b.
const STATE: usize = 216;
const DIGEST: usize = 64;
/// Groups of the points: tau in both, alpha, beta in both, then the proof's.
const POINTS: [bool; 14] = {
    let mut is_g2 = [false; 14];
    is_g2[1] = true;
    is_g2[4] = true;
    is_g2[11] = true;
    is_g2[12] = true;
    is_g2[13] = true;
    is_g2
};
/// Bytes of the longest contribution.
const LONGEST: usize = 11 * 64 + 5 * 128 + STATE + DIGEST + 8 + Details::LONGEST;

/// A contribution to powers of tau, as its file tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PowersContribution {
    /// Who it says that it is, and whether it is a beacon.
    pub details: Details,
    /// BLAKE2b-512 of the powers after it.
    pub next_challenge: [u8; 64],
}

pub(super) fn read(
    powers: &Ptau,
    place: Range<u64>,
) -> Result<Vec<PowersContribution>, PowersError> {
    let wrong = || powers.expected("contributions of points, hashes and a name in section 7");
    let left = |at: u64| usize::try_from(place.end.saturating_sub(at)).unwrap_or(usize::MAX);
    if left(place.start) < 4 {
        return Err(wrong().into());
    }
    let count = number(&powers.bytes_at(place.start, 4)?, &mut 0).ok_or_else(wrong)?;
    let (mut found, mut begin) = (Vec::new(), place.start + 4);
    for _ in 0..count {
        let bytes = powers.bytes_at(begin, LONGEST.min(left(begin)))?;
        let mut at = 0;
        found.push(next(&bytes, &mut at).ok_or_else(wrong)?);
        begin += at as u64;
    }
    match begin == place.end {
        true => Ok(found),
        false => Err(wrong().into()),
    }
}

fn next(bytes: &[u8], at: &mut usize) -> Option<PowersContribution> {
    for is_g2 in POINTS {
        match is_g2 {
            true => drop(G2Affine::checked(take(bytes, at, G2Affine::BYTES)?)?),
            false => drop(G1Affine::checked(take(bytes, at, G1Affine::BYTES)?)?),
        }
    }
    take(bytes, at, STATE)?;
    let next_challenge = take(bytes, at, DIGEST)?.try_into().ok()?;
    let details = Details::next(bytes, at)?;
    Some(PowersContribution {
        details,
        next_challenge,
    })
}
