//! Elements of lanes against ark's, at the ends of what each function takes.

use super::limbs::{multiple, to_words};
use super::*;
use crate::simd::{LIMB_MASK, Limbs};
use ark_ff::{Field, PrimeField, UniformRand, Zero};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

type Number = [u64; LIMBS];
const P: Number = <OfCurve as Modulus>::P;

/// Sums of limbs, carried.
fn plus(a: Number, b: Number, sign: i64) -> Number {
    let (mut out, mut carry) = ([0; LIMBS], 0i64);
    for at in 0..LIMBS {
        let sum = a[at].cast_signed() + sign * b[at].cast_signed() + carry;
        (out[at], carry) = match at + 1 < LIMBS {
            true => (sum.cast_unsigned() & LIMB_MASK, sum >> 52),
            false => (sum.cast_unsigned(), 0),
        };
    }
    out
}

/// Numbers up to `most` times p, the ends among them, and drawn ones moved up.
fn numbers(most: u64, rng: &mut ChaCha20Rng) -> Vec<Number> {
    let one = [1, 0, 0, 0, 0];
    let mut all = vec![[0; LIMBS], one];
    for k in 1..=most {
        let own = multiple(P, k);
        all.extend([plus(own, one, -1), own]);
        let drawn = from_fq(Fq::rand(rng));
        all.push(plus(drawn, multiple(P, k - 1), 1));
    }
    // One part in 2^39 above 2p is kept as well.
    if most == 2 {
        all.push(plus(multiple(P, 2), [0, 0, 0, 0, 1 << 7], 1));
    }
    all
}

fn from_fq(value: Fq) -> Number {
    super::limbs::from_words(value.into_bigint().0)
}

fn to_fq(number: Number) -> Fq {
    let step = Fq::from(1u64 << 52);
    number
        .iter()
        .rev()
        .fold(Fq::zero(), |sum, limb| sum * step + Fq::from(*limb))
}

/// Whether a number is below K p, or hardly above.
fn is_below(number: Number, k: u64) -> bool {
    let most = multiple(P, k);
    number[..LIMBS - 1].iter().all(|limb| *limb < 1 << 52)
        && number[LIMBS - 1] <= most[LIMBS - 1] + (1 << 10)
}

fn of<L: Limbs>(number: Number) -> Base<L, OfCurve> {
    Base::splat(number)
}

/// What the third lane has.
fn number<L: Limbs>(element: Base<L, OfCurve>) -> Number {
    let mut limbs = [[0; LANES]; LIMBS];
    element.store(&mut limbs);
    limbs.map(|lanes| lanes[2])
}

fn differences_are_kept<L: Limbs>(rng: &mut ChaCha20Rng) {
    for a in numbers(3, rng) {
        for b in numbers(3, rng) {
            let found = number(of::<L>(a).sub_kept(of(b)));
            assert_eq!(to_fq(found), to_fq(a) - to_fq(b));
            assert!(is_below(found, 2), "{a:?} {b:?}");
        }
    }
    let kept = numbers(2, rng);
    for a in &kept {
        for b in &kept {
            let down = number(of::<L>(*a).down_to(of(*b)));
            assert_eq!(to_fq(down), (to_fq(*a) - to_fq(*b)) * Fq::from(4u64));
            assert!(is_below(down, 20));
            for c in &kept {
                let found = number(of::<L>(*a).sub_both(of(*b), of(*c)));
                assert_eq!(to_fq(found), to_fq(*a) - to_fq(*b) - to_fq(*c));
                assert!(is_below(found, 2), "{a:?} {b:?} {c:?}");
            }
        }
    }
}

fn products_of_the_extension_are_right<L: CurveLanes<Base = Base<L, OfCurve>> + Limbs>(
    rng: &mut ChaCha20Rng,
) {
    let less = Fq::from(2u64).pow([260]).inverse().unwrap_or_default();
    let (mut large, kept) = (numbers(21, rng), numbers(2, rng));
    // Strictly below 21p.
    large.pop();
    large.retain(|own| *own != multiple(P, 21));
    for a0 in large.iter().rev().take(6) {
        for a1 in large.iter().step_by(5).chain(large.last()) {
            for (b0, b1) in kept
                .iter()
                .zip(kept.iter().rev())
                .chain([(&kept[6], &kept[6])])
            {
                let found = <Base<L, OfCurve> as CurveField<L>>::extension_mul(
                    [of(*a0), of(*a1)],
                    [of(*b0), of(*b1)],
                )
                .map(number);
                let [x0, x1, y0, y1] = [a0, a1, b0, b1].map(|own| to_fq(*own));
                assert_eq!(to_fq(found[0]), (x0 * y0 - x1 * y1) * less);
                assert_eq!(to_fq(found[1]), (x0 * y1 + x1 * y0) * less);
                assert!(found.iter().all(|own| is_below(*own, 2)), "{a0:?} {a1:?}");
            }
        }
    }
}

/// Each lane's own, zeros among them.
fn inverses_are_each_lanes_own<L: Limbs>(rng: &mut ChaCha20Rng) {
    let mut values: [Fq; LANES] = std::array::from_fn(|_| Fq::rand(rng));
    values[3] = Fq::zero();
    let mut limbs = [[0; LANES]; LIMBS];
    for (lane, value) in values.iter().enumerate() {
        let own = montgomery(*value);
        (0..LIMBS).for_each(|at| limbs[at][lane] = own[at]);
    }
    // Another form of zero.
    (0..LIMBS).for_each(|at| limbs[at][5] = P[at]);
    values[5] = Fq::zero();
    let mut found = [[0; LANES]; LIMBS];
    let inverses = Base::<L, OfCurve>::load(&limbs).inverse();
    inverses.store(&mut found);
    for (lane, value) in values.iter().enumerate() {
        let expected = value.inverse().unwrap_or_default();
        let own = to_fq(found.map(|lanes| lanes[lane]));
        assert_eq!(own, to_fq(montgomery(expected)), "{lane}");
    }
}

fn zeros_are_found<L: Limbs>(rng: &mut ChaCha20Rng) {
    for own in numbers(7, rng) {
        let (is_zero, element) = (to_fq(own).is_zero(), of::<L>(own));
        let mask = if is_zero { u8::MAX } else { 0 };
        assert_eq!(element.is_zero(), mask, "{own:?}");
        assert_eq!(element.may_be_zero(), mask, "{own:?}");
    }
}

fn all<L: CurveLanes<Base = Base<L, OfCurve>> + Limbs>() {
    let rng = &mut ChaCha20Rng::seed_from_u64(11);
    differences_are_kept::<L>(rng);
    products_of_the_extension_are_right::<L>(rng);
    zeros_are_found::<L>(rng);
    inverses_are_each_lanes_own::<L>(rng);
}

#[test]
fn bounds_and_values_hold_at_their_ends() {
    all::<Model>();
    #[cfg(target_arch = "x86_64")]
    if crate::simd::IfmaToken::detect().is_some() {
        all::<crate::simd::Ifma>();
    } else {
        println!("model only: this processor has no AVX-512 IFMA");
    }
    let number = Fq::from(7u64).into_bigint().0;
    assert_eq!(to_words(limbs::from_words(number)), number);
}
