//! Sums of products of scalars.

use crate::Products;
use ark_bn254::Fr;
use ark_ff::{AdditiveGroup, BigInt, PrimeField, UniformRand};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn check(left: &[Fr], right: &[Fr]) {
    let expected: Fr = left.iter().zip(right).map(|(a, b)| *a * b).sum();
    let mut sum = Products::default();
    sum.add(left, right);
    assert_eq!(sum.sum(), expected, "{} products", left.len());
    let middle = left.len() / 3;
    let mut parts = Products::default();
    parts.add(&left[middle..], &right[middle..]);
    parts.add(&left[..middle], &right[..middle]);
    assert_eq!(
        parts.sum(),
        expected,
        "{} products, in two parts",
        left.len()
    );
}

#[test]
fn the_largest_words_there_are() {
    let mut largest = Fr::MODULUS;
    largest.0[0] -= 1;
    let words = [
        largest,
        BigInt([u64::MAX, u64::MAX, u64::MAX, largest.0[3] - 1]),
    ];
    for words in words {
        let number = Fr::new_unchecked(words);
        for n in 0..120 {
            check(&vec![number; n], &vec![number; n]);
        }
    }
}

#[test]
fn any_numbers() {
    let rng = &mut ChaCha20Rng::seed_from_u64(3);
    for n in 0..120 {
        let [left, right] = [0; 2].map(|_| (0..n).map(|_| Fr::rand(rng)).collect::<Vec<_>>());
        check(&left, &right);
        check(&left, &vec![Fr::ZERO; n]);
        check(&left, &vec![-Fr::from(1u64); n]);
    }
}
