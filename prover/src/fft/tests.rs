//! Quotients against ark's transforms.

use super::*;
use crate::simd::{IfmaToken, ModelToken};
use ark_ff::{UniformRand, Zero};
use ark_poly::{EvaluationDomain, Radix2EvaluationDomain};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn expected(columns: &[Vec<Fr>; 3]) -> Vec<Fr> {
    let n = columns[0].len();
    let domain = Radix2EvaluationDomain::<Fr>::new(n).unwrap();
    let double = Radix2EvaluationDomain::<Fr>::new(2 * n).unwrap();
    let coset = domain.get_coset(double.group_gen()).unwrap();
    let [a, b, c] = columns
        .clone()
        .map(|column| coset.fft(&domain.ifft(&column)));
    let products = a.iter().zip(&b).zip(&c);
    products.map(|((a, b), c)| *a * b - c).collect()
}

fn check<T: Token<Lanes: Limbs>>(token: T, columns: [Vec<Fr>; 3]) {
    let transform = Transform::new(columns[0].len()).unwrap();
    let expected = expected(&columns);
    let found = transform.quotient(token, columns.map(Column::new));
    assert!(*found == expected, "{}", found.len());
}

fn check_singly(columns: [Vec<Fr>; 3]) {
    let transform = SingleTransform::new(columns[0].len()).unwrap();
    let expected = expected(&columns);
    let found = transform.quotient(columns.map(Column::new));
    assert!(*found == expected, "{}", found.len());
}

fn drawn(size: usize) -> [Vec<Fr>; 3] {
    let rng = &mut ChaCha20Rng::seed_from_u64(size as u64);
    [(); 3].map(|()| (0..size).map(|_| Fr::rand(rng)).collect())
}

#[test]
fn quotients_are_arks_at_every_size() {
    check(ModelToken, drawn(Transform::SMALLEST));
    check(ModelToken, drawn(2 * Transform::SMALLEST));
    (0..15).for_each(|log| check_singly(drawn(1 << log)));
    let Some(token) = IfmaToken::detect() else {
        println!("model only: this processor has no AVX-512 IFMA");
        return;
    };
    let mut size = Transform::SMALLEST;
    while size <= 1 << 20 {
        check(token, drawn(size));
        size *= 2;
    }
}

#[test]
fn the_least_and_the_largest_elements_come_out_right() {
    let n = Transform::SMALLEST;
    let (zeros, ones) = (vec![Fr::zero(); n], vec![Fr::from(1u64); n]);
    let largest = vec![-Fr::from(1u64); n];
    let mut single = zeros.clone();
    single[n - 1] = -Fr::from(1u64);
    for columns in [
        [zeros.clone(), zeros.clone(), zeros.clone()],
        [largest.clone(), largest.clone(), largest.clone()],
        [ones, largest, single.clone()],
        [single.clone(), single, zeros],
    ] {
        check(ModelToken, columns.clone());
        check_singly(columns.clone());
        if let Some(token) = IfmaToken::detect() {
            check(token, columns);
        }
    }
}

#[test]
fn sizes_that_are_none_are_refused() {
    for size in [
        0,
        1,
        Transform::SMALLEST / 2,
        Transform::SMALLEST + 1,
        1 << 28,
        1 << 40,
    ] {
        assert!(Transform::new(size).is_none(), "{size}");
        if !size.is_power_of_two() || size > 1 << 27 {
            assert!(SingleTransform::new(size).is_none(), "{size}");
        }
    }
}
