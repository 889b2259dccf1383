//! The engine's kernels, each alone, and the engine without the checks around it: for benches.
//!
//! Nothing here is faster or safer than what the crate offers otherwise; it only lets parts be
//! measured one by one.

use crate::FormatError;
use crate::engine::{Engine, EngineError, Quotient as OfDomain, Task, Way};
use crate::field::{Coordinate, CurveField, CurveLanes, OfCurve, Single, Words};
use crate::msm::{G1, G2, Points, Scalars, numbers};
use crate::prove::random;
#[cfg(test)]
use crate::simd::ModelToken;
use crate::simd::{IfmaToken, LANES, Token};
use crate::watch::Part;
use crate::zkey::{Wire, Zkey};
use ark_bn254::{Bn254, Fq, Fr, G1Affine, G1Projective, G2Affine, G2Projective};
use ark_ff::BigInt;
use ark_groth16::Proof as ArkProof;
use rand::{CryptoRng, RngCore};
use zeroize::Zeroizing;

/// Elements that [`Kernels::multiply`] takes at a time: two vectors of lanes.
pub const BLOCK: usize = 2 * LANES;

/// A way to compute.
#[derive(Clone, Copy, Debug)]
pub struct Kernels(Way);

impl Kernels {
    /// Every way of this processor, with its name.
    pub fn all() -> Vec<(&'static str, Self)> {
        let lanes = IfmaToken::detect().map(|token| ("lanes", Kernels(Way::Lanes(token))));
        let portable = ("portable", Kernels(Way::Portable));
        lanes.into_iter().chain([portable]).collect()
    }

    /// The one that proofs are made by.
    pub fn fastest() -> Self {
        Kernels(Way::fastest())
    }

    /// Multiplies each number so many times, as sums do it: two products side by side.
    ///
    /// **Shape**: whole blocks; what is left over stays as it is.
    pub fn multiply(self, numbers: &mut [Fq], by: Fq, times: usize) {
        match self.0 {
            Way::Lanes(token) => multiply(token, numbers, by, times),
            Way::Portable => multiply_singly(numbers, by, times),
            #[cfg(test)]
            Way::Model => multiply(ModelToken, numbers, by, times),
        }
    }

    /// The sum of points, as [`g1`] puts them, times scalars: cutting those into digits included.
    pub fn sum_g1(self, points: &[u8], scalars: &[Fr]) -> G1Projective {
        whole(
            self.0
                .sum(Points::<G1>::new(points), &all(scalars), unwatched()),
        )
    }

    /// The same of points that [`g2`] puts.
    pub fn sum_g2(self, points: &[u8], scalars: &[Fr]) -> G2Projective {
        whole(
            self.0
                .sum(Points::<G2>::new(points), &all(scalars), unwatched()),
        )
    }
}

fn unwatched() -> Part<'static> {
    Part::new(&(), 1.0)
}

/// Nobody stops it.
fn whole<T: Default>(sum: Option<T>) -> T {
    sum.unwrap_or_default()
}

fn all(scalars: &[Fr]) -> Scalars {
    Scalars::new((0..).zip(numbers(scalars).iter()))
}

/// Points as they lie in a key.
pub fn g1(points: &[G1Affine]) -> Vec<u8> {
    bytes(points)
}

/// Points as they lie in a key.
pub fn g2(points: &[G2Affine]) -> Vec<u8> {
    bytes(points)
}

fn bytes<P: Wire>(points: &[P]) -> Vec<u8> {
    let mut out = Vec::with_capacity(points.len() * P::BYTES);
    points.iter().for_each(|point| point.write(&mut out));
    out
}

fn multiply<T: Token<Lanes: CurveLanes>>(token: T, numbers: &mut [Fq], by: Fq, times: usize) {
    for block in numbers.chunks_exact_mut(BLOCK) {
        token.run(|| multiply_block::<T::Lanes>(block, by, times));
    }
}

fn multiply_singly(numbers: &mut [Fq], by: Fq, times: usize) {
    let by = Words::<OfCurve>::load(&by.0.0);
    for number in numbers {
        let own = (0..times).fold(Words::load(&number.0.0), |own, _| own.mul(by));
        *number = own.element();
    }
}

