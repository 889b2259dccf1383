//! What of a key is not what circuit, powers and contributions make.

use super::chain::ChainError;
use crate::binfile::FormatError;
use crate::ptau::PowersError;
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
