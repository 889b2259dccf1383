use super::*;
use crate::babyjubjub::{SCALAR_BITS, Scalar};
use crate::range::r1cs::to_bits_canonical;
use ark_ff::PrimeField;
use ark_relations::gr1cs::{ConstraintSystem, SynthesisMode};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

fn new_cs() -> ConstraintSystemRef<Fr> {
    ConstraintSystem::<Fr>::new_ref()
}

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(11)
}

fn bits_of(cs: &ConstraintSystemRef<Fr>, bits: &[bool]) -> Vec<Boolean<Fr>> {
    bits.iter()
        .map(|bit| Boolean::new_witness(cs.clone(), || Ok(*bit)).unwrap())
        .collect()
}

fn small(value: u64, n: usize) -> Vec<bool> {
    (0..n).map(|i| i < 64 && value >> i & 1 == 1).collect()
}

fn order_two() -> Point {
    Point {
        x: Fr::ZERO,
        y: -Fr::ONE,
    }
}

/// Points of every coset that matters: subgroup, small order, mixed.
fn samples() -> Vec<Point> {
    let p = Point::BASE8.mul(&Scalar::random(&mut rng()));
    vec![
        Point::IDENTITY,
        order_two(),
        Point::BASE8,
        p,
        p.neg(),
        p.add(&order_two()),
    ]
}

#[test]
fn addition_and_doubling_are_complete() {
    for a in samples() {
        for b in samples() {
            let cs = new_cs();
            let (pa, pb) = (
                PointVar::new_witness(cs.clone(), Some(&a)).unwrap(),
                PointVar::new_witness(cs.clone(), Some(&b)).unwrap(),
            );
            assert_eq!(pa.add(&pb).unwrap().value().unwrap(), a.add(&b));
            assert_eq!(cs.num_constraints(), 6);
            assert_eq!(
                pa.add(&PointVar::constant(b)).unwrap().value().unwrap(),
                a.add(&b)
            );
            assert_eq!(cs.num_constraints(), 9);
            assert_eq!(pa.double().unwrap().value().unwrap(), a.double());
            assert_eq!(cs.num_constraints(), 14);
            pa.enforce_on_curve().unwrap();
            assert_eq!(cs.num_constraints(), 17);
            assert!(cs.is_satisfied().unwrap());
        }
    }
}

#[test]
fn c5_points_off_the_curve_are_refused() {
    let cs = new_cs();
    let off = Point {
        x: Point::BASE8.x,
        y: Point::BASE8.y + Fr::ONE,
    };
    PointVar::new_witness(cs.clone(), Some(&off))
        .unwrap()
        .enforce_on_curve()
        .unwrap();
    assert!(!cs.is_satisfied().unwrap());
}

#[test]
fn fixed_base_multiples_equal_the_native_ones_at_every_width() {
    for (n, values) in [
        (1, vec![0u64, 1]),
        (2, vec![0, 3]),
        (3, vec![0, 5, 7]),
        (4, vec![0, 8, 15]),
        (9, vec![0, 256, 511]),
        (32, vec![0, 77, u64::from(u32::MAX)]),
    ] {
        for value in values {
            let cs = new_cs();
            let out = fixed_base_mul(Point::BASE8, &bits_of(&cs, &small(value, n))).unwrap();
            assert_eq!(
                out.value().unwrap(),
                Point::BASE8.mul(&Scalar::from_u64(value)),
                "{n} bits of {value}"
            );
            assert!(cs.is_satisfied().unwrap());
        }
    }
}

/// Scalars that would meet a special case if there were one: 0, 1, all ones, the order and its
/// neighbours.
fn edge_scalars() -> Vec<Vec<bool>> {
    let order = Scalar::order_bits_le().to_vec();
    let minus_one = Scalar::zero()
        .sub(&Scalar::from_u64(1))
        .to_bits_le()
        .to_vec();
    let half =
        Scalar::from_field(Scalar::zero().sub(&Scalar::from_u64(1)).to_field() / Fr::from(2u64))
            .unwrap()
            .to_bits_le()
            .to_vec();
    let mut out = vec![order, minus_one, half, vec![true; SCALAR_BITS]];
    out.extend([0u64, 1, 2, 3, u64::MAX].map(|v| small(v, SCALAR_BITS)));
    out.push(Scalar::random(&mut rng()).to_bits_le().to_vec());
    out
}

