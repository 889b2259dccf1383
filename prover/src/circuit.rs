//! A statement as ark-groth16 wants it: one object that synthesises itself once.

use ark_relations::gr1cs::{ConstraintSynthesizer, ConstraintSystemRef, Result};
use medveil_circuits::field::Fr;
use medveil_circuits::statement::Synthesize;

/// Instance and witness of one proof, or neither for key set-up.
pub(crate) struct Circuit<'a, S: Synthesize>(pub(crate) Option<(&'a S::Public, &'a S::Private)>);

impl<S: Synthesize> ConstraintSynthesizer<Fr> for Circuit<'_, S> {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<()> {
        S::synthesize(
            cs,
            self.0.map(|(public, _)| public),
            self.0.map(|(_, private)| private),
        )
    }
}
