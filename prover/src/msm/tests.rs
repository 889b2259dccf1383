//! Sums against ark's: lanes of both kinds, and inputs that special cases are made of.

use super::*;
use crate::simd::{IfmaToken, ModelToken};
use ark_bn254::Fr;
use ark_ec::{CurveGroup, PrimeGroup, VariableBaseMSM};
use ark_ff::{Field, UniformRand, Zero};
use proptest::prelude::*;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha20Rng;

/// Points of which some are equal, opposite or infinity, in turn.
fn points<G: Group>(n: usize, kind: u8, rng: &mut ChaCha20Rng) -> Vec<G::Affine> {
    let base = Sum::<G>::rand(rng);
    let mut own = base;
    let mut all = Vec::with_capacity(n);
    for at in 0..n {
        own += Sum::<G>::generator();
        all.push(match (kind, at % 5) {
            (1, _) | (2, 0) => base,
            (2, 1) => -base,
            (2, 2) | (3, _) => Sum::<G>::zero(),
            _ => own,
        });
    }
    Sum::<G>::normalize_batch(&all)
}

/// Scalars of one kind: drawn, all the same, small, powers of two, and the largest.
fn scalars(n: usize, kind: u8, rng: &mut ChaCha20Rng) -> Vec<Fr> {
    let same = Fr::rand(rng);
    let of = |at: usize, rng: &mut ChaCha20Rng| match kind {
        0 => Fr::rand(rng),
        1 => same,
        2 => Fr::from(rng.gen_range(0..3u64)),
        3 => Fr::from(2u64).pow([at as u64 % 254]),
        4 => -Fr::from(1u64),
        5 => Fr::zero(),
        _ => -Fr::from(rng.gen_range(0..300u64)),
    };
    (0..n).map(|at| of(at, rng)).collect()
}

fn check<T: Token, G: Group>(token: T, n: usize, kinds: (u8, u8), seed: u64)
where
    Sum<G>: VariableBaseMSM<MulBase = G::Affine, ScalarField = Fr>,
{
    let rng = &mut ChaCha20Rng::seed_from_u64(seed);
    let bases = points::<G>(n, kinds.0, rng);
    let scalars = scalars(n, kinds.1, rng);
    let own: Vec<G::Point> = bases.iter().map(G::point).collect();
    let expected = Sum::<G>::msm_unchecked(&bases, &scalars);
    let found = sum::<T, G>(token, &own, &Scalars::new(scalars.iter()));
    assert_eq!(found, expected, "{n} {kinds:?} {seed}");
}

#[test]
fn points_and_scalars_of_every_kind_sum_as_arks_do() {
    for kind in 0..4 {
        for scalar in 0..7 {
            check::<_, G1>(ModelToken, 40, (kind, scalar), 1);
        }
    }
    for kinds in [(0, 0), (1, 1), (2, 2), (3, 0), (2, 4)] {
        check::<_, G2>(ModelToken, 12, kinds, 2);
    }
    let Some(token) = IfmaToken::detect() else {
        println!("model only: this processor has no AVX-512 IFMA");
        return;
    };
    for kind in 0..4 {
        for scalar in 0..7 {
            check::<_, G1>(token, 700, (kind, scalar), 3);
            check::<_, G2>(token, 90, (kind, scalar), 4);
        }
    }
}

/// Both groups by one order, of points that are infinity in one of them.
#[test]
fn sums_of_both_groups_are_those_of_each() {
    fn check<T: Token>(token: T, n: usize) {
        let rng = &mut ChaCha20Rng::seed_from_u64(n as u64);
        let (g1, g2) = (points::<G1>(n, 2, rng), points::<G2>(n, 0, rng));
        let first: Vec<_> = g1.iter().map(G1::point).collect();
        let second: Vec<_> = g2.iter().map(G2::point).collect();
        let scalars = Scalars::new(scalars(n, 0, rng).iter());
        let (in_g1, in_g2) = sum_both(token, (&first, &second), &scalars);
        assert_eq!(in_g1, sum::<_, G1>(token, &first, &scalars));
        assert_eq!(in_g2, sum::<_, G2>(token, &second, &scalars));
    }
    check(ModelToken, 20);
    if let Some(token) = IfmaToken::detect() {
        check(token, 0);
        check(token, CHUNK + 9);
    }
}

/// Around eights, inversions and chunks.
#[test]
fn lengths_around_every_border_sum_as_arks_do() {
    for n in [0, 1, 2, 7, 8, 9, 15, 16, 17] {
        check::<_, G1>(ModelToken, n, (0, 0), 5);
    }
    let Some(token) = IfmaToken::detect() else {
        return;
    };
    let eights = tree::BLOCKS * crate::simd::LANES;
    for n in [0, 1, 7, 8, 9, eights - 1, eights, 2 * eights + 3] {
        check::<_, G1>(token, n, (0, 0), 6);
        check::<_, G1>(token, n, (1, 1), 6);
    }
    for n in [CHUNK - 1, CHUNK, CHUNK + 1] {
        check::<_, G1>(token, n, (0, 2), 7);
        check::<_, G1>(token, n, (2, 0), 8);
    }
    check::<_, G2>(token, eights + 1, (2, 0), 9);
}

/// Digits are those of the scalar, whatever their width.
#[test]
fn digits_come_to_the_scalar() {
    let rng = &mut ChaCha20Rng::seed_from_u64(10);
    let mut all = scalars(20, 0, rng);
    all.extend([Fr::zero(), Fr::from(1u64), -Fr::from(1u64)]);
    for width in 2..=16 {
        let cut = digits::Cut { width };
        let offset = Scalars::with_cut(all.iter(), cut);
        for (at, scalar) in all.iter().enumerate() {
            let mut found = Fr::zero();
            for window in (0..cut.windows()).rev() {
                let mut order = Order::default();
                order.sort(&offset, window, at, 1);
                let size = order
                    .ends
                    .iter()
                    .position(|end| *end > 0)
                    .map_or(0, |at| at + 1);
                let digit = Fr::from(size as u64);
                let is_negative = order.entries.first().is_some_and(|entry| entry & 1 == 1);
                found = found * Fr::from(1u64 << width) + if is_negative { -digit } else { digit };
            }
            assert_eq!(found, *scalar, "{width}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn drawn_lengths_and_kinds_sum_as_arks_do(
        n in 0usize..300, kind in 0u8..4, scalar in 0u8..7, seed in any::<u64>()
    ) {
        match IfmaToken::detect() {
            Some(token) => {
                check::<_, G1>(token, n, (kind, scalar), seed);
                check::<_, G2>(token, n / 8, (kind, scalar), seed);
            }
            None => check::<_, G1>(ModelToken, n / 8, (kind, scalar), seed),
        }
    }
}
