//! The smallest statement, for tests of keys.

use crate::field::Fr;
use crate::statement::{CircuitId, PublicInputs, Statement, Synthesize, Unsatisfied, ensure};
use ark_relations::gr1cs::{ConstraintSystemRef, SynthesisError};

/// The number.
#[derive(Clone)]
pub struct Product(pub Fr);

impl PublicInputs for Product {
    const LEN: usize = 1;
    fn to_field(&self) -> Vec<Fr> {
        vec![self.0]
    }
}

/// A number is the product of two.
pub struct Factors;

impl Statement for Factors {
    const CIRCUIT: CircuitId = CircuitId {
        name: "product",
        version: 1,
    };
    type Public = Product;
    type Private = (Fr, Fr);
    fn check(public: &Product, (a, b): &(Fr, Fr)) -> Result<(), Unsatisfied> {
        ensure(
            *a * b == public.0,
            "T1",
            "the product is that of the factors",
        )
    }
}

impl Synthesize for Factors {
    fn synthesize(
        cs: ConstraintSystemRef<Fr>,
        public: Option<&Product>,
        private: Option<&(Fr, Fr)>,
    ) -> Result<(), SynthesisError> {
        let missing = || SynthesisError::AssignmentMissing;
        let product = cs.new_input_variable(|| public.map(|p| p.0).ok_or_else(missing))?;
        let a = cs.new_witness_variable(|| private.map(|f| f.0).ok_or_else(missing))?;
        let b = cs.new_witness_variable(|| private.map(|f| f.1).ok_or_else(missing))?;
        cs.enforce_r1cs_constraint(|| a.into(), || b.into(), || product.into())
    }
}
