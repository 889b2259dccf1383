//! Why a set-up failed.

use crate::binfile::FormatError;
use ark_relations::gr1cs::SynthesisError;
use medveil_circuits::verify::KeyError;

/// Why a set-up failed.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The circuit could not be synthesised.
    #[error("set-up of {circuit}: the circuit could not be synthesised")]
    Synthesis {
        circuit: String,
        /// What the constraint system said.
        source: SynthesisError,
    },
    /// A circuit of more rows than BN254 has roots of unity for.
    #[error("set-up: expected a circuit of at most 2^27 rows, with those of its public inputs")]
    TooLarge,
    /// The fresh key does not pass the linter.
    #[error("set-up")]
    Key(#[from] KeyError),
    /// The fresh key is of another size than its circuit.
    #[error("set-up")]
    Format(#[from] FormatError),
}
