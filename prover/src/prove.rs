//! Proving: the native check first, so that a wrong witness fails in microseconds with the name of
//! its clause; then synthesis; then the engine.
//!
//! A circuit's matrices are synthesised once and shared by all its proofs, so a proof synthesises
//! values only. Each proof is verified before it leaves.

use crate::binfile::FormatError;
use crate::engine::{Engine, Way};
use crate::keys::{KeyStore, KeyStoreError, ProvingKey};
use crate::zkey::Size;
use ark_bn254::Bn254;
use ark_ff::UniformRand;
use ark_groth16::Proof as ArkProof;
use ark_relations::gr1cs::SynthesisError;
use medveil_circuits::field::{Digest, Fr};
use medveil_circuits::proof::{Proof, RawProof};
use medveil_circuits::shape::Matrices;
use medveil_circuits::statement::{Synthesize, Unsatisfied};
use medveil_circuits::verify::{PreparedVerifyingKey, VerifyingKey, verify};
use rand::{CryptoRng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rayon::ThreadPool;
use rayon::prelude::*;
use std::sync::{Arc, OnceLock};
use zeroize::{Zeroize, Zeroizing};

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
}

/// Proves one statement with one key. Cheap to clone.
pub struct Prover<S: Synthesize>(Arc<Inner<S>>);

struct Inner<S> {
    verifying: VerifyingKey<S>,
    engine: Engine,
    prepared: PreparedVerifyingKey<S>,
    matrices: OnceLock<Result<Matrices, SynthesisError>>,
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
            matrices: OnceLock::new(),
        }))
    }

    /// A prover with the stored key that belongs to a verifying key.
    ///
    /// **Errors**: the store has none, or its file is damaged.
    pub fn from_store(store: &KeyStore, verifying_key: Digest) -> Result<Self, KeyStoreError> {
        Ok(Prover::new(store.load_proving::<S>(verifying_key)?))
    }

    /// Digest of the verifying key that accepts this prover's proofs.
    pub fn key_digest(&self) -> Digest {
        self.0.verifying.digest()
    }

    fn matrices(&self) -> Result<&Matrices, ProveError> {
        let circuit = || S::CIRCUIT.to_string();
        let made = self.0.matrices.get_or_init(Matrices::of::<S>);
        let matrices = made.as_ref().map_err(|source| ProveError::Synthesis {
            circuit: circuit(),
            source: *source,
        })?;
        if self.0.engine.key().size() == Size::of(matrices) {
            return Ok(matrices);
        }
        Err(ProveError::Key {
            circuit: circuit(),
            why: "of another size",
        })
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
        let circuit = || S::CIRCUIT.to_string();
        S::check(public, private).map_err(|source| ProveError::Statement {
            circuit: circuit(),
            source,
        })?;
        let synthesis = |source| ProveError::Synthesis {
            circuit: circuit(),
            source,
        };
        let matrices = self.matrices()?;
        let assignment = matrices.assign::<S>(public, private).map_err(synthesis)?;
        if let Some(row) = matrices.broken(&assignment) {
            return Err(ProveError::Circuit {
                circuit: circuit(),
                row,
            });
        }
        let bad_key = ProveError::Key {
            circuit: circuit(),
            why: "whose proofs do not verify",
        };
        let made = points(&self.0.engine, assignment.values(), rng);
        let Some(raw) = made.ok().and_then(|made| RawProof::from_points(made).ok()) else {
            return Err(bad_key);
        };
        let proof = Proof::new(raw);
        if verify(&self.0.prepared, public, &proof).is_err() {
            Err(bad_key)
        } else {
            Ok(proof)
        }
    }

    /// Makes one proof for each item, one a thread of `pool` (at most eight at a time), and calls
    /// `done` after each.
    ///
    /// **Shape**: proofs in the order of the items. Memory: one assignment and quotient a proof
    /// under way; the matrices are shared.
    ///
    /// **Errors**: the first item that cannot be proven; nothing after its group is started.
    pub fn prove_many(
        &self,
        items: &[(S::Public, S::Private)],
        pool: &ThreadPool,
        rng: &mut (impl RngCore + CryptoRng),
        done: impl Fn() + Sync,
    ) -> Result<Vec<Proof<S>>, ProveError> {
        let mut proofs = Vec::with_capacity(items.len());
        // A thread that waits inside one proof may begin another of the same parallel loop, so the
        // loop itself must be short.
        for group in items.chunks(pool.current_num_threads().clamp(1, MAX_CONCURRENT)) {
            let seeds: Vec<Zeroizing<[u8; 32]>> = group.iter().map(|_| seed(rng)).collect();
            let one = |index: usize| {
                let (public, private) = &group[index];
                let proof =
                    self.prove(public, private, &mut ChaCha20Rng::from_seed(*seeds[index]))?;
                done();
                Ok(proof)
            };
            let made: Result<Vec<_>, ProveError> =
                pool.install(|| (0..group.len()).into_par_iter().map(one).collect());
            proofs.extend(made?);
        }
        Ok(proofs)
    }
}

/// One proof's points, with random numbers that are overwritten.
pub(crate) fn points(
    engine: &Engine,
    values: &[Fr],
    mut rng: &mut dyn RngCore,
) -> Result<ArkProof<Bn254>, FormatError> {
    let (mut r, mut s) = (Fr::rand(&mut rng), Fr::rand(&mut rng));
    let made = engine.prove(values, (r, s));
    r.zeroize();
    s.zeroize();
    made
}

fn seed(rng: &mut (impl RngCore + CryptoRng)) -> Zeroizing<[u8; 32]> {
    let mut bytes = Zeroizing::new([0u8; 32]);
    rng.fill_bytes(&mut *bytes);
    bytes
}
