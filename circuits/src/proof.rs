//! Groth16 proofs as data, typed by the statement they prove.
//!
//! 128 compressed bytes (A in G1, B in G2, C in G1), decoded strictly: on curve, in subgroup, not
//! infinity, and re-encoding gives the same bytes (docs/THREATS.md V3). A typed proof cannot be
//! handed to another statement's verifier.

use crate::statement::Statement;
use ark_bn254::{Bn254, g1, g2};
use ark_ec::AffineRepr;
use ark_ec::short_weierstrass::{Affine, SWCurveConfig, SWFlags};
use ark_ff::{Field, Zero};
use ark_serialize::{CanonicalDeserializeWithFlags, CanonicalSerialize};
use borsh::{BorshDeserialize, BorshSerialize};
use medveil_pairing::SquareRoot;
pub use medveil_pairing::is_in_g2;
use std::fmt;
use std::io::{Read, Write};
use std::marker::PhantomData;

/// Bytes of a proof.
pub const PROOF_BYTES: usize = 128;

/// Why bytes are not a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The byte string has the wrong length.
    #[error("proof: expected 128 bytes, got {0}")]
    Length(usize),
    /// A point is not encoded as this project encodes points, lies off the curve or outside the
    /// subgroup.
    #[error("proof: expected canonical points of the prime-order groups in {0}")]
    Point(&'static str),
    /// A point is infinity.
    #[error("proof: expected a point other than infinity in {0}")]
    Infinity(&'static str),
}

/// A proof before anyone says what it proves.
#[derive(Clone, PartialEq)]
pub struct RawProof(ark_groth16::Proof<Bn254>);

// Points compare by their affine coordinates, so equality is total.
impl Eq for RawProof {}

impl RawProof {
    /// Takes the prover's points, checked like foreign ones.
    ///
    /// **Errors**: curve, subgroup, infinity.
    pub fn from_points(points: ark_groth16::Proof<Bn254>) -> Result<Self, ProofError> {
        usable(
            &points.a,
            points.a.is_on_curve() && points.a.is_in_correct_subgroup_assuming_on_curve(),
            "A",
        )?;
        usable(
            &points.b,
            points.b.is_on_curve() && is_in_g2(&points.b),
            "B",
        )?;
        usable(
            &points.c,
            points.c.is_on_curve() && points.c.is_in_correct_subgroup_assuming_on_curve(),
            "C",
        )?;
        Ok(RawProof(points))
    }

    pub fn points(&self) -> &ark_groth16::Proof<Bn254> {
        &self.0
    }

    /// Decodes 128 bytes.
    ///
    /// **Errors**: length, encoding, curve, subgroup, infinity.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.len() != PROOF_BYTES {
            return Err(ProofError::Length(bytes.len()));
        }
        let a = point::<g1::Config>(&bytes[..32], "A")?;
        let b = point::<g2::Config>(&bytes[32..96], "B")?;
        let c = point::<g1::Config>(&bytes[96..], "C")?;
        RawProof::from_points(ark_groth16::Proof { a, b, c })
    }

    /// The 128 bytes.
    pub fn to_bytes(&self) -> [u8; PROOF_BYTES] {
        let mut out = [0u8; PROOF_BYTES];
        // Three points always fill exactly this buffer.
        let _ = self.0.a.serialize_compressed(&mut out[..32]);
        let _ = self.0.b.serialize_compressed(&mut out[32..96]);
        let _ = self.0.c.serialize_compressed(&mut out[96..]);
        out
    }
}

/// A point of the curve. Its group is looked at by `from_points`.
fn point<P: SWCurveConfig<BaseField: SquareRoot>>(
    bytes: &[u8],
    name: &'static str,
) -> Result<Affine<P>, ProofError> {
    let no_point = || ProofError::Point(name);
    let (x, flags) =
        P::BaseField::deserialize_with_flags::<_, SWFlags>(bytes).map_err(|_| no_point())?;
    let Some(is_smaller) = flags.is_positive() else {
        return Err(match x.is_zero() {
            true => ProofError::Infinity(name),
            false => no_point(),
        });
    };
    let y = P::add_b(x.square() * x)
        .square_root()
        .ok_or_else(no_point)?;
    let y = if (y <= -y) == is_smaller { y } else { -y };
    #[allow(clippy::disallowed_methods)]
    let decoded = Affine::<P>::new_unchecked(x, y);
    // One encoding for each point.
    let mut again = Vec::with_capacity(bytes.len());
    let encoded = decoded.serialize_compressed(&mut again);
    match encoded.is_ok() && again == bytes {
        true => Ok(decoded),
        false => Err(no_point()),
    }
}

fn usable<P: AffineRepr>(point: &P, in_group: bool, name: &'static str) -> Result<(), ProofError> {
    match (in_group, point.is_zero()) {
        (true, false) => Ok(()),
        (false, _) => Err(ProofError::Point(name)),
        (true, true) => Err(ProofError::Infinity(name)),
    }
}

impl fmt::Debug for RawProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawProof({})", hex::encode(self.to_bytes()))
    }
}

impl BorshSerialize for RawProof {
    fn serialize<W: Write>(&self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(&self.to_bytes())
    }
}

impl BorshDeserialize for RawProof {
    fn deserialize_reader<R: Read>(reader: &mut R) -> std::io::Result<Self> {
        let mut bytes = [0u8; PROOF_BYTES];
        reader.read_exact(&mut bytes)?;
        RawProof::from_bytes(&bytes)
            .map_err(|e| std::io::Error::new(std::io::ErrorKind::InvalidData, e))
    }
}

/// A proof of statement `S`.
pub struct Proof<S>(RawProof, PhantomData<S>);

impl<S: Statement> Proof<S> {
    /// Says what a proof proves; verification decides whether that is so.
    pub fn new(raw: RawProof) -> Self {
        Proof(raw, PhantomData)
    }

    /// Decodes 128 bytes.
    ///
    /// **Errors**: as [`RawProof::from_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ProofError> {
        RawProof::from_bytes(bytes).map(Proof::new)
    }

    /// The proof without its statement.
    pub fn raw(&self) -> &RawProof {
        &self.0
    }

    /// The 128 bytes.
    pub fn to_bytes(&self) -> [u8; PROOF_BYTES] {
        self.0.to_bytes()
    }
}

impl<S> Clone for Proof<S> {
    fn clone(&self) -> Self {
        Proof(self.0.clone(), PhantomData)
    }
}
