//! Powers of tau as `.ptau` files of snarkjs (version 1, BN254).
//!
//! Source: snarkjs' `powersoftau_utils.js` and `powersoftau_preparephase2.js`. With n = 2^power,
//! sections are: 1 header, 2 tau^i in G1 for i below 2n - 1, 3 tau^i in G2 for i below n, 4 alpha
//! tau^i and 5 beta tau^i in G1 for i below n, 6 beta in G2, 7 contributions; and in a prepared file
//! 12 to 15: the Lagrange polynomials at tau of the domains of 2^0, 2^1, ... n, one after the other,
//! times one in G1 and in G2, alpha, and beta. Section 12 ends with those of 2n, made of the 2n - 1
//! powers that there are. Points are as in a key (`zkey.rs`): Montgomery form, infinity all zero.
//!
//! A file is read by ranges: it may be larger than the memory.

mod contribution;
mod source;
#[cfg(test)]
mod tests;
mod write;

use self::source::Source;
use crate::binfile::{FormatError, Sections, number, take, to_bytes};
use crate::zkey::Wire;
use ark_bn254::{Fq, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::PrimeField;
pub use contribution::PowersContribution;
use rayon::prelude::*;
use std::ops::Range;
use std::path::Path;
pub use write::insecure_powers;

const FORMAT: (&str, u32) = ("ptau", 1);
/// BN254 has roots of unity of order 2^28.
const MAX_POWER: u32 = 28;
/// Bytes of the header: a length, a modulus, two powers.
const HEADER: u64 = 4 + 32 + 8;
/// Points that are read and checked at a time.
const CHUNK: usize = 1 << 14;

mod section {
    pub const HEADER: u32 = 1;
    pub const TAU_G1: u32 = 2;
    pub const TAU_G2: u32 = 3;
    pub const ALPHA: u32 = 4;
    pub const BETA: u32 = 5;
    pub const BETA_G2: u32 = 6;
    pub const CONTRIBUTIONS: u32 = 7;
    pub const LAGRANGE_G1: u32 = 12;
    pub const LAGRANGE_G2: u32 = 13;
    pub const LAGRANGE_ALPHA: u32 = 14;
    pub const LAGRANGE_BETA: u32 = 15;
}

/// Why powers could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PowersError {
    /// The file could not be read.
    #[error("the powers of tau could not be read")]
    Read(#[from] std::io::Error),
    /// It is none, or holds what is none.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// Their secrets are public: nobody contributed, or nothing that nobody else knows.
    #[error(
        "ptau: expected powers of secrets, got {0}: anybody could forge proofs by keys of them; \
         `snarkjs powersoftau contribute IN.ptau OUT.ptau` makes others"
    )]
    Known(&'static str),
    /// It has no Lagrange points.
    #[error(
        "ptau: expected a file prepared for phase 2; make one with \
         `snarkjs powersoftau prepare phase2 IN.ptau OUT.ptau`"
    )]
    Unprepared,
    /// It is too small for a circuit.
    #[error("ptau: expected powers for 2^{needed} rows, got 2^{power}")]
    TooSmall {
        /// The logarithm of the circuit's rows.
        needed: u32,
        /// The file's.
        power: u32,
    },
}

/// A file of powers of tau, whose points are checked when they are read.
pub struct Ptau {
    source: Source,
    sections: Sections,
    power: u32,
    ceremony_power: u32,
}

/// Points of G1 by what they are multiples of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    One,
    Alpha,
    Beta,
}

