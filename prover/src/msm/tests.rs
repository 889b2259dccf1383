//! Sums against ark's: lanes of both kinds, and inputs that special cases are made of.

use super::*;
use crate::simd::{IfmaToken, ModelToken, PortableToken};
use crate::zkey::Wire;
use ark_bn254::Fr;
use ark_ec::{CurveGroup, PrimeGroup, VariableBaseMSM};
use ark_ff::{Field, PrimeField, UniformRand, Zero};
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

fn check<T: Token<Lanes: Summing>, G: Group>(token: T, n: usize, kinds: (u8, u8), seed: u64)
where
    Sum<G>: VariableBaseMSM<MulBase = G::Affine, ScalarField = Fr>,
    G::Affine: Wire,
{
    let rng = &mut ChaCha20Rng::seed_from_u64(seed);
    let bases = points::<G>(n, kinds.0, rng);
    let scalars = scalars(n, kinds.1, rng);
    let expected = Sum::<G>::msm_unchecked(&bases, &scalars);
    let (own, scalars) = (bytes(&bases), all(&scalars));
    let found = sum::<T, G>(token, Points::new(&own), &scalars, whole());
    assert_eq!(found, Some(expected), "{n} {kinds:?} {seed}");
}

fn whole() -> Part<'static> {
    Part::new(&(), 1.0)
}

fn bytes<P: Wire>(points: &[P]) -> Vec<u8> {
    let mut out = Vec::new();
    points.iter().for_each(|point| point.write(&mut out));
    out
}

fn all(scalars: &[Fr]) -> Scalars {
    Scalars::new((0..).zip(numbers(scalars).iter()))
}

#[test]
fn points_and_scalars_of_every_kind_sum_as_arks_do() {
    for kind in 0..4 {
        for scalar in 0..7 {
            check::<_, G1>(ModelToken, 40, (kind, scalar), 1);
            check::<_, G1>(PortableToken, 700, (kind, scalar), 1);
            check::<_, G2>(PortableToken, 90, (kind, scalar), 2);
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

/// Whoever has no room for all points at once takes them piece by piece.
#[test]
fn sums_of_slices_add_up() {
    let rng = &mut ChaCha20Rng::seed_from_u64(5);
    let (points, scalars) = (points::<G1>(300, 2, rng), scalars(300, 0, rng));
    let sum_of = |points: &[_], scalars: &[Fr]| {
        let (points, scalars) = (bytes(points), all(scalars));
        let points = Points::<G1>::new(&points);
        sum(PortableToken, points, &scalars, whole()).unwrap()
    };
    for length in [1, 7, 64, 299, 300] {
        let slices = points.chunks(length).zip(scalars.chunks(length));
        let added: Sum<G1> = slices.map(|(points, own)| sum_of(points, own)).sum();
        assert_eq!(added, sum_of(&points, &scalars), "{length}");
    }
}

/// Around eights, inversions and chunks.
#[test]
fn lengths_around_every_border_sum_as_arks_do() {
    for n in [0, 1, 2, 7, 8, 9, 15, 16, 17] {
        check::<_, G1>(ModelToken, n, (0, 0), 5);
    }
    check::<_, G2>(PortableToken, 2049, (2, 0), 6);
    for n in [0, 1, 7, 8, 9, 2047, 2048, 4099] {
        check::<_, G1>(PortableToken, n, (0, 0), 6);
        check::<_, G1>(PortableToken, n, (1, 1), 6);
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

/// Digits are those of the scalar, whatever their width, and those of windows that are not looked at
/// are zero.
#[test]
fn digits_come_to_the_scalar() {
    let rng = &mut ChaCha20Rng::seed_from_u64(10);
    let mut all = scalars(20, 0, rng);
    all.extend([Fr::from(1u64), -Fr::from(1u64)]);
    let power = |bits: u64| Fr::from(2u64).pow([bits]);
    all.extend((0..254).map(power));
    all.extend((1..254).map(|bits| power(bits) - Fr::from(1u64)));
    for width in 2..=16 {
        let cut = digits::Cut { width };
        for scalar in &all {
            let own = Scalars::with_cut([(7, &scalar.into_bigint().0)].into_iter(), cut);
            let mut found = Fr::zero();
            for window in (0..cut.windows()).rev() {
                let mut order = Order::default();
                order.sort(&own, window, 0..own.length(window));
                let size = order.ends.iter().position(|end| *end > 0);
                let digit = Fr::from(size.map_or(0, |at| at as u64 + 1));
                let entry = order.entries.first().copied().unwrap_or(14);
                assert_eq!(entry >> 1, 7);
                let digit = if entry & 1 == 1 { -digit } else { digit };
                found = found * Fr::from(1u64 << width) + digit;
            }
            assert_eq!(found, *scalar, "{width}");
        }
    }
    assert_eq!(Scalars::new([(0, &[0; 4])].into_iter()).length(0), 0);
}

/// Multiples of one point, of every kind of scalar and around pieces.
#[test]
fn multiples_of_one_point_are_arks() {
    fn check<T: Token<Lanes: Summing>, G: Group>(token: T, n: usize, kind: u8)
    where
        Sum<G>: CurveGroup<Affine = G::Affine>,
        G::Affine: Wire,
    {
        let rng = &mut ChaCha20Rng::seed_from_u64(n as u64);
        let (point, scalars) = (Sum::<G>::rand(rng), scalars(n, kind, rng));
        let expected: Vec<Sum<G>> = scalars.iter().map(|own| point * own).collect();
        let found = multiples::<T, G>(token, point, &scalars);
        assert_eq!(found, Sum::<G>::normalize_batch(&expected), "{n} {kind}");
        let none = multiples::<T, G>(token, Sum::<G>::zero(), &scalars[..n.min(3)]);
        assert!(none.iter().all(G::Affine::is_zero));
    }
    for kind in 0..7 {
        check::<_, G1>(ModelToken, 3, kind);
        check::<_, G1>(PortableToken, 20, kind);
        check::<_, G2>(PortableToken, 20, kind);
    }
    if let Some(token) = IfmaToken::detect() {
        for kind in 0..7 {
            check::<_, G1>(token, 20, kind);
            check::<_, G2>(token, 20, kind);
        }
        for n in [0, 1, 511, 512, 513, 1100] {
            check::<_, G1>(token, n, 0);
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
        check::<_, G1>(PortableToken, n, (kind, scalar), seed);
    }
}
