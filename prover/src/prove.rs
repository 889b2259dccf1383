//! Proving: the native check first, so that a wrong witness fails in microseconds with the name of
//! its clause; then synthesis of values; then the engine.
//!
//! Each proof is verified before it leaves, so rows need no check of their own: the key has them, and
//! no proof of values that break one verifies. Only then are the circuit's matrices synthesised, to say
//! which row it is.

use crate::engine::{Engine, EngineError, Task, Way};
#[cfg(unix)]
use crate::keys::{KeyStore, KeyStoreError};
use crate::proving_key::ProvingKey;
use crate::watch::Watch;
use crate::wtns::Witness;
use crate::zkey::Size;
use ark_bn254::Bn254;
use ark_ff::UniformRand;
use ark_groth16::Proof as ArkProof;
use ark_relations::gr1cs::SynthesisError;
use medveil_circuits::field::{Digest, Fr};
use medveil_circuits::proof::{Proof, RawProof};
use medveil_circuits::shape::{Assignment, Matrices};
use medveil_circuits::statement::{Synthesize, Unsatisfied};
use medveil_circuits::verify::{PreparedVerifyingKey, VerifyingKey, verify};
use rand::{CryptoRng, RngCore};
use rayon::ThreadPool;
use rayon::prelude::*;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Most proofs made at the same time, whatever the number of threads: each holds its witness and
/// its quotient.
const MAX_CONCURRENT: usize = 8;

/// Why a proof could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The statement is not true of this witness.
    #[error("prove {circuit}")]
    Statement {
        circuit: String,
        source: Unsatisfied,
    },
    /// The circuit could not be synthesised.
    #[error("prove {circuit}: synthesis failed")]
    Synthesis {
        circuit: String,
        /// What the constraint system said.
        source: SynthesisError,
    },
    /// The circuit refuses what the native check accepts: a fault of this program.
    #[error("prove {circuit}: constraint {row} does not hold although the native check passed")]
    Circuit {
        circuit: String,
        /// Which row of its matrices.
        row: usize,
    },
    /// The proving key is not one of this circuit, or makes proofs that do not verify.
    #[error("prove {circuit}: expected a proving key of this circuit, got one {why}")]
    Key {
        circuit: String,
        /// How that shows.
        why: &'static str,
    },
    /// Whoever waited for the proof does no longer.
    #[error("prove {circuit}: stopped before the proof was made")]
    Stopped { circuit: String },
}

/// Proves one statement with one key. Cheap to clone.
pub struct Prover<S: Synthesize>(Arc<Inner<S>>);

struct Inner<S> {
    verifying: VerifyingKey<S>,
    engine: Engine,
    prepared: PreparedVerifyingKey<S>,
}

impl<S: Synthesize> Clone for Prover<S> {
    fn clone(&self) -> Self {
        Prover(self.0.clone())
    }
}

impl<S: Synthesize> Prover<S> {
    /// A prover with a key at hand.
    pub fn new(key: ProvingKey<S>) -> Self {
        Prover::with(key, Way::fastest())
    }

    /// The same without special instructions, whatever the processor has: for comparisons.
    pub fn portable(key: ProvingKey<S>) -> Self {
        Prover::with(key, Way::Portable)
    }

    fn with(key: ProvingKey<S>, way: Way) -> Self {
        let (verifying, zkey) = key.into_parts();
        let prepared = PreparedVerifyingKey::new(&verifying);
        Prover(Arc::new(Inner {
            verifying,
            engine: Engine::new(&zkey, way),
            prepared,
        }))
    }

    /// A prover with the stored key that belongs to a verifying key.
    ///
    /// **Errors**: the store has none, or its file is damaged.
    #[cfg(unix)]
    pub fn from_store(store: &KeyStore, verifying_key: Digest) -> Result<Self, KeyStoreError> {
        Ok(Prover::new(store.load_proving::<S>(verifying_key)?))
    }

    /// Digest of the verifying key that accepts this prover's proofs.
    pub fn key_digest(&self) -> Digest {
        self.0.verifying.digest()
    }

