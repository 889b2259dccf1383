//! Numbers and points from a seed, as snarkjs draws them.
//!
//! Source: `chacha.js`, `wasm_field1.js` and `wasm_curve.js` of ffjavascript. ChaCha20 whose key is
//! 32 bytes, each four with the highest first. A number is four times 64 bits, the lowest 64 first
//! and of each the higher 32 first, cut to 254 bits, drawn again until it is below the modulus, and
//! taken as an element in Montgomery form. A point is a coordinate x and a bit that says which y,
//! drawn again until there is one, times the cofactor.

use ark_bn254::{Fq, Fq2, Fr, G1Affine, G2Affine, g1, g2};
use ark_ec::short_weierstrass::{Affine, SWCurveConfig};
use ark_ec::{AffineRepr, CurveConfig, CurveGroup};
use ark_ff::{BigInt, BigInteger, Field, PrimeField, Zero};
use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;

pub(super) struct Stream(ChaCha20Rng);

impl Stream {
    /// From the first 32 bytes of a hash.
    pub fn new(hash: &[u8]) -> Self {
        let mut seed = [0; 32];
        for (own, bytes) in seed.chunks_exact_mut(4).zip(hash.chunks_exact(4)) {
            let bytes = bytes.iter().rev();
            own.iter_mut()
                .zip(bytes)
                .for_each(|(own, byte)| *own = *byte);
        }
        Stream(ChaCha20Rng::from_seed(seed))
    }

    fn below(&mut self, modulus: BigInt<4>) -> BigInt<4> {
        loop {
            let mut number = BigInt([(); 4].map(|()| {
                let high = u64::from(self.0.next_u32());
                high << 32 | u64::from(self.0.next_u32())
            }));
            let [.., top] = &mut number.0;
            *top &= u64::MAX >> 2;
            if number < modulus {
                return number;
            }
        }
    }

    pub fn scalar(&mut self) -> Fr {
        Fr::new_unchecked(self.below(Fr::MODULUS))
    }

    fn base(&mut self) -> Fq {
        Fq::new_unchecked(self.below(Fq::MODULUS))
    }

    fn bit(&mut self) -> bool {
        self.0.next_u32() & 1 == 1
    }

    pub fn g1(&mut self) -> G1Affine {
        self.point::<g1::Config>(Stream::base, is_large)
    }

    pub fn g2(&mut self) -> G2Affine {
        let x = |stream: &mut Self| Fq2::new(stream.base(), stream.base());
        self.point::<g2::Config>(x, |y| is_large(if y.c1.is_zero() { y.c0 } else { y.c1 }))
    }

    fn point<C: SWCurveConfig>(
        &mut self,
        x: impl Fn(&mut Self) -> C::BaseField,
        is_large: impl Fn(C::BaseField) -> bool,
    ) -> Affine<C> {
        loop {
            let (x, wants_large) = (x(self), self.bit());
            let Some(y) = (x.square() * x + C::COEFF_B).sqrt() else {
                continue;
            };
            let y = if is_large(y) == wants_large { y } else { -y };
            // The cofactor brings it into the group.
            #[allow(clippy::disallowed_methods)]
            let point = Affine::<C>::new_unchecked(x, y);
            return point.mul_bigint(<C as CurveConfig>::COFACTOR).into_affine();
        }
    }
}

/// Whether a number is in the upper half.
fn is_large(number: Fq) -> bool {
    let number = number.into_bigint();
    let mut half = Fq::MODULUS;
    half.div2();
    number > half
}

/// A point of G2 of which nobody knows a logarithm.
pub(super) fn hash_to_g2(hash: &[u8; 64]) -> G2Affine {
    Stream::new(hash).g2()
}