#[test]
fn fixed_base_multiples_at_the_edges() {
    for bits in edge_scalars() {
        let cs = new_cs();
        let out = fixed_base_mul(Point::BASE8, &bits_of(&cs, &bits)).unwrap();
        assert_eq!(out.value().unwrap(), Point::BASE8.mul_bits_vartime(&bits));
        assert!(cs.is_satisfied().unwrap());
        assert_eq!(cs.num_constraints() - SCALAR_BITS, FIXED_COST);
    }
    assert!(fixed_base_mul(order_two(), &bits_of(&new_cs(), &small(1, 3))).is_err());
}

/// 83 lookups of 3, one of two bits, 82 Montgomery additions of 3, 2 to return, one addition of 6
/// (circomlib: 776 for 253 bits).
const FIXED_COST: usize = 83 * 3 + 1 + 82 * 3 + 2 + 6;

#[test]
fn any_base_multiples_at_the_edges() {
    let base = Point::BASE8.mul(&Scalar::random(&mut rng()));
    for bits in edge_scalars() {
        let cs = new_cs();
        let point = PointVar::new_witness(cs.clone(), Some(&base)).unwrap();
        let out = any_base_mul(&point, &bits_of(&cs, &bits)).unwrap();
        assert_eq!(out.value().unwrap(), base.mul_bits_vartime(&bits));
        assert!(cs.is_satisfied().unwrap());
    }
}

#[test]
fn any_base_multiples_by_field_elements() {
    let base = Point::BASE8.mul(&Scalar::random(&mut rng()));
    for value in [
        Fr::ZERO,
        Fr::ONE,
        -Fr::ONE,
        Fr::from(2u64).pow([253u64]),
        Fr::from(3u64).pow([500u64]),
    ] {
        let cs = new_cs();
        let point = PointVar::new_witness(cs.clone(), Some(&base)).unwrap();
        let scalar = FpVar::new_witness(cs.clone(), || Ok(value)).unwrap();
        let bits = to_bits_canonical(&scalar).unwrap();
        let before = cs.num_constraints();
        let out = any_base_mul(&point, &bits).unwrap();
        let native: Vec<bool> = ark_ff::BigInteger::to_bits_le(&value.into_bigint());
        assert_eq!(out.value().unwrap(), base.mul_bits_vartime(&native));
        assert!(cs.is_satisfied().unwrap());
        assert_eq!(cs.num_constraints() - before, ANY_COST);
    }
}

/// 257 for the offset, 2 + 2 into Montgomery form, 11 for 3 P, 248 steps of 6, 2 back, 6 complete
/// steps of 13, 8 at the end (circomlib: 2,310).
const ANY_COST: usize = 257 + 4 + 11 + 248 * 6 + 2 + 6 * 13 + 8;

#[test]
fn short_scalars_and_public_ones() {
    let base = Point::BASE8;
    for (value, n) in [(0u64, 1), (1, 1), (5, 3), (200, 8)] {
        let cs = new_cs();
        let point = PointVar::new_witness(cs.clone(), Some(&base)).unwrap();
        let expected = base.mul(&Scalar::from_u64(value));
        assert_eq!(
            any_base_mul(&point, &bits_of(&cs, &small(value, n)))
                .unwrap()
                .value()
                .unwrap(),
            expected
        );
        let constants: Vec<Boolean<Fr>> =
            small(value, n).into_iter().map(Boolean::constant).collect();
        assert_eq!(
            any_base_mul(&point, &constants).unwrap().value().unwrap(),
            expected
        );
        assert!(cs.is_satisfied().unwrap());
    }
}

#[test]
fn shapes_are_the_same_without_values() {
    let shape = |setup: bool| {
        let cs = new_cs();
        if setup {
            cs.set_mode(SynthesisMode::Setup);
        }
        let point = PointVar::new_witness(cs.clone(), (!setup).then_some(&Point::BASE8)).unwrap();
        let bits: Vec<Boolean<Fr>> = (0..254)
            .map(|i| {
                Boolean::new_witness(cs.clone(), || {
                    if setup {
                        Err(SynthesisError::AssignmentMissing)
                    } else {
                        Ok(i % 3 == 0)
                    }
                })
                .unwrap()
            })
            .collect();
        let a = any_base_mul(&point, &bits).unwrap();
        let b = fixed_base_mul(Point::BASE8, &bits[..251]).unwrap();
        a.add(&b)
            .unwrap()
            .enforce_equal_if(&bits[0], &point)
            .unwrap();
        (cs.num_constraints(), cs.num_witness_variables())
    };
    assert_eq!(shape(true), shape(false));
}
