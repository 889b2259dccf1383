//! snarkjs JSON: proofs, public inputs and verifying keys as other tools read them, and proofs and
//! public inputs back, strictly (docs/THREATS.md V4).
//!
//! Coordinates are decimal strings; points are affine with a third coordinate 1. Reading goes
//! through one decimal parser that accepts each value in exactly one spelling, because
//! `Fr::from_str` reduces. Source of the layout: snarkjs `groth16_verify.js`. Keys are written,
//! never read: a key without provenance does not enter this program.

mod decimal;

pub use decimal::{DecimalError, parse_decimal};

use crate::field::{Felt, Fr};
use crate::proof::{ProofError, RawProof};
use crate::verify::AnyVerifyingKey;
use ark_bn254::{Bn254, Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::PrimeField;
use serde::{Deserialize, Serialize};

/// Longest JSON text that is read.
///
/// **Units**: bytes.
pub const MAX_JSON_BYTES: usize = 16 * 1024;

const PROTOCOL: &str = "groth16";
const CURVE: &str = "bn128";

/// Why JSON is not a proof or a list of public inputs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnarkjsError {
    /// The text is too long to be read.
    #[error("snarkjs json: expected at most {MAX_JSON_BYTES} bytes, got {0}")]
    TooLong(usize),
    /// The text has another shape.
    #[error("snarkjs json: expected {expected} at line {line}, column {column}")]
    Shape {
        /// What it should be.
        expected: &'static str,
        /// Where the reader stopped.
        line: usize,
        /// Where in that line.
        column: usize,
    },
    /// Another proof system or curve.
    #[error("snarkjs json: expected protocol groth16 over curve bn128")]
    Protocol,
    /// A number is not in its one spelling.
    #[error("snarkjs json")]
    Decimal(#[from] DecimalError),
    /// A point is not affine with third coordinate 1.
    #[error("snarkjs json: expected affine points, whose third coordinate is 1")]
    NotAffine,
    /// The points are no proof.
    #[error("snarkjs json")]
    Proof(#[from] ProofError),
}

type G1Json = [String; 3];
type G2Json = [[String; 2]; 3];

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProofJson {
    pi_a: G1Json,
    pi_b: G2Json,
    pi_c: G1Json,
    protocol: String,
    curve: String,
}

#[derive(Serialize)]
#[allow(non_snake_case)] // snarkjs spells it so.
struct KeyJson {
    protocol: &'static str,
    curve: &'static str,
    nPublic: usize,
    vk_alpha_1: G1Json,
    vk_beta_2: G2Json,
    vk_gamma_2: G2Json,
    vk_delta_2: G2Json,
    IC: Vec<G1Json>,
}

/// `proof.json`.
pub fn proof_to_json(proof: &RawProof) -> String {
    let points = proof.points();
    pretty(&ProofJson {
        pi_a: g1(&points.a),
        pi_b: g2(&points.b),
        pi_c: g1(&points.c),
        protocol: PROTOCOL.into(),
        curve: CURVE.into(),
    })
}

/// `public.json`.
pub fn public_to_json(inputs: &[Fr]) -> String {
    pretty(&inputs.iter().map(text).collect::<Vec<_>>())
}

/// `verification_key.json`. Provenance does not fit into it, so whoever passes it on must say where
/// the key comes from.
pub fn key_to_json(key: &AnyVerifyingKey) -> String {
    let points = key.points();
    pretty(&KeyJson {
        protocol: PROTOCOL,
        curve: CURVE,
        nPublic: key.n_inputs(),
        vk_alpha_1: g1(&points.alpha_g1),
        vk_beta_2: g2(&points.beta_g2),
        vk_gamma_2: g2(&points.gamma_g2),
        vk_delta_2: g2(&points.delta_g2),
        IC: points.gamma_abc_g1.iter().map(g1).collect(),
    })
}

/// Reads `proof.json`.
///
/// **Errors**: length, shape, another protocol, a number in another spelling, points that are no
/// proof.
pub fn proof_from_json(json: &str) -> Result<RawProof, SnarkjsError> {
    let json: ProofJson = read(json, "a snarkjs proof")?;
    if json.protocol != PROTOCOL || json.curve != CURVE {
        return Err(SnarkjsError::Protocol);
    }
    let points = ark_groth16::Proof::<Bn254> {
        a: read_g1(&json.pi_a)?,
        b: read_g2(&json.pi_b)?,
        c: read_g1(&json.pi_c)?,
    };
    Ok(RawProof::from_points(points)?)
}

/// Reads `public.json`.
///
/// **Errors**: length, shape, a number in another spelling.
pub fn public_from_json(json: &str) -> Result<Vec<Felt>, SnarkjsError> {
    let numbers: Vec<String> = read(json, "a list of decimal strings")?;
    numbers
        .iter()
        .map(|n| Ok(Felt(parse_decimal::<Fr>(n)?)))
        .collect()
}

fn read<'a, T: Deserialize<'a>>(json: &'a str, expected: &'static str) -> Result<T, SnarkjsError> {
    if json.len() > MAX_JSON_BYTES {
        return Err(SnarkjsError::TooLong(json.len()));
    }
    serde_json::from_str(json).map_err(|e| SnarkjsError::Shape {
        expected,
        line: e.line(),
        column: e.column(),
    })
}

fn pretty(value: &impl Serialize) -> String {
    // Strings and numbers always have a JSON form.
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn text(value: &impl PrimeField) -> String {
    value.into_bigint().to_string()
}

fn g1(point: &G1Affine) -> G1Json {
    let (x, y) = point.xy().unwrap_or_default();
    [text(&x), text(&y), "1".into()]
}

fn pair(value: &Fq2) -> [String; 2] {
    [text(&value.c0), text(&value.c1)]
}

fn g2(point: &G2Affine) -> G2Json {
    let (x, y) = point.xy().unwrap_or_default();
    [pair(&x), pair(&y), ["1".into(), "0".into()]]
}

#[allow(clippy::disallowed_methods)] // `RawProof::from_points` checks curve and subgroup.
fn read_g1([x, y, z]: &G1Json) -> Result<G1Affine, SnarkjsError> {
    if z != "1" {
        return Err(SnarkjsError::NotAffine);
    }
    Ok(G1Affine::new_unchecked(
        parse_decimal::<Fq>(x)?,
        parse_decimal::<Fq>(y)?,
    ))
}

#[allow(clippy::disallowed_methods)] // `RawProof::from_points` checks curve and subgroup.
fn read_g2([x, y, z]: &G2Json) -> Result<G2Affine, SnarkjsError> {
    if z[0] != "1" || z[1] != "0" {
        return Err(SnarkjsError::NotAffine);
    }
    let pair = |[c0, c1]: &[String; 2]| {
        Ok::<_, SnarkjsError>(Fq2::new(parse_decimal(c0)?, parse_decimal(c1)?))
    };
    Ok(G2Affine::new_unchecked(pair(x)?, pair(y)?))
}
