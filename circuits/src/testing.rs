//! Fixtures and tools for the tests of several crates: one valid instance and witness a statement,
//! and tools that judge circuits.

#[cfg(feature = "r1cs")]
mod circuit;
mod claim;
mod data;
mod eligibility;
#[cfg(feature = "r1cs")]
mod factors;
mod inputs;
#[cfg(feature = "r1cs")]
mod sweep;
mod trapdoor;

#[cfg(feature = "r1cs")]
pub use circuit::{constraints, is_satisfied};
pub use claim::{
    CohortRow, claim_fixture, claim_schema, cohort_fixture, cohort_rows, opened, terms,
};
pub use data::{handover_fixture, registration_fixture, rows_fixture};
pub use eligibility::{
    EligibilityWorld, POLICY_1, POLICY_4, POLICY_TWO_APPROVALS, compile_yaml,
    eligibility_fixture_1, eligibility_fixture_4,
};
#[cfg(feature = "r1cs")]
pub use factors::{Factors, Product};
pub use inputs::Inputs;
#[cfg(feature = "r1cs")]
pub use sweep::{Survivors, sweep, violations};
pub use trapdoor::Trapdoor;
