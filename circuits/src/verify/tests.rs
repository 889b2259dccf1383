//! Sums against ark's.

use super::instance::Multiples;
use super::*;
use ark_bn254::{G1Affine, G1Projective};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::UniformRand;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

#[test]
fn the_sum_of_an_instance_is_that_of_its_products() {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    for n in [0, 1, 2, 7, MAX_INPUTS, MAX_INPUTS + 1] {
        let mut points: Vec<G1Affine> = (0..=n)
            .map(|_| G1Projective::rand(rng).into_affine())
            .collect();
        let mut inputs: Vec<Fr> = (0..n).map(|_| Fr::rand(rng)).collect();
        // Equal points, infinity, and the ends of the field.
        let ends = [
            Fr::from(0u64),
            Fr::from(1u64),
            -Fr::from(1u64),
            Fr::from(31u64),
        ];
        for (at, end) in ends.into_iter().enumerate().take(n / 2) {
            inputs[at] = end;
            points[at + 1] = points[n];
        }
        if n > 6 {
            points[3] = G1Affine::zero();
        }
        let products = points[1..].iter().zip(&inputs).map(|(p, x)| *p * x);
        let expected = products.sum::<G1Projective>() + points[0];
        let sum = Multiples::new(&points).sum(&points, &inputs);
        assert_eq!(sum, expected, "{n}");
    }
}
