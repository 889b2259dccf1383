//! Verifying keys: one container, one linter (docs/THREATS.md V2).
//!
//! Container: magic, provenance, circuit name and version, then arkworks' compressed key. The
//! digest of all of it names the key on the ledger, so a development key can never share a digest
//! with a ceremony's.

use crate::field::Digest;
use crate::statement::{CircuitId, PublicInputs, Statement};
use ark_bn254::{Bn254, G1Affine, G2Affine};
use ark_ec::AffineRepr;
use ark_groth16::VerifyingKey as ArkKey;
use ark_serialize::{CanonicalDeserialize, CanonicalSerialize};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::marker::PhantomData;

const MAGIC: &[u8; 16] = b"medveil-vk-v1\0\0\0";
/// Longest container.
///
/// **Units**: bytes.
pub const MAX_KEY_BYTES: usize = 16 * 1024;
/// Most public inputs of a key.
pub const MAX_INPUTS: usize = 64;

/// Where a key comes from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Provenance {
    /// A single-party set-up: whoever ran it can forge proofs.
    InsecureDev,
    /// A multi-party ceremony with this transcript.
    Ceremony(Digest),
}

/// Why bytes are not an acceptable verifying key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a key container.
    #[error("verifying key: expected {0}")]
    Format(&'static str),
    /// The linter refuses it.
    #[error("verifying key of {circuit}: {why}")]
    Lint {
        /// Which circuit it says it is for.
        circuit: String,
        /// What is wrong.
        why: &'static str,
    },
    /// It is for another statement.
    #[error("verifying key: expected one of {expected}, got one of {got}")]
    Circuit {
        /// The statement asked for.
        expected: String,
        got: String,
    },
    /// There are more inputs than whoever asks wants to take, or no IC point.
    #[error("verifying key of {circuit}: expected at most {most} public inputs, got {got}")]
    Inputs {
        circuit: String,
        most: usize,
        got: usize,
    },
    /// The number of IC points does not fit the statement.
    #[error("verifying key of {circuit}: expected {expected} public inputs, got {got}")]
    InputCount {
        circuit: String,
        /// The statement's inputs.
        expected: usize,
        got: usize,
    },
}

#[derive(BorshSerialize, BorshDeserialize)]
struct Container {
    magic: [u8; 16],
    provenance: Provenance,
    circuit: String,
    key: Vec<u8>,
}

/// A linted key that says which circuit it is for.
#[derive(Clone, Debug)]
pub struct AnyVerifyingKey {
    bytes: Vec<u8>,
    circuit: String,
    provenance: Provenance,
    points: ArkKey<Bn254>,
}

impl AnyVerifyingKey {
    /// Wraps a freshly made key.
    ///
    /// **Errors**: the linter refuses it.
    pub fn wrap(
        circuit: CircuitId,
        provenance: Provenance,
        points: ArkKey<Bn254>,
    ) -> Result<Self, KeyError> {
        let mut key = Vec::new();
        points
            .serialize_compressed(&mut key)
            .map_err(|_| KeyError::Format("points that can be encoded"))?;
        let container = Container {
            magic: *MAGIC,
            provenance,
            circuit: circuit.to_string(),
            key,
        };
        let bytes = borsh::to_vec(&container)
            .map_err(|_| KeyError::Format("a container that can be encoded"))?;
        Self::parse(&bytes)
    }

    /// Decodes, checks every point, and lints.
    ///
    /// **Errors**: anything but the canonical bytes of a sound key.
    pub fn parse(bytes: &[u8]) -> Result<Self, KeyError> {
        if bytes.len() > MAX_KEY_BYTES {
            return Err(KeyError::Format("at most 16 KiB"));
        }
        let container = Container::try_from_slice(bytes)
            .map_err(|_| KeyError::Format("a verifying key container"))?;
        if container.magic != *MAGIC {
            return Err(KeyError::Format("a verifying key of version 1"));
        }
        let name = &container.circuit;
        if name.is_empty() || name.len() > 64 || !name.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(KeyError::Format("a circuit name of 1 to 64 characters"));
        }
        let points = decode(&container.key)?;
        lint(&points, Gamma::Secret).map_err(|why| KeyError::Lint {
            circuit: container.circuit.clone(),
            why,
        })?;
        Ok(AnyVerifyingKey {
            bytes: bytes.to_vec(),
            circuit: container.circuit,
            provenance: container.provenance,
            points,
        })
    }

    /// The container's bytes.
    pub fn to_bytes(&self) -> &[u8] {
        &self.bytes
    }
    /// SHA-256 of the container's bytes: the key's name on the ledger.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.bytes)
    }
    /// Circuit name and version, such as `handover/v1`.
    pub fn circuit(&self) -> &str {
        &self.circuit
    }
    /// Where it comes from.
    pub fn provenance(&self) -> Provenance {
        self.provenance
    }
    /// Number of public inputs.
    pub fn n_inputs(&self) -> usize {
        self.points.gamma_abc_g1.len() - 1
    }

    pub fn points(&self) -> &ArkKey<Bn254> {
        &self.points
    }

    /// Whether these are its points.
    pub fn has_points(&self, points: &ArkKey<Bn254>) -> bool {
        self.points == *points
    }

    /// As a key of statement `S`.
    ///
    /// **Errors**: it is for another circuit, or has another number of inputs.
    pub fn into_typed<S: Statement>(self) -> Result<VerifyingKey<S>, KeyError> {
        let expected = S::CIRCUIT.to_string();
        if self.circuit != expected {
            return Err(KeyError::Circuit {
                expected,
                got: self.circuit,
            });
        }
        if self.n_inputs() != S::Public::LEN {
            return Err(KeyError::InputCount {
                circuit: expected,
                expected: S::Public::LEN,
                got: self.n_inputs(),
            });
        }
        Ok(VerifyingKey {
            any: self,
            statement: PhantomData,
        })
    }
}

