//! Proving: the native check first, so that a wrong witness fails in microseconds with the name of its clause; then synthesis; then the engine.

use crate::circuit::Circuit;
use crate::keys::{KeyStore, KeyStoreError, ProvingKey};
use ark_bn254::Bn254;
use ark_ff::UniformRand;
use ark_groth16::Groth16;
use ark_groth16::r1cs_to_qap::LibsnarkReduction;
use circuits::field::{Digest, Fr};
use circuits::proof::{Proof, RawProof};
use circuits::statement::{Synthesize, Unsatisfied};
use rand::{CryptoRng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use rayon::ThreadPool;
use rayon::prelude::*;
use std::sync::Arc;

/// Why a proof could not be made.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// The statement is not true of this witness.
    #[error("prove {circuit}: {source}")]
    Statement {
        /// Which circuit.
        circuit: String,
        /// Which clause.
        source: Unsatisfied,
    },
    /// The circuit could not be synthesised.
    #[error("prove {circuit}: synthesis failed: {source}")]
    Synthesis {
        /// Which circuit.
        circuit: String,
        /// What the constraint system said.
        source: ark_relations::gr1cs::SynthesisError,
    },
}

/// Proves one statement with one key. Cheap to clone.
pub struct Prover<S: Synthesize> {
    key: Arc<ProvingKey<S>>,
}

impl<S: Synthesize> Clone for Prover<S> {
    fn clone(&self) -> Self {
        Prover { key: self.key.clone() }
    }
}

impl<S: Synthesize> Prover<S> {
    /// A prover with a key at hand.
    pub fn new(key: ProvingKey<S>) -> Self {
        Prover { key: Arc::new(key) }
    }

    /// A prover with the stored key that belongs to a verifying key.
    ///
    /// **Errors**: the store has none, or its file is damaged.
    pub fn from_store(store: &KeyStore, verifying_key: Digest) -> Result<Self, KeyStoreError> {
        Ok(Prover::new(store.load_proving::<S>(verifying_key)?))
    }

    /// Digest of the verifying key that accepts this prover's proofs.
    pub fn key_digest(&self) -> Digest {
        self.key.verifying_digest()
    }

    /// Makes one proof, on the current rayon pool.
    ///
    /// **Errors**: the clause that does not hold, or a failing synthesis.
    ///
    /// **Security**: r and s are uniform, from `rng`.
    pub fn prove(&self, public: &S::Public, private: &S::Private, rng: &mut (impl RngCore + CryptoRng)) -> Result<Proof<S>, ProveError> {
        let circuit = || S::CIRCUIT.to_string();
        S::check(public, private).map_err(|source| ProveError::Statement { circuit: circuit(), source })?;
        let (r, s) = (Fr::rand(rng), Fr::rand(rng));
        Groth16::<Bn254, LibsnarkReduction>::create_proof_with_reduction(Circuit::<S>(Some((public, private))), self.key.points(), r, s)
            .map(|points| Proof::new(RawProof::from_points(points)))
            .map_err(|source| ProveError::Synthesis { circuit: circuit(), source })
    }

    /// Makes one proof for each item, `pool`'s threads at a time, and calls `done` after each.
    ///
    /// **Shape**: proofs in the order of the items. Memory: one witness and one set of matrices a thread.
    ///
    /// **Errors**: the first item that cannot be proven.
    pub fn prove_many(
        &self,
        items: &[(S::Public, S::Private)],
        pool: &ThreadPool,
        rng: &mut (impl RngCore + CryptoRng),
        done: impl Fn() + Sync,
    ) -> Result<Vec<Proof<S>>, ProveError> {
        let seeds: Vec<[u8; 32]> = items.iter().map(|_| seed(rng)).collect();
        pool.install(|| {
            items
                .par_iter()
                .zip(seeds)
                .map(|((public, private), seed)| {
                    let proof = self.prove(public, private, &mut ChaCha20Rng::from_seed(seed))?;
                    done();
                    Ok(proof)
                })
                .collect()
        })
    }
}

fn seed(rng: &mut (impl RngCore + CryptoRng)) -> [u8; 32] {
    let mut bytes = [0u8; 32];
    rng.fill_bytes(&mut bytes);
    bytes
}
