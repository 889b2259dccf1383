//! One refusal a clause of the statements "claim-chunk" and "claim-final": from one valid fixture,
//! one thing is changed and the instance is recomputed to fit, so that only the clause can refuse.
//! The native reading names it; the circuit breaks at as few constraints as the clause has.
#![cfg(all(feature = "r1cs", feature = "testing"))]
#![allow(clippy::unwrap_used)]

mod chunk;
mod last;

const QUERY: &str = "age >= 40 AND (sex = 'male' OR hba1c > 6.5)";
