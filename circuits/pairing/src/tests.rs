//! Every operation against arkworks'.

mod fields;
mod pairings;
mod products;
mod roots;
mod subgroup;

use ark_bn254::Fq;
use ark_ff::{BigInt, PrimeField, UniformRand};
use rand_chacha::ChaCha20Rng;

/// Elements whose words are the ends of what they may be, and some others.
fn elements(rng: &mut ChaCha20Rng) -> Vec<Fq> {
    let ends = [0u64, 1, 2, 9];
    let ends = ends.map(Fq::from).into_iter();
    let ends = ends.flat_map(|number| [number, -number]);
    // As words in memory: a low word of ones, a single bit in each word, and p - 1.
    let mut largest = Fq::MODULUS;
    largest.0[0] -= 1;
    let mut words = vec![largest, BigInt([u64::MAX, 0, 0, 0])];
    words.push(BigInt([u64::MAX, u64::MAX, u64::MAX, largest.0[3] - 1]));
    words.extend((0..4).map(|at| {
        let mut word = BigInt([0; 4]);
        word.0[at] = 1 << 61;
        word
    }));
    let words = words.into_iter().map(Fq::new_unchecked);
    let others: Vec<Fq> = (0..8).map(|_| Fq::rand(rng)).collect();
    ends.chain(words).chain(others).collect()
}
