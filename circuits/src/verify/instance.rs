//! The sum of a key's points times an instance: few points, known long before the numbers.

use super::MAX_INPUTS;
use crate::field::Fr;
use ark_bn254::{G1Affine, G1Projective};
use ark_ec::{AdditiveGroup, CurveGroup, VariableBaseMSM};
use ark_ff::{BigInteger, PrimeField, Zero};

/// Digits are odd and below 2^(WIDTH - 1) in size, and one in WIDTH + 1 is not zero.
const WIDTH: usize = 7;
/// Multiples of a point that digits stand for: 1, 3, 5 ... times.
const MULTIPLES: usize = 1 << (WIDTH - 2);

/// Small multiples of a key's points. Memory: 2 KiB an input.
///
/// One chain of doublings serves all inputs, on the calling thread. For more than [`MAX_INPUTS`] there
/// are no multiples, and the sum is ark's.
pub(crate) struct Multiples(Vec<[G1Affine; MULTIPLES]>);

impl Multiples {
    /// Of those that inputs multiply: all but the first.
    pub fn new(points: &[G1Affine]) -> Self {
        let inputs = points.get(1..).unwrap_or_default();
        let few = if inputs.len() > MAX_INPUTS {
            &[]
        } else {
            inputs
        };
        Multiples(odd_multiples(few))
    }

    /// Of the same points: the one alone, plus the others times as many inputs.
    pub fn sum(&self, points: &[G1Affine], inputs: &[Fr]) -> G1Projective {
        let Some((first, points)) = points.split_first() else {
            return G1Projective::zero();
        };
        if self.0.len() != points.len() {
            return G1Projective::msm_unchecked(points, inputs) + first;
        }
        let digits = |input: &Fr| input.into_bigint().find_wnaf(WIDTH).unwrap_or_default();
        let digits: Vec<Vec<i64>> = inputs.iter().map(digits).collect();
        let length = digits.iter().map(Vec::len).max().unwrap_or_default();
        let mut sum = G1Projective::zero();
        for at in (0..length).rev() {
            sum.double_in_place();
            for (digits, multiples) in digits.iter().zip(&self.0) {
                let digit = digits.get(at).copied().unwrap_or_default();
                match multiples.get(digit.unsigned_abs() as usize / 2) {
                    Some(point) if digit > 0 => sum += point,
                    Some(point) if digit < 0 => sum -= point,
                    _ => {}
                }
            }
        }
        sum + first
    }
}

fn odd_multiples(points: &[G1Affine]) -> Vec<[G1Affine; MULTIPLES]> {
    let mut all = Vec::with_capacity(points.len() * MULTIPLES);
    for point in points {
        let (mut multiple, twice) = (G1Projective::from(*point), *point + point);
        for _ in 0..MULTIPLES {
            all.push(multiple);
            multiple += twice;
        }
    }
    let all = G1Projective::normalize_batch(&all);
    let (of_points, _) = all.as_chunks::<MULTIPLES>();
    of_points.to_vec()
}
