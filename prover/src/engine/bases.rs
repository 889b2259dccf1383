//! A proving key's points as lanes read them, and the proof that they make.

use crate::msm::{G1, G2, Group, Scalars, Sum, sum, sum_both};
use crate::simd::Token;
use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::{AffineRepr, CurveGroup};
use ark_groth16::r1cs_to_qap::{LibsnarkReduction, R1CSToQAP};
use ark_groth16::{Proof as ArkProof, ProvingKey as ArkKey};
use ark_poly::GeneralEvaluationDomain;
use ark_relations::gr1cs::SynthesisError;
use medveil_circuits::field::Fr;
use medveil_circuits::shape::{Assignment, Matrices};
use zeroize::Zeroizing;

/// Points of one group, without those that are infinity.
struct Column<G: Group> {
    /// The value that each is multiplied by.
    places: Vec<u32>,
    points: Vec<G::Point>,
}

/// How many points a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// Of a, and of b in either group.
    variables: [usize; 3],
    witness: usize,
    quotient: usize,
}

/// Points of a key.
pub(crate) struct Bases {
    size: Size,
    a: Column<G1>,
    /// Of both groups at the same places, which share their order.
    b: (Column<G1>, Vec<<G2 as Group>::Point>),
    l: Column<G1>,
    h: Column<G1>,
    alpha: G1Affine,
    beta: (G1Affine, G2Affine),
    delta: (G1Affine, G2Affine),
}

impl Size {
    pub fn of(key: &ArkKey<Bn254>) -> Self {
        Size {
            variables: [
                key.a_query.len(),
                key.b_g1_query.len(),
                key.b_g2_query.len(),
            ],
            witness: key.l_query.len(),
            quotient: key.h_query.len(),
        }
    }

    pub fn expected(matrices: &Matrices) -> Self {
        let domain = (matrices.n_constraints() + matrices.n_instance()).next_power_of_two();
        Size {
            variables: [matrices.n_instance() + matrices.n_witness(); 3],
            witness: matrices.n_witness(),
            quotient: domain - 1,
        }
    }
}

impl<G: Group> Column<G> {
    fn new(points: &[G::Affine]) -> Self {
        let kept = || (0..).zip(points).filter(|(_, point)| !point.is_zero());
        Column {
            places: kept().map(|(place, _)| place).collect(),
            points: kept().map(|(_, point)| G::point(point)).collect(),
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
    /// **Cost**: a copy of each point; the key's own are dropped one vector after the other.
    pub fn new(key: ArkKey<Bn254>) -> Self {
        let size = Size::of(&key);
        let g1 = |points: Vec<G1Affine>| Column::new(&points);
        let (in_g1, in_g2) = (key.b_g1_query, key.b_g2_query);
        let kept = || {
            (0..)
                .zip(in_g1.iter().zip(&in_g2))
                .filter(|(_, (first, second))| !(first.is_zero() && second.is_zero()))
        };
        let b = Column {
            places: kept().map(|(place, _)| place).collect(),
            points: kept().map(|(_, (first, _))| G1::point(first)).collect(),
        };
        let b_g2 = kept().map(|(_, (_, second))| G2::point(second)).collect();
        Bases {
            size,
            a: g1(key.a_query),
            b: (b, b_g2),
            l: g1(key.l_query),
            h: g1(key.h_query),
            alpha: key.vk.alpha_g1,
            beta: (key.beta_g1, key.vk.beta_g2),
            delta: (key.delta_g1, key.vk.delta_g2),
        }
    }

    pub fn size(&self) -> Size {
        self.size
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
        let h = || Ok(self.h.sum(token, &quotient(matrices, values)?));
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

/// Coefficients of (A B - C) / Z.
fn quotient(matrices: &Matrices, values: &[Fr]) -> Result<Zeroizing<Vec<Fr>>, SynthesisError> {
    type Domain = GeneralEvaluationDomain<Fr>;
    let (rows, n) = (matrices.rows(), matrices.n_constraints());
    LibsnarkReduction::witness_map_from_matrices::<Fr, Domain>(
        rows,
        matrices.n_instance(),
        n,
        values,
    )
    .map(Zeroizing::new)
}
