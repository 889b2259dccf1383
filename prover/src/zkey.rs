//! Proving keys as `.zkey` files of snarkjs (Groth16 over BN254).
//!
//! Source: snarkjs' `zkey_utils.js`. Sections: 1 protocol, 2 header, 3 points of the public inputs,
//! 4 coefficients of A and B, 5 A in G1, 6 B in G1, 7 B in G2, 8 L (`C` there), 9 H, 10
//! contributions. A coordinate is 32 bytes, little-endian, in Montgomery form with R = 2^256: as ark
//! has it in memory. Infinity is all zero. A coefficient c is stored as c R^2. Rows of A and B end with
//! one for each public input and the constant one.
//!
//! H is of the odd coset: with w a root of unity of twice the domain's order, point i is the Lagrange
//! polynomial of w^(2i+1) at tau, over delta.

mod coefficients;
mod contributions;
mod header;
mod point;
#[cfg(test)]
mod tests;
mod write;

use crate::binfile::{FormatError, Sections};
use crate::map::Bytes;
use crate::r1cs::R1cs;
use crate::ratio::is_same_ratio;
use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_groth16::{ProvingKey as ArkKey, VerifyingKey as ArkVerifyingKey};
use medveil_circuits::shape::Matrices;
use rayon::prelude::*;
use std::sync::Arc;

use header::{Header, check_protocol, header};

pub(crate) use coefficients::Stored;
pub use contributions::{Beacon, Contribution, Contributions, Details};
pub(crate) use point::{G1_BYTES, G2_BYTES, Wire, is_infinity};

const FORMAT: (&str, u32) = ("zkey", 1);
/// Sections 1 to 10.
const SECTIONS: u32 = 10;
/// More than what sections 1 and 2 hold.
///
/// **Units**: bytes.
#[cfg(unix)]
const LONGEST_HEADER: u64 = 1 << 12;

mod section {
    pub const PROTOCOL: u32 = 1;
    pub const HEADER: u32 = 2;
    pub const INPUTS: u32 = 3;
    pub const COEFFICIENTS: u32 = 4;
    pub const A: u32 = 5;
    pub const B1: u32 = 6;
    pub const B2: u32 = 7;
    pub const L: u32 = 8;
    pub const H: u32 = 9;
    pub const CONTRIBUTIONS: u32 = 10;
}

/// A proving key whose structure was checked. Cheap to clone.
#[derive(Clone)]
pub struct Zkey {
    bytes: Arc<Bytes>,
    sections: Sections,
    header: Header,
}

/// How large a key is, or one of a circuit has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Variables, the constant one included.
    pub variables: usize,
    /// Public inputs, without the constant one.
    pub public: usize,
    /// Rows, one for each public input and the constant one included, and up to a power of two.
    pub domain: usize,
}

impl Size {
    /// The one that a circuit's key has.
    pub fn of(matrices: &Matrices) -> Self {
        Size {
            variables: matrices.n_instance() + matrices.n_witness(),
            public: matrices.n_instance() - 1,
            domain: (matrices.n_constraints() + matrices.n_instance()).next_power_of_two(),
        }
    }

    /// The one that the key of a circuit's file has.
    pub fn of_r1cs(r1cs: &R1cs) -> Self {
        let sizes = r1cs.sizes();
        Size {
            variables: sizes.wires,
            public: sizes.public(),
            domain: sizes.domain(),
        }
    }
}

impl Zkey {
    /// Reads the structure of a key: sections, sizes, and the points of its header.
    ///
    /// **Cost**: whatever the size, a few points; the others are checked by [`Zkey::check`].
    ///
    /// **Errors**: what is no key of Groth16 over BN254, or one whose sections have other sizes than
    /// its header says.
    pub fn parse(bytes: Vec<u8>) -> Result<Self, FormatError> {
        Zkey::of(Bytes::Owned(bytes))
    }

