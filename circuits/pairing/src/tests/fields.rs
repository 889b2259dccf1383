use super::elements;
use crate::fp::Fp;
use crate::fp2::Fp2;
use crate::fp6::Fp6;
use crate::fp12::Fp12;
use ark_bn254::{Fq, Fq2, Fq6, Fq12, Fq12Config};
use ark_ec::pairing::Pairing;
use ark_ff::{AdditiveGroup, Field, Fp12Config, One, UniformRand, Zero};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

fn fq(number: Fp) -> Fq {
    number.into()
}

#[test]
fn elements_of_the_base_field() {
    let all = elements(&mut ChaCha20Rng::seed_from_u64(1));
    for &a in &all {
        let x = Fp::from(a);
        assert_eq!(fq(x), a);
        assert_eq!(fq(-x), -a);
        assert_eq!(fq(x.double()), a.double());
        for &b in &all {
            let y = Fp::from(b);
            assert_eq!(fq(x + y), a + b);
            assert_eq!(fq(x - y), a - b);
            assert_eq!(fq(x * y), a * b);
            assert_eq!(fq(x.nine_times_plus(y.0)), a * Fq::from(9) + b);
            assert_eq!(fq(x.nine_times_plus(y.negative())), a * Fq::from(9) - b);
            let squares = Fp::sum_of_products::<1, 4>([&x.plus(y)], [&x.minus(y)]);
            assert_eq!(fq(squares), a.square() - b.square());
        }
    }
}

/// Sums of as many products as may be, of operands that are as large as may be.
fn sums<const N: usize, const BOUND: usize>(a: [Fq; N], b: [Fq; N]) {
    let products = a.iter().zip(&b).map(|(a, b)| *a * b);
    let expected: Fq = products.sum();
    let (x, y) = (a.map(Fp::from), b.map(Fp::from));
    let (left, right) = (x.each_ref().map(|x| &x.0), y.each_ref().map(|y| &y.0));
    let sum = Fp::sum_of_products::<N, BOUND>(left, right);
    assert_eq!(fq(sum), expected, "{N} products");
    let twice = x.map(|x| x.plus(x));
    let twice = twice.each_ref();
    if 2 * N <= BOUND {
        let sum = Fp::sum_of_products::<N, BOUND>(twice, right);
        assert_eq!(fq(sum), expected.double(), "{N} products of doubles");
    }
    if 4 * N <= BOUND {
        let both = y.map(|y| y.plus(y));
        let sum = Fp::sum_of_products::<N, BOUND>(twice, both.each_ref());
        assert_eq!(fq(sum), expected.double().double(), "{N} of doubles");
    }
}

#[test]
fn sums_of_products_of_the_largest_elements() {
    let largest = Fq::new_unchecked(elements(&mut ChaCha20Rng::seed_from_u64(1))[8].0);
    sums::<1, 4>([largest], [largest]);
    sums::<2, 8>([largest; 2], [largest; 2]);
    sums::<2, 4>([largest; 2], [largest; 2]);
    sums::<3, 6>([largest; 3], [largest; 3]);
    sums::<4, 4>([largest; 4], [largest; 4]);
    sums::<4, 8>([largest; 4], [largest; 4]);
    sums::<5, 5>([largest; 5], [largest; 5]);
    sums::<5, 10>([largest; 5], [largest; 5]);
    sums::<6, 6>([largest; 6], [largest; 6]);
}

fn extension(all: &[Fq], at: [prop::sample::Index; 2]) -> Fq2 {
    Fq2::new(all[at[0].index(all.len())], all[at[1].index(all.len())])
}

