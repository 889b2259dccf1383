//! One over the denominators of a multiplication, found together.
//!
//! An inversion takes as long as some hundred products, and a multiplication has a slope to compute at
//! each step, of a point that the step before gives. With projective points the steps go without
//! inversions; then all points, and all denominators, are inverted at once.
//!
//! This is a shortcut for values and nothing else: [`super::quotient_by`] takes an inverse only where
//! it is one, so wrong ones cost time.

use super::montgomery::coordinates;
use crate::babyjubjub::extended::Extended;
use crate::field::Fr;

/// Inverses in the order in which steps ask for them; none while keys are set up.
pub(super) struct Inverses(std::vec::IntoIter<Fr>);

impl Inverses {
    /// Of u of the second point less u of the first, for each pair.
    pub(super) fn of(pairs: &[[Extended; 2]]) -> Self {
        let points = coordinates(&Extended::batch_to_affine(pairs.as_flattened()));
        let pairs = points.chunks_exact(2);
        let mut all: Vec<Fr> = pairs.map(|pair| pair[1].0 - pair[0].0).collect();
        ark_ff::batch_inversion(&mut all);
        Inverses(all.into_iter())
    }

    pub(super) fn next(&mut self) -> Option<Fr> {
        self.0.next()
    }
}

#[cfg(test)]
mod tests {
    use super::super::quotient_by;
    use super::*;
    use crate::babyjubjub::{Point, Scalar};
    use ark_ff::Field;
    use ark_r1cs_std::GR1CSVar;
    use ark_r1cs_std::alloc::AllocVar;
    use ark_r1cs_std::fields::fp::FpVar;
    use ark_relations::gr1cs::ConstraintSystem;

    #[test]
    fn inverses_are_of_differences_of_u() {
        let point = |k| Point::BASE8.mul(&Scalar::from_u64(k));
        let pairs = [[1, 2], [3, 5]].map(|pair| pair.map(point));
        let mut found = Inverses::of(&pairs.map(|pair| pair.map(Extended::from)));
        for pair in pairs {
            let [first, second] = pair.map(|own| (Fr::ONE + own.y) / (Fr::ONE - own.y));
            assert_eq!(found.next().unwrap() * (second - first), Fr::ONE);
        }
        assert_eq!(found.next(), None);
    }

    #[test]
    fn an_inverse_that_is_none_is_not_taken() {
        let cs = ConstraintSystem::<Fr>::new_ref();
        let number = |value: u64| FpVar::new_witness(cs.clone(), || Ok(Fr::from(value))).unwrap();
        let (six, three) = (number(6), number(3));
        for inverse in [None, Some(Fr::from(7u64)), Fr::from(3u64).inverse()] {
            let out = quotient_by(&six, &three, inverse).unwrap();
            assert_eq!(out.value().unwrap(), Fr::from(2u64));
        }
        assert!(cs.is_satisfied().unwrap());
    }
}
