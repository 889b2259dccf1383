//! Square roots, against squares and arkworks'.

use super::elements;
use crate::SquareRoot;
use ark_bn254::{Fq, Fq2};
use ark_ff::{AdditiveGroup, UniformRand};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

#[track_caller]
fn check<F: SquareRoot>(number: F) {
    let root = number.square_root();
    assert_eq!(root.is_some(), number.sqrt().is_some(), "of {number}");
    assert!(
        root.is_none_or(|root| root.square() == number),
        "of {number}"
    );
    let square = number.square();
    let root = square.square_root();
    assert!(root == Some(number) || root == Some(-number), "of {square}");
}

#[test]
fn roots_are_those_of_arkworks() {
    let rng = &mut ChaCha20Rng::seed_from_u64(4);
    let elements = elements(rng);
    for real in &elements {
        check(*real);
        check(Fq2::new(*real, Fq::ZERO));
        check(Fq2::new(Fq::ZERO, *real));
        elements
            .iter()
            .for_each(|other| check(Fq2::new(*real, *other)));
    }
    for _ in 0..200 {
        check(Fq::rand(rng));
        check(Fq2::rand(rng));
    }
}
