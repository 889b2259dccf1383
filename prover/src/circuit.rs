//! A statement as ark-groth16 wants it: one object that synthesises itself once.

use ark_relations::gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, Result};
use medveil_circuits::field::Fr;

/// The shape of a statement's circuit, for key set-up. The type of the statement is gone, so that
/// the engine is compiled once and not for every statement.
pub(crate) struct Circuit(pub(crate) fn(ConstraintSystemRef<Fr>) -> Result<()>);

impl ConstraintSynthesizer<Fr> for Circuit {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<()> {
        (self.0)(cs)
    }
}
