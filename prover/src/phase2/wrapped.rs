//! Numbers that are none of the field, as snarkjs computes with them.
//!
//! Source: `build_f1m.js` and `build_curve_jacobian_a0.js` of wasmcurves. snarkjs takes 64 bytes that
//! are no point for one when it hashes a circuit (`digest.rs`). Its sums and differences are of 256
//! bits and corrected by the modulus once, so of numbers above it they are not what they would be in
//! the field; the digest is of what comes out.

use ark_bn254::{Fq, G1Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, BigInteger, Field, MontConfig, PrimeField};

type Number = BigInt<4>;

fn sum(mut a: Number, b: Number) -> Number {
    let carries = a.add_with_carry(&b);
    if carries || a >= Fq::MODULUS {
        a.sub_with_borrow(&Fq::MODULUS);
    }
    a
}

fn difference(mut a: Number, b: Number) -> Number {
    if a.sub_with_borrow(&b) {
        a.add_with_carry(&Fq::MODULUS);
    }
    a
}

/// a b / 2^256 in the field, below 2^256.
fn product(a: Number, b: Number) -> Number {
    let mut words = [0u64; 9];
    let add = |number: &Number, factor: u64, at: usize, words: &mut [u64; 9]| {
        let mut carry = 0u128;
        for (word, own) in words
            .iter_mut()
            .skip(at)
            .zip(number.0.iter().chain(&[0; 5]))
        {
            carry += u128::from(*word) + u128::from(*own) * u128::from(factor);
            *word = carry as u64;
            carry >>= 64;
        }
    };
    for (at, factor) in b.0.into_iter().enumerate() {
        add(&a, factor, at, &mut words);
    }
    for at in 0..4 {
        let low = words.get(at).copied().unwrap_or_default();
        let factor = low.wrapping_mul(<ark_bn254::FqConfig as MontConfig<4>>::INV);
        add(&Fq::MODULUS, factor, at, &mut words);
    }
    let [.., w4, w5, w6, w7, carry] = words;
    let mut high = BigInt([w4, w5, w6, w7]);
    if carry > 0 || high >= Fq::MODULUS {
        high.sub_with_borrow(&Fq::MODULUS);
    }
    high
}

/// Two numbers, taken for a point in Montgomery form, less a point: the coordinates that snarkjs has
/// for it. The point is not infinity.
pub(super) fn less(taken: [Number; 2], point: G1Affine) -> [Fq; 2] {
    let (x, y) = point.xy().unwrap_or_default();
    let ([x1, y1], x2, y2) = (taken, x.0, (-y).0);
    let h = difference(x2, x1);
    let rise = difference(y2, y1);
    let i = {
        let square = product(h, h);
        let twice = sum(square, square);
        sum(twice, twice)
    };
    let (j, r, v) = (product(h, i), sum(rise, rise), product(x1, i));
    let x3 = difference(difference(product(r, r), j), sum(v, v));
    let last = product(y1, j);
    let y3 = difference(product(difference(v, x3), r), sum(last, last));
    let z3 = sum(h, h);
    let [x3, y3, z3] = [x3, y3, z3].map(in_field);
    let inverse = z3.inverse().unwrap_or_default();
    let square = inverse.square();
    [x3 * square, y3 * square * inverse]
}

/// The element that has a number, or a multiple of the modulus less, in Montgomery form.
fn in_field(mut number: Number) -> Fq {
    while number >= Fq::MODULUS {
        number.sub_with_borrow(&Fq::MODULUS);
    }
    Fq::new_unchecked(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_bn254::G1Projective;
    use ark_ec::CurveGroup;
    use ark_ff::UniformRand;
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    #[test]
    fn points_of_the_curve_are_subtracted_as_elsewhere() {
        let rng = &mut ChaCha20Rng::seed_from_u64(1);
        for _ in 0..50 {
            let [first, second] = [(); 2].map(|()| G1Projective::rand(rng).into_affine());
            let taken = [first.x.0, first.y.0];
            let expected = (first - second).into_affine();
            assert_eq!(less(taken, second), [expected.x, expected.y]);
        }
    }

    #[test]
    fn products_are_those_of_the_field() {
        let rng = &mut ChaCha20Rng::seed_from_u64(2);
        let large = BigInt([u64::MAX; 4]);
        for _ in 0..50 {
            let (a, b) = (Fq::rand(rng), Fq::rand(rng));
            assert_eq!(product(a.0, b.0), (a * b).0);
            assert_eq!(in_field(product(large, b.0)), in_field(large) * b);
            assert_eq!(in_field(product(large, large)), in_field(large).square());
        }
    }

    /// What `g1m_subAffine` of wasmcurves makes of bytes that are no point, less seven times the
    /// generator: those behind the powers of tau of a file of 2^15 rows, and all ones.
    #[test]
    fn other_numbers_are_subtracted_as_snarkjs_does() {
        let behind = "0300000000004000000000002620bc02d1b5838e72017b493519ebdcdf1a8197\
                      4726b8fb3b5096af4138571940614ca87d73b4afc4d802585add4360862fa052";
        let vectors = [
            (
                behind.to_owned(),
                "044cf41262e6b87fd4318df375fc9cf59870fcc9b374f8833d5120a149c7ec49",
                "15eeebd9ffe97fcd488ffe444b80c2538afff502182716f9d57217b686ec461d",
            ),
            (
                "ff".repeat(64),
                "163ddbd088a27b51369cba32c4ad1dd8a093fc563f6a67ac3854c435d75b8781",
                "218c9b1227e0c014d32e907da258193e1a06b6841b7ff0ba1982cd30939874a4",
            ),
        ];
        let point = (G1Affine::generator() * ark_bn254::Fr::from(7)).into_affine();
        for (taken, x, y) in vectors {
            let taken = hex::decode(taken).unwrap();
            let taken = [&taken[..32], &taken[32..]];
            let taken = taken.map(|bytes| BigInt(crate::binfile::words(bytes)));
            let said = less(taken, point).map(|number| number.into_bigint().to_bytes_be());
            assert_eq!(said.map(hex::encode), [x, y]);
        }
    }
}
