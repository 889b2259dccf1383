//! Whether a key is what a circuit, powers and its contributions make.

use super::chain::{self, ChainError};
use super::columns::Columns;
use super::{combined, digest, sections};
use crate::binfile::FormatError;
use crate::ptau::{Base, PowersError, Ptau};
use crate::r1cs::R1cs;
use crate::zkey::{Contributions, Zkey};
use rand::{CryptoRng, RngCore};
use std::fmt;

/// A part of a key that is compared with circuit and powers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Variables, public values and domain.
    Size,
    /// The powers themselves.
    Powers,
    /// Alpha of the header.
    Alpha,
    /// Beta of the header, in both groups.
    Beta,
    /// Gamma of the header, which is the generator.
    Gamma,
    /// Delta of the header, in both groups.
    Delta,
    /// Section 3, the points of public values.
    Inputs,
    /// Section 4, the entries of A and B.
    Coefficients,
    /// Section 5.
    A,
    /// Section 6, B in G1.
    B1,
    /// Section 7, B in G2.
    B2,
    /// Section 8.
    L,
    /// Section 9.
    H,
    /// The circuit's digest in section 10.
    Circuit,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::Size => "section 2 (header): the sizes of the circuit",
            Part::Powers => "the powers of tau: powers of one number in both groups",
            Part::Alpha => "section 2 (header): the powers' alpha",
            Part::Beta => "section 2 (header): the powers' beta",
            Part::Gamma => "section 2 (header): the generator as gamma",
            Part::Delta => "section 2 (header): one delta, of the last contribution",
            Part::Inputs => "section 3 (points of public values): what circuit and powers make",
            Part::Coefficients => "section 4 (coefficients): the circuit's",
            Part::A => "section 5 (A): what circuit and powers make",
            Part::B1 => "section 6 (B in G1): what circuit and powers make",
            Part::B2 => "section 7 (B in G2): what circuit and powers make",
            Part::L => "section 8 (L): what circuit and powers make",
            Part::H => "section 9 (H): what the powers make",
            Part::Circuit => "section 10 (contributions): the circuit's digest",
        })
    }
}

/// Why a key is not one of a circuit and powers.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It is no key.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The powers do not serve.
    #[error(transparent)]
    Powers(#[from] PowersError),
    /// A part is not what circuit and powers make.
    #[error("zkey: expected in {0}")]
    Differs(Part),
    /// A contribution does not follow from those before it.
    #[error("zkey: section 10, contribution {number}")]
    Contribution {
        /// Its number, from one.
        number: usize,
        /// What does not hold.
        source: ChainError,
    },
}

/// What was found of a key that is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Who contributed. Nobody did where the list is empty: then delta is one, and everybody can
    /// forge proofs.
    pub contributions: Contributions,
}

/// Checks a key completely: its form and points, the circuit's coefficients, every point of every
/// section by a random number of its own, the contributions, and the circuit's digest.
///
/// What it does not check: the contributions to the powers (`snarkjs powersoftau verify`), and that
/// anybody forgot a secret.
///
/// **Cost**: some twenty sums of as many points as the domain has; then, for the digest, a
/// multiplication in G1 for each entry of A, B and C.
///
/// **Errors**: the first part that is not right.
pub fn verify(
    key: &Zkey,
    r1cs: &R1cs,
    powers: &Ptau,
    rng: &mut (impl RngCore + CryptoRng),
) -> Result<Verified, VerifyError> {
    if !powers.is_prepared() {
        return Err(PowersError::Unprepared.into());
    }
    key.check()?;
    let contributions = key.contributions()?;
    sections::check(key, r1cs, powers, rng)?;
    let delta = chain::check(&contributions);
    let delta = delta.map_err(|(number, source)| VerifyError::Contribution { number, source })?;
    if delta != key.delta().0 {
        return Err(VerifyError::Differs(Part::Delta));
    }
    match circuit_digest(key, r1cs, powers)? == contributions.circuit {
        true => Ok(Verified { contributions }),
        false => Err(VerifyError::Differs(Part::Circuit)),
    }
}

/// The digest of a key whose sections were compared: only L was divided by delta since.
fn circuit_digest(key: &Zkey, r1cs: &R1cs, powers: &Ptau) -> Result<[u8; 64], PowersError> {
    let [a, b, _] = r1cs.matrices();
    let (a, b) = (Columns::with_public(a, r1cs), Columns::of(b, r1cs));
    let in_g1 = powers.lagrange_g1(Base::One, key.size().domain)?;
    let (_, l_query) = combined(r1cs, powers, (a, b), &in_g1)?;
    let mut key = key.to_ark();
    key.l_query = l_query;
    digest::of_circuit(&key, powers)
}
