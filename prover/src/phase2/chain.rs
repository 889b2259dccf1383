//! Contributions: how one is made, and whether those of a key follow from each other.
//!
//! A contribution shows a point s with x s, and x times a point of G2 that follows from both and
//! from all that was before: nobody can know that without x, nor use another's.

use super::digest::{self, Hashed};
use super::stream::{Stream, hash_to_g2};
use crate::ratio::is_same_ratio;
use crate::zkey::{Beacon, Contribution, Contributions, Details};
use ark_bn254::{Fr, G1Affine};
use ark_ec::{AffineRepr, CurveGroup};
use blake2::{Blake2b512, Digest as _};
use sha2::Sha256;

/// Most iterations of a beacon that are checked, as a logarithm: some 15 s. No digest binds the number,
/// so a changed byte could ask for any.
const MOST_ITERATIONS: u8 = 28;

/// What of a contribution does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// Its transcript is another one's.
    #[error("expected a transcript of what was before it")]
    Transcript,
    /// It proves nothing.
    #[error("expected a proof that its secret is known")]
    Proof,
    /// Its delta is not the one before times its secret.
    #[error("expected the delta before it, times its secret")]
    Delta,
    /// Its secret is one.
    #[error("expected another secret than one, which changes nothing")]
    Identity,
    /// It is not of its beacon.
    #[error("expected the numbers that follow from its beacon")]
    Beacon,
    /// Its beacon takes too long to compute.
    #[error("expected at most 2^{MOST_ITERATIONS} iterations of its beacon")]
    Iterations,
}

/// What is hashed before a key's next contribution.
fn before(contributions: &Contributions) -> Blake2b512 {
    let mut hash = Blake2b512::new();
    hash.update(contributions.circuit);
    let list = contributions.list.iter();
    list.for_each(|own| digest::contribution(own, &mut hash));
    hash
}

fn transcript(mut before: Blake2b512, (point, multiple): (G1Affine, G1Affine)) -> [u8; 64] {
    point.hash(&mut before);
    multiple.hash(&mut before);
    before.finalize().into()
}

/// The contribution of a secret to a delta, with a point of its own.
pub(super) fn contribution(
    contributions: &Contributions,
    delta: G1Affine,
    (x, point): (&Fr, G1Affine),
    details: Details,
) -> Contribution {
    let pair = (point, (point * x).into_affine());
    let transcript = transcript(before(contributions), pair);
    Contribution {
        delta: (delta * x).into_affine(),
        pair,
        proof: (hash_to_g2(&transcript) * x).into_affine(),
        transcript,
        details,
    }
}

/// The delta after all contributions, each of which was checked.
///
/// **Errors**: the number of the first that does not hold, and why.
pub(super) fn check(contributions: &Contributions) -> Result<G1Affine, (usize, ChainError)> {
    let mut hash = Blake2b512::new();
    hash.update(contributions.circuit);
    let mut delta = G1Affine::generator();
    for (number, own) in (1..).zip(&contributions.list) {
        link(&hash, delta, own).map_err(|why| (number, why))?;
        digest::contribution(own, &mut hash);
        delta = own.delta;
    }
    Ok(delta)
}

fn link(before: &Blake2b512, delta: G1Affine, own: &Contribution) -> Result<(), ChainError> {
    if own.delta == delta {
        return Err(ChainError::Identity);
    }
    if transcript(before.clone(), own.pair) != own.transcript {
        return Err(ChainError::Transcript);
    }
    let point = hash_to_g2(&own.transcript);
    if !is_same_ratio(own.pair, (point, own.proof)) {
        return Err(ChainError::Proof);
    }
    if !is_same_ratio((delta, own.delta), (point, own.proof)) {
        return Err(ChainError::Delta);
    }
    match &own.details.beacon {
        Some(beacon) => check_beacon(beacon, own),
        None => Ok(()),
    }
}

fn check_beacon(beacon: &Beacon, own: &Contribution) -> Result<(), ChainError> {
    let (x, point) = secret_of(beacon).ok_or(ChainError::Iterations)?;
    match own.pair == (point, (point * x).into_affine()) {
        true => Ok(()),
        false => Err(ChainError::Beacon),
    }
}

/// The secret and the point that follow from a beacon, if it can be computed.
pub(super) fn secret_of(beacon: &Beacon) -> Option<(Fr, G1Affine)> {
    if beacon.iterations > MOST_ITERATIONS {
        return None;
    }
    let mut hash = Sha256::digest(&beacon.value);
    for _ in 1..1u64 << beacon.iterations {
        hash = Sha256::digest(hash);
    }
    let mut stream = Stream::new(&hash);
    Some((stream.scalar(), stream.g1()))
}