/// A linted key of statement `S`.
pub struct VerifyingKey<S> {
    any: AnyVerifyingKey,
    statement: PhantomData<S>,
}

impl<S: Statement> VerifyingKey<S> {
    /// Decodes a key of this statement.
    ///
    /// **Errors**: as [`AnyVerifyingKey::parse`] and [`AnyVerifyingKey::into_typed`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        AnyVerifyingKey::parse(bytes)?.into_typed()
    }
    /// The key without its statement.
    pub fn any(&self) -> &AnyVerifyingKey {
        &self.any
    }
    /// SHA-256 of its bytes.
    pub fn digest(&self) -> Digest {
        self.any.digest()
    }
    pub fn points(&self) -> &ArkKey<Bn254> {
        &self.any.points
    }
}

fn decode(bytes: &[u8]) -> Result<ArkKey<Bn254>, KeyError> {
    // alpha 32, beta 64, gamma 64, delta 64, count 8: the count is checked before anything is
    // allocated from it.
    let count = bytes
        .get(224..232)
        .ok_or(KeyError::Format("a complete key"))?;
    let count = u64::from_le_bytes(
        count
            .try_into()
            .map_err(|_| KeyError::Format("a complete key"))?,
    );
    if count == 0 || count > MAX_INPUTS as u64 + 1 || bytes.len() as u64 != 232 + 32 * count {
        return Err(KeyError::Format("1 to 65 IC points and nothing after them"));
    }
    let points = ArkKey::deserialize_compressed(bytes)
        .map_err(|_| KeyError::Format("points of the prime-order groups"))?;
    let mut again = Vec::with_capacity(bytes.len());
    points
        .serialize_compressed(&mut again)
        .map_err(|_| KeyError::Format("canonical points"))?;
    if again == bytes {
        Ok(points)
    } else {
        Err(KeyError::Format("canonical points"))
    }
}

/// What gamma may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gamma {
    /// A point whose logarithm nobody knows.
    Secret,
    /// The generator as well: in a key that snarkjs makes it always is, and delta alone is secret.
    Usual,
}

/// What every sound key has, whoever made it.
pub(super) fn lint(key: &ArkKey<Bn254>, gamma: Gamma) -> Result<(), &'static str> {
    let rules = [
        (
            !are_equal(key.gamma_g2, key.delta_g2),
            "gamma and delta are equal up to sign",
        ),
        (
            is_secret(key.gamma_g2)
                || (gamma == Gamma::Usual && key.gamma_g2 == G2Affine::generator()),
            "gamma is infinity or the generator up to sign",
        ),
        (
            is_secret(key.delta_g2),
            "delta is infinity or the generator up to sign",
        ),
        // As powers of tau are before somebody contributed: then all of alpha and beta is known.
        (
            is_secret(key.alpha_g1),
            "alpha is infinity or the generator up to sign",
        ),
        (
            is_secret(key.beta_g2),
            "beta is infinity or the generator up to sign",
        ),
        // Then alpha, or an instance, moves between the pairings.
        (
            !are_equal(key.beta_g2, key.gamma_g2) && !are_equal(key.beta_g2, key.delta_g2),
            "beta is gamma or delta up to sign",
        ),
        (
            !key.gamma_abc_g1.iter().any(|p| are_equal(*p, key.alpha_g1)),
            "alpha is an IC point up to sign",
        ),
        (
            key.gamma_abc_g1.iter().all(|p| !p.is_zero()),
            "an IC point is infinity",
        ),
        (no_duplicates(&key.gamma_abc_g1), "an IC point stands twice"),
    ];
    match rules.iter().find(|(holds, _)| !holds) {
        Some((_, why)) => Err(why),
        None => Ok(()),
    }
}

/// A point whose discrete logarithm is not public knowledge.
fn is_secret<P: AffineRepr>(point: P) -> bool {
    !point.is_zero() && !are_equal(point, P::generator())
}

/// Up to sign.
fn are_equal<P: AffineRepr>(one: P, other: P) -> bool {
    one == other || one == -other
}

fn no_duplicates(points: &[G1Affine]) -> bool {
    let mut seen = BTreeSet::new();
    points
        .iter()
        .all(|p| p.xy().is_some_and(|(x, _)| seen.insert(x)))
}
