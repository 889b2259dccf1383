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
