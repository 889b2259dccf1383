//! The points of a proof: a quotient and five sums, on the current pool.
//!
//! Where the processor has AVX-512 IFMA they are computed eight numbers at a time, and elsewhere, or
//! where `MEDVEIL_PORTABLE` is set, one after the other. Both give the same proof, bit for bit.

mod quotient;
#[cfg(test)]
mod tests;
mod way;

pub(crate) use self::quotient::Quotient;
use crate::binfile::FormatError;
use crate::fft::Column;
use crate::msm::{G1, G2, Group, Number, Points, Scalars, Sum, numbers};
use crate::rows::Rows;
use crate::watch::{Part, Watch};
use crate::zkey::{Zkey, is_infinity};
use ark_bn254::Bn254;
use ark_ec::CurveGroup;
use ark_groth16::Proof as ArkProof;
use medveil_circuits::field::Fr;
use rayon::prelude::*;
use std::borrow::Borrow;
use std::ops::Range;
use std::sync::OnceLock;
use zeroize::Zeroizing;

pub(crate) use way::Way;

/// How much of a proof's work is which, about: what is shown while it goes on.
///
/// **Source**: dense and Poseidon-like circuits of 2^16 constraints, by lanes, on 2026-11-30.
mod share {
    pub const QUOTIENT: f64 = 0.15;
    pub const H: f64 = 0.25;
    pub const A: f64 = 0.15;
    pub const B1: f64 = 0.1;
    pub const B2: f64 = 0.2;
    pub const L: f64 = 0.15;
}

/// Threads that the windows of one sum keep busy: up to so many, sums follow each other.
const FEW: usize = 4;

/// Why there is no proof.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum EngineError {
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Whoever waited said so.
    #[error("the proof was not finished, since nobody waits for it")]
    Stopped,
}

/// The values of all variables, and two random numbers.
pub(crate) struct Task<'v> {
    pub values: &'v [Fr],
    pub random: Zeroizing<[Fr; 2]>,
}

/// The sums of a proof.
struct Sums {
    a: Sum<G1>,
    b: (Sum<G1>, Sum<G2>),
    l: Sum<G1>,
    h: Sum<G1>,
}

/// A proving key, and what proofs want of it in another form.
pub(crate) struct Engine {
    key: Zkey,
    way: Way,
    prepared: OnceLock<Result<Prepared, FormatError>>,
}

/// Made when the first proof is.
struct Prepared {
    quotients: Quotients,
    places: Places,
}

/// What makes the quotient of a witness.
struct Quotients {
    rows: Rows,
    domain: Quotient,
}

/// Variables whose points are not infinity, of A, of B and of L.
struct Places {
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

