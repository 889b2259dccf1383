//! Sums and Miller loops against ark's.

use super::instance::Multiples;
use super::miller::miller_loops;
use super::*;
use ark_bn254::{G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::AffineRepr;
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

#[test]
fn miller_loops_are_arks() {
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    let mut p = [(); 4].map(|()| G1Projective::rand(rng).into_affine());
    let mut q = [(); 4].map(|()| G2Projective::rand(rng).into_affine());
    for infinite in 0..3 {
        let prepared = q.map(<Bn254 as Pairing>::G2Prepared::from);
        for n in 0..=4 {
            let pairs: Vec<_> = p.iter().copied().zip(&prepared).take(n).collect();
            let expected = Bn254::multi_miller_loop(&p[..n], &q[..n]);
            assert_eq!(miller_loops(&pairs), expected, "{infinite} {n}");
        }
        match infinite {
            0 => p[1] = G1Affine::zero(),
            _ => q[2] = G2Affine::zero(),
        }
    }
}