    /// Makes one proof, on the current rayon pool.
    ///
    /// **Errors**: the clause that does not hold, a failing synthesis, or a key of another circuit.
    ///
    /// **Security**: r and s are uniform, from `rng`.
    pub fn prove(
        &self,
        public: &S::Public,
        private: &S::Private,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<Proof<S>, ProveError> {
        let assignment = assignment::<S>(public, private)?;
        let task = Task {
            values: assignment.values(),
            random: random(rng),
        };
        let made = self.0.engine.prove(&[task], &()).ok();
        match made.and_then(|mut made| made.pop()) {
            Some(made) => self.verified((public, private), made),
            None => Err(self.fault(public, private)),
        }
    }

    /// Makes one proof for each item, as many at a time as `pool` has threads (eight at most). A
    /// section of the key is read once for all that are made at a time.
    ///
    /// **Shape**: proofs in the order of the items. Memory: one assignment and quotient a proof
    /// under way.
    ///
    /// **Errors**: the first item that cannot be proven; nothing after its group is started. Whoever
    /// watches wants no more.
    pub fn prove_many(
        &self,
        items: &[(S::Public, S::Private)],
        pool: &ThreadPool,
        rng: &mut (impl RngCore + CryptoRng),
        watch: &dyn Watch,
    ) -> Result<Vec<Proof<S>>, ProveError> {
        let mut proofs = Vec::with_capacity(items.len());
        for group in items.chunks(pool.current_num_threads().clamp(1, MAX_CONCURRENT)) {
            let randoms = group.iter().map(|_| random(rng)).collect();
            proofs.extend(pool.install(|| self.group(group, randoms, watch))?);
        }
        Ok(proofs)
    }

    fn group(
        &self,
        items: &[(S::Public, S::Private)],
        randoms: Vec<Zeroizing<[Fr; 2]>>,
        watch: &dyn Watch,
    ) -> Result<Vec<Proof<S>>, ProveError> {
        let assign = |(public, private): &(_, _)| assignment::<S>(public, private);
        let assignments: Vec<_> = items.par_iter().map(assign).collect::<Result<_, _>>()?;
        let tasks = assignments.iter().zip(randoms);
        let tasks = tasks.map(|(own, random)| Task {
            values: own.values(),
            random,
        });
        let made = self.0.engine.prove(&tasks.collect::<Vec<_>>(), watch);
        let made = made.map_err(|source| match (source, items) {
            (EngineError::Format(_), [(public, private), ..]) => self.fault(public, private),
            _ => ProveError::Stopped {
                circuit: S::CIRCUIT.to_string(),
            },
        })?;
        drop(assignments);
        let items = items.par_iter().zip(made);
        let verify = |((public, private), made): (&(S::Public, S::Private), _)| {
            let proof = self.verified((public, private), made)?;
            watch.proven();
            Ok(proof)
        };
        items.map(verify).collect()
    }

    /// A proof that leaves.
    fn verified(
        &self,
        (public, private): (&S::Public, &S::Private),
        made: ArkProof<Bn254>,
    ) -> Result<Proof<S>, ProveError> {
        let raw = RawProof::from_points(made).ok();
        let is_right = |proof: &_| verify(&self.0.prepared, public, proof).is_ok();
        let proof = raw.map(Proof::new).filter(is_right);
        proof.ok_or_else(|| self.fault(public, private))
    }

    /// Why there is no proof that verifies.
    fn fault(&self, public: &S::Public, private: &S::Private) -> ProveError {
        let circuit = S::CIRCUIT.to_string();
        let found = Matrices::of::<S>().and_then(|matrices| {
            let assignment = matrices.assign::<S>(public, private)?;
            Ok((Size::of(&matrices), matrices.broken(&assignment)))
        });
        let why = match found {
            Err(source) => return synthesis::<S>(source),
            Ok((size, _)) if size != self.0.engine.key().size() => "of another size",
            Ok((_, Some(row))) => return ProveError::Circuit { circuit, row },
            Ok((_, None)) => "whose proofs do not verify",
        };
        ProveError::Key { circuit, why }
    }
}

/// The values of all variables, after the native check.
fn assignment<S: Synthesize>(
    public: &S::Public,
    private: &S::Private,
) -> Result<Assignment, ProveError> {
    check::<S>(public, private)?;
    Assignment::of::<S>(public, private).map_err(synthesis::<S>)
}

fn check<S: Synthesize>(public: &S::Public, private: &S::Private) -> Result<(), ProveError> {
    S::check(public, private).map_err(|source| ProveError::Statement {
        circuit: S::CIRCUIT.to_string(),
        source,
    })
}

fn synthesis<S: Synthesize>(source: SynthesisError) -> ProveError {
    ProveError::Synthesis {
        circuit: S::CIRCUIT.to_string(),
        source,
    }
}

/// The values of all variables of a statement's circuit, in the order of [`R1cs::of`](crate::R1cs::of)
/// and of every key of it: what any prover of these formats takes. No key is needed, so the rows are
/// checked here.
///
/// **Errors**: the clause or the row that does not hold, or a failing synthesis.
///
/// **Cost**: a synthesis of the circuit's matrices, about a second for the largest.
pub fn witness<S: Synthesize>(
    public: &S::Public,
    private: &S::Private,
) -> Result<Witness, ProveError> {
    check::<S>(public, private)?;
    let matrices = Matrices::of::<S>().map_err(synthesis::<S>)?;
    let assignment = matrices.assign::<S>(public, private);
    let assignment = assignment.map_err(synthesis::<S>)?;
    match matrices.broken(&assignment) {
        None => Ok(Witness::of(assignment.values())),
        Some(row) => Err(ProveError::Circuit {
            circuit: S::CIRCUIT.to_string(),
            row,
        }),
    }
}

/// What makes a proof a random one of all that there are of its statement.
pub(crate) fn random(rng: &mut (impl RngCore + CryptoRng)) -> Zeroizing<[Fr; 2]> {
    Zeroizing::new([Fr::rand(rng), Fr::rand(rng)])
}
