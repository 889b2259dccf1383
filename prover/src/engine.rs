//! The points of a proof: a quotient and five sums, on the current pool.
//!
//! Where the processor has AVX-512 IFMA they are computed eight numbers at a time, and elsewhere, or
//! where `MEDVEIL_PORTABLE` is set, one after the other. Both give the same proof, bit for bit.

mod quotient;
#[cfg(test)]
mod tests;

use self::quotient::Quotient;
use crate::binfile::FormatError;
use crate::msm::{G1, G2, Group, Number, Points, Scalars, Sum, multiples, numbers, sum, sum_both};
use crate::rows::Rows;
#[cfg(test)]
use crate::simd::ModelToken;
use crate::simd::{IfmaToken, PortableToken};
use crate::zkey::{Wire, Zkey, is_infinity};
use ark_bn254::Bn254;
use ark_ec::CurveGroup;
use ark_groth16::Proof as ArkProof;
use medveil_circuits::field::Fr;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// Where it is set, proofs are made without special instructions.
const PORTABLE: &str = "MEDVEIL_PORTABLE";

/// How the engine computes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Way {
    Lanes(IfmaToken),
    Portable,
    /// Lanes in plain Rust.
    #[cfg(test)]
    Model,
}

impl Way {
    /// The fastest of this processor, unless somebody said to leave it.
    pub fn fastest() -> Self {
        let token = IfmaToken::detect().filter(|_| std::env::var_os(PORTABLE).is_none());
        token.map_or(Way::Portable, Way::Lanes)
    }

    pub fn sum<G: Group>(self, points: Points<'_, G>, scalars: &Scalars) -> Sum<G> {
        match self {
            Way::Lanes(token) => sum(token, points, scalars),
            Way::Portable => sum(PortableToken, points, scalars),
            #[cfg(test)]
            Way::Model => sum(ModelToken, points, scalars),
        }
    }

    /// A point times each of these.
    pub fn multiples<G: Group>(self, point: Sum<G>, scalars: &[Fr]) -> Vec<G::Affine>
    where
        Sum<G>: CurveGroup<Affine = G::Affine>,
        G::Affine: Wire,
    {
        match self {
            Way::Lanes(token) => multiples::<_, G>(token, point, scalars),
            Way::Portable => multiples::<_, G>(PortableToken, point, scalars),
            #[cfg(test)]
            Way::Model => multiples::<_, G>(ModelToken, point, scalars),
        }
    }

    fn sum_both(
        self,
        points: (Points<'_, G1>, Points<'_, G2>),
        scalars: &Scalars,
    ) -> (Sum<G1>, Sum<G2>) {
        match self {
            Way::Lanes(token) => sum_both(token, points, scalars),
            Way::Portable => sum_both(PortableToken, points, scalars),
            #[cfg(test)]
            Way::Model => sum_both(ModelToken, points, scalars),
        }
    }
}

/// A proving key, and what proofs want of it in another form.
pub(crate) struct Engine {
    key: Zkey,
    way: Way,
    prepared: OnceLock<Result<Prepared, FormatError>>,
}

/// Made when the first proof is.
struct Prepared {
    rows: Rows,
    quotient: Quotient,
    /// Variables whose points are not infinity, of A, of B and of L.
    a: Vec<u32>,
    b: Vec<u32>,
    l: Vec<u32>,
}

impl Engine {
    pub fn new(key: &Zkey, way: Way) -> Self {
        Engine {
            key: key.clone(),
            way,
            prepared: OnceLock::new(),
        }
    }

    pub fn key(&self) -> &Zkey {
        &self.key
    }

    fn prepared(&self) -> Result<&Prepared, FormatError> {
        let made = || Prepared::of(&self.key, self.way);
        self.prepared
            .get_or_init(made)
            .as_ref()
            .map_err(Clone::clone)
    }

