//! A proving key's points as lanes read them, and the proof that they make.

use super::quotient::Quotient;
use crate::msm::{G1, G2, Group, Scalars, Sum, sum, sum_both};
use crate::simd::Token;
use crate::zkey::{Zkey, is_infinity};
use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::CurveGroup;
use ark_groth16::Proof as ArkProof;
use ark_relations::gr1cs::SynthesisError;
use medveil_circuits::field::Fr;
use medveil_circuits::shape::{Assignment, Matrices};

/// Points of one group, without those that are infinity.
struct Column<G: Group> {
    /// The value that each is multiplied by.
    places: Vec<u32>,
    points: Vec<G::Point>,
}

/// Points of a key.
pub(crate) struct Bases {
    a: Column<G1>,
    /// Of both groups at the same places, which share their order.
    b: (Column<G1>, Vec<<G2 as Group>::Point>),
    l: Column<G1>,
    h: Column<G1>,
    quotient: Quotient,
    alpha: G1Affine,
    beta: (G1Affine, G2Affine),
    delta: (G1Affine, G2Affine),
}

impl<G: Group> Column<G> {
    fn new(points: &[u8]) -> Self {
        let points = points.chunks_exact(G::BYTES);
        let kept = || {
            (0..)
                .zip(points.clone())
                .filter(|(_, point)| !is_infinity(point))
        };
        Column {
            places: kept().map(|(place, _)| place).collect(),
            points: kept().map(|(_, point)| G::read(point)).collect(),
        }
    }

    /// Those of these values that its points are multiplied by.
    fn scalars(&self, values: &[Fr]) -> Scalars {
        const ZERO: Fr = ark_ff::AdditiveGroup::ZERO;
        let at = |place: &u32| values.get(*place as usize).unwrap_or(&ZERO);
        Scalars::new(self.places.iter().map(at))
    }

    fn sum<T: Token>(&self, token: T, values: &[Fr]) -> Sum<G> {
        sum::<T, G>(token, &self.points, &self.scalars(values))
    }
}

impl Bases {
    /// **Cost**: a copy of each point.
    pub fn new(key: &Zkey) -> Self {
        let (in_g1, in_g2) = key.b();
        let pairs = in_g1
            .chunks_exact(G1::BYTES)
            .zip(in_g2.chunks_exact(G2::BYTES));
        // Of a key that entered, both are infinity at the same places.
        let kept = || {
            let all = (0..).zip(pairs.clone());
            all.filter(|(_, (first, second))| !(is_infinity(first) && is_infinity(second)))
        };
        let b = Column {
            places: kept().map(|(place, _)| place).collect(),
            points: kept().map(|(_, (first, _))| G1::read(first)).collect(),
        };
        let b_g2 = kept().map(|(_, (_, second))| G2::read(second)).collect();
        Bases {
            a: Column::new(key.a()),
            b: (b, b_g2),
            l: Column::new(key.l()),
            h: Column::new(key.h()),
            quotient: Quotient::default(),
            alpha: key.alpha(),
            beta: key.beta(),
            delta: key.delta(),
        }
    }

    /// A = alpha + r delta + the sum of a, B likewise with s and b, and
    /// C = s A + r B - r s delta + the sums of l and h.
    ///
    /// **Errors**: a domain that the field does not have.
    pub fn prove<T: Token>(
        &self,
        token: T,
        matrices: &Matrices,
        assignment: &Assignment,
        (r, s): (Fr, Fr),
    ) -> Result<ArkProof<Bn254>, SynthesisError> {
        let values = assignment.values();
        let witness = values.get(matrices.n_instance()..).unwrap_or_default();
        let h = || {
            Ok(self
                .h
                .sum(token, &self.quotient.of(token, matrices, values)?))
        };
        let b = || {
            sum_both(
                token,
                (&self.b.0.points, &self.b.1),
                &self.b.0.scalars(values),
            )
        };
        let ((h, b), (a, l)) = rayon::join(
            || rayon::join(h, b),
            || rayon::join(|| self.a.sum(token, values), || self.l.sum(token, witness)),
        );
        let a = a + self.delta.0 * r + self.alpha;
        let b_g1 = b.0 + self.delta.0 * s + self.beta.0;
        let b = b.1 + self.delta.1 * s + self.beta.1;
        let c = a * s + b_g1 * r - self.delta.0 * (r * s) + l + h?;
        Ok(ArkProof {
            a: a.into_affine(),
            b: b.into_affine(),
            c: c.into_affine(),
        })
    }
}
