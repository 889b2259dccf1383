//! Whole proofs on this engine and on other people's, side by side: the same circuit, witness and
//! key, one round after the other.

pub mod bench;
pub mod circuit;
pub mod error;
pub mod inputs;
pub mod machine;
pub mod peer;
pub mod protocol;
pub mod report;
pub mod session;
pub mod spread;
pub mod worker;

pub use error::PeersError;
