//! Statement "eligibility" under attack: one refusal a clause, clauses of policies, forged visas,
//! and the soundness sweep.
#![cfg(all(feature = "r1cs", feature = "testing"))]
#![allow(clippy::unwrap_used)]

mod clauses;
mod different;
mod forge;
mod prepared;
mod refusals;
mod soundness;
mod visas;
