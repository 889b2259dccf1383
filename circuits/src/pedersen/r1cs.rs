//! The circuit reading of a Pedersen commitment.

use ark_r1cs_std::alloc::AllocVar;
use ark_r1cs_std::boolean::Boolean;
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

use crate::babyjubjub::r1cs::{PointVar, fixed_base_mul};
use crate::babyjubjub::{SCALAR_BITS, Scalar};
use crate::field::Fr;
use crate::generators;

/// The bits of a scalar as witnesses, low first; `None` for key set-up. That the integer is below l
/// is not enforced: multiples of a point of order l do not need it.
///
/// **Cost**: 251.
pub fn scalar_bits(
    cs: ConstraintSystemRef<Fr>,
    scalar: Option<&Scalar>,
) -> Result<Vec<Boolean<Fr>>, SynthesisError> {
    let bits = scalar.map(|s| s.to_bits_le());
    (0..SCALAR_BITS)
        .map(|i| {
            Boolean::new_witness(cs.clone(), || {
                bits.map(|b| b[i]).ok_or(SynthesisError::AssignmentMissing)
            })
        })
        .collect()
}

/// The commitment to lanes given by their bits, low first, under a blinding factor given by its
/// bits.
///
/// **Shape**: at most 8 lanes. **Cost**: about 2 per bit and 6 per lane.
///
/// **Errors**: more lanes.
pub fn commit_var(
    lanes: &[&[Boolean<Fr>]],
    rho_bits: &[Boolean<Fr>],
) -> Result<PointVar, SynthesisError> {
    if lanes.len() > generators::LANES {
        return Err(SynthesisError::Unsatisfiable);
    }
    let mut sum = fixed_base_mul(generators::blind(), rho_bits)?;
    for (i, bits) in lanes.iter().enumerate() {
        sum = sum.add(&fixed_base_mul(generators::lane(i), bits)?)?;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pedersen::commit;
    use crate::range::r1cs::to_bits_le;
    use ark_r1cs_std::fields::fp::FpVar;
    use ark_relations::gr1cs::ConstraintSystem;
    use rand_chacha::ChaCha20Rng;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn commitments_equal_the_native_ones() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        for lanes in [[0u64, 0], [1, 0], [256, 17], [511, 511]] {
            let rho = Scalar::random(&mut rng);
            let cs = ConstraintSystem::<Fr>::new_ref();
            let bits = |v: u64| {
                to_bits_le(
                    &FpVar::new_witness(cs.clone(), || Ok(Fr::from(v))).unwrap(),
                    9,
                )
                .unwrap()
            };
            let (a, b) = (bits(lanes[0]), bits(lanes[1]));
            let rho_bits = scalar_bits(cs.clone(), Some(&rho)).unwrap();
            let before = cs.num_constraints();
            let out = commit_var(&[&a, &b], &rho_bits).unwrap();
            assert_eq!(out.value().unwrap(), commit(&lanes, &rho));
            assert!(cs.is_satisfied().unwrap());
            // 504 for rho; per lane 3 lookups of 3, one addition of 3, 2 to return, 6 into the last
            // window, 6 into the sum.
            assert_eq!(cs.num_constraints() - before, 504 + 2 * (9 + 3 + 2 + 6 + 6));
        }
    }
}
