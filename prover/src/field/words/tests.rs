//! Elements as words against ark's, at the ends of what is below 2p.

use super::*;
use ark_bn254::Fq2;
use ark_ff::{Field, PrimeField, Zero};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

const ONE: Number = [1, 0, 0, 0];

/// Numbers below 2p: the ends, p and its neighbours, and drawn ones, above p too.
fn numbers<M: Modulus, F: PrimeField<BigInt = BigInt<4>>>() -> Vec<Number> {
    let rng = &mut ChaCha20Rng::seed_from_u64(1);
    let p = M::WORDS;
    let mut all = vec![[0; 4], ONE, minus(p, ONE).0, p, plus(p, ONE).0];
    all.push(minus(M::TWICE, ONE).0);
    for _ in 0..6 {
        let BigInt(drawn) = F::rand(rng).into_bigint();
        all.extend([drawn, plus(drawn, p).0]);
    }
    all
}

/// What the words mean, but for R.
fn value<F: PrimeField>(words: Number) -> F {
    let step = F::from(1u128 << 64);
    let words = words.iter().rev();
    words.fold(F::zero(), |sum, word| sum * step + F::from(*word))
}

fn operations_are_right<M: Modulus, F: PrimeField<BigInt = BigInt<4>>>() {
    let r = F::from(2u64).pow([256]);
    let less = r.inverse().unwrap();
    let found = |own: Words<M>| {
        assert!(minus(own.0, M::TWICE).1, "below 2p");
        assert_eq!(F::from_bigint(BigInt(own.least())), Some(value(own.0)));
        value::<F>(own.0)
    };
    for a in numbers::<M, F>() {
        let (own, a) = (of::<M>(a), value::<F>(a));
        assert_eq!(found(own.square()), a * a * less);
        let inverse = a.inverse().unwrap_or_default();
        assert_eq!(found(own.inverse()), inverse * r * r);
        assert_eq!(own.is_zero(), a.is_zero());
        assert_eq!(found(own.negated_if(true)), -a);
        assert_eq!(own.negated_if(false).0, own.0);
        for b in numbers::<M, F>() {
            let (other, b) = (of::<M>(b), value::<F>(b));
            assert_eq!(found(own.mul(other)), a * b * less);
            assert_eq!(found(own.add(other)), a + b);
            assert_eq!(found(own.sub(other)), a - b);
        }
    }
}

#[test]
fn operations_of_both_fields_are_right_at_their_ends() {
    operations_are_right::<OfCurve, Fq>();
    operations_are_right::<OfScalars, Fr>();
    assert_eq!(Base::ONE.element(), Fq::ONE);
    assert_eq!(Words::<OfScalars>::ONE.scalar(), Fr::ONE);
}

#[test]
fn operations_of_the_extension_are_right_at_their_ends() {
    let of = |Pair([a, b]): Pair| {
        assert!(minus(a.0, OfCurve::TWICE).1 && minus(b.0, OfCurve::TWICE).1);
        Fq2::new(a.element(), b.element())
    };
    let numbers = numbers::<OfCurve, Fq>();
    let halves = numbers.iter().map(|own| super::of::<OfCurve>(*own));
    let pairs: Vec<Pair> = halves
        .clone()
        .flat_map(|a| halves.clone().map(move |b| Pair([a, b])))
        .collect();
    for (at, own) in pairs.iter().enumerate() {
        let a = of(*own);
        assert_eq!(of(own.square()), a * a);
        assert_eq!(of(own.inverse()), a.inverse().unwrap_or_default());
        assert_eq!(own.is_zero(), a.is_zero());
        for other in pairs.iter().skip(at) {
            let b = of(*other);
            assert_eq!(of(own.mul(*other)), a * b);
            assert_eq!(of(other.mul(*own)), a * b);
            assert_eq!(of(own.sub(*other)), a - b);
            assert_eq!(of(own.add(*other)), a + b);
        }
    }
}
