//! The matrices of a circuit: what the prover multiplies with, what approvers of a key recompute,
//! and what is pinned (docs/THREATS.md C10).
//!
//! Synthesised once in set-up mode, with linear combinations inlined as ark-groth16's own generator
//! does it, so that rows and columns are those of the keys. Assignments of proofs are synthesised
//! without building matrices.

use crate::field::{Digest, Felt, Fr};
use crate::statement::Synthesize;
use ark_ff::Zero;
use ark_relations::gr1cs::{
    ConstraintSystem, ConstraintSystemRef, OptimizationGoal, R1CS_PREDICATE_LABEL, SynthesisError,
    SynthesisMode,
};
use sha2::{Digest as _, Sha256};

/// One row: coefficients and columns.
pub type Row = Vec<(Fr, usize)>;

/// Size and digest of a circuit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Number of constraints.
    pub constraints: usize,
    /// Number of instance variables, the constant one included.
    pub instance: usize,
    /// Number of witness variables.
    pub witness: usize,
    /// Entries that are not zero, in all three matrices.
    pub entries: usize,
    /// SHA-256 over the three matrices: per row its length, then column and coefficient of each
    /// entry in column order.
    pub digest: Digest,
}

/// The matrices A, B and C of a circuit. Columns: the constant one, the instance, the witness.
///
/// Memory: 40 bytes an entry, and 72 a row.
pub struct Matrices {
    rows: [Vec<Row>; 3],
    instance: usize,
    witness: usize,
}

/// Values of all variables of one proof, in the order of the columns.
pub struct Assignment {
    values: Vec<Fr>,
    /// How many of them are of the instance, the constant one included.
    instance: usize,
}

impl Drop for Assignment {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.values);
    }
}

impl Matrices {
    /// Synthesises the shape of a statement's circuit.
    ///
    /// **Cost**: about a second for 2^18 constraints.
    ///
    /// **Errors**: the circuit cannot be synthesised.
    pub fn of<S: Synthesize>() -> Result<Self, SynthesisError> {
        Self::of_shape(|cs| S::synthesize(cs, None, None))
    }

    /// Without the type of the statement, so that it is compiled once.
    fn of_shape(
        synthesize: fn(ConstraintSystemRef<Fr>) -> Result<(), SynthesisError>,
    ) -> Result<Self, SynthesisError> {
        let cs = ConstraintSystem::<Fr>::new_ref();
        cs.set_optimization_goal(OptimizationGoal::Constraints);
        cs.set_mode(SynthesisMode::Setup);
        synthesize(cs.clone())?;
        cs.finalize();
        let matrices = cs
            .to_matrices()?
            .remove(R1CS_PREDICATE_LABEL)
            .ok_or(SynthesisError::PredicateNotFound)?;
        let rows: [Vec<Row>; 3] = matrices
            .try_into()
            .map_err(|_| SynthesisError::ArityMismatch)?;
        Ok(Matrices {
            rows,
            instance: cs.num_instance_variables(),
            witness: cs.num_witness_variables(),
        })
    }

    /// The rows of A, B and C.
    pub fn rows(&self) -> &[Vec<Row>; 3] {
        &self.rows
    }

    /// Number of constraints.
    pub fn n_constraints(&self) -> usize {
        self.rows[0].len()
    }

    /// Number of instance variables, the constant one included.
    pub fn n_instance(&self) -> usize {
        self.instance
    }

    /// Number of witness variables.
    pub fn n_witness(&self) -> usize {
        self.witness
    }

    /// The values of one proof, if they are as many as there are columns.
    ///
    /// **Errors**: a missing value; other numbers of variables than the shape has.
    pub fn assign<S: Synthesize>(
        &self,
        public: &S::Public,
        private: &S::Private,
    ) -> Result<Assignment, SynthesisError> {
        let assignment = Assignment::of::<S>(public, private)?;
        let (instance, all) = (assignment.instance, assignment.values.len());
        if (instance, all) != (self.instance, self.instance + self.witness) {
            return Err(SynthesisError::ArityMismatch);
        }
        Ok(assignment)
    }

    /// The first constraint that an assignment breaks.
    pub fn broken(&self, assignment: &Assignment) -> Option<usize> {
        let [a, b, c] = &self.rows;
        let dot = |row: &Row| {
            row.iter().fold(Fr::zero(), |sum, (k, column)| {
                sum + *k * assignment.values[*column]
            })
        };
        a.iter()
            .zip(b)
            .zip(c)
            .position(|((a, b), c)| dot(a) * dot(b) != dot(c))
    }

    /// Size and digest.
    pub fn shape(&self) -> Shape {
        let mut hash = Sha256::new();
        for matrix in &self.rows {
            hash.update((matrix.len() as u64).to_le_bytes());
            for row in matrix {
                let mut row: Vec<_> = row
                    .iter()
                    .map(|(coefficient, column)| (*column, *coefficient))
                    .collect();
                row.sort_by_key(|(column, _)| *column);
                hash.update((row.len() as u64).to_le_bytes());
                for (column, coefficient) in row {
                    hash.update((column as u64).to_le_bytes());
                    hash.update(Felt(coefficient).to_bytes());
                }
            }
        }
        Shape {
            constraints: self.n_constraints(),
            instance: self.instance,
            witness: self.witness,
            entries: self.rows.iter().flatten().map(Vec::len).sum(),
            digest: Digest(hash.finalize().into()),
        }
    }
}

impl Assignment {
    /// Synthesises the values of one proof, without matrices: no linear combination is made.
    ///
    /// **Errors**: a missing value.
    pub fn of<S: Synthesize>(
        public: &S::Public,
        private: &S::Private,
    ) -> Result<Self, SynthesisError> {
        Self::with(&|cs| S::synthesize(cs, Some(public), Some(private)))
    }

    /// Without the type of the statement, so that it is compiled once.
    fn with(
        synthesize: &dyn Fn(ConstraintSystemRef<Fr>) -> Result<(), SynthesisError>,
    ) -> Result<Self, SynthesisError> {
        let cs = ConstraintSystem::<Fr>::new_ref();
        cs.set_optimization_goal(OptimizationGoal::Constraints);
        cs.set_mode(SynthesisMode::Prove {
            construct_matrices: false,
            generate_lc_assignments: false,
        });
        synthesize(cs.clone())?;
        let mut cs = cs.borrow_mut().ok_or(SynthesisError::MissingCS)?;
        let mut values = std::mem::take(&mut cs.assignments.instance_assignment);
        let mut witness = std::mem::take(&mut cs.assignments.witness_assignment);
        let instance = values.len();
        values.reserve_exact(witness.len());
        values.extend_from_slice(&witness);
        zeroize::Zeroize::zeroize(&mut witness);
        Ok(Assignment { values, instance })
    }

    /// All values, the constant one first.
    pub fn values(&self) -> &[Fr] {
        &self.values
    }
}
