//! Digest of a circuit's matrices: what approvers recompute before they approve a key, and what is pinned.

use crate::setup::SetupError;
use ark_relations::gr1cs::{ConstraintSystem, OptimizationGoal, R1CS_PREDICATE_LABEL, SynthesisMode};
use circuits::field::{Digest, Felt, Fr};
use circuits::statement::Synthesize;
use sha2::{Digest as _, Sha256};

/// Size and digest of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Number of constraints.
    pub constraints: usize,
    /// Number of instance variables, the constant one included.
    pub instance: usize,
    /// Number of witness variables.
    pub witness: usize,
    /// SHA-256 over the three matrices: per row its length, then column and coefficient of each entry in column order.
    pub digest: Digest,
}

/// Synthesises the circuit's shape and digests its matrices.
///
/// **Cost**: about a second for 2^18 constraints.
///
/// **Errors**: the circuit cannot be synthesised.
pub fn shape<S: Synthesize>() -> Result<Shape, SetupError> {
    let failed = |source| SetupError::Synthesis { circuit: S::CIRCUIT.to_string(), source };
    let cs = ConstraintSystem::<Fr>::new_ref();
    cs.set_optimization_goal(OptimizationGoal::Constraints);
    cs.set_mode(SynthesisMode::Setup);
    S::synthesize(cs.clone(), None, None).map_err(failed)?;
    cs.finalize();
    let matrices = cs.to_matrices().map_err(failed)?;
    let mut hash = Sha256::new();
    for matrix in matrices.get(R1CS_PREDICATE_LABEL).into_iter().flatten() {
        hash.update((matrix.len() as u64).to_le_bytes());
        for row in matrix {
            let mut row: Vec<_> = row.iter().map(|(coefficient, column)| (*column, *coefficient)).collect();
            row.sort_by_key(|(column, _)| *column);
            hash.update((row.len() as u64).to_le_bytes());
            for (column, coefficient) in row {
                hash.update((column as u64).to_le_bytes());
                hash.update(Felt(coefficient).to_bytes());
            }
        }
    }
    let digest = Digest(hash.finalize().into());
    Ok(Shape { constraints: cs.num_constraints(), instance: cs.num_instance_variables(), witness: cs.num_witness_variables(), digest })
}
