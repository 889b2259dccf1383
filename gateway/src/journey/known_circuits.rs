//! The circuits that this program can prove, by name: from a word to a statement's type.

use crate::classify::{Classify, Kind};
use crate::session::{Session, SessionError};
use medveil_circuits::claim::{ClaimChunk, ClaimFinal};
use medveil_circuits::eligibility::Eligibility;
use medveil_circuits::field::Digest;
use medveil_circuits::handover::Handover;
use medveil_circuits::registration::Registration;
use medveil_circuits::shape::Matrices;
use medveil_circuits::statement::{CircuitId, Synthesize};
use medveil_circuits::verify::AnyVerifyingKey;
use medveil_prover::{KeyStore, KeyStoreError, SetupError, development_keys, matrices};

/// A circuit and what can be done with it whatever its type.
#[derive(Clone, Copy)]
pub struct KnownCircuit {
    pub circuit: CircuitId,
    make: fn(&KeyStore) -> Result<AnyVerifyingKey, KnownCircuitError>,
    matrices: fn() -> Result<Matrices, SetupError>,
}

/// Why a circuit could not be found or computed.
#[derive(Debug, thiserror::Error)]
pub enum KnownCircuitError {
    /// This program has no such circuit.
    #[error("expected one of the circuits {}, got \"{got}\"", .known.join(", "))]
    Unknown {
        got: String,
        known: Vec<&'static str>,
    },
    /// A key of a circuit that this program does not have.
    #[error(
        "the key is one of the circuit {got}, and this program has {}: expected a key of one of these", .known.join(", ")
    )]
    NotOfThisProgram { got: String, known: Vec<String> },
    /// The circuit cannot be synthesised.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// Keys cannot be stored.
    #[error(transparent)]
    Store(#[from] KeyStoreError),
    /// The thread that computed ended early.
    #[error("circuit: stopped")]
    Stopped(#[from] tokio::task::JoinError),
}

impl Classify for KnownCircuitError {
    fn kind(&self) -> Kind {
        match self {
            KnownCircuitError::Unknown { .. } | KnownCircuitError::NotOfThisProgram { .. } => {
                Kind::Input
            }
            KnownCircuitError::Store(e) => e.kind(),
            KnownCircuitError::Setup(_) | KnownCircuitError::Stopped(_) => Kind::Internal,
        }
    }
}

fn circuit_of<S: Synthesize>() -> KnownCircuit {
    KnownCircuit {
        circuit: S::CIRCUIT,
        make: make::<S>,
        matrices: matrices::of::<S>,
    }
}

/// The seed is public, so every machine makes the same keys and everybody can recompute, and forge
/// under, them.
fn make<S: Synthesize>(store: &KeyStore) -> Result<AnyVerifyingKey, KnownCircuitError> {
    let (verifying, proving) = development_keys::<S>()?;
    store.save(&verifying, &proving)?;
    Ok(verifying)
}

pub fn all() -> [KnownCircuit; 8] {
    [
        circuit_of::<Eligibility<1>>(),
        circuit_of::<Eligibility<4>>(),
        circuit_of::<Registration<16>>(),
        circuit_of::<Registration<256>>(),
        circuit_of::<ClaimChunk<16>>(),
        circuit_of::<ClaimChunk<256>>(),
        circuit_of::<ClaimFinal>(),
        circuit_of::<Handover>(),
    ]
}

/// The circuit that a verifying key names, in the version of this program.
///
/// **Errors**: this program has none of that name and version.
pub(super) fn of_key(key: &AnyVerifyingKey) -> Result<KnownCircuit, KnownCircuitError> {
    let found = all()
        .into_iter()
        .find(|k| k.circuit.to_string() == key.circuit());
    found.ok_or_else(|| KnownCircuitError::NotOfThisProgram {
        got: key.circuit().to_owned(),
        known: all().iter().map(|k| k.circuit.to_string()).collect(),
    })
}

/// A circuit by its name, with or without the version.
///
/// **Errors**: an unknown name.
pub fn find(name: &str) -> Result<KnownCircuit, KnownCircuitError> {
    let is_named = |k: &KnownCircuit| k.circuit.name == name || k.circuit.to_string() == name;
    let found = all().into_iter().find(is_named);
    found.ok_or_else(|| KnownCircuitError::Unknown {
        got: name.to_owned(),
        known: all().iter().map(|k| k.circuit.name).collect(),
    })
}

impl KnownCircuit {
    /// Makes insecure development keys on the session's pool and stores them.
    ///
    /// **Errors**: the circuit cannot be synthesised, or the file system refused.
    pub async fn make(self, session: &Session) -> Result<AnyVerifyingKey, KnownCircuitError> {
        session.ledger().release();
        let what = format!("making insecure development keys of {}", self.circuit);
        let task = session.progress.begin(&what, None);
        let (keys, pool) = (session.keys.clone(), session.pool.clone());
        let work = move || pool.install(|| (self.make)(&keys));
        let made = tokio::task::spawn_blocking(work).await;
        drop(task);
        made?
    }

    /// The circuit's matrices. **Cost**: about a second for the largest.
    ///
    /// **Errors**: the circuit cannot be synthesised.
    pub(super) fn synthesize(self) -> Result<Matrices, SetupError> {
        (self.matrices)()
    }

    /// Digest of the circuit's matrices; a session computes it once.
    ///
    /// **Errors**: the circuit cannot be synthesised.
    pub async fn matrices(self, session: &Session) -> Result<Digest, KnownCircuitError> {
        let name = self.circuit.to_string();
        if let Some(found) = session.known_matrices(&name) {
            return Ok(found);
        }
        session.ledger().release();
        let what = format!("digesting the matrices of {name}");
        let task = session.progress.begin(&what, None);
        let shape = move || self.synthesize().map(|matrices| matrices.shape());
        let shape = tokio::task::spawn_blocking(shape).await;
        drop(task);
        let digest = shape??.digest;
        session.remember_matrices(name, digest);
        Ok(digest)
    }
}

impl Session {
    /// Whether development keys of this digest were made, or recomputed and found equal, in this
    /// home: their bytes are equal on every machine, so once is enough.
    pub(super) fn was_recomputed(&self, key: Digest) -> bool {
        self.recomputed_path(key).is_file()
    }

    /// Remembers that these development keys were recomputed here.
    pub(super) fn remember_recomputed(&self, key: Digest) -> Result<(), SessionError> {
        let path = self.recomputed_path(key);
        Ok(medveil_custody::write_file(&path, b"")?)
    }

    fn recomputed_path(&self, key: Digest) -> std::path::PathBuf {
        let name = format!("{}.recomputed", key.to_hex());
        self.home.key_store().join(name)
    }
}