    pub(crate) fn of(bytes: Bytes) -> Result<Self, FormatError> {
        // Another protocol's key has other sections too.
        if let Ok(any) = Sections::all(FORMAT, &bytes)
            && let Ok(protocol) = any.bytes(section::PROTOCOL, &bytes)
        {
            check_protocol(protocol, &any)?;
        }
        let sections = Sections::find(FORMAT, SECTIONS, &bytes)?;
        let part = |section| sections.bytes(section, &bytes);
        let header = header(part(section::PROTOCOL)?, part(section::HEADER)?, &sections)?;
        check_sizes(header.size, &sections)?;
        let key = Zkey {
            bytes: Arc::new(bytes),
            sections,
            header,
        };
        coefficients::count(&key)?;
        Ok(key)
    }

    /// Whether a file of a length may be a key, as far as its header and the lengths of its sections
    /// tell. `read` fills bytes from a place on; `None` where it cannot.
    ///
    /// **Errors**: it is none.
    #[cfg(unix)]
    pub(crate) fn check_outline(
        length: u64,
        mut read: impl FnMut(u64, &mut [u8]) -> Option<()>,
    ) -> Result<(), FormatError> {
        let sections = Sections::walk(FORMAT, None, length, &mut read)?;
        let mut part = |section| {
            let place = sections.place(section)?;
            let length = (place.end - place.start).min(LONGEST_HEADER);
            let mut bytes = vec![0; length as usize];
            let filled = read(place.start, &mut bytes);
            filled.ok_or_else(|| sections.expected(format!("section {section} whole")))?;
            Ok::<_, FormatError>(bytes)
        };
        // Before anything else that another protocol's key has differently.
        let protocol = part(section::PROTOCOL)?;
        check_protocol(&protocol, &sections)?;
        let own = part(section::HEADER)?;
        check_sizes(header(&protocol, &own, &sections)?.size, &sections)
    }

    /// Checks all points and coefficients: of their groups, in their ranges, delta over beta the same
    /// in both groups, and the points in G1 and G2 of B infinity at the same places.
    ///
    /// **Cost**: a subgroup check for each point of G2, on the current rayon pool.
    ///
    /// **Errors**: the first section that holds something else.
    pub fn check(&self) -> Result<(), FormatError> {
        use section::{A, B1, B2, H, INPUTS, L};
        // Their generators are the key's own.
        let ((beta, beta_g2), (delta, delta_g2)) = (self.beta(), self.delta());
        if !is_same_ratio((beta, delta), (beta_g2, delta_g2)) {
            return Err(self.expected("delta over beta to be the same in both groups in section 2"));
        }
        for section in [INPUTS, A, B1, L, H] {
            self.check_points::<G1Affine>(section)?;
        }
        self.check_points::<G2Affine>(B2)?;
        // Elsewhere tau is a root of unity, and the quotient of a wrong witness is as good as a right one.
        let finite = self.points(H)?.chunks_exact(G1_BYTES);
        let wanted = self.size().domain.min(2);
        if finite
            .filter(|point| !is_infinity(point))
            .take(wanted)
            .count()
            < wanted
        {
            return Err(self.expected("several points in section 9 that are not infinity"));
        }
        let pairs = self.points(B1)?.par_chunks(G1_BYTES);
        let pairs = pairs.zip(self.points(B2)?.par_chunks(G2_BYTES));
        if !pairs
            .into_par_iter()
            .all(|(a, b)| is_infinity(a) == is_infinity(b))
        {
            return Err(self.expected("sections 6 and 7 to be infinity at the same places"));
        }
        self.coefficients()?.check(self.size())
    }

    fn check_points<P: Wire>(&self, section: u32) -> Result<(), FormatError> {
        let points = self.points(section)?.par_chunks(P::BYTES);
        match points
            .into_par_iter()
            .all(|point| P::checked(point).is_some())
        {
            true => Ok(()),
            false => Err(self.expected(format!("points of the group in section {section}"))),
        }
    }

    /// Whether A and B are those of a circuit, with a row for each public value behind its own.
    ///
    /// **Cost**: a sorted copy of the entries.
    pub fn is_of(&self, circuit: &R1cs) -> bool {
        let has_entries = || self.coefficients().is_ok_and(|own| own.are_of(circuit));
        self.size() == Size::of_r1cs(circuit) && has_entries()
    }

