//! The contributions to a key, as section 10 lists them.
//!
//! Source: `readMPCParams` and `readContribution` of snarkjs' `zkey_utils.js`: the circuit's digest
//! (64 bytes), how many (u32), then for each delta after it, a point s and x s in G1, x times a point
//! in G2 that follows from the transcript, the transcript (64), its type (u32), and the length (u32)
//! of parameters, each a number (u8) and its value, in ascending order: 1 name (length u8), 2
//! logarithm of iterations (u8), 3 what the beacon said (length u8).

use super::header;
use super::point::Wire;
use super::{Zkey, section};
use crate::binfile::{FormatError, number, take};
use ark_bn254::{G1Affine, G2Affine};

/// What a contribution says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Details {
    /// A name, which anybody can write; it may hold any characters.
    pub name: Option<String>,
    /// The beacon that it was made of, which is nobody's secret.
    pub beacon: Option<Beacon>,
}

/// A public random value, hashed again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beacon {
    /// The logarithm of the number of hashes.
    pub iterations: u8,
    /// What was hashed.
    pub value: Vec<u8>,
}

/// One contribution: the one before's delta times a secret x.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// Delta after it.
    pub delta: G1Affine,
    /// A point of its own, and that times x.
    pub pair: (G1Affine, G1Affine),
    /// A point that follows from the transcript, times x.
    pub proof: G2Affine,
    /// BLAKE2b-512 of what was before it and its pair.
    pub transcript: [u8; 64],
    /// What it says of itself.
    pub details: Details,
}

/// The digest of a circuit's points before any contribution, and the contributions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contributions {
    /// BLAKE2b-512 of the points of powers and circuit.
    pub circuit: [u8; 64],
    /// The first one first.
    pub list: Vec<Contribution>,
}

impl Contributions {
    /// Of a key of our own set-up, which names nobody.
    pub const NONE: Contributions = Contributions {
        circuit: [0; 64],
        list: Vec::new(),
    };
}

/// Iterations that snarkjs allows.
const ITERATIONS: std::ops::RangeInclusive<u8> = 10..=63;

mod parameter {
    pub const NAME: u8 = 1;
    pub const ITERATIONS: u8 = 2;
    pub const VALUE: u8 = 3;
}

impl Details {
    /// Bytes of the longest parameters.
    /// Most bytes of a name, or of a beacon's value: one byte says how many.
    pub const LONGEST_NAME: usize = 255;
    pub(crate) const LONGEST: usize = 2 * (2 + Self::LONGEST_NAME) + 2;

    /// Type and parameters; `None` where they are of another form.
    pub(crate) fn next(bytes: &[u8], at: &mut usize) -> Option<Self> {
        let kind = number(bytes, at)?;
        let length = number(bytes, at)? as usize;
        let bytes = take(bytes, at, length)?;
        let (mut at, mut last) = (0, 0);
        let (mut name, mut iterations, mut value) = (None, None, None);
        while at < bytes.len() {
            let parameter = byte(bytes, &mut at)?;
            if parameter <= last {
                return None;
            }
            last = parameter;
            match parameter {
                parameter::NAME => {
                    let own = counted(bytes, &mut at)?.to_vec();
                    name = Some(String::from_utf8(own).ok()?);
                }
                parameter::ITERATIONS => iterations = Some(byte(bytes, &mut at)?),
                parameter::VALUE => value = Some(counted(bytes, &mut at)?.to_vec()),
                _ => return None,
            }
        }
        let beacon = match (kind, iterations, value) {
            (0, None, None) => None,
            (1, Some(iterations), Some(value)) if ITERATIONS.contains(&iterations) => {
                Some(Beacon { iterations, value })
            }
            _ => return None,
        };
        Some(Details { name, beacon })
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut own = Vec::new();
        let counted = |parameter: u8, bytes: &[u8], own: &mut Vec<u8>| {
            let bytes = bytes
                .get(..bytes.len().min(Details::LONGEST_NAME))
                .unwrap_or_default();
            own.extend([parameter, bytes.len() as u8]);
            own.extend(bytes);
        };
        if let Some(name) = &self.name {
            counted(parameter::NAME, cut(name).as_bytes(), &mut own);
        }
        if let Some(beacon) = &self.beacon {
            own.extend([parameter::ITERATIONS, beacon.iterations]);
            counted(parameter::VALUE, &beacon.value, &mut own);
        }
        out.extend(u32::from(self.beacon.is_some()).to_le_bytes());
        out.extend((own.len() as u32).to_le_bytes());
        out.extend(own);
    }
}

/// As much of a name as fits, in whole characters.
fn cut(name: &str) -> &str {
    let mut ends = (0..=name.len().min(Details::LONGEST_NAME)).rev();
    let end = ends.find(|end| name.is_char_boundary(*end));
    name.get(..end.unwrap_or_default()).unwrap_or_default()
}

fn byte(bytes: &[u8], at: &mut usize) -> Option<u8> {
    take(bytes, at, 1)?.first().copied()
}

/// Bytes with their number before them.
fn counted<'b>(bytes: &'b [u8], at: &mut usize) -> Option<&'b [u8]> {
    let length = byte(bytes, at)?;
    take(bytes, at, usize::from(length))
}

impl Contribution {
    fn next(bytes: &[u8], at: &mut usize) -> Option<Self> {
        Some(Contribution {
            delta: header::next(bytes, at)?,
            pair: (header::next(bytes, at)?, header::next(bytes, at)?),
            proof: header::next(bytes, at)?,
            transcript: take(bytes, at, 64)?.try_into().ok()?,
            details: Details::next(bytes, at)?,
        })
    }
}

impl Contributions {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut at = 0;
        let circuit = take(bytes, &mut at, 64)?.try_into().ok()?;
        let count = number(bytes, &mut at)?;
        let mut list = Vec::new();
        for _ in 0..count {
            list.push(Contribution::next(bytes, &mut at)?);
        }
        (at == bytes.len()).then_some(Contributions { circuit, list })
    }

    /// The section's bytes.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.circuit);
        out.extend((self.list.len() as u32).to_le_bytes());
        for own in &self.list {
            own.delta.write(out);
            own.pair.0.write(out);
            own.pair.1.write(out);
            own.proof.write(out);
            out.extend(own.transcript);
            own.details.write(out);
        }
    }
}

impl Zkey {
    /// Why everybody knows delta, as far as the contributions tell.
    pub fn known_delta(&self) -> Option<&'static str> {
        let Ok(Contributions { list, .. }) = self.contributions() else {
            return Some("its contributions, in section 10, cannot be read");
        };
        let is_beacon = |own: &Contribution| own.details.beacon.is_some();
        let is_known = !list.is_empty() && list.iter().all(is_beacon);
        is_known.then_some("its contributions are beacons alone, whose secrets are public")
    }

    /// Who contributed to it. Their proofs are checked by [`crate::phase2::verify`].
    ///
    /// **Errors**: a list of another form.
    pub fn contributions(&self) -> Result<Contributions, FormatError> {
        let bytes = self.points(section::CONTRIBUTIONS)?;
        Contributions::read(bytes).ok_or_else(|| {
            self.expected("contributions of points, hashes and a name in section 10")
        })
    }
}
