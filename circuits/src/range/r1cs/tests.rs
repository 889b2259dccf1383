use super::*;
use ark_relations::gr1cs::ConstraintSystem;

fn satisfied(
    build: impl FnOnce(ConstraintSystemRef<Fr>) -> Result<(), SynthesisError>,
) -> (bool, usize) {
    let cs = ConstraintSystem::<Fr>::new_ref();
    build(cs.clone()).unwrap();
    (cs.is_satisfied().unwrap(), cs.num_constraints())
}

fn witness(cs: &ConstraintSystemRef<Fr>, value: Fr) -> FpVar<Fr> {
    FpVar::new_witness(cs.clone(), || Ok(value)).unwrap()
}

#[test]
fn c3_widths_at_their_edges() {
    let two = |n: u64| Fr::from(2u64).pow([n]);
    for n in [1usize, 20, 64, 253] {
        for (value, fits) in [
            (Fr::ZERO, true),
            (two(n as u64) - Fr::ONE, true),
            (two(n as u64), false),
            (-Fr::ONE, false),
        ] {
            let (ok, cost) = satisfied(|cs| enforce_bits(&witness(&cs, value), n));
            assert_eq!(ok, fits, "{n} bits");
            assert_eq!(ok, super::super::fits(&value, n));
            assert_eq!(cost, n + 1);
        }
    }
    let cs = ConstraintSystem::<Fr>::new_ref();
    assert!(to_bits_le(&witness(&cs, Fr::ONE), 254).is_err());
}

#[test]
fn c3_canonical_bits_are_below_the_order() {
    for value in [
        Fr::ZERO,
        Fr::ONE,
        -Fr::ONE,
        Fr::from(2u64).pow([253]),
        Fr::from(u64::MAX),
    ] {
        let cs = ConstraintSystem::<Fr>::new_ref();
        let bits = to_bits_canonical(&witness(&cs, value)).unwrap();
        assert!(cs.is_satisfied().unwrap());
        assert_eq!(cs.num_constraints(), 407);
        let expected = value.into_bigint().to_bits_le();
        assert!(
            bits.iter()
                .zip(&expected)
                .all(|(a, b)| a.value().unwrap() == *b)
        );
    }
}

/// Bits of an integer at or above r whose sum modulo r is right.
#[test]
fn c3_the_other_decomposition_of_a_small_value_is_refused() {
    for add in [0u64, 1, 5] {
        let cs = ConstraintSystem::<Fr>::new_ref();
        let mut integer = <Fr as PrimeField>::MODULUS;
        integer.add_with_carry(&ark_ff::BigInt::from(add));
        let bits: Vec<Boolean<Fr>> = (0..FIELD_BITS)
            .map(|i| Boolean::new_witness(cs.clone(), || Ok(integer.get_bit(i))).unwrap())
            .collect();
        from_bits_le(&bits)
            .unwrap()
            .enforce_equal(&witness(&cs, Fr::from(add)))
            .unwrap();
        assert!(cs.is_satisfied().unwrap());
        enforce_at_most(&bits, &(-Fr::ONE).into_bigint()).unwrap();
        assert!(!cs.is_satisfied().unwrap());
    }
}

#[test]
fn c3_bounds_hold_exactly() {
    for bound in 0u64..32 {
        for value in 0u64..32 {
            let (ok, _) = satisfied(|cs| {
                let bits = to_bits_le(&witness(&cs, Fr::from(value)), 5)?;
                enforce_at_most(&bits, &ark_ff::BigInt::<4>::from(bound))
            });
            assert_eq!(ok, value <= bound, "{value} <= {bound}");
        }
    }
}

#[test]
fn c3_comparisons_of_small_integers() {
    for a in 0u64..8 {
        for b in 0u64..8 {
            let (less, cost) = satisfied(|cs| {
                enforce_less_than_bits(&witness(&cs, Fr::from(a)), &witness(&cs, Fr::from(b)), 3)
            });
            assert_eq!((less, cost), (a < b, 4));
            let (at_most, _) = satisfied(|cs| {
                enforce_at_most_bits(&witness(&cs, Fr::from(a)), &witness(&cs, Fr::from(b)), 3)
            });
            assert_eq!(at_most, a <= b);
            let cs = ConstraintSystem::<Fr>::new_ref();
            let bit = is_less_than_bits(&witness(&cs, Fr::from(a)), &witness(&cs, Fr::from(b)), 3)
                .unwrap();
            assert_eq!(bit.value().unwrap(), a < b);
            assert!(cs.is_satisfied().unwrap());
        }
    }
}

#[test]
fn conditions_switch_equations() {
    for (on, value) in [(true, 0u64), (true, 1), (false, 0), (false, 1)] {
        let (ok, _) = satisfied(|cs| {
            let condition = Boolean::new_witness(cs.clone(), || Ok(on))?;
            enforce_zero_if(&condition, &witness(&cs, Fr::from(value)))
        });
        assert_eq!(ok, !on || value == 0);
        let (ok, _) = satisfied(|cs| enforce_not_zero(&witness(&cs, Fr::from(value))));
        assert_eq!(ok, value != 0);
    }
}
