//! What a key says of itself: sections 1 and 2.

use super::{Size, Wire};
use crate::binfile::{FormatError, Sections, number, take, to_bytes};
use ark_bn254::{Fq, Fr, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::{BigInt, PrimeField};

pub(super) const GROTH16: u32 = 1;
/// Most constraints' logarithm: BN254 has roots of unity of order 2^28.
const MAX_DOMAIN: u32 = 1 << 27;

/// What a key says of itself.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub size: Size,
    pub alpha: G1Affine,
    pub beta: (G1Affine, G2Affine),
    pub gamma: G2Affine,
    pub delta: (G1Affine, G2Affine),
}

pub(super) fn check_protocol(protocol: &[u8], sections: &Sections) -> Result<(), FormatError> {
    let got = match number(protocol, &mut 0).filter(|_| protocol.len() == 4) {
        Some(GROTH16) => return Ok(()),
        Some(2) => "2, PLONK",
        Some(10) => "10, FFLONK",
        _ => "another",
    };
    Err(sections.expected(format!("protocol 1, Groth16, in section 1, got {got}")))
}

pub(super) fn header(
    protocol: &[u8],
    bytes: &[u8],
    sections: &Sections,
) -> Result<Header, FormatError> {
    check_protocol(protocol, sections)?;
    let mut at = 0;
    if modulus::<Fq>(bytes, &mut at).is_none() || modulus::<Fr>(bytes, &mut at).is_none() {
        return Err(sections.expected("the two moduli of BN254 in section 2"));
    }
    let size = size(bytes, &mut at).ok_or_else(|| {
        sections.expected("more variables than public inputs, and a domain of a power of two")
    })?;
    let wrong = || sections.expected("points of both groups in section 2");
    let header = Header {
        size,
        alpha: next(bytes, &mut at).ok_or_else(wrong)?,
        beta: (
            next(bytes, &mut at).ok_or_else(wrong)?,
            next(bytes, &mut at).ok_or_else(wrong)?,
        ),
        gamma: next(bytes, &mut at).ok_or_else(wrong)?,
        delta: (
            next(bytes, &mut at).ok_or_else(wrong)?,
            next(bytes, &mut at).ok_or_else(wrong)?,
        ),
    };
    if at != bytes.len() {
        return Err(wrong());
    }
    let Header { beta, delta, .. } = &header;
    let in_g1 = [header.alpha, beta.0, delta.0];
    let in_g2 = [beta.1, header.gamma, delta.1];
    // Where delta is infinity in G1, nothing hides the witness in a proof, which verifies all the same.
    if in_g1.iter().any(AffineRepr::is_zero) || in_g2.iter().any(AffineRepr::is_zero) {
        return Err(sections.expected("points other than infinity in section 2"));
    }
    Ok(header)
}

/// A modulus with its length in bytes before it.
fn modulus<F: PrimeField<BigInt = BigInt<4>>>(bytes: &[u8], at: &mut usize) -> Option<()> {
    let length = number(bytes, at)?;
    let words = take(bytes, at, 32)?;
    (length == 32 && words == to_bytes(F::MODULUS.0)).then_some(())
}

fn size(bytes: &[u8], at: &mut usize) -> Option<Size> {
    let [variables, public, domain] = [(); 3].map(|()| number(bytes, at));
    let (variables, public, domain) = (variables?, public?, domain?);
    let fits = public < variables && domain.is_power_of_two() && domain <= MAX_DOMAIN;
    fits.then_some(Size {
        variables: variables as usize,
        public: public as usize,
        domain: domain as usize,
    })
}

pub(super) fn next<P: Wire>(bytes: &[u8], at: &mut usize) -> Option<P> {
    P::checked(take(bytes, at, P::BYTES)?)
}
