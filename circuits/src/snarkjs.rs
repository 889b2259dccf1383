//! snarkjs JSON: proofs, public inputs and verifying keys as other tools read them, and back,
//! strictly (docs/THREATS.md V4).
//!
//! Coordinates are decimal strings; points are affine with a third coordinate 1, and infinity is
//! (0, 1, 0). Reading goes through one decimal parser that accepts each value in exactly one spelling,
//! because `Fr::from_str` reduces. Source of the layout: snarkjs `groth16_verify.js` and
//! `zkey_export_verificationkey.js`. A key that is read has no provenance: it is a [`ForeignKey`], which
//! does not enter the ledger.

mod decimal;

pub use decimal::{DecimalError, parse_decimal};

use crate::field::{Felt, Fr};
use crate::proof::{ProofError, RawProof};
use crate::verify::{AnyVerifyingKey, ForeignKey, KeyError, Trust};
use ark_bn254::{Bn254, Fq, Fq2, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_ff::PrimeField;
use ark_groth16::VerifyingKey as ArkKey;
use serde::{Deserialize, Serialize};

/// Longest JSON text of a proof, and of what stands in another one beside its inputs.
///
/// **Units**: bytes.
pub const MAX_JSON_BYTES: usize = 16 * 1024;
/// Longest text of an input, and of a point of a key, with the blanks around it.
const INPUT_BYTES: usize = 128;
const POINT_BYTES: usize = 320;

const PROTOCOL: &str = "groth16";
const CURVE: &str = "bn128";

/// Why JSON is not a proof or a list of public inputs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnarkjsError {
    /// The text is too long to be read.
    #[error("snarkjs json: expected at most {expected} bytes, got {got}")]
    TooLong { expected: usize, got: usize },
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
    /// A field is not there.
    #[error("snarkjs json: expected {expected}, whose {field} is missing")]
    Missing {
        expected: &'static str,
        field: String,
    },
    /// Another proof system or curve.
    #[error("snarkjs json: expected protocol groth16 over curve bn128")]
    Protocol,
    /// A number is not in its one spelling.
    #[error("snarkjs json")]
    Decimal(#[from] DecimalError),
    /// A point is not affine with third coordinate 1, nor infinity.
    #[error("snarkjs json: expected affine points, whose third coordinate is 1, or (0, 1, 0)")]
    NotAffine,
    /// A key of another number of inputs than it says.
    #[error("snarkjs json: expected {expected} points in IC for the inputs in nPublic, got {got}")]
    Points { expected: usize, got: usize },
    /// More inputs than are taken.
    #[error("snarkjs json: expected at most {expected} inputs, got {got}")]
    Inputs { expected: usize, got: usize },
    /// The points are no key that can be trusted.
    #[error("snarkjs json")]
    Key(#[from] KeyError),
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
    /// rapidsnark leaves it out.
    #[serde(default = "curve")]
    curve: String,
}

fn curve() -> String {
    CURVE.into()
}

/// What every JSON of snarkjs says of itself, whatever else is in it.
#[derive(Deserialize)]
struct Kind {
    protocol: String,
    #[serde(default = "curve")]
    curve: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(non_snake_case)] // snarkjs spells it so.
struct KeyJson {
    protocol: String,
    curve: String,
    nPublic: usize,
    vk_alpha_1: G1Json,
    vk_beta_2: G2Json,
    vk_gamma_2: G2Json,
    vk_delta_2: G2Json,
    /// The pairing of alpha and beta, which is computed here.
    #[serde(rename = "vk_alphabeta_12", default, skip_serializing)]
    _alphabeta: Option<[[[String; 2]; 3]; 2]>,
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
    points_to_json(key.points())
}

/// The same of any points.
pub fn points_to_json(points: &ArkKey<Bn254>) -> String {
    pretty(&KeyJson {
        protocol: PROTOCOL.into(),
        curve: CURVE.into(),
        nPublic: points.gamma_abc_g1.len().saturating_sub(1),
        vk_alpha_1: g1(&points.alpha_g1),
        vk_beta_2: g2(&points.beta_g2),
        vk_gamma_2: g2(&points.gamma_g2),
        vk_delta_2: g2(&points.delta_g2),
        _alphabeta: None,
        IC: points.gamma_abc_g1.iter().map(g1).collect(),
    })
}

/// Reads `verification_key.json` of at most so many inputs.
///
/// **Errors**: length, shape, another protocol, a number in another spelling; what
/// [`ForeignKey::new`] refuses.
pub fn key_from_json(
    json: &str,
    max_inputs: usize,
    trust: Trust,
) -> Result<ForeignKey, SnarkjsError> {
    let limit = MAX_JSON_BYTES.saturating_add(POINT_BYTES.saturating_mul(max_inputs));
    let json: KeyJson = object(json, limit, "a snarkjs verifying key")?;
    is_of_protocol(&json.protocol, &json.curve)?;
    if json.nPublic.checked_add(1) != Some(json.IC.len()) {
        return Err(SnarkjsError::Points {
            expected: json.nPublic.saturating_add(1),
            got: json.IC.len(),
        });
    }
    let ic: Result<Vec<G1Affine>, SnarkjsError> = json.IC.iter().map(read_g1).collect();
    let points = ArkKey {
        alpha_g1: read_g1(&json.vk_alpha_1)?,
        beta_g2: read_g2(&json.vk_beta_2)?,
        gamma_g2: read_g2(&json.vk_gamma_2)?,
        delta_g2: read_g2(&json.vk_delta_2)?,
        gamma_abc_g1: ic?,
    };
    Ok(ForeignKey::new(points, max_inputs, trust)?)
}

/// Reads `proof.json`.
///
/// **Errors**: length, shape, another protocol, a number in another spelling, points that are no
/// proof.
pub fn proof_from_json(json: &str) -> Result<RawProof, SnarkjsError> {
    let json: ProofJson = object(json, MAX_JSON_BYTES, "a snarkjs proof")?;
    is_of_protocol(&json.protocol, &json.curve)?;
    let points = ark_groth16::Proof::<Bn254> {
        a: read_g1(&json.pi_a)?,
        b: read_g2(&json.pi_b)?,
        c: read_g1(&json.pi_c)?,
    };
    Ok(RawProof::from_points(points)?)
}

/// Reads `public.json` of at most so many inputs.
///
/// **Errors**: length, shape, a number in another spelling.
pub fn public_from_json(json: &str, max_inputs: usize) -> Result<Vec<Felt>, SnarkjsError> {
    let limit = MAX_JSON_BYTES.saturating_add(INPUT_BYTES.saturating_mul(max_inputs));
    let numbers: Vec<String> = read(json, limit, "a list of decimal strings")?;
    if numbers.len() > max_inputs {
        return Err(SnarkjsError::Inputs {
            expected: max_inputs,
            got: numbers.len(),
        });
    }
    numbers
        .iter()
        .map(|n| Ok(Felt(parse_decimal::<Fr>(n)?)))
        .collect()
}

fn is_of_protocol(protocol: &str, curve: &str) -> Result<(), SnarkjsError> {
    match (protocol, curve) {
        (PROTOCOL, CURVE) => Ok(()),
        _ => Err(SnarkjsError::Protocol),
    }
}

/// An object: a list of its values in their order would be taken for it.
fn object<'a, T: Deserialize<'a>>(
    json: &'a str,
    limit: usize,
    expected: &'static str,
) -> Result<T, SnarkjsError> {
    let value = read(json, limit, expected).map_err(|error| match error {
        // Another system's has another shape, and its name says more.
        SnarkjsError::Shape { .. } | SnarkjsError::Missing { .. } => {
            other_system(json).unwrap_or(error)
        }
        other => other,
    })?;
    match json.trim_ascii_start().starts_with('{') {
        true => Ok(value),
        false => Err(SnarkjsError::Shape {
            expected,
            line: 1,
            column: 1,
        }),
    }
}

/// What is wrong with JSON that names another protocol or curve.
fn other_system(json: &str) -> Option<SnarkjsError> {
    let own: Kind = serde_json::from_str(json).ok()?;
    is_of_protocol(&own.protocol, &own.curve).err()
}

fn read<'a, T: Deserialize<'a>>(
    json: &'a str,
    limit: usize,
    expected: &'static str,
) -> Result<T, SnarkjsError> {
    if json.len() > limit {
        return Err(SnarkjsError::TooLong {
            expected: limit,
            got: json.len(),
        });
    }
    serde_json::from_str(json).map_err(|e| match missing(&e.to_string()) {
        Some(field) => SnarkjsError::Missing { expected, field },
        None => SnarkjsError::Shape {
            expected,
            line: e.line(),
            column: e.column(),
        },
    })
}

/// The field that is missing; other words of the reader may hold what stands in the text.
fn missing(words: &str) -> Option<String> {
    let (field, _) = words.strip_prefix("missing field `")?.split_once('`')?;
    Some(field.to_owned())
}

fn pretty(value: &impl Serialize) -> String {
    // Strings and numbers always have a JSON form.
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn text(value: &impl PrimeField) -> String {
    value.into_bigint().to_string()
}

fn g1(point: &G1Affine) -> G1Json {
    match point.xy() {
        Some((x, y)) => [text(&x), text(&y), "1".into()],
        None => ["0", "1", "0"].map(Into::into),
    }
}

fn pair(value: &Fq2) -> [String; 2] {
    [text(&value.c0), text(&value.c1)]
}

fn g2(point: &G2Affine) -> G2Json {
    match point.xy() {
        Some((x, y)) => [pair(&x), pair(&y), ["1".into(), "0".into()]],
        None => [["0", "0"], ["1", "0"], ["0", "0"]].map(|own| own.map(Into::into)),
    }
}

#[allow(clippy::disallowed_methods)] // Curve and subgroup are checked by whoever takes the points.
fn read_g1([x, y, z]: &G1Json) -> Result<G1Affine, SnarkjsError> {
    match [x, y, z].map(String::as_str) {
        ["0", "1", "0"] => Ok(G1Affine::identity()),
        [x, y, "1"] => Ok(G1Affine::new_unchecked(
            parse_decimal::<Fq>(x)?,
            parse_decimal::<Fq>(y)?,
        )),
        _ => Err(SnarkjsError::NotAffine),
    }
}

#[allow(clippy::disallowed_methods)] // Curve and subgroup are checked by whoever takes the points.
fn read_g2(json: &G2Json) -> Result<G2Affine, SnarkjsError> {
    let text = json
        .each_ref()
        .map(|own| own.each_ref().map(String::as_str));
    let pair = |[c0, c1]: [&str; 2]| {
        Ok::<_, SnarkjsError>(Fq2::new(parse_decimal(c0)?, parse_decimal(c1)?))
    };
    match text {
        [["0", "0"], ["1", "0"], ["0", "0"]] => Ok(G2Affine::identity()),
        [x, y, ["1", "0"]] => Ok(G2Affine::new_unchecked(pair(x)?, pair(y)?)),
        _ => Err(SnarkjsError::NotAffine),
    }
}