    /// The proofs of some witnesses, each with the two random numbers of its own.
    ///
    /// A = alpha + r delta + the sum of a, B likewise with s and b, and
    /// C = s A + r B - r s delta + the sums of l and h. Each section of the key is read for all
    /// witnesses, and then let go.
    ///
    /// **Errors**: another number of values than the key has variables; entries or a domain that no
    /// key has; whoever waits does no longer.
    ///
    /// **Security**: variable time.
    pub fn prove(
        &self,
        tasks: &[Task<'_>],
        watch: &dyn Watch,
    ) -> Result<Vec<ArkProof<Bn254>>, EngineError> {
        self.check(tasks)?;
        let Prepared { quotients, places } = self.prepared()?;
        self.made((quotients, places), tasks, watch)
    }

    /// One proof, for whoever makes no other by this key: what it makes of the key is let go when
    /// it was used.
    ///
    /// **Errors**: as [`Engine::prove`].
    ///
    /// **Security**: as [`Engine::prove`].
    pub fn prove_once(
        &self,
        task: Task<'_>,
        watch: &dyn Watch,
    ) -> Result<Vec<ArkProof<Bn254>>, EngineError> {
        let tasks = [task];
        self.check(&tasks)?;
        let Prepared { quotients, places } = Prepared::of(&self.key, self.way)?;
        self.made((quotients, &places), &tasks, watch)
    }

    fn check(&self, tasks: &[Task<'_>]) -> Result<(), FormatError> {
        let variables = self.key.size().variables;
        match tasks.iter().find(|task| task.values.len() != variables) {
            None => Ok(()),
            Some(task) => {
                let got = task.values.len();
                let expected = format!("a witness of {variables} values, got {got}");
                Err(self.key.expected(expected))
            }
        }
    }

    fn made(
        &self,
        prepared: (impl Borrow<Quotients> + Send + Sync, &Places),
        tasks: &[Task<'_>],
        watch: &dyn Watch,
    ) -> Result<Vec<ArkProof<Bn254>>, EngineError> {
        let sums = self.sums(prepared, tasks, watch);
        let sums = sums.ok_or(EngineError::Stopped)?;
        let tasks = tasks.iter().zip(sums);
        Ok(tasks.map(|(task, sums)| self.proof(task, sums)).collect())
    }

    /// The sums of all tasks. Where there are few threads they share each sum, so that no more than
    /// one section is in memory, and the buckets of one sum; many have several beside each other.
    fn sums(
        &self,
        (quotients, places): (impl Borrow<Quotients> + Send + Sync, &Places),
        tasks: &[Task<'_>],
        watch: &dyn Watch,
    ) -> Option<Vec<Sums>> {
        let key = &self.key;
        let witness = |numbers: &'_ [Number]| key.size().public + 1..numbers.len();
        let all = |numbers: &'_ [Number]| 0..numbers.len();
        let part = |share| Part::new(watch, share);
        let of_values = || {
            let numbers: Vec<_> = tasks.iter().map(|task| numbers(task.values)).collect();
            both(
                || self.b(&places.b, &numbers, watch),
                || {
                    both(
                        || self.sum(key.a(), (&places.a, all), &numbers, part(share::A)),
                        || self.sum(key.l(), (&places.l, witness), &numbers, part(share::L)),
                    )
                },
            )
        };
        let (h, (b, (a, l))) = both(|| self.h(quotients, tasks, watch), of_values);
        let sums = a?.into_iter().zip(b?).zip(l?.into_iter().zip(h?));
        Some(sums.map(|((a, b), (l, h))| Sums { a, b, l, h }).collect())
    }

    fn proof(&self, task: &Task<'_>, sums: Sums) -> ArkProof<Bn254> {
        let (alpha, beta, delta) = (self.key.alpha(), self.key.beta(), self.key.delta());
        let [r, s] = *task.random;
        let a = sums.a + delta.0 * r + alpha;
        let b_g1 = sums.b.0 + delta.0 * s + beta.0;
        let b = sums.b.1 + delta.1 * s + beta.1;
        let c = a * s + b_g1 * r - delta.0 * (r * s) + sums.l + sums.h;
        ArkProof {
            a: a.into_affine(),
            b: b.into_affine(),
            c: c.into_affine(),
        }
    }

    /// Those of H. Quotients come first: whoever proves once needs what makes them no longer.
    fn h(
        &self,
        quotients: impl Borrow<Quotients> + Send + Sync,
        tasks: &[Task<'_>],
        watch: &dyn Watch,
    ) -> Option<Vec<Sum<G1>>> {
        let scalars = |task: &Task<'_>| {
            let quotient = || quotients.borrow().of(task.values);
            let quotient = Part::new(watch, share::QUOTIENT).step(1, quotient)?;
            let numbers = numbers(&quotient);
            drop(quotient);
            Some(Scalars::new((0..).zip(numbers.iter())))
        };
        let scalars = tasks.par_iter().map(scalars).collect::<Option<Vec<_>>>()?;
        drop(quotients);
        self.section::<G1>(self.key.h(), &scalars, Part::new(watch, share::H))
    }

    /// Those of A or L.
    fn sum(
        &self,
        points: &[u8],
        (places, range): (&[u32], impl Fn(&[Number]) -> Range<usize> + Sync),
        numbers: &[Zeroizing<Vec<Number>>],
        part: Part<'_>,
    ) -> Option<Vec<Sum<G1>>> {
        let of = |own: &Zeroizing<Vec<Number>>| {
            let own = own.get(range(own)).unwrap_or_default();
            scalars(places, own)
        };
        let scalars: Vec<_> = numbers.par_iter().map(of).collect();
        self.section::<G1>(points, &scalars, part)
    }

    /// Those of B in both groups.
    fn b(
        &self,
        places: &[u32],
        numbers: &[Zeroizing<Vec<Number>>],
        watch: &dyn Watch,
    ) -> Option<Vec<(Sum<G1>, Sum<G2>)>> {
        let of = |own: &Zeroizing<Vec<Number>>| scalars(places, own);
        let scalars: Vec<_> = numbers.par_iter().map(of).collect();
        let (in_g1, in_g2) = self.key.b();
        let (in_g1, in_g2) = both(
            || self.section::<G1>(in_g1, &scalars, Part::new(watch, share::B1)),
            || self.section::<G2>(in_g2, &scalars, Part::new(watch, share::B2)),
        );
        Some(in_g1?.into_iter().zip(in_g2?).collect())
    }

    /// The sums of a section's points, which are in memory no longer than it takes.
    fn section<G: Group>(
        &self,
        points: &[u8],
        scalars: &[Scalars],
        part: Part<'_>,
    ) -> Option<Vec<Sum<G>>> {
        let one = |own: &Scalars| self.way.sum(Points::<G>::new(points), own, part);
        let sums = scalars.par_iter().map(one).collect();
        self.key.release(points);
        sums
    }
}

/// What both give: one after the other where there are few threads, or beside each other.
fn both<A: Send, B: Send>(
    first: impl FnOnce() -> A + Send,
    second: impl FnOnce() -> B + Send,
) -> (A, B) {
    match rayon::current_num_threads() <= FEW {
        true => (first(), second()),
        false => rayon::join(first, second),
    }
}

/// Those of numbers that stand at these places.
fn scalars(places: &[u32], numbers: &[Number]) -> Scalars {
    let at = |place: &u32| Some((*place, numbers.get(*place as usize)?));
    Scalars::new(places.iter().filter_map(at))
}

impl Quotients {
    fn of(&self, values: &[Fr]) -> Column {
        self.domain.of(self.rows.products(values))
    }
}

impl Prepared {
    fn of(key: &Zkey, way: Way) -> Result<Self, FormatError> {
        let places = |bytes: &[u8]| {
            let places = present(bytes, G1::BYTES);
            key.release(bytes);
            places
        };
        let rows = || Rows::of(key);
        let domain = || {
            let made = Quotient::new(key.size().domain, way);
            made.ok_or_else(|| key.expected("a domain of at most 2^27 rows"))
        };
        // Of a key that was checked, points of B are infinity in both groups or in none.
        let points = || [key.a(), key.b().0, key.l()].map(places);
        let (rows, (domain, [a, b, l])) = rayon::join(rows, || rayon::join(domain, points));
        let quotients = Quotients {
            rows: rows?,
            domain: domain?,
        };
        Ok(Prepared {
            quotients,
            places: Places { a, b, l },
        })
    }
}

/// Places of points that are not infinity.
fn present(points: &[u8], size: usize) -> Vec<u32> {
    let points = (0..).zip(points.chunks_exact(size));
    let present = points.filter(|(_, point)| !is_infinity(point));
    present.map(|(place, _)| place).collect()
}