impl Ptau {
    /// Reads the structure of a file that lies in memory.
    ///
    /// **Errors**: what is no file of powers over BN254; sections that are missing, repeated,
    /// unknown, or of another length than the header's power says.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, PowersError> {
        Ptau::of(Source::Bytes(bytes))
    }

    /// Reads the structure of a file, which stays open.
    ///
    /// **Errors**: as [`Ptau::parse`]; the file system refused.
    pub fn open(path: &Path) -> Result<Self, PowersError> {
        Ptau::of(Source::open(path)?)
    }

    fn of(source: Source) -> Result<Self, PowersError> {
        let length = source.length()?;
        let mut failed = None;
        let read =
            |at: u64, out: &mut [u8]| source.fill(at, out).map_err(|e| failed = Some(e)).ok();
        let found = Sections::walk(FORMAT, None, length, read);
        if let Some(failed) = failed.filter(|e| e.kind() != std::io::ErrorKind::UnexpectedEof) {
            return Err(failed.into());
        }
        let sections = found?;
        let place = sections.place(section::HEADER)?;
        if place.end - place.start != HEADER {
            return Err(sections
                .expected(
                    "the modulus of BN254 and two powers in section 1, not those of another curve",
                )
                .into());
        }
        let mut header = [0; HEADER as usize];
        source.fill(place.start, &mut header)?;
        let (power, ceremony_power) = powers(&header, &sections)?;
        let powers = Ptau {
            source,
            sections,
            power,
            ceremony_power,
        };
        powers.check_sizes()?;
        Ok(powers)
    }

    /// Whether sections are those of a file that is prepared or not, and as long as the power says.
    fn check_sizes(&self) -> Result<(), FormatError> {
        let (g1, g2, n) = (G1Affine::BYTES as u64, G2Affine::BYTES as u64, self.rows());
        let plain = [
            (section::TAU_G1, (2 * n - 1) * g1),
            (section::TAU_G2, n * g2),
            (section::ALPHA, n * g1),
            (section::BETA, n * g1),
            (section::BETA_G2, g2),
        ];
        let prepared = [
            (section::LAGRANGE_G1, (4 * n - 1) * g1),
            (section::LAGRANGE_G2, (2 * n - 1) * g2),
            (section::LAGRANGE_ALPHA, (2 * n - 1) * g1),
            (section::LAGRANGE_BETA, (2 * n - 1) * g1),
        ];
        let has = |(section, _): &(u32, u64)| self.sections.has(*section);
        let prepared = if prepared.iter().any(has) {
            &prepared[..]
        } else {
            &[]
        };
        let others = [section::HEADER, section::CONTRIBUTIONS];
        let known = |number: &u32| {
            let mut sized = plain.iter().chain(prepared);
            others.contains(number) || sized.any(|(section, _)| section == number)
        };
        if let Some(unknown) = self.sections.numbers().find(|number| !known(number)) {
            return Err(self.expected(format!("sections 1 to 7 and 12 to 15, not {unknown}")));
        }
        for (section, length) in plain.iter().chain(prepared) {
            let place = self.sections.place(*section)?;
            if place.end - place.start != *length {
                let power = self.power;
                let expected = format!("section {section} as long as power {power} says");
                return Err(self.expected(expected));
            }
        }
        self.sections.place(section::CONTRIBUTIONS)?;
        Ok(())
    }

    /// The logarithm of how many rows a circuit may have.
    pub fn power(&self) -> u32 {
        self.power
    }

    /// The power of the ceremony that the file was cut from.
    pub fn ceremony_power(&self) -> u32 {
        self.ceremony_power
    }

    /// Whether it has the Lagrange points that a set-up wants.
    pub fn is_prepared(&self) -> bool {
        self.sections.has(section::LAGRANGE_G1)
    }

    /// Who contributed, the first one first. Their proofs are not checked.
    ///
    /// **Cost**: a few points for each.
    ///
    /// **Errors**: a list of another form; the file cannot be read.
    pub fn contributions(&self) -> Result<Vec<PowersContribution>, PowersError> {
        let place = self.sections.place(section::CONTRIBUTIONS)?;
        contribution::read(self, place)
    }

    /// Checks all points: of their groups.
    ///
    /// **Cost**: a subgroup check for each point of G2, on the current rayon pool.
    ///
    /// **Errors**: the first section that holds something else; the file cannot be read.
    pub fn check(&self) -> Result<(), PowersError> {
        let unpointed = [section::HEADER, section::CONTRIBUTIONS];
        let in_g2 = [section::TAU_G2, section::BETA_G2, section::LAGRANGE_G2];
        for section in self.sections.numbers().filter(|n| !unpointed.contains(n)) {
            match in_g2.contains(&section) {
                true => self.check_points::<G2Affine>(section)?,
                false => self.check_points::<G1Affine>(section)?,
            }
        }
        Ok(())
    }

    fn check_points<P: Wire>(&self, section: u32) -> Result<(), PowersError> {
        let place = self.sections.place(section)?;
        let count = (place.end - place.start) as usize / P::BYTES;
        for begin in (0..count).step_by(CHUNK) {
            self.points::<P>(section, begin..count.min(begin + CHUNK))?;
        }
        Ok(())
    }

    /// Whether tau, alpha and beta may be secrets, as far as the file tells: of one to which nobody
    /// contributed all are one, and what a beacon adds is public. No tau may be a root of unity of
    /// twice a domain's order: the quotient would be free.
    ///
    /// **Errors**: what is known; the file cannot be read.
    pub fn check_secrets(&self) -> Result<(), PowersError> {
        let one = G1Affine::generator();
        let mut rules = vec![
            (
                self.one_in_g1(Base::Alpha, 0)?,
                "an alpha of one or minus one",
            ),
            (self.one_in_g1(Base::Beta, 0)?, "a beta of one or minus one"),
        ];
        // Of one row there is no power of tau but one.
        if self.power > 0 {
            let tau = self.one_in_g1(Base::One, self.rows() as usize)?;
            rules.push((tau, "a tau that is a root of unity"));
        }
        if let Some((_, known)) = rules.iter().find(|(own, _)| *own == one || *own == -one) {
            return Err(PowersError::Known(known));
        }
        let contributions = self.contributions()?;
        match !contributions.is_empty() && contributions.iter().all(|c| c.details.beacon.is_some())
        {
            true => Err(PowersError::Known("contributions of beacons alone")),
            false => Ok(()),
        }
    }

    /// The largest domain.
    fn rows(&self) -> u64 {
        1 << self.power
    }

    fn expected(&self, expected: impl Into<String>) -> FormatError {
        self.sections.expected(expected)
    }

    /// Whether there are powers for a domain of a size.
    pub(crate) fn check_domain(&self, domain: usize) -> Result<(), PowersError> {
        let (needed, power) = (domain.next_power_of_two().trailing_zeros(), self.power);
        if needed >= MAX_POWER {
            // Twice the domain is one too.
            return Err(self.expected("a circuit of at most 2^27 rows").into());
        }
        match needed <= power {
            true => Ok(()),
            false => Err(PowersError::TooSmall { needed, power }),
        }
    }

    /// Powers in G1 times a base. The number that is left out at the end is not there.
    pub(crate) fn in_g1(
        &self,
        base: Base,
        range: Range<usize>,
    ) -> Result<Vec<G1Affine>, PowersError> {
        let section = match base {
            Base::One => section::TAU_G1,
            Base::Alpha => section::ALPHA,
            Base::Beta => section::BETA,
        };
        self.points(section, range)
    }

    /// Powers in G2.
    pub(crate) fn in_g2(&self, range: Range<usize>) -> Result<Vec<G2Affine>, PowersError> {
        self.points(section::TAU_G2, range)
    }

    /// Beta in G2.
    pub(crate) fn beta_g2(&self) -> Result<G2Affine, PowersError> {
        let point = self.points(section::BETA_G2, 0..1)?.pop();
        Ok(point.ok_or_else(|| self.expected("beta in G2"))?)
    }

    /// One power in G1 times a base.
    pub(crate) fn one_in_g1(&self, base: Base, at: usize) -> Result<G1Affine, PowersError> {
        let point = self.in_g1(base, at..at + 1)?.pop();
        Ok(point.ok_or_else(|| self.expected("a power in G1"))?)
    }

    /// Lagrange polynomials of a domain at tau, times a base.
    pub(crate) fn lagrange_g1(
        &self,
        base: Base,
        domain: usize,
    ) -> Result<Vec<G1Affine>, PowersError> {
        let section = match base {
            Base::One => section::LAGRANGE_G1,
            Base::Alpha => section::LAGRANGE_ALPHA,
            Base::Beta => section::LAGRANGE_BETA,
        };
        self.lagrange(section, domain)
    }

    /// Those in G2.
    pub(crate) fn lagrange_g2(&self, domain: usize) -> Result<Vec<G2Affine>, PowersError> {
        self.lagrange(section::LAGRANGE_G2, domain)
    }

    fn lagrange<P: Wire>(&self, section: u32, domain: usize) -> Result<Vec<P>, PowersError> {
        if !self.is_prepared() {
            return Err(PowersError::Unprepared);
        }
        // The smaller domains before it have one point less than it has.
        self.points(section, domain - 1..2 * domain - 1)
    }

    /// The points of a section at places, each of the group.
    fn points<P: Wire>(&self, section: u32, range: Range<usize>) -> Result<Vec<P>, PowersError> {
        let mut points = Vec::with_capacity(range.len());
        for begin in range.clone().step_by(CHUNK) {
            let end = range.end.min(begin.saturating_add(CHUNK));
            let bytes = self.raw(section, begin * P::BYTES..end * P::BYTES)?;
            let read: Option<Vec<P>> = bytes.par_chunks(P::BYTES).map(P::checked).collect();
            let wrong = || self.expected(format!("points of the group in section {section}"));
            points.extend(read.ok_or_else(wrong)?);
        }
        Ok(points)
    }

    /// Bytes of a section.
    fn raw(&self, section: u32, range: Range<usize>) -> Result<Vec<u8>, PowersError> {
        let place = self.sections.place(section)?;
        let end = place.start.checked_add(range.end as u64);
        if end.is_none_or(|end| end > place.end) {
            return Err(self
                .expected(format!("more points in section {section}"))
                .into());
        }
        self.bytes_at(place.start + range.start as u64, range.len())
    }

    /// Bytes of the file, wherever they are.
    pub(crate) fn bytes_at(&self, at: u64, length: usize) -> Result<Vec<u8>, PowersError> {
        let mut bytes = vec![0; length];
        self.source.fill(at, &mut bytes)?;
        Ok(bytes)
    }

    /// Where the powers of tau in G1 end in the file.
    pub(crate) fn end_of_tau_g1(&self) -> Result<u64, PowersError> {
        Ok(self.sections.place(section::TAU_G1)?.end)
    }
}

/// The file's power and its ceremony's.
fn powers(header: &[u8], sections: &Sections) -> Result<(u32, u32), FormatError> {
    let mut at = 0;
    let length = number(header, &mut at);
    if length != Some(32) || take(header, &mut at, 32) != Some(&to_bytes(Fq::MODULUS.0)[..]) {
        return Err(sections.expected("the modulus of BN254's base field in section 1"));
    }
    let (power, ceremony) = (number(header, &mut at), number(header, &mut at));
    let both = power.zip(ceremony);
    both.filter(|(power, ceremony)| *power <= *ceremony && *power <= MAX_POWER)
        .ok_or_else(|| {
            sections.expected(format!("a power of at most {MAX_POWER} and its ceremony's"))
        })
}