    /// The proof of the values of all variables, with its two random numbers.
    ///
    /// A = alpha + r delta + the sum of a, B likewise with s and b, and
    /// C = s A + r B - r s delta + the sums of l and h.
    ///
    /// **Errors**: another number of values than the key has variables; entries or a domain that no
    /// key has.
    ///
    /// **Security**: variable time.
    pub fn prove(&self, values: &[Fr], (r, s): (Fr, Fr)) -> Result<ArkProof<Bn254>, FormatError> {
        let key = &self.key;
        let variables = key.size().variables;
        if values.len() != variables {
            let got = values.len();
            return Err(key.expected(format!("a witness of {variables} values, got {got}")));
        }
        let prepared = self.prepared()?;
        let (h, ((b_g1, b_g2), (a, l))) = {
            let own = numbers(values);
            let witness = own.get(key.size().public + 1..).unwrap_or_default();
            rayon::join(
                || self.h(prepared, values),
                || {
                    rayon::join(
                        || self.b(&scalars(&prepared.b, &own)),
                        || {
                            rayon::join(
                                || self.sum(key.a(), &scalars(&prepared.a, &own)),
                                || self.sum(key.l(), &scalars(&prepared.l, witness)),
                            )
                        },
                    )
                },
            )
        };
        let (alpha, beta, delta) = (key.alpha(), key.beta(), key.delta());
        let a = a + delta.0 * r + alpha;
        let b_g1 = b_g1 + delta.0 * s + beta.0;
        let b = b_g2 + delta.1 * s + beta.1;
        let c = a * s + b_g1 * r - delta.0 * (r * s) + l + h;
        Ok(ArkProof {
            a: a.into_affine(),
            b: b.into_affine(),
            c: c.into_affine(),
        })
    }

    fn h(&self, prepared: &Prepared, values: &[Fr]) -> Sum<G1> {
        let columns = prepared.rows.products(values);
        let quotient = prepared.quotient.of(columns);
        let own: Zeroizing<Vec<Number>> = numbers(&quotient);
        drop(quotient);
        let scalars = Scalars::new((0..).zip(own.iter()));
        self.sum(self.key.h(), &scalars)
    }

    /// The sum of a section's points, which are in memory no longer than it takes.
    fn sum(&self, points: &[u8], scalars: &Scalars) -> Sum<G1> {
        let sum = self.way.sum(Points::<G1>::new(points), scalars);
        self.key.release(points);
        sum
    }

    /// Those of B in both groups.
    fn b(&self, scalars: &Scalars) -> (Sum<G1>, Sum<G2>) {
        let (in_g1, in_g2) = self.key.b();
        let points = (Points::new(in_g1), Points::new(in_g2));
        let sums = self.way.sum_both(points, scalars);
        self.key.release(in_g1);
        self.key.release(in_g2);
        sums
    }
}

/// Those of numbers that stand at these places.
fn scalars(places: &[u32], numbers: &[Number]) -> Scalars {
    let at = |place: &u32| Some((*place, numbers.get(*place as usize)?));
    Scalars::new(places.iter().filter_map(at))
}

impl Prepared {
    fn of(key: &Zkey, way: Way) -> Result<Self, FormatError> {
        let places = |bytes| present(bytes, G1::BYTES);
        let rows = || Rows::of(key);
        let quotient = || {
            let made = Quotient::new(key.size().domain, way);
            made.ok_or_else(|| key.expected("a domain of at most 2^27 rows"))
        };
        // Of a key that was checked, points of B are infinity in both groups or in none.
        let points = || [key.a(), key.b().0, key.l()].map(places);
        let (rows, (quotient, [a, b, l])) = rayon::join(rows, || rayon::join(quotient, points));
        Ok(Prepared {
            rows: rows?,
            quotient: quotient?,
            a,
            b,
            l,
        })
    }
}

/// Places of points that are not infinity.
fn present(points: &[u8], size: usize) -> Vec<u32> {
    let points = (0..).zip(points.chunks_exact(size));
    let present = points.filter(|(_, point)| !is_infinity(point));
    present.map(|(place, _)| place).collect()
}