fn multiply_block<L: CurveLanes>(block: &mut [Fq], by: Fq, times: usize) {
    L::call(
        #[inline(always)]
        || {
            let mut rows = [[0; LANES]; LANES];
            for (row, pair) in rows.iter_mut().zip(block.chunks_exact(2)) {
                row[..4].copy_from_slice(&pair[0].0.0);
                row[4..].copy_from_slice(&pair[1].0.0);
            }
            let [a, b, c, d, e, f, g, h] = &rows;
            let mut both = L::Base::load([a, b, c, d, e, f, g, h]);
            let by = L::Base::of(by);
            for _ in 0..times {
                both = L::Base::mul_each(both, [by, by]);
            }
            let [first, second] = both;
            // Lanes end below 2p, ark's numbers below p.
            L::Base::store([first.below::<1>(), second.below::<1>()], &mut rows);
            for (row, pair) in rows.iter().zip(block.chunks_exact_mut(2)) {
                let [a, b, c, d, e, f, g, h] = *row;
                pair[0] = Fq::new_unchecked(BigInt([a, b, c, d]));
                pair[1] = Fq::new_unchecked(BigInt([e, f, g, h]));
            }
        },
    );
}

/// Values of A B - C at the odd coset from those at the domain. The portable way is ark's transforms.
pub struct Quotient(OfDomain);

impl Quotient {
    /// Of a domain's size; none where the field has no roots of unity of twice its order.
    pub fn new(size: usize, kernels: Kernels) -> Option<Self> {
        Some(Quotient(OfDomain::new(size, kernels.0)?))
    }

    /// From the columns of A, B and C.
    pub fn of(&self, columns: [Vec<Fr>; 3]) -> Zeroizing<Vec<Fr>> {
        self.0.of(columns.map(Zeroizing::new))
    }
}

/// A key's proofs, of values that nobody checks, and not verified.
pub struct Unchecked(Engine);

impl Unchecked {
    pub fn new(key: &Zkey, kernels: Kernels) -> Self {
        Unchecked(Engine::new(key, kernels.0))
    }

    /// **Errors**: another number of values than the key has variables.
    pub fn prove(
        &self,
        values: &[Fr],
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<ArkProof<Bn254>, FormatError> {
        let task = Task {
            values,
            random: random(rng),
        };
        match self.0.prove(&[task], &()) {
            Ok(mut made) => made.pop().ok_or_else(|| nothing(&self.0)),
            Err(EngineError::Format(source)) => Err(source),
            Err(EngineError::Stopped) => Err(nothing(&self.0)),
        }
    }
}

/// Nobody stops it, and one task has one proof.
fn nothing(engine: &Engine) -> FormatError {
    engine.key().expected("a proof")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ark_ec::{CurveGroup, VariableBaseMSM};
    use ark_ff::{Field, UniformRand};
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    #[test]
    fn kernels_compute_what_ark_does() {
        let rng = &mut ChaCha20Rng::seed_from_u64(1);
        let (by, scalars) = (Fq::rand(rng), [(); 9].map(|()| Fr::rand(rng)));
        let in_g1 = G1Projective::normalize_batch(&[(); 9].map(|()| G1Projective::rand(rng)));
        let in_g2 = G2Projective::normalize_batch(&[(); 9].map(|()| G2Projective::rand(rng)));
        let own: Vec<Fq> = (0..3 * BLOCK).map(|_| Fq::rand(rng)).collect();
        let more = by.pow([5]);
        let expected: Vec<Fq> = own.iter().map(|number| more * number).collect();
        let model = ("model", Kernels(Way::Model));
        for (name, kernels) in Kernels::all().into_iter().chain([model]) {
            let mut found = own.clone();
            kernels.multiply(&mut found, by, 5);
            assert_eq!(found, expected, "{name}");
            let sum = kernels.sum_g1(&g1(&in_g1), &scalars);
            assert_eq!(sum, G1Projective::msm_unchecked(&in_g1, &scalars), "{name}");
            let sum = kernels.sum_g2(&g2(&in_g2), &scalars);
            assert_eq!(sum, G2Projective::msm_unchecked(&in_g2, &scalars), "{name}");
        }
    }
}
