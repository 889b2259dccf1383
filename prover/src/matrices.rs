//! Size and matrix digest of a circuit: what approvers recompute before they approve a key, and
//! what is pinned.

use crate::error::SetupError;
use medveil_circuits::shape::Matrices;
pub use medveil_circuits::shape::Shape;
use medveil_circuits::statement::Synthesize;

/// Synthesises the circuit.
///
/// **Cost**: about a second for 2^18 constraints.
///
/// **Errors**: it cannot be synthesised.
pub fn of<S: Synthesize>() -> Result<Matrices, SetupError> {
    Matrices::of::<S>().map_err(|source| SetupError::Synthesis {
        circuit: S::CIRCUIT.to_string(),
        source,
    })
}

/// Synthesises the circuit's shape and digests its matrices.
///
/// **Cost**: about a second for 2^18 constraints.
///
/// **Errors**: the circuit cannot be synthesised.
pub fn shape<S: Synthesize>() -> Result<Shape, SetupError> {
    Ok(of::<S>()?.shape())
}
