//! Groth16 proofs as data, typed by the statement they prove.
//!
//! 128 compressed bytes (A in G1, B in G2, C in G1), decoded strictly: on curve, in subgroup, not
//! infinity, and re-encoding gives the same bytes (docs/THREATS.md V3). A typed proof cannot be
//! handed to another statement's verifier.

use crate::statement::Statement;
use crate::subgroup;
use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize, Compress, Validate};
use borsh::{BorshDeserialize, BorshSerialize};
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
            points.b.is_on_curve() && subgroup::contains(&points.b),
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
        let a = point::<G1Affine>(&bytes[..32], "A")?;
        let b = point::<G2Affine>(&bytes[32..96], "B")?;
        let c = point::<G1Affine>(&bytes[96..], "C")?;
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

fn point<P: AffineRepr + CanonicalDeserialize + CanonicalSerialize>(
    bytes: &[u8],
    name: &'static str,
) -> Result<P, ProofError> {
    // The points are checked by `from_points`, B in half of ark's time.
    #[allow(clippy::disallowed_methods)]
    let decoded = P::deserialize_with_mode(bytes, Compress::Yes, Validate::No);
    let decoded = decoded.map_err(|_| ProofError::Point(name))?;
    usable(&decoded, true, name)?;
    let mut again = Vec::with_capacity(bytes.len());
    decoded
        .serialize_compressed(&mut again)
        .map_err(|_| ProofError::Point(name))?;
    if again == bytes {
        Ok(decoded)
    } else {
        Err(ProofError::Point(name))
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