proptest! {
    #[test]
    fn sums_of_products(seed: u64) {
        let all = elements(&mut ChaCha20Rng::seed_from_u64(seed));
        let mut pick = all.iter().rev().cycle().step_by(1 + (seed % 7) as usize).copied();
        let mut next = || pick.next().expect("a cycle");
        sums::<6, 6>([(); 6].map(|()| next()), [(); 6].map(|()| next()));
        sums::<5, 10>([(); 5].map(|()| next()), [(); 5].map(|()| next()));
        sums::<4, 8>([(); 4].map(|()| next()), [(); 4].map(|()| next()));
    }

    #[test]
    fn elements_of_the_quadratic_extension(seed: u64, at: [[prop::sample::Index; 2]; 6]) {
        let all = elements(&mut ChaCha20Rng::seed_from_u64(seed));
        let [a, b, c, d, e, f] = at.map(|at| extension(&all, at));
        let [x, y, z, u, v, w] = [a, b, c, d, e, f].map(Fp2::from);
        let fq2 = |number: Fp2| Fq2::from(number);
        prop_assert_eq!(fq2(x + y), a + b);
        prop_assert_eq!(fq2(x - y), a - b);
        prop_assert_eq!(fq2(-x), -a);
        prop_assert_eq!(fq2(x.double()), a.double());
        prop_assert_eq!(fq2(x * y), a * b);
        prop_assert_eq!(fq2(x.square()), a.square());
        prop_assert_eq!(fq2(x.times_xi()), a * Fq2::new(Fq::from(9), Fq::one()));
        prop_assert_eq!(fq2(x.scale(y.a)), Fq2::new(a.c0 * b.c0, a.c1 * b.c0));
        prop_assert_eq!(fq2(x.conjugate()), Fq2::new(a.c0, -a.c1));
        prop_assert_eq!(fq2(Fp2::sum_of_two([&x, &y], [&z, &u])), a * c + b * d);
        let sum = Fp2::sum_of_three([&x, &y, &z], [&u, &v, &w]);
        prop_assert_eq!(fq2(sum), a * d + b * e + c * f);
    }

    #[test]
    fn elements_of_the_larger_extensions(seed: u64, at: [[prop::sample::Index; 2]; 15]) {
        let all = elements(&mut ChaCha20Rng::seed_from_u64(seed));
        let at = at.map(|at| extension(&all, at));
        let six = |first: usize| Fq6::new(at[first], at[first + 1], at[first + 2]);
        let (a, b) = (Fq12::new(six(0), six(3)), Fq12::new(six(6), six(9)));
        let (x, y) = (Fp12::from(a), Fp12::from(b));
        let v = Fq6::new(Fq2::zero(), Fq2::one(), Fq2::zero());
        prop_assert_eq!(Fq6::from(x.a * x.b), a.c0 * a.c1);
        prop_assert_eq!(Fq6::from(x.a + x.b), a.c0 + a.c1);
        prop_assert_eq!(Fq6::from(x.a - x.b), a.c0 - a.c1);
        prop_assert_eq!(Fq6::from(x.a.times_v()), a.c0 * v);
        prop_assert_eq!(Fq12::from(x * y), a * b);
        prop_assert_eq!(Fq12::from(x.square()), a.square());
        prop_assert_eq!(x.inverse().map(Fq12::from), a.inverse());
        for times in 0..4 {
            prop_assert_eq!(Fq12::from(x.frobenius(times)), a.frobenius_map(times));
        }
        let [of_y, of_x, constant] = [at[12], at[13], at[14]];
        let line = |of_y: Fq2| {
            let mut product = a;
            product.mul_by_034(&of_y, &of_x, &constant);
            product
        };
        let found = x.times_line(of_y.into(), of_x.into(), constant.into());
        prop_assert_eq!(Fq12::from(found), line(of_y));
        let found = x.times_monic_line(of_x.into(), constant.into());
        prop_assert_eq!(Fq12::from(found), line(Fq2::one()));
    }
}

#[test]
fn the_extension_by_a_cube_root_is_arks() {
    let w = Fp12 {
        a: Fp6::ZERO,
        b: Fp6::ONE,
    };
    assert_eq!(Fq12::from(w.square()).c0, Fq6::from(Fp6::ONE.times_v()));
    let mut v = Fq6::one();
    Fq12Config::mul_fp6_by_nonresidue_in_place(&mut v);
    assert_eq!(Fq6::from(Fp6::ONE.times_v()), v);
    assert_eq!(Fp12::from(Fq12::zero()).inverse(), None);
}

/// Those whose inverse is their conjugate, one of them one.
#[test]
fn squares_of_unitary_elements() {
    let rng = &mut ChaCha20Rng::seed_from_u64(2);
    let mut numbers = vec![Fq12::one()];
    for _ in 0..20 {
        let (p, q) = (UniformRand::rand(rng), UniformRand::rand(rng));
        let (p, q): (ark_bn254::G1Projective, ark_bn254::G2Projective) = (p, q);
        numbers.push(ark_bn254::Bn254::pairing(p, q).0);
    }
    for number in numbers {
        let own = Fp12::from(number);
        assert_eq!(Fq12::from(own.square_unitary()), number.square());
        assert_eq!(Fq12::from(own * own.conjugate()), Fq12::one());
    }
}
