//! What snarkjs hashes: points, circuits and contributions, by BLAKE2b-512.
//!
//! A point is its coordinates in canonical form, the highest byte first and the second part of a
//! coordinate of G2 before the first; infinity is all zero.

use super::wrapped;
use crate::binfile::words;
use crate::ptau::{Base, PowersError, Ptau};
use crate::zkey::Contribution;
use ark_bn254::{Bn254, Fq, G1Affine, G1Projective, G2Affine, g1, g2};
use ark_ec::short_weierstrass::Affine;
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{BigInt, BigInteger, PrimeField};
use ark_groth16::ProvingKey as ArkKey;
use blake2::{Blake2b512, Digest as _};

/// Points of H that snarkjs hashes at a time.
const H_CHUNK: usize = 1 << 14;

pub(super) trait Hashed {
    fn hash(&self, into: &mut Blake2b512);
}

fn hash_all(numbers: &[Fq], into: &mut Blake2b512) {
    for number in numbers {
        into.update(number.into_bigint().to_bytes_be());
    }
}

impl Hashed for Affine<g1::Config> {
    fn hash(&self, into: &mut Blake2b512) {
        let (x, y) = self.xy().unwrap_or_default();
        hash_all(&[x, y], into);
    }
}

impl Hashed for Affine<g2::Config> {
    fn hash(&self, into: &mut Blake2b512) {
        let (x, y) = self.xy().unwrap_or_default();
        hash_all(&[x.c1, x.c0, y.c1, y.c0], into);
    }
}

fn list<P: Hashed>(points: &[P], into: &mut Blake2b512) {
    into.update((points.len() as u32).to_be_bytes());
    points.iter().for_each(|point| point.hash(into));
}

/// The digest of a circuit's key with delta one.
pub(super) fn of_circuit(key: &ArkKey<Bn254>, powers: &Ptau) -> Result<[u8; 64], PowersError> {
    let mut hash = Blake2b512::new();
    key.vk.alpha_g1.hash(&mut hash);
    key.beta_g1.hash(&mut hash);
    key.vk.beta_g2.hash(&mut hash);
    G2Affine::generator().hash(&mut hash);
    G1Affine::generator().hash(&mut hash);
    G2Affine::generator().hash(&mut hash);
    list(&key.vk.gamma_abc_g1, &mut hash);
    differences(key.h_query.len(), powers, &mut hash)?;
    list(&key.l_query, &mut hash);
    list(&key.a_query, &mut hash);
    list(&key.b_g1_query, &mut hash);
    list(&key.b_g2_query, &mut hash);
    Ok(hash.finalize().into())
}

/// H as powers of tau: tau^(n + i) - tau^i.
///
/// There are n - 1; but snarkjs hashes whole chunks, so where there is more than one, also the next.
/// The file's largest domain lacks tau^(2n - 1), and the bytes that follow the section are taken for
/// it.
fn differences(n: usize, powers: &Ptau, hash: &mut Blake2b512) -> Result<(), PowersError> {
    hash.update((n as u32 - 1).to_be_bytes());
    let count = match n - 1 {
        few if few <= H_CHUNK => few,
        many => many.next_multiple_of(H_CHUNK),
    };
    let is_last = n == 1 << powers.power();
    let there = count.min(if is_last { n - 1 } else { n });
    for begin in (0..there).step_by(H_CHUNK) {
        let end = there.min(begin + H_CHUNK);
        let low = powers.in_g1(Base::One, begin..end)?;
        let high = powers.in_g1(Base::One, n + begin..n + end)?;
        let pairs = high.iter().zip(&low);
        let all: Vec<G1Projective> = pairs.map(|(high, low)| *high - low).collect();
        let all = G1Projective::normalize_batch(&all);
        all.iter().for_each(|point| point.hash(hash));
    }
    if count > there {
        let bytes = powers.bytes_at(powers.end_of_tau_g1()?, 64)?;
        let low = powers.one_in_g1(Base::One, n - 1)?;
        let mut numbers = bytes.chunks_exact(32).map(|bytes| BigInt(words(bytes)));
        let taken = [(); 2].map(|()| numbers.next().unwrap_or_default());
        hash_all(&wrapped::less(taken, low), hash);
    }
    Ok(())
}

/// What the transcripts after a contribution hash of it.
pub(super) fn contribution(own: &Contribution, into: &mut Blake2b512) {
    own.delta.hash(into);
    own.pair.0.hash(into);
    own.pair.1.hash(into);
    own.proof.hash(into);
    into.update(own.transcript);
}

impl Contribution {
    /// The digest that contributors publish and `snarkjs zkey verify` prints.
    pub fn digest(&self) -> [u8; 64] {
        let mut hash = Blake2b512::new();
        contribution(self, &mut hash);
        hash.finalize().into()
    }
}
