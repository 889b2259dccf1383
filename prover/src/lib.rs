//! Everything that is slow or secret about proofs: the engine, development set-up, and the key
//! store.
//!
//! The engine has two ways to compute the sums of a proof, one for processors with AVX-512 IFMA and one
//! for all; both give the same proof. Randomness, pool and folder are handed in; verification is not
//! here but in `medveil_circuits::verify`.
//!
//! Without files and threads, as on wasm32, the engine proves by keys in memory ([`Zkey::parse`]),
//! one number after the other, on the calling thread; the key store is for Unix.
//!
//! ```no_run
//! use medveil_circuits::handover::Handover;
//! use medveil_circuits::testing::handover_fixture;
//! use medveil_circuits::verify::{PreparedVerifyingKey, verify};
//! use medveil_prover::{Prover, development_keys};
//! use rand::SeedableRng;
//! use rand_chacha::ChaCha20Rng;
//!
//! let (_, key) = development_keys::<Handover>()?;
//! let verifying = PreparedVerifyingKey::new(key.verifying());
//! let (public, private) = handover_fixture();
//! let proof = Prover::new(key).prove(&public, &private, &mut ChaCha20Rng::seed_from_u64(1))?;
//! verify(&verifying, &public, &proof)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod groth16;
#[cfg(unix)]
pub mod keys;
pub mod matrices;
pub mod phase2;
pub mod prove;
pub mod ptau;
pub mod r1cs;
#[cfg(not(target_family = "wasm"))]
pub mod rate;
mod ratio;
pub mod reduction;
pub mod setup;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod wtns;
pub mod zkey;

mod binfile;
mod engine;
mod error;
mod fft;
mod field;
mod map;
mod msm;
mod proving_key;
mod rows;
mod simd;
mod watch;

pub use binfile::FormatError;
pub use error::SetupError;
#[cfg(unix)]
pub use keys::{KeyStore, KeyStoreError, ZkeyCache};
pub use prove::{ProveError, Prover};
pub use proving_key::ProvingKey;
pub use ptau::{PowersError, Ptau};
pub use r1cs::R1cs;
pub use setup::{development_keys, insecure_key, setup};
pub use watch::Watch;
pub use wtns::Witness;
pub use zkey::Zkey;
