//! What is said to a worker and what it says, one JSON object a line.
//!
//! A worker is a process that holds one circuit's key and witness, and does one thing after the
//! other. It measures the time of each itself, so that starting a process and reading a line count
//! for nobody. What is said by a peer is not trusted: a line that is not exactly one of these ends
//! the peer.

use medveil_circuits::proof::RawProof;
use medveil_circuits::snarkjs::proof_from_json;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Longest line of a worker.
///
/// **Units**: bytes.
pub const MAX_LINE: usize = 32 * 1024;

/// Longest time that is believed.
///
/// **Units**: milliseconds.
const MAX_MS: f64 = 1e9;

/// What a worker can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Read circuit, witness and key.
    Load,
    /// Make a proof.
    Prove,
    /// Verify the last proof.
    Verify,
    /// Verify many proofs together.
    Batch,
    /// Go.
    End,
}

/// One line to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// What it is to do.
    #[serde(rename = "do")]
    pub step: Step,
    /// How many proofs, for a batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proofs: Option<usize>,
}

impl Order {
    /// An order without more to it.
    pub fn of(step: Step) -> Self {
        Order { step, proofs: None }
    }
}

/// One line of a worker, as it stands there.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// What it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Step>,
    /// Why it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// How long that took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ms: Option<f64>,
    /// How long solving the circuit took, which is not in `ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub solve_ms: Option<f64>,
    /// How long a set-up of its own took, which is not in `ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub setup_ms: Option<f64>,
    /// The proof, as snarkjs writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Box<RawValue>>,
    /// Whether the peer's own verifier accepted the proof, whose key is the peer's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
}

/// What a worker did.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    /// **Units**: milliseconds.
    pub ms: f64,
    /// **Units**: milliseconds.
    pub solve_ms: Option<f64>,
    /// **Units**: milliseconds.
    pub setup_ms: Option<f64>,
    /// What it made, of `prove`.
    pub made: Option<Made>,
}

/// How a proof can be checked.
#[derive(Clone, Debug, PartialEq)]
pub enum Made {
    /// By whoever has the key.
    Proof(RawProof),
    /// It was, by the verifier of the peer that made key and proof.
    Verified,
}

/// Why a line of a worker is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// It is not of the form.
    #[error("said something that is no answer: {0}")]
    Form(String),
    /// It is an answer to something else.
    #[error("answered another order than `{0:?}`")]
    Other(Step),
    /// A time that is none.
    #[error("gave a time that is none")]
    Time,
    /// `prove` without a proof, or with one that is none.
    #[error("gave no proof: {0}")]
    Proof(String),
    /// Its own verifier refuses its proof.
    #[error("refuses its own proof")]
    Refused,
    /// It could not do it.
    #[error("failed: {0}")]
    Failed(String),
}

/// Reads a line that answers an order.
///
/// **Errors**: anything that is no answer to it.
pub fn read(line: &str, step: Step) -> Result<Done, LineError> {
    let read: Line = serde_json::from_str(line).map_err(|e| LineError::Form(e.to_string()))?;
    if let Some(why) = read.failed {
        return Err(LineError::Failed(plain(&why)));
    }
    if read.done != Some(step) {
        return Err(LineError::Other(step));
    }
    let time = |ms: f64| ms.is_finite() && (0.0..=MAX_MS).contains(&ms);
    let times = [read.ms, read.solve_ms, read.setup_ms];
    let Some(ms) = read.ms.filter(|_| times.into_iter().flatten().all(time)) else {
        return Err(LineError::Time);
    };
    let made = match (step, read.proof, read.verified) {
        (Step::Prove, Some(proof), None) => {
            let proof = proof_from_json(proof.get());
            Some(Made::Proof(
                proof.map_err(|e| LineError::Proof(e.to_string()))?,
            ))
        }
        (Step::Prove, None, Some(true)) => Some(Made::Verified),
        (Step::Prove, None, Some(false)) => return Err(LineError::Refused),
        (Step::Prove, ..) => return Err(LineError::Proof("none, or two".to_owned())),
        _ => None,
    };
    Ok(Done {
        ms,
        solve_ms: read.solve_ms,
        setup_ms: read.setup_ms,
        made,
    })
}

/// Somebody's words as one short line.
pub fn plain(words: &str) -> String {
    let line = |c: char| if c.is_control() { ' ' } else { c };
    words.chars().map(line).take(300).collect()
}
