//! Everything that is slow or secret about proofs: the engine, development set-up, and the key
//! store.
//!
//! ark-groth16 sits behind one face. Randomness, pool and folder are handed in; verification is not
//! here but in `medveil_circuits::verify`.

pub mod keys;
pub mod matrices;
pub mod prove;
pub mod setup;

mod circuit;

pub use keys::{KeyStore, KeyStoreError, ProvingKey};
pub use prove::{ProveError, Prover};
pub use setup::{SetupError, development_keys, setup};
