//! What a statement is: an instance everybody sees, a witness nobody else sees, and the relation
//! between them.
//!
//! Each statement has a native reading (`Statement::check`, which names the clause that fails) and
//! a circuit reading (`Synthesize`, behind `r1cs`).

use crate::field::Fr;
use std::fmt;

/// Names one circuit: statement, size tier and version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CircuitId {
    /// Statement and tier, such as `eligibility-4`.
    pub name: &'static str,
    /// Goes up when old proofs stop verifying.
    pub version: u16,
}

impl fmt::Display for CircuitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/v{}", self.name, self.version)
    }
}

/// The instance of a statement, in SPEC order.
pub trait PublicInputs {
    /// How many field elements the instance has.
    const LEN: usize;
    /// The instance as field elements.
    ///
    /// **Shape**: exactly `LEN` elements, in SPEC order.
    fn to_field(&self) -> Vec<Fr>;
}

/// The clause that an instance and witness break. Never holds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("clause {clause} does not hold: {reason}")]
pub struct Unsatisfied {
    /// SPEC label, such as `E6`.
    pub clause: &'static str,
    /// What the clause says, in words.
    pub reason: &'static str,
}

/// Fails with the clause unless `holds`.
///
/// **Errors**: `Unsatisfied` naming the clause.
pub fn ensure(holds: bool, clause: &'static str, reason: &'static str) -> Result<(), Unsatisfied> {
    if holds {
        Ok(())
    } else {
        Err(Unsatisfied { clause, reason })
    }
}

/// A relation that can be proven.
pub trait Statement: Sized + Send + Sync + 'static {
    /// Which circuit proves it.
    const CIRCUIT: CircuitId;
    type Public: PublicInputs + Clone + Send + Sync;
    type Private: Send + Sync;

    /// The native reading.
    ///
    /// **Errors**: the first clause that does not hold.
    fn check(public: &Self::Public, private: &Self::Private) -> Result<(), Unsatisfied>;
}

/// The circuit reading of a statement.
#[cfg(feature = "r1cs")]
pub trait Synthesize: Statement {
    /// Allocates the instance (in SPEC order) and the witness and enforces every clause; `None` for
    /// key set-up, where only the shape counts.
    ///
    /// **Errors**: a missing assignment while proving.
    fn synthesize(
        cs: ark_relations::gr1cs::ConstraintSystemRef<Fr>,
        public: Option<&Self::Public>,
        private: Option<&Self::Private>,
    ) -> Result<(), ark_relations::gr1cs::SynthesisError>;
}
