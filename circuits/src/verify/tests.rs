//! Sums and Miller loops against ark's.

use super::instance::Multiples;
use super::miller::{Lines, miller_loops, ratios};
use super::*;
use ark_bn254::{G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup};
use ark_ff::{UniformRand, Zero};
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

/// Whatever of the points are infinity. What lies in a subfield may differ before the final
/// exponentiation.
#[test]
fn miller_loops_come_to_what_arks_come_to() {
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    let in_g1 = [(); 3].map(|()| G1Projective::rand(rng));
    let in_g2 = [(); 3].map(|()| G2Projective::rand(rng).into_affine());
    for infinite in 0..1 << 6 {
        let is_infinite = |at: usize| infinite >> at & 1 == 1;
        let (mut p, mut q) = (in_g1, in_g2);
        for at in 0..3 {
            if is_infinite(at) {
                p[at] = G1Projective::zero();
            }
            if is_infinite(at + 3) {
                q[at] = G2Affine::zero();
            }
        }
        let prepared = q.map(G2Prepared::from);
        let [first, second, third] = &prepared;
        let lines = [second, third].map(Lines::new);
        let [of_second, of_third] = ratios([p[1], p[2]]);
        let of_key = [(of_second, &lines[0]), (of_third, &lines[1])];
        let loops = miller_loops((p[0].into_affine(), first), of_key);
        let found = Bn254::final_exponentiation(loops).unwrap();
        assert_eq!(found, Bn254::multi_pairing(p, q), "{infinite}");
    }
}
