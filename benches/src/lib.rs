//! Shared inputs of the Criterion benches.
