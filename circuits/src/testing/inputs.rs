//! A statement of a given number of public inputs and nothing else: for measuring what inputs cost
//! a verifier. No circuit proves it.

use crate::field::Fr;
use crate::statement::{CircuitId, PublicInputs, Statement, Unsatisfied};

/// `N` field elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs<const N: usize>(pub [Fr; N]);

impl<const N: usize> PublicInputs for Inputs<N> {
    const LEN: usize = N;

    fn to_field(&self) -> Vec<Fr> {
        self.0.to_vec()
    }
}

impl<const N: usize> Statement for Inputs<N> {
    const CIRCUIT: CircuitId = CircuitId {
        name: "inputs",
        version: 1,
    };
    type Public = Self;
    type Private = ();

    fn check(_: &Self, (): &()) -> Result<(), Unsatisfied> {
        Ok(())
    }
}