    /// Calls for each entry of A and B: whether it is of B, its row, its column, what stands there.
    pub(crate) fn each_coefficient(
        &self,
        call: impl FnMut(bool, usize, u32, Stored),
    ) -> Result<(), FormatError> {
        self.coefficients()?.each(self.size(), call)
    }

    /// How large the key is.
    pub fn size(&self) -> Size {
        self.header.size
    }

    /// The file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Lets go of a part that is in memory, and will not be read soon.
    pub(crate) fn release(&self, part: &[u8]) {
        self.bytes.release(part);
    }

    fn points(&self, section: u32) -> Result<&[u8], FormatError> {
        self.sections.bytes(section, &self.bytes)
    }

    fn coefficients(&self) -> Result<coefficients::Coefficients<'_>, FormatError> {
        coefficients::Coefficients::of(self)
    }

    pub(crate) fn expected(&self, expected: impl Into<String>) -> FormatError {
        self.sections.expected(expected)
    }

    fn bytes_of(&self, section: u32) -> &[u8] {
        // Every section was found when the key was read.
        self.points(section).unwrap_or_default()
    }

    pub(crate) fn a(&self) -> &[u8] {
        self.bytes_of(section::A)
    }

    /// B in G1 and in G2.
    pub(crate) fn b(&self) -> (&[u8], &[u8]) {
        (self.bytes_of(section::B1), self.bytes_of(section::B2))
    }

    pub(crate) fn l(&self) -> &[u8] {
        self.bytes_of(section::L)
    }

    pub(crate) fn h(&self) -> &[u8] {
        self.bytes_of(section::H)
    }

    pub(crate) fn alpha(&self) -> G1Affine {
        self.header.alpha
    }

    pub(crate) fn beta(&self) -> (G1Affine, G2Affine) {
        self.header.beta
    }

    pub(crate) fn gamma(&self) -> G2Affine {
        self.header.gamma
    }

    /// The points of public values.
    pub(crate) fn inputs(&self) -> Vec<G1Affine> {
        point::all(self.bytes_of(section::INPUTS))
    }

    pub(crate) fn delta(&self) -> (G1Affine, G2Affine) {
        self.header.delta
    }

    /// The verifying key inside it.
    pub fn verifying(&self) -> ArkVerifyingKey<Bn254> {
        ArkVerifyingKey {
            alpha_g1: self.header.alpha,
            beta_g2: self.header.beta.1,
            gamma_g2: self.header.gamma,
            delta_g2: self.header.delta.1,
            gamma_abc_g1: self.inputs(),
        }
    }

    /// The key as ark-groth16 has it, for [`crate::reduction::OddCoset`]. The points were checked when
    /// the key entered.
    pub fn to_ark(&self) -> ArkKey<Bn254> {
        let (b_g1, b_g2) = self.b();
        ArkKey {
            vk: self.verifying(),
            beta_g1: self.header.beta.0,
            delta_g1: self.header.delta.0,
            a_query: point::all(self.a()),
            b_g1_query: point::all(b_g1),
            b_g2_query: point::all(b_g2),
            h_query: point::all(self.h()),
            l_query: point::all(self.l()),
        }
    }
}

/// Whether sections are as long as the header says.
fn check_sizes(size: Size, sections: &Sections) -> Result<(), FormatError> {
    let witness = size.variables - size.public - 1;
    let sizes = [
        (section::INPUTS, size.public + 1, G1_BYTES),
        (section::A, size.variables, G1_BYTES),
        (section::B1, size.variables, G1_BYTES),
        (section::B2, size.variables, G2_BYTES),
        (section::L, witness, G1_BYTES),
        (section::H, size.domain, G1_BYTES),
    ];
    for (section, count, size) in sizes {
        if count.checked_mul(size) != Some(sections.at(section)?.len()) {
            return Err(sections.expected(format!("{count} points in section {section}")));
        }
    }
    Ok(())
}
