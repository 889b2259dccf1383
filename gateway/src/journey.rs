//! The journeys: what each command does, with no wire of a ledger. An error names the commands that
//! help.
//!
//! Each is a function from a session and options to a typed answer (`step::Step`) or a typed error.
//! What a face prints of them is in `cli::render`.

pub mod access;
pub mod audit;
pub mod circuit;
pub mod claim;
pub mod collections;
pub mod consortium;
pub mod dataset;
pub mod day;
pub mod doctor;
pub mod events;
pub mod groth16;
pub mod issuer;
pub mod join;
pub mod keys;
pub mod known_circuits;
pub mod ledger;
pub mod member;
pub mod net;
pub mod peers;
pub mod policy;
pub mod registry;
pub mod repair;
pub(crate) mod sealing;
#[cfg(test)]
pub(crate) mod testing;
pub mod verify;
pub mod visa;
pub mod witness;
